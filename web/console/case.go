package console

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

func casePath(id core.Ref) string { return "/cases/" + string(id) }

func caseState(c cases.Case) ui.StatusView {
	if c.State == cases.StateOpen {
		return ui.StatusView{Text: "open", Tone: ui.Note, Icon: "archive"}
	}
	return ui.StatusView{Text: "closed: " + words(c.Outcome), Tone: ui.Good}
}

// subjectNames tells what the subjects of cases and findings are called, each
// with the way to its page: clients and colleagues by name, others by
// reference.
func (s *Server) subjectNames(r *http.Request, refs ...core.Ref) func(core.Ref) ui.Value {
	var owners []core.Ref
	for _, ref := range refs {
		if ref.Kind() == core.KindClient {
			owners = append(owners, ref)
		}
	}
	client, person := s.clientNames(r, owners...), s.people(r, s.names(r, refs...))
	return func(ref core.Ref) ui.Value {
		switch ref.Kind() {
		case "":
			return ui.Value{}
		case core.KindClient:
			return client(ref)
		case core.KindStaff:
			return person(ref)
		}
		return ui.Value{Text: ref.Short(), Href: hrefOf(ref), Mono: true}
	}
}

// caseFilter is what the list's address says.
type caseFilter struct {
	State string     `json:"state"`
	Type  cases.Type `json:"type"`
	About core.Ref   `json:"subject"`
}

// casesParts is the list of cases.
type casesParts struct {
	caseFilter
	Bar     ui.QueryBarView
	Filters ui.FiltersView
	Table   ui.TableView
}

// caseList lists cases: open ones unless the address says otherwise.
func (s *Server) caseList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	p := casesParts{Filters: ui.FiltersView{Action: "/cases"}}
	if err := decodeValues(q, &p.caseFilter); err != nil {
		return err
	}
	in := cases.ListCases{State: p.state(), Type: p.Type, About: p.About, Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, cases.ListCasesQuery, in)
	if err != nil {
		return err
	}
	keep := url.Values{"type": {string(p.Type)}, "subject": {string(p.About)}}
	for _, x := range []struct{ state, text string }{{"", "Open"}, {cases.StateClosed, "Closed"}, {"all", "All"}} {
		p.Bar.Segments = append(p.Bar.Segments, ui.ChipView{Text: x.text, On: x.state == p.State, Href: listPath("/cases", keep, "state", x.state)})
	}
	p.Filters.Hidden = []ui.HiddenView{{Name: "state", Value: p.State}}
	if string(p.Type)+string(p.About) != "" {
		p.Filters.Clear = listPath("/cases", nil, "state", p.State)
	}
	keep.Set("state", p.State)
	p.Table = s.caseTable(r, found.Rows)
	p.Table.Pager = pagerOf("/cases", keep, in.Page.After, found.Next)
	head := ui.HeadView{Title: "Cases", Sub: []ui.MetaView{{Text: "The reasons behind sensitive acts: what reached the firm, about whom, and what it permits"}}}
	if s.may(r, "cases.case.open", core.KindCase) {
		head.Actions = []ui.ButtonView{{Text: "Open a case", Icon: "plus", Look: ui.Primary, Href: listPath("/cases/new", nil, "subject", string(p.About))}}
	}
	return s.render(w, r, s.page(r, head), casesBody(p))
}

func (p casesParts) state() string {
	switch p.State {
	case "":
		return cases.StateOpen
	case "all":
		return ""
	}
	return p.State
}

// caseTable is a list of cases.
func (s *Server) caseTable(r *http.Request, rows []cases.CaseView) ui.TableView {
	var refs []core.Ref
	for _, c := range rows {
		refs = append(refs, c.Subject, c.Owner)
	}
	about, owner, now := s.subjectNames(r, refs...), s.names(r, refs...), s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Cases, newest first", Columns: []ui.Column{
			{Title: "Case", Primary: true, Tight: true},
			{Title: "What it is about"},
			{Title: "Concerns", Tight: true},
			{Title: "Owner", Tight: true},
			{Title: "State"},
			{Title: "Opened", Tight: true},
		},
		Empty: ui.EmptyView{Icon: "archive", Title: "No case here", Text: "A case is opened when something reaches the firm that somebody must act on. Sensitive acts name the case that is their reason."},
	}
	for _, c := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: casePath(c.ID), Cells: []templ.Component{
			ui.Val(ui.Code(c.ID.Short())), twoValues(seen(c.Title, c.TitleMasked), ui.V(c.Type.Title()+" · "+originTitles[c.Origin])), ui.Val(about(c.Subject)),
			ui.Text(owner(c.Owner)), ui.Status(caseState(c.Case)), dayCell(c.Opened, now),
		}})
	}
	return t
}

// caseNewParts is the form of a new case.
type caseNewParts struct {
	ui.FormView
	In    cases.OpenCase
	Fault *core.Fault
}

func (p caseNewParts) err(field string) string { return ui.FieldError(p.Fault, field) }

func (s *Server) caseNew(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.drawCaseNew(w, r, cases.OpenCase{About: core.Ref(q.Get("subject")), Type: cases.Type(q.Get("type"))}, nil)
}

func (s *Server) drawCaseNew(w http.ResponseWriter, r *http.Request, in cases.OpenCase, f *core.Fault) error {
	if !s.may(r, "cases.case.open", core.KindCase) {
		return errNotOffered
	}
	p := caseNewParts{FormView: ui.FormView{ID: "case", Action: "/cases", Key: s.key(), Multipart: true, Problem: s.problem(f)}, In: in, Fault: f}
	head := ui.HeadView{Title: "Open a case", Crumbs: []ui.Link{{Text: "Cases", Href: "/cases"}, {Text: "New"}}}
	return s.render(w, r, s.page(r, head), caseNewBody(p))
}

// caseOpen opens a case. Of a message that is sent along only the digest is
// kept: whoever holds the message can show that it is the one.
func (s *Server) caseOpen(w http.ResponseWriter, r *http.Request) error {
	var in cases.OpenCase
	again := func(f *core.Fault) error { return s.drawCaseNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.OriginSum = strings.ToLower(in.OriginSum)
	sum, err := sumOf(r, "message")
	if err != nil {
		return s.mend(w, r, err, again)
	}
	if sum != "" {
		in.OriginSum = sum
	}
	return s.run(w, r, in, "/cases/{subject}", again)
}

// sumOf is the SHA-256 of an uploaded file, in hex; empty when there is none.
func sumOf(r *http.Request, name string) (string, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[name]) == 0 || r.MultipartForm.File[name][0].Size == 0 {
		return "", nil
	}
	f, err := r.MultipartForm.File[name][0].Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// caseParts is the page of one case with its forms.
type caseParts struct {
	cases.CaseView
	Now           core.Instant
	About         ui.Value
	Person        func(core.Ref) ui.Value
	Permits       []ui.Def
	Story         bool          // the reader may read its evidence
	Interventions *ui.TableView // nil when the reader may list none
	Withdrawals   *ui.TableView // likewise
	Explained     *ui.TableView // findings that the case explains; nil likewise
	Found         *ui.TableView // findings about the case itself
	Close, Assign ui.FormView
	In            cases.CloseCase
	NewOwner      core.Ref
	Colleagues    []ui.OptionView // who may own it
	Fault         *core.Fault
}

// caseOf reads the case that the path names.
func (s *Server) caseOf(r *http.Request) (cases.CaseView, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, cases.ViewCaseQuery, cases.ViewCase{Case: core.Ref(r.PathValue("id"))})
}

// caseHead is the heading that all pages about a case share.
func (s *Server) caseHead(r *http.Request, v cases.CaseView, path string) ui.HeadView {
	state := caseState(v.Case)
	title := "Case " + v.ID.Short()
	if !v.TitleMasked && v.Title != "" {
		title = v.Title
	}
	h := ui.HeadView{
		Title: title, Crumbs: []ui.Link{{Text: "Cases", Href: "/cases"}, {Text: v.ID.Short()}},
		Sub:   []ui.MetaView{{Text: v.Type.Title()}, {Text: s.entityName(r)(v.Entity)}, {Text: string(v.ID), Mono: true}},
		Facts: []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}, {Label: "Owner", Value: ui.V(s.names(r, v.Owner)(v.Owner))}},
	}
	if s.may(r, "evidence.event.search", core.KindCase) {
		h.Tabs = tabsOf(casePath(v.ID), path)
	}
	return h
}

func (s *Server) caseFile(w http.ResponseWriter, r *http.Request) error {
	return s.drawCase(w, r, caseParts{}, "")
}

// drawCase draws the page with what was written into one of its forms.
func (s *Server) drawCase(w http.ResponseWriter, r *http.Request, p caseParts, form string) error {
	var err error
	if p.CaseView, err = s.caseOf(r); err != nil {
		return err
	}
	p.Now, p.Story = s.Road.Clock.Now(), s.may(r, "evidence.event.search", core.KindCase)
	p.About = s.subjectNames(r, p.Subject)(p.Subject)
	p.Person = s.people(r, s.names(r, p.Owner, p.OpenedBy))
	for _, act := range p.Type.Permits() {
		p.Permits = append(p.Permits, ui.DefVal(s.titleOf(act), ui.Code(string(act))))
	}
	if err := s.underCase(r, &p); err != nil {
		return err
	}
	p.Close = ui.FormView{ID: "close", Action: casePath(p.ID) + "/close", Key: s.key()}
	p.Assign = ui.FormView{ID: "assign", Action: casePath(p.ID) + "/assign", Key: s.key()}
	switch form {
	case "close":
		p.Close.Problem = s.problem(p.Fault)
	case "assign":
		p.Assign.Problem = s.problem(p.Fault)
	}
	if p.MayAssign {
		p.Colleagues = s.nextOwners(r, p.CaseView)
	}
	return s.render(w, r, s.page(r, s.caseHead(r, p.CaseView, "")), caseBody(p))
}

// underCase reads what was done under the case, as far as the reader may.
func (s *Server) underCase(r *http.Request, p *caseParts) error {
	a, _ := s.actor(r)
	if s.may(r, "platform.intervention.list", core.KindIntervention) {
		done, err := command.Ask(r.Context(), s.Road, a, platform.InterventionList{}, platform.ListInterventions{Case: p.ID, Page: core.PageRequest{Limit: core.MaxPage}})
		if err != nil {
			return err
		}
		t := s.interventionTable(r, done.Rows, p.Now)
		t.Caption, t.Empty.Title, t.Empty.Text = "Interventions under this case", "No intervention yet", "Requests that wait are among the approvals."
		p.Interventions = &t
	}
	if s.may(r, "payments.withdrawal.list", core.KindWithdrawal) {
		paid, err := command.Ask(r.Context(), s.Road, a, payments.WithdrawalList{}, payments.ListWithdrawals{Case: p.ID, Page: core.PageRequest{Limit: core.MaxPage}})
		if err != nil {
			return err
		}
		t := s.withdrawalTable(r, paid.Rows, true)
		t.Caption, p.Withdrawals = "Withdrawals released under this case", &t
	}
	var err error
	if p.Explained, err = s.findingsOf(r, cases.ListFindings{Case: p.ID}, "Findings that this case explains"); err != nil {
		return err
	}
	p.Found, err = s.findingsOf(r, cases.ListFindings{About: p.ID}, "Findings about this case")
	return err
}

// nextOwners are the colleagues to whom a case can be given, by name.
func (s *Server) nextOwners(r *http.Request, c cases.CaseView) (out []ui.OptionView) {
	refs, err := s.CaseOwners(r.Context(), c.Resource())
	if err != nil {
		s.report(err)
	}
	name := s.names(r, refs...)
	for _, ref := range refs {
		if ref != c.Owner {
			out = append(out, ui.OptionView{Value: string(ref), Text: name(ref)})
		}
	}
	slices.SortFunc(out, func(a, b ui.OptionView) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// caseEvidence is everything that was done under, to and seen of a case.
func (s *Server) caseEvidence(w http.ResponseWriter, r *http.Request) error {
	v, err := s.caseOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.caseHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

func (s *Server) caseClose(w http.ResponseWriter, r *http.Request) error {
	var in cases.CloseCase
	again := func(f *core.Fault) error { return s.drawCase(w, r, caseParts{In: in, Fault: f}, "close") }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Case = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, casePath(in.Case), again)
}

func (s *Server) caseAssign(w http.ResponseWriter, r *http.Request) error {
	var in cases.AssignCase
	again := func(f *core.Fault) error { return s.drawCase(w, r, caseParts{NewOwner: in.Owner, Fault: f}, "assign") }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Case = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, casePath(in.Case), again)
}
