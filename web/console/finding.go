package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

func findingPath(id core.Ref) string { return "/findings/" + string(id) }

func findingState(state string) ui.StatusView {
	switch state {
	case cases.FindingOpen:
		return ui.StatusView{Text: "open", Tone: ui.Warn}
	case cases.FindingEscalated:
		return ui.StatusView{Text: "escalated", Tone: ui.Bad}
	}
	return ui.StatusView{Text: words(state), Tone: ui.Good}
}

func severity(s string) ui.StatusView {
	v := ui.StatusView{Text: s}
	switch s {
	case "critical":
		v.Tone = ui.Bad
	case "warning":
		v.Tone = ui.Warn
	case "info":
		v.Tone = ui.Note
	}
	return v
}

// findingKinds are the kinds by which the list can be narrowed.
func findingKinds(asked string) []ui.OptionView {
	kinds := cases.FindingKinds()
	if asked != "" && !slices.Contains(kinds, asked) {
		kinds = append(kinds, asked)
	}
	return reasonOptions(kinds)
}

// findingFilter is what the list's address says.
type findingFilter struct {
	State string   `json:"state"`
	Kind  string   `json:"kind"`
	About core.Ref `json:"subject"`
}

// findingsParts is the list of findings.
type findingsParts struct {
	findingFilter
	Bar     ui.QueryBarView
	Filters ui.FiltersView
	Table   ui.TableView
}

var findingSegments = []struct{ state, text string }{
	{"", "Waiting"},
	{cases.FindingOpen, "Open"},
	{cases.FindingEscalated, "Escalated"},
	{cases.FindingExplained, "Explained"},
	{cases.FindingReversed, "Reversed"},
	{"all", "All"},
}

// findingList lists what sweeps and controls turned up: what waits for
// somebody, unless the address says otherwise.
func (s *Server) findingList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	p := findingsParts{Filters: ui.FiltersView{Action: "/findings"}}
	if err := decodeValues(q, &p.findingFilter); err != nil {
		return err
	}
	in := cases.ListFindings{State: p.State, Kind: p.Kind, About: p.About, Waiting: p.State == "", Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	if p.State == "all" {
		in.State = ""
	}
	found, err := command.Ask(r.Context(), s.Road, a, cases.ListFindingsQuery, in)
	if err != nil {
		return err
	}
	keep := url.Values{"kind": {p.Kind}, "subject": {string(p.About)}}
	for _, x := range findingSegments {
		p.Bar.Segments = append(p.Bar.Segments, ui.ChipView{Text: x.text, On: x.state == p.State, Href: listPath("/findings", keep, "state", x.state)})
	}
	p.Filters.Hidden = []ui.HiddenView{{Name: "state", Value: p.State}}
	if p.Kind+string(p.About) != "" {
		p.Filters.Clear = listPath("/findings", nil, "state", p.State)
	}
	keep.Set("state", p.State)
	p.Table = s.findingTable(r, found.Rows)
	p.Table.Pager = pagerOf("/findings", keep, in.Page.After, found.Next)
	head := ui.HeadView{Title: "Findings", Sub: []ui.MetaView{{Text: "What the sweeps of platforms and providers, and the firm's own rules, turned up"}}}
	return s.render(w, r, s.page(r, head), findingsBody(p))
}

// findingsOf is a list of findings on another record's page; nil when the
// reader may list none.
func (s *Server) findingsOf(r *http.Request, in cases.ListFindings, caption string) (*ui.TableView, error) {
	if !s.mayAbout(r, "cases.finding.list", core.KindFinding, in.About) {
		return nil, nil
	}
	a, _ := s.actor(r)
	in.Page.Limit = core.MaxPage
	found, err := command.Ask(r.Context(), s.Road, a, cases.ListFindingsQuery, in)
	if err != nil {
		return nil, err
	}
	t := s.findingTable(r, found.Rows)
	t.Caption = caption
	return &t, nil
}

// findingTable is a list of findings.
func (s *Server) findingTable(r *http.Request, rows []cases.FindingView) ui.TableView {
	var refs []core.Ref
	for _, f := range rows {
		refs = append(refs, f.Subject)
	}
	about, now := s.subjectNames(r, refs...), s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Findings, newest first", Columns: []ui.Column{
			{Title: "Finding", Primary: true},
			{Title: "Severity"},
			{Title: "Concerns", Tight: true},
			{Title: "At the outside system"},
			{Title: "State"},
			{Title: "Raised", Tight: true},
		},
		Empty: ui.EmptyView{Icon: "flag", Title: "Nothing waits", Text: "What a platform or a provider did that we did not decide is found by the sweeps, and stands here until somebody explains or reverses it."},
	}
	for _, f := range rows {
		row := ui.Row{ID: string(f.ID), Href: findingPath(f.ID), Cells: []templ.Component{
			twoValues(ui.V(titled(f.Kind)), seen(f.Text, f.TextMasked)), ui.Status(severity(f.Severity)), ui.Val(about(f.Subject)), ui.Val(ui.Code(f.External)),
			ui.Status(findingState(f.State)), dayCell(f.Raised, now),
		}}
		if f.Resolved == 0 {
			row.Tone = severity(f.Severity).Tone
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// findingParts is the page of one finding with its form.
type findingParts struct {
	cases.FindingView
	Now     core.Instant
	About   ui.Value
	Person  func(core.Ref) ui.Value
	Account *platform.AccountView // that the finding concerns, where the reader may see it
	Client  ui.Value              // whose account it is
	Deals   *ui.TableView
	Form    ui.FormView
	In      cases.ResolveFinding
	Cases   []ui.OptionView
	NewCase string // where a case is opened first; empty for those who may not
	Fault   *core.Fault
}

// findingOf reads the finding that the path names. One that the reader may not
// see is as one that does not exist.
func (s *Server) findingOf(r *http.Request) (cases.FindingView, error) {
	a, _ := s.actor(r)
	found, err := command.Ask(r.Context(), s.Road, a, cases.ListFindingsQuery, cases.ListFindings{Finding: core.Ref(r.PathValue("id"))})
	if err == nil && len(found.Rows) == 0 {
		err = command.ErrHidden
	}
	if err != nil {
		return cases.FindingView{}, err
	}
	return found.Rows[0], nil
}

func (s *Server) findingHead(r *http.Request, v cases.FindingView, path string) ui.HeadView {
	state, sev := findingState(v.State), severity(v.Severity)
	h := ui.HeadView{
		Title: titled(v.Kind), Crumbs: []ui.Link{{Text: "Findings", Href: "/findings"}, {Text: v.ID.Short()}},
		Sub:   []ui.MetaView{{Text: s.entityName(r)(v.Entity)}, {Text: string(v.ID), Mono: true}},
		Facts: []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}, {Label: "Severity", Value: ui.V(sev.Text), Tone: sev.Tone}},
	}
	if s.may(r, "evidence.event.search", core.KindFinding) {
		h.Tabs = tabsOf(findingPath(v.ID), path)
	}
	return h
}

func (s *Server) finding(w http.ResponseWriter, r *http.Request) error {
	return s.drawFinding(w, r, cases.ResolveFinding{}, nil)
}

// drawFinding draws the page; f is what was wrong with its form.
func (s *Server) drawFinding(w http.ResponseWriter, r *http.Request, in cases.ResolveFinding, f *core.Fault) error {
	v, err := s.findingOf(r)
	if err != nil {
		return err
	}
	p := findingParts{
		FindingView: v, Now: s.Road.Clock.Now(), About: s.subjectNames(r, v.Subject)(v.Subject), Person: s.people(r, s.names(r, v.ResolvedBy)), In: in, Fault: f,
		Form: ui.FormView{ID: "resolve", Action: findingPath(v.ID) + "/resolve", Key: s.key(), Problem: s.problem(f)},
	}
	if err := s.foundOn(r, &p); err != nil {
		return err
	}
	if p.MayResolve {
		about := []core.Ref{p.Subject}
		if p.Account != nil {
			about = []core.Ref{p.Account.ID, p.Account.Client}
		}
		p.Cases = s.casesFor(r, "", about...)
		if of := about[len(about)-1]; cases.Concerns(of) && s.may(r, "cases.case.open", core.KindCase) {
			p.NewCase = "/cases/new?type=investigation&subject=" + string(of)
		}
	}
	return s.render(w, r, s.page(r, s.findingHead(r, v, "")), findingBody(p))
}

// foundOn reads the account that a finding concerns, and the deal that it
// names, where the reader may see accounts.
func (s *Server) foundOn(r *http.Request, p *findingParts) error {
	a, _ := s.actor(r)
	account := p.Subject
	if account.Kind() == core.KindIntervention && s.may(r, "platform.intervention.view", core.KindIntervention) {
		i, err := command.Ask(r.Context(), s.Road, a, platform.InterventionPage{Log: s.Road.Log}, platform.ViewIntervention{Intervention: account})
		if err != nil {
			return err
		}
		account = i.Account
	}
	if account.Kind() != core.KindAccount || !s.may(r, "platform.account.view", core.KindAccount) {
		return nil
	}
	ticket := ticketIn(p.External)
	v, err := command.Ask(r.Context(), s.Road, a, platform.AccountPage{}, platform.ViewAccount{Account: account, Deal: ticket})
	if err != nil {
		return err
	}
	p.Account, p.Client = &v, s.clientNames(r, v.Client)(v.Client)
	if ticket != 0 {
		t := dealTable(v.Deals, s.openable(r, v.Interventions), p.Now)
		t.Caption = "The deal that the finding names, in every version that was read back"
		p.Deals = &t
	}
	return nil
}

// ticketIn reads the ticket out of an outside reference such as
// mt5-eu:deal/5000241; 0 when it names no deal.
func ticketIn(external string) int64 {
	_, rest, ok := strings.Cut(external, ":deal/")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// findingEvidence is everything that was done to and seen of a finding.
func (s *Server) findingEvidence(w http.ResponseWriter, r *http.Request) error {
	v, err := s.findingOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.findingHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

func (s *Server) findingResolve(w http.ResponseWriter, r *http.Request) error {
	var in cases.ResolveFinding
	again := func(f *core.Fault) error { return s.drawFinding(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Finding = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, findingPath(in.Finding), again)
}

// told is what the finding says, in the tone of its severity.
func (p findingParts) told() ui.NoticeView {
	v := ui.NoticeView{Tone: severity(p.Severity).Tone, Text: p.Text}
	if p.Resolved != 0 {
		v.Tone = ui.Neutral
	}
	if p.TextMasked {
		v.Text = "What it says is not shown: " + whyMasked + "."
	}
	return v
}

func (p findingParts) facts() []ui.Def {
	defs := []ui.Def{ui.DefVal("Concerns", p.About)}
	if p.External != "" {
		defs = append(defs, ui.DefVal("Outside", ui.Code(p.External)))
	}
	defs = append(defs, ui.Def{Term: "Raised", Body: ui.Time(ui.TimeView{At: p.Raised, Now: p.Now})})
	if p.Case != "" {
		defs = append(defs, ui.Def{Term: "Case", Body: ui.CaseChip(refLink(p.Case))})
	}
	if p.Resolved != 0 {
		defs = append(defs, ui.DefVal("Resolved by", p.Person(p.ResolvedBy)), ui.Def{Term: "Resolved", Body: ui.Time(ui.TimeView{At: p.Resolved, Now: p.Now})})
	}
	return defs
}

func (p findingParts) account() []ui.Def {
	a := p.Account
	return []ui.Def{
		ui.DefVal("Account", ui.Value{Text: loginText(a.Platform, a.Login), Href: accountPath(a.ID), Mono: true}), ui.DefVal("Client", p.Client),
		ui.DefVal("Group", ui.Code(a.Group)), ui.DefText("Rights", a.Rights), ui.DefText("Leverage", "1:"+strconv.Itoa(a.Leverage)),
	}
}

func (p findingParts) buttons() []ui.ButtonView {
	out := []ui.ButtonView{{Text: "Record this", Look: ui.Primary}}
	if p.NewCase != "" {
		out = append(out, ui.ButtonView{Text: "Open a case", Icon: "archive", Href: p.NewCase})
	}
	return out
}
