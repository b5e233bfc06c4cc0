package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// shownDifferent bounds the list of decisions on the page.
const shownDifferent = 50

// tried is what a draft is tried on beside the past: a record as it is now, or
// what somebody writes down. Nothing written tries the past alone.
type tried struct {
	About     core.Ref `json:"about"`
	Amount    string   `json:"amount"`
	Day       string   `json:"total_24"`
	Week      string   `json:"total_168"`
	Month     string   `json:"total_720"`
	Risk      string   `json:"risk"`
	Requester string   `json:"requester"`
	Flags     []string `json:"-"`
}

// inputs makes what the rules look at; nil when nothing was written.
func (t tried) inputs(base string) (*command.Inputs, error) {
	in := command.Inputs{Totals: map[int]*command.Valued{}, Risk: t.Risk, Flags: t.Flags}
	worth := func(field, text string) (*command.Valued, error) {
		if text == "" {
			return nil, nil
		}
		m, err := core.ParseMoney(text, base)
		if err != nil {
			return nil, core.InvalidField(field, core.AsFault(err).Text)
		}
		return &command.Valued{Amount: m.Decimal(), Currency: base, Base: base, Worth: m.Decimal()}, nil
	}
	var err error
	if in.Amount, err = worth("amount", t.Amount); err != nil {
		return nil, err
	}
	for hours, text := range map[int]string{24: t.Day, 168: t.Week, 720: t.Month} {
		v, err := worth("total_"+number(hours), text)
		if err != nil {
			return nil, err
		}
		if v != nil {
			in.Totals[hours] = v
		}
	}
	if t.Requester != "" {
		in.Requester = []string{t.Requester}
	}
	if in.Amount == nil && len(in.Totals) == 0 && in.Risk == "" && len(in.Flags) == 0 && t.Requester == "" {
		return nil, nil
	}
	return &in, nil
}

// draftParts is the page on which rules are written and tried.
type draftParts struct {
	rulesParts
	Form  ui.FormView
	In    approvals.ChangeRules
	On    tried
	Fault *core.Fault
	Trial *approvals.Trial
	Of    core.Ref // the proposal whose draft this is, if any
}

// err is the text for one field.
func (p draftParts) err(field string) string { return ui.FieldError(p.Fault, field) }

// rulesDraft shows the rules in force to be changed, or the draft that a
// proposal asks for, tried on what was decided until now.
func (s *Server) rulesDraft(w http.ResponseWriter, r *http.Request) error {
	p, err := s.draftOf(r)
	if err != nil {
		return err
	}
	if ref := core.Ref(r.URL.Query().Get("proposal")); ref != "" {
		if p.In.Text, err = s.proposedRules(r, ref, p.Action); err != nil {
			return err
		}
		p.Of = ref
		if p.Trial, err = s.try(r, p); err != nil {
			return err
		}
	}
	return s.drawDraft(w, r, p, nil)
}

// proposedRules is the text that a proposal to change these rules asks for.
func (s *Server) proposedRules(r *http.Request, ref core.Ref, act command.Action) (string, error) {
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, command.ViewProposalQuery(s.Road), command.ViewProposal{Proposal: ref})
	if err != nil {
		return "", err
	}
	if text := factOf(v, "becomes"); text != "" && factOf(v, "rules_of") == string(act) && string(v.Entity) == r.PathValue("entity") {
		return text, nil
	}
	return "", command.ErrHidden
}

func factOf(v command.ProposalView, name string) string {
	for _, f := range v.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func (s *Server) draftOf(r *http.Request) (draftParts, error) {
	rules, err := s.rulesOf(r)
	p := draftParts{rulesParts: rules}
	p.In = approvals.ChangeRules{Entity: p.Entity.ID, Act: p.Action, Text: p.Text}
	if err == nil && !p.MayTry {
		err = command.ErrHidden
	}
	return p, err
}

func (s *Server) drawDraft(w http.ResponseWriter, r *http.Request, p draftParts, f *core.Fault) error {
	p.Fault = f
	p.Form = ui.FormView{ID: "draft", Action: rulesPath(p.Entity.ID, p.Action) + "/draft", Key: s.key(), Problem: s.problem(f)}
	return s.render(w, r, s.page(r, p.head("Draft")), draftBody(p))
}

// posted reads the form into the page's parts.
func (s *Server) posted(r *http.Request) (draftParts, error) {
	p, err := s.draftOf(r)
	if err != nil {
		return p, err
	}
	err = decodeForm(r, &p.In)
	p.In.Entity, p.In.Act = p.Entity.ID, p.Action
	if err == nil {
		err = decodeForm(r, &p.On)
	}
	for _, f := range r.PostForm["flag"] {
		if slices.Contains(p.Weighs, "flag "+f) {
			p.On.Flags = append(p.On.Flags, f)
		}
	}
	return p, err
}

// rulesTry tries the draft. It reads; nothing is written down but that it was read.
func (s *Server) rulesTry(w http.ResponseWriter, r *http.Request) error {
	p, err := s.posted(r)
	if err == nil {
		p.Trial, err = s.try(r, p)
	}
	if err == nil {
		return s.drawDraft(w, r, p, nil)
	}
	if core.AsFault(err).Kind == core.Unknown && p.On.About != "" {
		err = core.InvalidField("about", "There is no such record here.")
	}
	return s.mend(w, r, err, func(f *core.Fault) error { return s.drawDraft(w, r, p, f) })
}

func (s *Server) try(r *http.Request, p draftParts) (*approvals.Trial, error) {
	in := approvals.TryRules{Entity: p.Entity.ID, Act: p.Action, Text: p.In.Text, About: p.On.About}
	if p.In.Text == "" {
		return nil, core.InvalidField("rules", "Write the rules, one a line.")
	}
	if in.About == "" {
		var err error
		if in.Inputs, err = p.On.inputs(p.Entity.Currency); err != nil {
			return nil, err
		}
	}
	a, _ := s.actor(r)
	t, err := command.Ask(r.Context(), s.Road, a, approvals.TryRulesQuery(s.Approvals), in)
	return &t, err
}

// rulesChange asks for the draft to be adopted.
func (s *Server) rulesChange(w http.ResponseWriter, r *http.Request) error {
	p, err := s.posted(r)
	again := func(f *core.Fault) error { return s.drawDraft(w, r, p, f) }
	if err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, p.In, rulesPath(p.Entity.ID, p.Action), again)
}

// hasAbout says whether a record can be tried: those of withdrawals can.
func (p draftParts) hasAbout() bool { return p.Action == (payments.ReleaseWithdrawal{}).Action() }

func differs(lines []approvals.DiffLine) bool {
	return slices.ContainsFunc(lines, approvals.DiffLine.Changed)
}

// dateOf writes an instant for a date field.
func dateOf(at core.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format(time.DateOnly)
}

// has says whether rules here can ask about something.
func (p draftParts) has(what string) bool { return slices.Contains(p.Weighs, what) }

// totals are the fields for the sums of the windows.
func (p draftParts) totals() []ui.FieldView {
	field := func(name, label, value string) ui.FieldView {
		return ui.FieldView{Name: name, Label: label, Value: value, InputMode: "decimal", Short: true, Error: p.err(name), Autocomplete: "off"}
	}
	return []ui.FieldView{
		field("total_24", "Total in 24 hours", p.On.Day), field("total_168", "Total in 7 days", p.On.Week), field("total_720", "Total in 30 days", p.On.Month),
	}
}

// flags are the marks that can be tried.
func (p draftParts) flags() (out []ui.CheckView) {
	for _, w := range p.Weighs {
		if f, ok := strings.CutPrefix(w, "flag "); ok {
			out = append(out, ui.CheckView{ID: "flag-" + f, Name: "flag", Value: f, Label: capital(flagText(f)) + " (" + f + ")", Checked: slices.Contains(p.On.Flags, f)})
		}
	}
	return out
}

// asked is the table of the rules that were asked, up to the one that decides.
func askedTable(t approvals.Trial, base string) ui.TableView {
	v := ui.TableView{Caption: "The rules that were asked, in order", Columns: []ui.Column{
		{Title: "Rule", Primary: true, Tight: true}, {Title: "When"}, {Title: "Does it match"},
	}}
	for _, x := range t.Asked {
		r, _ := command.ParseRule(x.Rule)
		said := ui.StatusView{Text: "decides", Tone: ui.Good}
		if !x.Decides {
			said = ui.StatusView{Text: "no: " + x.Because, Icon: "x"}
		}
		v.Rows = append(v.Rows, ui.Row{Cells: []templ.Component{ui.Text(x.Name), ui.Text(whenText(r, base)), ui.Status(said)}})
	}
	return v
}

// verdict says what the rule that decides demands.
func verdict(t approvals.Trial) ui.NoticeView {
	r, _ := command.ParseRule(t.Rule)
	n := ui.NoticeView{Tone: ui.Note, Title: "“" + r.Name + "” decides", Text: demandText(r)}
	switch r.Effect {
	case command.Forbid:
		n.Tone = ui.Bad
	case command.Allow:
		n.Tone = ui.Good
	}
	return n
}

// compared says how much of the past would have gone another way.
func compared(c approvals.Comparison) ui.NoticeView {
	n := ui.NoticeView{Tone: ui.Good, Title: c.Sentence()}
	switch {
	case c.Tried == 0:
		return ui.NoticeView{Tone: ui.Note, Title: "Nothing was decided here yet", Text: "There is no past on which this could be tried."}
	case len(c.Differs) > 0:
		n.Tone, n.Text = ui.Warn, "Each was decided by the rule that held then, and stays decided. This is what the draft says to the same facts."
	default:
		n.Text = "The draft says what was said then."
	}
	return n
}

// differTable lists what would have gone another way.
func differTable(c approvals.Comparison) ui.TableView {
	v := ui.TableView{Caption: "Decisions that would have gone another way, the newest first", Columns: []ui.Column{
		{Title: "Decided", Tight: true, Primary: true}, {Title: "About", Tight: true}, {Title: "By the rule of that day"}, {Title: "By the draft"},
	}}
	for _, d := range c.Differs[:min(len(c.Differs), shownDifferent)] {
		v.Rows = append(v.Rows, ui.Row{Href: "/events/" + d.Event, Cells: []templ.Component{
			ui.Text(ui.Stamp(d.At)), ui.Val(ui.Value{Text: d.Subject.Short(), Href: hrefOf(d.Subject), Mono: true}), saidCell(d.Was), saidCell(d.Becomes),
		}})
	}
	if n := len(c.Differs) - shownDifferent; n > 0 {
		v.Pager.Shown = "and " + ui.Plural(n, "older one", "older ones")
	}
	return v
}

// saidCell is a rule as a list shows it: its name, and what it demands.
func saidCell(text string) templ.Component {
	r, err := command.ParseRule(text)
	if err != nil {
		return ui.Text(text)
	}
	return together(twoLines(r.Name, demandText(r)))
}
