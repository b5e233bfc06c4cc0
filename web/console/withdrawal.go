package console

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

func withdrawalPath(id core.Ref) string { return "/withdrawals/" + string(id) }

// withdrawalSegments are the ways in which the list is read.
var withdrawalSegments = []struct {
	text, name, value string
}{
	{"All", "", ""},
	{"To clear", "decision", string(payments.Requested)},
	{"To release", "decision", string(payments.Cleared)},
	{"Held", "decision", string(payments.Held)},
	{"With the provider", "execution", string(payments.ExecSubmitted)},
	{"In doubt", "execution", string(payments.ExecUncertain)},
	{"For a person", "execution", string(payments.ExecPerson)},
	{"Exceptions", "exception", "any"},
	{"Paid", "execution", string(payments.ExecPaid)},
	{"Refused", "decision", string(payments.Refused)},
}

// withdrawalList lists withdrawals, newest first.
func (s *Server) withdrawalList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := payments.ListWithdrawals{
		Decision: payments.Decision(q.Get("decision")), Execution: payments.Execution(q.Get("execution")), Exception: q.Get("exception") != "",
		Case: core.Ref(q.Get("case")), Page: core.PageRequest{After: core.Cursor(q.Get("after"))},
	}
	found, err := command.Ask(r.Context(), s.Road, a, payments.WithdrawalList{}, in)
	if err != nil {
		return err
	}
	p := withdrawalsOf(in, q)
	t := s.withdrawalTable(r, found.Rows, true)
	keep := url.Values{"decision": {q.Get("decision")}, "execution": {q.Get("execution")}, "exception": {q.Get("exception")}, "case": {string(in.Case)}}
	t.Pager = pagerOf("/withdrawals", keep, in.Page.After, found.Next)
	p.Table = t
	head := ui.HeadView{Title: "Withdrawals", Sub: []ui.MetaView{{Text: "What we decided, what the provider did, and what its list shows"}}}
	return s.render(w, r, s.page(r, head), withdrawalsBody(p))
}

// withdrawalsParts is the list of withdrawals.
type withdrawalsParts struct {
	Case    core.Ref // under which they were released
	Bar     ui.QueryBarView
	Filters ui.FiltersView
	Table   ui.TableView
}

// withdrawalsOf is what narrows the list: the segments, and the field of the
// case. Each keeps what the other chose.
func withdrawalsOf(in payments.ListWithdrawals, q url.Values) withdrawalsParts {
	p := withdrawalsParts{Case: in.Case, Filters: ui.FiltersView{Action: "/withdrawals"}}
	for _, x := range withdrawalSegments {
		c := ui.ChipView{Text: x.text, Href: listPath("/withdrawals", url.Values{"case": {string(in.Case)}}, x.name, x.value), On: q.Get(x.name) == x.value}
		if x.name == "" {
			c.On = in.Decision == "" && in.Execution == "" && !in.Exception
		}
		p.Bar.Segments = append(p.Bar.Segments, c)
	}
	chosen := url.Values{}
	for _, name := range []string{"decision", "execution", "exception"} {
		chosen.Set(name, q.Get(name))
		p.Filters.Hidden = append(p.Filters.Hidden, ui.HiddenView{Name: name, Value: q.Get(name)})
	}
	if in.Case != "" {
		p.Filters.Clear = listPath("/withdrawals", chosen, "", "")
	}
	return p
}

// withdrawalTable is a list of withdrawals; of one client, without the client.
func (s *Server) withdrawalTable(r *http.Request, rows []payments.WithdrawalRow, withClient bool) ui.TableView {
	now := s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Withdrawals, newest first", Columns: []ui.Column{{Title: "Amount", Primary: true}},
		Empty: ui.EmptyView{Icon: "landmark", Title: "No withdrawal here", Text: "A withdrawal begins with the client's request: in the portal, or entered by support on the client's page."},
	}
	var refs []core.Ref
	for _, x := range rows {
		refs = append(refs, x.Client)
	}
	name := func(core.Ref) ui.Value { return ui.Value{} }
	if withClient {
		name = s.clientNames(r, refs...)
		t.Columns = append(t.Columns, ui.Column{Title: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Title: "Names"}, ui.Column{Title: "Decision"}, ui.Column{Title: "Execution"}, ui.Column{Title: "Settlement"}, ui.Column{Title: "Requested", Tight: true})
	for _, x := range rows {
		row := ui.Row{ID: string(x.ID), Href: withdrawalPath(x.ID), Tone: withdrawalTone(x), Cells: []templ.Component{amountAndRef(x.Amount(), x.ID)}}
		if withClient {
			row.Cells = append(row.Cells, ui.Val(name(x.Client)))
		}
		row.Cells = append(row.Cells,
			namesCell(x), ui.Status(decisionState(x.Decision)), stateCell(executionState(x.Execution), exceptionNote(x)),
			ui.Status(settlementState(x.Settlement)), whenCell(x.Requested, now))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// exceptionNote names an exception that the execution does not say already.
func exceptionNote(x payments.WithdrawalRow) string {
	if x.Exception == "" {
		return ""
	}
	return exceptionTitle(x.Exception)
}

// withdrawalTone marks what somebody must do something about.
func withdrawalTone(x payments.WithdrawalRow) ui.Tone {
	switch {
	case x.Execution == payments.ExecPerson || x.Exception == payments.ExceptLatePayer:
		return ui.Bad
	case x.Execution == payments.ExecUncertain || x.Decision == payments.Held:
		return ui.Warn
	}
	return ui.Neutral
}

// withdrawalTimeline is everything that was done to, seen of and refused about
// a withdrawal.
func (s *Server) withdrawalTimeline(w http.ResponseWriter, r *http.Request) error {
	v, err := s.withdrawalOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.withdrawalHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

// withdrawalOf reads the withdrawal that the path names.
func (s *Server) withdrawalOf(r *http.Request) (payments.WithdrawalStory, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, payments.WithdrawalPage{Log: s.Road.Log, Deps: s.Payments}, payments.ViewWithdrawal{Withdrawal: core.Ref(r.PathValue("id"))})
}

// withdrawalHead is the heading of a withdrawal's pages.
func (s *Server) withdrawalHead(r *http.Request, v payments.WithdrawalStory, tab string) ui.HeadView {
	client := s.clientNames(r, v.Client)(v.Client)
	h := ui.HeadView{
		Crumbs: []ui.Link{{Text: "Withdrawals", Href: "/withdrawals"}, {Text: v.ID.Short()}},
		Title:  "Withdrawal of " + v.Amount().String(),
		Sub: []ui.MetaView{
			{Label: "for", Text: plainName(client, v.Client), Href: clientPath(v.Client) + "/payments"},
			{Text: s.entityName(r)(v.Entity)},
			{Text: string(v.ID), Mono: true},
		},
		Tabs:    s.storyTabs(r, withdrawalPath(v.ID), tab, command.Resource{Kind: core.KindWithdrawal, Ref: v.ID, Entity: v.Entity}),
		Actions: s.packButton(r, "withdrawal", v.ID, v.Entity),
	}
	if d := decisionState(v.Decision); tab == "" { // the page itself shows the three states
		m := matchState(v.Match)
		h.Facts = []ui.FactView{{Label: "Names", Value: ui.V(m.Text), Tone: m.Tone}, {Label: "Risk", Value: ui.V(v.Risk), Tone: riskTone(v.Risk)}}
	} else {
		e, st := executionState(v.Execution), settlementState(v.Settlement)
		h.Facts = []ui.FactView{
			{Label: "Decision", Value: ui.V(d.Text), Tone: d.Tone},
			{Label: "Execution", Value: ui.V(e.Text), Tone: e.Tone},
			{Label: "Settlement", Value: ui.V(st.Text), Tone: st.Tone},
		}
	}
	if v.Case != "" {
		h.Sub = append(h.Sub, ui.MetaView{Label: "case", Text: v.Case.Short(), Href: hrefOf(v.Case)})
	}
	return h
}

// plainName is a name for a heading: the reference where the name is masked.
func plainName(v ui.Value, ref core.Ref) string {
	if v.Masked || v.Text == "" {
		return ref.Short()
	}
	return v.Text
}

func riskTone(risk string) ui.Tone {
	switch risk {
	case payments.RiskLow:
		return ui.Good
	case payments.RiskMedium:
		return ui.Warn
	case payments.RiskHigh:
		return ui.Bad
	}
	return ui.Neutral
}
