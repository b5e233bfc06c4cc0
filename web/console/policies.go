package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

func draftPath(ref core.Ref) string { return "/policies/drafts/" + string(ref) }

// mayDraft asks whether the reader could write policies.
func mayDraft(_ *Server, p *command.Peek, _ func(string) core.Ref) bool {
	return p.May(access.DraftPolicies{}.Action(), command.Resource{Kind: access.KindPolicySet, Ref: "ps_any"})
}

// policiesParts is the page of the policies in force and of those before.
type policiesParts struct {
	access.PoliciesList
	Names func(core.Ref) string
}

// policies lists the versions of the firm's policies.
func (s *Server) policies(w http.ResponseWriter, r *http.Request) error {
	if s.PolicyChange.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	x, err := command.Ask(r.Context(), s.Road, a, access.ListPoliciesQuery(s.PolicyChange), access.ListPolicies{})
	if err != nil {
		return err
	}
	var people []core.Ref
	for _, v := range x.Versions {
		people = append(append(people, v.Maker), v.Approvers...)
	}
	for _, d := range x.Drafts {
		people = append(people, d.Maker)
	}
	p := policiesParts{x, s.names(r, people...)}
	v := s.page(r, ui.HeadView{
		Title: "Policies", Sub: []ui.MetaView{{Text: "Who may do what. A change is written by one person and agreed to by another; what was decided before stays under the policies of then."}},
		Facts: []ui.FactView{{Label: "In force", Value: ui.V(p.inForce())}, {Label: "SHA-256", Value: ui.Value{Text: ui.Short(x.Set), Href: "/policies/" + x.Set}}},
	})
	if x.MayDraft {
		v.Head.Actions = append(v.Head.Actions, ui.ButtonView{Text: "Draft a change", Icon: "git-compare-arrows", Href: "/policies/new"})
	}
	v.Head.Actions = append(v.Head.Actions, ui.ButtonView{Text: "How it works", Icon: "book-open", Href: "/docs/policies"})
	return s.render(w, r, v, policiesBody(p))
}

func (p policiesParts) inForce() string {
	if len(p.Versions) == 0 {
		return "The program's own"
	}
	return "Version " + strconv.Itoa(p.Versions[0].Number) + ", since " + day(p.Versions[0].Starts)
}

// told is who made a version, who agreed, and why.
func (p policiesParts) told(v access.PolicyVersionView) []ui.Def {
	held := "from " + ui.Stamp(v.Starts)
	if v.Until != 0 {
		held += " until " + ui.Stamp(v.Until)
	}
	defs := []ui.Def{ui.DefText("Decides", held), ui.DefVal("Written by", ui.Value{Text: p.Names(v.Maker), Href: hrefOf(v.Maker)})}
	for _, ref := range v.Approvers {
		defs = append(defs, ui.DefVal("Agreed", ui.Value{Text: p.Names(ref), Href: hrefOf(ref)}))
	}
	defs = append(defs, ui.DefText("Reason", titled(v.Reason)), ui.DefVal("In their words", ui.V(v.Words)), ui.Def{Term: "Proposal", Body: ui.Ref(refLink(v.Proposal))},
		ui.DefVal("Draft and trial", ui.Value{Text: "as it was written", Href: draftPath(v.Draft)}))
	if v.Event != "" {
		defs = append(defs, ui.DefVal("Evidence", ui.Value{Text: "the event of its activation, with the whole text", Href: "/events/" + v.Event}))
	}
	return append(defs,
		ui.DefVal("SHA-256", ui.Value{Text: ui.Short(v.Hash), Href: "/policies/" + v.Hash}),
		ui.DefVal("For a role", ui.Value{Text: "what compliance has more or less", Href: "/roles/compliance?set=" + v.Hash + "&other_set=" + v.Base}))
}

// policyLines lays a policy side by side with what it was.
func policyLines(b access.PolicyBlockDiff) []approvals.DiffLine { return approvals.Diff(b.Was, b.Now) }

// policyEdit is the page on which policies are changed.
type policyEdit struct {
	access.EditView
	In      access.DraftPolicies
	Texts   map[string]string // as they were typed, by file
	NewName string
	NewText string
	Form    ui.FormView
	Fault   *core.Fault
	Program bool
}

func (p policyEdit) err(field string) string { return ui.FieldError(p.Fault, field) }

func (p policyEdit) text(f access.PolicyFile) string {
	if typed, ok := p.Texts[f.Name]; ok {
		return typed
	}
	return f.Text
}

func (s *Server) editOf(r *http.Request) (policyEdit, error) {
	if s.PolicyChange.Policies == nil {
		return policyEdit{}, command.ErrHidden
	}
	a, _ := s.actor(r)
	p := policyEdit{Program: r.URL.Query().Get("from") == "program"}
	x, err := command.Ask(r.Context(), s.Road, a, access.EditPoliciesQuery(s.PolicyChange), access.EditPolicies{Program: p.Program})
	p.EditView, p.In.Base = x, x.Set
	if err == nil && !x.MayDraft {
		err = command.ErrHidden
	}
	return p, err
}

func (s *Server) policyNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.editOf(r)
	if err != nil {
		return err
	}
	return s.drawPolicyEdit(w, r, p, nil)
}

func (s *Server) drawPolicyEdit(w http.ResponseWriter, r *http.Request, p policyEdit, f *core.Fault) error {
	p.Fault = f
	p.Form = ui.FormView{ID: "policies", Action: "/policies/new", Key: s.key(), Problem: s.problem(f)}
	if p.Program {
		p.Form.Action += "?from=program"
	}
	v := s.page(r, ui.HeadView{
		Title: "Draft a change", Crumbs: []ui.Link{{Text: "Policies", Href: "/policies"}, {Text: "Draft"}},
		Sub: []ui.MetaView{{Text: "A draft decides nothing. It is validated, tried on what was decided, and agreed to by somebody else."}},
	})
	return s.render(w, r, v, policyEditBody(p))
}

const fileField = "file."

// policyDrafted keeps what was written as a draft.
func (s *Server) policyDrafted(w http.ResponseWriter, r *http.Request) error {
	p, err := s.editOf(r)
	if err != nil {
		return err
	}
	base := p.In.Base
	again := func(f *core.Fault) error { return s.drawPolicyEdit(w, r, p, f) }
	if err := decodeForm(r, &p.In); err != nil {
		return s.mend(w, r, err, again)
	}
	p.Texts, p.NewName, p.NewText = map[string]string{}, strings.TrimSpace(r.PostFormValue("new_name")), r.PostFormValue("new_text")
	if p.In.Base == "" {
		p.In.Base = base
	}
	var b strings.Builder
	for _, f := range p.Files {
		typed, ok := r.PostForm[fileField+f.Name]
		if !ok || f.Floor {
			continue
		}
		text := unix(typed[0])
		p.Texts[f.Name] = text
		switch {
		case text == "":
			p.In.Removes = append(p.In.Removes, f.Name)
		case p.Program || text != unix(f.Text):
			b.WriteString("// FILE " + f.Name + "\n" + text + "\n")
		}
	}
	if p.NewName != "" || strings.TrimSpace(p.NewText) != "" {
		b.WriteString("// FILE " + p.NewName + "\n" + unix(p.NewText) + "\n")
	}
	p.In.Text = b.String()
	a, _ := s.actor(r)
	out, err := s.Road.Run(r.Context(), a, command.Key(r.PostFormValue(ui.IdempotencyField)), p.In)
	return s.finish(w, r, "Draft policies", out, err, draftPath(out.Subject), again)
}

// unix is typed text as it is kept.
func unix(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// policyDraftParts is the page of a draft.
type policyDraftParts struct {
	access.PolicyDraftView
	Names func(core.Ref) string
	Trial *access.Trial
	Form  ui.FormView
}

// policyDraft shows a draft, what it changes and what it would have decided.
func (s *Server) policyDraft(w http.ResponseWriter, r *http.Request) error {
	return s.drawPolicyDraft(w, r, nil)
}

func (s *Server) drawPolicyDraft(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	if s.PolicyChange.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	ref := core.Ref(r.PathValue("draft"))
	x, err := command.Ask(r.Context(), s.Road, a, access.ViewPolicyDraftQuery(s.PolicyChange), access.ViewPolicyDraft{Draft: ref})
	if err != nil {
		return err
	}
	p := policyDraftParts{PolicyDraftView: x, Form: ui.FormView{ID: "ask", Action: draftPath(ref), Key: s.key(), Problem: s.problem(f)}}
	people := []core.Ref{x.Maker}
	if x.MayTry && x.Version == 0 && !slices.ContainsFunc(x.Against, func(n command.Refusal) bool { return n.Code == "policies-do-not-validate" }) {
		t, err := command.Ask(r.Context(), s.Road, a, access.TryPoliciesQuery(s.PolicyChange), access.TryPolicies{Draft: ref})
		if err != nil {
			return err
		}
		p.Trial = &t
		for _, d := range t.Differs {
			people = append(people, d.People...)
		}
	}
	p.Names = s.names(r, people...)
	v := s.page(r, ui.HeadView{
		Title: "Draft of " + p.Names(x.Maker), Crumbs: []ui.Link{{Text: "Policies", Href: "/policies"}, {Text: "Draft"}},
		Sub:   []ui.MetaView{{Text: "written " + ui.Stamp(x.Created)}, {Text: titled(x.Reason)}},
		Facts: []ui.FactView{{Label: "SHA-256", Value: ui.V(ui.Short(x.Hash))}, {Label: "State", Value: ui.V(p.state())}},
	})
	return s.render(w, r, v, policyDraftBody(p))
}

func (p policyDraftParts) state() string {
	if p.Version > 0 {
		return "became version " + strconv.Itoa(p.Version)
	}
	return "decides nothing"
}

// policyAsked asks for a draft to come into force.
func (s *Server) policyAsked(w http.ResponseWriter, r *http.Request) error {
	in := access.ActivatePolicies{Draft: core.Ref(r.PathValue("draft")), Hash: r.PostFormValue("hash")}
	return s.run(w, r, in, draftPath(in.Draft), func(f *core.Fault) error { return s.drawPolicyDraft(w, r, f) })
}

// policyTrialTable are the decisions that would have gone another way.
func (p policyDraftParts) table() ui.TableView {
	t := ui.TableView{Caption: "Decisions that would have gone another way", Columns: []ui.Column{
		{Title: "Act", Primary: true}, {Title: "By"}, {Title: "Times", Number: true}, {Title: "It was"}, {Title: "It would be"}, {Title: "The newest"},
	}}
	for _, d := range p.Trial.Differs {
		var people []string
		for _, ref := range d.People {
			people = append(people, p.Names(ref))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			together(twoLines(d.Title, string(d.Action))), together(twoLines(strings.Join(people, ", "), strings.Join(d.Roles, ", "))), ui.Text(strconv.Itoa(d.Times)),
			together(twoLines(d.Was.Words(), strings.Join(d.Was.Policies, ", "))), together(twoLines(d.Becomes.Words(), strings.Join(d.Becomes.Policies, ", "))),
			ui.Val(ui.Value{Text: "event", Href: "/events/" + d.Event}),
		}})
	}
	return t
}

// tried says how the trial came out.
func (p policyDraftParts) tried() ui.NoticeView {
	n := ui.NoticeView{Tone: ui.Warn, Title: p.Trial.Sentence(), Text: "Each decision was put again to the policies in force and to these. What was decided stays; what changes is what comes."}
	if len(p.Trial.Differs) == 0 {
		n.Tone = ui.Note
	}
	if p.Trial.Since != 0 {
		n.Text += " The oldest is of " + ui.Stamp(p.Trial.Since) + "."
	}
	return n
}
