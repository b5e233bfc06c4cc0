package console

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

func interventionPath(id core.Ref) string { return "/interventions/" + string(id) }

// interventionState is a state in words.
func interventionState(state string) ui.StatusView {
	switch state {
	case platform.StateApproved:
		return ui.StatusView{Text: "waits for its operator", Tone: ui.Note, Icon: "hourglass"}
	case platform.StateExecuting:
		return ui.StatusView{Text: "under way", Tone: ui.Note, Icon: "clock"}
	case platform.StateUncertain:
		return ui.StatusView{Text: "in doubt, being looked up", Tone: ui.Warn}
	case platform.StatePerson:
		return ui.StatusView{Text: "in doubt, a person must look", Tone: ui.Bad}
	case platform.StateApplied:
		return ui.StatusView{Text: "applied, not yet read back", Tone: ui.Note, Icon: "clock"}
	case platform.StateMatched:
		return ui.StatusView{Text: "applied and matched", Tone: ui.Good}
	case platform.StateRejected:
		return ui.StatusView{Text: "not applied", Tone: ui.Bad}
	}
	return ui.StatusView{Text: state}
}

// interventionSegments are the states in which the list is read.
var interventionSegments = []struct{ state, text string }{
	{"", "All"},
	{platform.StateApproved, "For the operator"},
	{platform.StatePerson, "For a person"},
	{platform.StateUncertain, "In doubt"},
	{platform.StateApplied, "Not read back"},
	{platform.StateMatched, "Matched"},
	{platform.StateRejected, "Not applied"},
}

// interventionFilter is what the list's address says.
type interventionFilter struct {
	State string        `json:"state"`
	Kind  platform.Kind `json:"kind"`
	Group string        `json:"group"`
	From  core.Instant  `json:"from"`
	To    core.Instant  `json:"to"`
}

// interventionParts is the list of interventions.
type interventionParts struct {
	interventionFilter
	Dates   [2]string // as written
	Bar     ui.QueryBarView
	Filters ui.FiltersView
	Table   ui.TableView
	Sweeps  []platform.SweepView
	Now     core.Instant
	Fault   *core.Fault
}

// interventionList lists operations: in a state, of a kind, on a group,
// between two dates. Clients' own transfers are a kind that is asked for.
func (s *Server) interventionList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	p := interventionParts{Now: s.Road.Clock.Now(), Dates: [2]string{q.Get("from"), q.Get("to")}, Filters: ui.FiltersView{Action: "/interventions"}}
	if err := decodeValues(q, &p.interventionFilter); err != nil {
		p.Fault = core.AsFault(err)
		visitOf(r).status = statusOf(p.Fault.Kind)
		return s.render(w, r, s.page(r, s.interventionsHead(r)), interventionsBody(p))
	}
	in := platform.ListInterventions{
		State: p.State, Kind: p.Kind, Group: p.Group, From: p.From, Manual: p.Kind != platform.TransferIn,
		Page: core.PageRequest{After: core.Cursor(q.Get("after"))},
	}
	if p.To != 0 {
		in.To = p.To.Add(24 * time.Hour) // the day itself is among them
	}
	found, err := command.Ask(r.Context(), s.Road, a, platform.InterventionList{}, in)
	if err != nil {
		return err
	}
	keep := url.Values{"kind": {string(p.Kind)}, "group": {p.Group}, "from": {p.Dates[0]}, "to": {p.Dates[1]}}
	for _, x := range interventionSegments {
		p.Bar.Segments = append(p.Bar.Segments, ui.ChipView{Text: x.text, Href: listPath("/interventions", keep, "state", x.state), On: x.state == p.State})
	}
	p.Filters.Hidden = []ui.HiddenView{{Name: "state", Value: p.State}}
	if string(p.Kind)+p.Group+p.Dates[0]+p.Dates[1] != "" {
		p.Filters.Clear = listPath("/interventions", nil, "state", p.State)
	}
	keep.Set("state", p.State)
	p.Table = s.interventionTable(r, found.Rows, p.Now)
	p.Table.Pager = pagerOf("/interventions", keep, in.Page.After, found.Next)
	p.Sweeps = s.sweeps(r)
	return s.render(w, r, s.page(r, s.interventionsHead(r)), interventionsBody(p))
}

func (s *Server) interventionsHead(r *http.Request) ui.HeadView {
	h := ui.HeadView{Title: "Interventions", Sub: []ui.MetaView{{Text: "Every manual operation on a trading platform, with who asked, who agreed and what the platform shows"}}}
	if s.may(r, "platform.intervention.request", core.KindIntervention) {
		h.Actions = []ui.ButtonView{{Text: "Request an intervention", Icon: "plus", Look: ui.Primary, Href: "/accounts?for=intervention&state=open"}}
	}
	return h
}

// listPath is a list's address with its filters that have a value, and one
// more.
func listPath(path string, keep url.Values, name, value string) string {
	q := url.Values{}
	for n, vs := range keep {
		for _, v := range vs {
			if v != "" {
				q.Add(n, v)
			}
		}
	}
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// sweeps says how the reading back of the platforms stands; a list is worth
// showing without it.
func (s *Server) sweeps(r *http.Request) []platform.SweepView {
	if !s.may(r, "platform.account.list", core.KindAccount) {
		return nil
	}
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, platform.SweepList{}, platform.ListSweeps{})
	if err != nil {
		s.report(err)
	}
	return rows
}

// interventionTable is a list of interventions.
func (s *Server) interventionTable(r *http.Request, rows []platform.InterventionView, now core.Instant) ui.TableView {
	var refs, owners []core.Ref
	for _, v := range rows {
		refs, owners = append(refs, v.Requester, v.Operator), append(owners, v.Client)
	}
	name, owner := s.names(r, refs...), s.clientNames(r, owners...)
	t := ui.TableView{
		Caption: "Interventions, newest first", Columns: []ui.Column{
			{Title: "Operation", Primary: true},
			{Title: "Amount or setting", Number: true},
			{Title: "Account"},
			{Title: "Asked by"},
			{Title: "Operator"},
			{Title: "State"},
			{Title: "Recorded"},
		},
		Empty: ui.EmptyView{Icon: "sliders-horizontal", Title: "No intervention matches", Text: "Corrections, credits and changes of settings stand here once they are approved. Requests that wait for approval are among the approvals."},
	}
	for _, v := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(v.ID), Href: interventionPath(v.ID), Tone: interventionTone(v.State), Cells: []templ.Component{
			twoLines(v.Kind.Title(), words(v.Reason)), amountCell(v.Intervention), twoValues(ui.Code(loginText(v.Platform, v.Login)), owner(v.Client)),
			ui.Text(actorName(v.Requester, name)), ui.Text(operatorText(v.Operator, name)), ui.Status(interventionState(v.State)), dayCell(v.Created, now),
		}})
	}
	return t
}

func interventionTone(state string) ui.Tone {
	switch state {
	case platform.StatePerson:
		return ui.Bad
	case platform.StateUncertain:
		return ui.Warn
	}
	return ui.Neutral
}

func operatorText(ref core.Ref, name func(core.Ref) string) string {
	if ref == "" {
		return "—"
	}
	return actorName(ref, name)
}

// interventionPage is the page of one intervention with its forms.
type interventionPage struct {
	platform.InterventionStory
	Now         core.Instant
	Names       func(core.Ref) string
	Person      func(core.Ref) ui.Value
	Owner       ui.Value // the client
	ExecuteForm ui.FormView
	Doubt       resolveForm
}

// resolveForm settles by evidence what the look-ups could not tell: an
// intervention, or the opening of an account.
type resolveForm struct {
	ui.FormView
	In     platform.ResolveIntervention
	Fault  *core.Fault
	Button platform.Button
	Books  bool // a deal shows it
}

func (s *Server) intervention(w http.ResponseWriter, r *http.Request) error {
	return s.drawIntervention(w, r, platform.ResolveIntervention{}, nil, "")
}

// drawIntervention draws the page; f is what was wrong with the form named.
func (s *Server) drawIntervention(w http.ResponseWriter, r *http.Request, in platform.ResolveIntervention, f *core.Fault, form string) error {
	v, err := s.interventionOf(r)
	if err != nil {
		return err
	}
	refs := append([]core.Ref{v.Requester, v.Operator}, v.ApprovedBy...)
	for _, x := range v.Steps {
		refs = append(refs, x.Actor, x.For)
	}
	_, books := v.Kind.Books()
	name := s.names(r, refs...)
	p := interventionPage{
		InterventionStory: v, Now: s.Road.Clock.Now(), Names: name, Person: s.people(r, name), Owner: s.clientNames(r, v.Client)(v.Client),
		ExecuteForm: ui.FormView{ID: "execute", Action: interventionPath(v.ID) + "/execute", Key: s.key()},
		Doubt: resolveForm{
			FormView: ui.FormView{ID: "resolve", Action: interventionPath(v.ID) + "/resolve", Key: s.key()},
			In:       in, Fault: f, Button: v.Resolve, Books: books,
		},
	}
	switch form {
	case "execute":
		p.ExecuteForm.Problem = s.problem(f)
	case "resolve":
		p.Doubt.Problem = s.problem(f)
	}
	head := s.interventionHead(r, v, "")
	head.Actions = append(head.Actions, s.packButton(r, "intervention", v.ID, v.Entity)...)
	return s.render(w, r, s.page(r, head), interventionBody(p))
}

// interventionOf reads the intervention that the path names.
func (s *Server) interventionOf(r *http.Request) (platform.InterventionStory, error) {
	a, _ := s.actor(r)
	q := platform.InterventionPage{Log: s.Road.Log, Deps: s.Platform}
	return command.Ask(r.Context(), s.Road, a, q, platform.ViewIntervention{Intervention: core.Ref(r.PathValue("id"))})
}

// interventionEvidence is everything that was done to and seen of an
// intervention.
func (s *Server) interventionEvidence(w http.ResponseWriter, r *http.Request) error {
	v, err := s.interventionOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.interventionHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

func (s *Server) interventionExecute(w http.ResponseWriter, r *http.Request) error {
	in := platform.ExecuteIntervention{Intervention: core.Ref(r.PathValue("id"))}
	again := func(f *core.Fault) error {
		return s.drawIntervention(w, r, platform.ResolveIntervention{}, f, "execute")
	}
	if err := parseForm(r); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, interventionPath(in.Intervention), again)
}

func (s *Server) interventionResolve(w http.ResponseWriter, r *http.Request) error {
	in, err := decodeResolve(r)
	again := func(f *core.Fault) error { return s.drawIntervention(w, r, in, f, "resolve") }
	if err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, interventionPath(in.Intervention), again)
}

// decodeResolve reads the form of a resolution. Which way it goes must be
// marked: what is not said is not taken for "no".
func decodeResolve(r *http.Request) (in platform.ResolveIntervention, err error) {
	err = decodeForm(r, &in)
	in.Intervention = core.Ref(r.PathValue("id"))
	if told := r.PostForm.Get("applied"); err == nil && told != "true" && told != "false" {
		err = core.InvalidField("applied", "Say whether it was applied or not.")
	}
	return in, err
}
