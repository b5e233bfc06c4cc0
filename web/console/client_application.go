package console

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/onboarding"
	"vouchsafe/web/ui"
)

func applicationPath(id core.Ref) string { return "/applications/" + string(id) }

func applicationState(st onboarding.ApplicationState) ui.StatusView {
	switch st {
	case onboarding.Approved:
		return ui.StatusView{Text: string(st), Tone: ui.Good}
	case onboarding.Refused:
		return ui.StatusView{Text: string(st), Tone: ui.Bad}
	case onboarding.Review:
		return ui.StatusView{Text: "to be decided", Tone: ui.Note, Icon: "gavel"}
	case onboarding.Documents:
		return ui.StatusView{Text: "documents awaited", Icon: "hourglass"}
	}
	return ui.StatusView{Text: string(st), Icon: "inbox"}
}

func applicationTable(rows []onboarding.ApplicationRow, now core.Instant, withClient bool) ui.TableView {
	t := ui.TableView{Caption: "Applications, oldest first", Columns: []ui.Column{{Title: "Application", Primary: true}}}
	if withClient {
		t.Columns = append(t.Columns, ui.Column{Title: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Title: "State"}, ui.Column{Title: "Opened"}, ui.Column{Title: "Decided"})
	for _, a := range rows {
		row := ui.Row{ID: string(a.ID), Href: applicationPath(a.ID), Cells: []templ.Component{ui.Text(a.ID.Short())}}
		if withClient {
			row.Cells = append(row.Cells, clientCell(a.Client, a.Name))
		}
		decided := templ.Component(ui.Val(ui.Value{}))
		if a.Decided != 0 {
			decided = ui.Time(ui.TimeView{At: a.Decided, Now: now})
		}
		row.Cells = append(row.Cells, ui.Status(applicationState(a.State)), ui.Time(ui.TimeView{At: a.Opened, Now: now}), decided)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// applicationQueue is the list of applications in a state; those to be decided
// unless another one is asked for.
func (s *Server) applicationQueue(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	st := onboarding.ApplicationState(q.Get("state"))
	if st == "" {
		st = onboarding.Review
	}
	in := onboarding.ListApplications{State: st, Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, onboarding.ApplicationList{Domain: s.Onboarding}, in)
	if err != nil {
		return err
	}
	t := applicationTable(found.Rows, s.Road.Clock.Now(), true)
	t.Pager = pagerOf("/applications", url.Values{"state": {q.Get("state")}}, in.Page.After, found.Next)
	t.Empty = ui.EmptyView{Icon: "user-check", Title: "Nothing here", Text: "An application is to be decided once an identity document and a proof of address have been read."}
	var bar ui.QueryBarView
	for _, x := range []onboarding.ApplicationState{onboarding.Review, onboarding.Documents, onboarding.Received, onboarding.Approved, onboarding.Refused} {
		bar.Segments = append(bar.Segments, ui.ChipView{Text: applicationState(x).Text, Href: "/applications?state=" + string(x), On: x == st})
	}
	return s.render(w, r, s.page(r, ui.HeadView{Title: "Applications"}), listBody(bar, t))
}

func (s *Server) applicationOpen(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	return s.run(w, r, onboarding.OpenApplication{Client: core.Ref(r.PathValue("id"))}, "/applications/{subject}", nil)
}

func (s *Server) applicationPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawApplication(w, r, onboarding.DecideApplication{}, nil)
}

// applicationParts is the page of one application.
type applicationParts struct {
	onboarding.ApplicationView
	In         onboarding.DecideApplication
	Fault      *core.Fault
	Now        core.Instant
	Names      func(core.Ref) string
	Form       ui.FormView
	BlocksView ui.BlocksView
}

func (s *Server) drawApplication(w http.ResponseWriter, r *http.Request, in onboarding.DecideApplication, f *core.Fault) error {
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, onboarding.ApplicationPage{Domain: s.Onboarding}, onboarding.ViewApplication{Application: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	p := applicationParts{ApplicationView: v, In: in, Fault: f, Now: s.Road.Clock.Now(), Names: s.names(r, v.OpenedBy, v.DecidedBy), BlocksView: s.blocks(v.Blocks)}
	p.Form = ui.FormView{
		ID: "decide", Action: applicationPath(v.ID) + "/decide", Key: s.key(), Problem: s.problem(f),
		Hidden: []ui.HiddenView{{Name: "client", Value: string(v.Client)}},
	}
	st := applicationState(v.State)
	head := ui.HeadView{
		Title: "Application " + v.ID.Short(), Crumbs: []ui.Link{{Text: "Applications", Href: "/applications"}, {Text: v.ID.Short()}},
		Sub: []ui.MetaView{{Label: "client", Text: clientName(v.Client, v.Name), Href: clientPath(v.Client)}, {Text: string(v.ID), Mono: true}},
		Facts: []ui.FactView{
			{Label: "State", Value: ui.V(st.Text), Tone: st.Tone},
			{Label: "Documents", Value: ui.V(ui.Count(len(v.Documents)))},
			{Label: "Differences", Value: ui.V(ui.Count(len(v.Differences)))},
		},
	}
	return s.render(w, r, s.page(r, head), applicationBody(p))
}

func clientName(id core.Ref, name onboarding.Field) string {
	if name.Masked || name.Text == "" {
		return id.Short()
	}
	return name.Text
}

// applicationDecide takes the decision form. Its three buttons say which
// command it is: approve, refuse, or propose to approve against differences.
func (s *Server) applicationDecide(w http.ResponseWriter, r *http.Request) error {
	var in onboarding.DecideApplication
	again := func(f *core.Fault) error { return s.drawApplication(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Application = core.Ref(r.PathValue("id"))
	to := applicationPath(in.Application)
	switch r.PostFormValue("decision") {
	case "override":
		over := onboarding.OverrideApplication{Client: core.Ref(r.PostFormValue("client")), Application: in.Application, Clause: in.Clause, Words: in.Words, Case: in.Case}
		return s.run(w, r, over, to, again)
	case "approve":
		in.Approve = true
	}
	return s.run(w, r, in, to, again)
}

func (p applicationParts) clauseOptions() []ui.OptionView {
	var out []ui.OptionView
	for _, c := range p.Clauses {
		ground := "for approval"
		if !c.Approve {
			ground = "for refusal"
		}
		out = append(out, ui.OptionView{Value: c.ID, Text: c.ID + " " + c.Text + " (" + ground + ")"})
	}
	return out
}

// buttons are the decisions that may be taken now. What stands against one is
// said beside it; the road decides again.
func (p applicationParts) buttons() []ui.ButtonView {
	approve := ui.ButtonView{Text: "Approve", Icon: "check", Look: ui.Primary, Name: "decision", Value: "approve"}
	refuse := ui.ButtonView{Text: "Refuse", Icon: "x", Look: ui.Danger, Name: "decision", Value: "refuse"}
	switch {
	case len(p.Missing) > 0:
		approve.Why = p.Missing[0].Text
	case len(p.Differences) > 0:
		approve = ui.ButtonView{Text: "Propose to approve against the difference", Icon: "gavel", Look: ui.Primary, Name: "decision", Value: "override"}
		if !p.May["onboarding.application.override"] {
			approve.Why = "Your roles do not include proposing this."
		}
	}
	return []ui.ButtonView{approve, refuse}
}

// decision is the definition list of a decision that was taken.
func (p applicationParts) decision() []ui.Def {
	defs := []ui.Def{{Term: "Decided", Body: byAt(p.Names(p.DecidedBy), p.Decided, p.Now)}, ui.DefVal("Basis", ui.Code(p.Basis))}
	if p.ClauseText != "" {
		defs = append(defs, ui.DefText("Clause", p.ClauseText))
	}
	defs = append(defs, ui.DefVal("In words", documentField(p.Words)))
	if len(p.Overridden) > 0 {
		defs = append(defs, ui.DefText("Set aside", ui.Plural(len(p.Overridden), "difference", "differences")))
	}
	return defs
}
