package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

func depositPath(id core.Ref) string { return "/deposits/" + string(id) }

// depositState is the state of a deposit in words.
func depositState(st payments.DepositState) ui.StatusView {
	switch st {
	case payments.DepositPending:
		return ui.StatusView{Text: "on its way", Tone: ui.Note, Icon: "hourglass"}
	case payments.DepositClear:
		return ui.StatusView{Text: "being credited", Tone: ui.Note, Icon: "clock"}
	case payments.DepositHeld:
		return ui.StatusView{Text: "held", Tone: ui.Warn}
	case payments.DepositFlagged:
		return ui.StatusView{Text: "flagged, two persons must agree", Tone: ui.Warn}
	case payments.DepositCredited:
		return ui.StatusView{Text: "credited", Tone: ui.Good}
	case payments.DepositFailed:
		return ui.StatusView{Text: "failed", Tone: ui.Bad}
	case payments.DepositReview:
		return ui.StatusView{Text: "failed more than once, to be looked at", Tone: ui.Bad}
	case payments.DepositUnmatched:
		return ui.StatusView{Text: "nobody’s we know", Tone: ui.Bad}
	}
	return ui.StatusView{Text: string(st)}
}

// flags are the flags of a deposit in words.
var flags = map[string]struct{ title, text string }{
	payments.FlagPayer:    {"The payer is not the client, as far as names tell", "Money is taken from clients themselves. Find out whose it is; two persons must agree to credit it."},
	payments.FlagAttempts: {"It comes after failed attempts", "Two attempts of this client with this method had failed before. Two persons must agree to credit it."},
	payments.FlagUndone:   {"It was credited, and then the provider said that it failed", "The client’s wallet has money that the firm does not. A person must settle this with the provider."},
}

func flagTitle(code string) string {
	if x, ok := flags[code]; ok {
		return x.title
	}
	return titled(code)
}

var depositSegments = []struct {
	text  string
	state payments.DepositState
}{
	{"All", ""},
	{"Flagged", payments.DepositFlagged},
	{"Held", payments.DepositHeld},
	{"Nobody’s", payments.DepositUnmatched},
	{"To be looked at", payments.DepositReview},
	{"On their way", payments.DepositPending},
	{"Failed", payments.DepositFailed},
	{"Credited", payments.DepositCredited},
}

// depositList lists deposits, newest first.
func (s *Server) depositList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := payments.ListDeposits{State: payments.DepositState(q.Get("state")), Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, payments.DepositList{}, in)
	if err != nil {
		return err
	}
	var bar ui.QueryBarView
	for _, x := range depositSegments {
		c := ui.ChipView{Text: x.text, Href: "/deposits", On: x.state == in.State}
		if x.state != "" {
			c.Href += "?" + url.Values{"state": {string(x.state)}}.Encode()
		}
		bar.Segments = append(bar.Segments, c)
	}
	t := s.depositTable(r, found.Rows, true)
	t.Pager = pagerOf("/deposits", url.Values{"state": {string(in.State)}}, in.Page.After, found.Next)
	head := ui.HeadView{Title: "Deposits", Sub: []ui.MetaView{{Text: "What reached, or tried to reach, our accounts with payment providers"}}}
	return s.render(w, r, s.page(r, head), listBody(bar, t))
}

// depositTable is a list of deposits; of one client, without the client.
func (s *Server) depositTable(r *http.Request, rows []payments.DepositRow, withClient bool) ui.TableView {
	now := s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Deposits, newest first", Columns: []ui.Column{{Title: "Amount", Primary: true}},
		Empty: ui.EmptyView{Icon: "landmark", Title: "No deposit here", Text: "Deposits are read from the payment providers, and matched to clients by the reference that the payer wrote."},
	}
	var refs []core.Ref
	for _, x := range rows {
		if x.Client != "" {
			refs = append(refs, x.Client)
		}
	}
	name := func(core.Ref) ui.Value { return ui.Value{} }
	if withClient {
		name = s.clientNames(r, refs...)
		t.Columns = append(t.Columns, ui.Column{Title: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Title: "Payer"}, ui.Column{Title: "Names"}, ui.Column{Title: "State"}, ui.Column{Title: "Settlement"}, ui.Column{Title: "Arrived", Tight: true})
	for _, x := range rows {
		row := ui.Row{ID: string(x.ID), Href: depositPath(x.ID), Tone: depositTone(x.State), Cells: []templ.Component{amountAndRef(x.Amount(), x.ID)}}
		if withClient {
			row.Cells = append(row.Cells, ui.Val(depositClient(x, name)))
		}
		note := ""
		if x.Flag != "" {
			note = flagTitle(x.Flag)
		}
		row.Cells = append(row.Cells, ui.Val(payField(x.Payer, core.Bank)), ui.Status(matchState(x.Match)), stateCell(depositState(x.State), note),
			ui.Status(settlementState(x.Settlement)), whenCell(x.Arrived, now))
		t.Rows = append(t.Rows, row)
	}
	return t
}

func depositClient(x payments.DepositRow, name func(core.Ref) ui.Value) ui.Value {
	if x.Client == "" {
		return ui.Value{}
	}
	return name(x.Client)
}

func depositTone(st payments.DepositState) ui.Tone {
	switch st {
	case payments.DepositFlagged, payments.DepositHeld:
		return ui.Warn
	case payments.DepositUnmatched, payments.DepositReview:
		return ui.Bad
	}
	return ui.Neutral
}

// depositParts is the page of one deposit.
type depositParts struct {
	payments.DepositStory
	Now      core.Instant
	Names    func(core.Ref) string
	Whose    ui.Value
	Waiting  []command.InboxRow
	Answered []command.InboxRow
	Words    string
	Fault    *core.Fault
	Form     ui.FormView
}

func (s *Server) deposit(w http.ResponseWriter, r *http.Request) error {
	return s.drawDeposit(w, r, "", nil)
}

func (s *Server) depositOf(r *http.Request) (payments.DepositStory, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, payments.DepositPage{Deps: s.Payments}, payments.ViewDeposit{Deposit: core.Ref(r.PathValue("id"))})
}

func (s *Server) drawDeposit(w http.ResponseWriter, r *http.Request, words string, f *core.Fault) error {
	v, err := s.depositOf(r)
	if err != nil {
		return err
	}
	p := depositParts{
		DepositStory: v, Now: s.Road.Clock.Now(), Words: words, Fault: f, Whose: depositClient(v.DepositRow, s.clientNames(r, v.Client)),
		Form: ui.FormView{ID: "credit", Action: depositPath(v.ID) + "/credit", Key: s.key(), Problem: s.problem(f)},
	}
	if p.Waiting, p.Answered, err = s.proposalsAbout(r, v.ID); err != nil {
		return err
	}
	people := []core.Ref{v.CreditedBy}
	for _, x := range append(p.Waiting, p.Answered...) {
		people = append(people, x.Maker)
		for _, seat := range x.Seats {
			people = append(people, seat.By)
		}
	}
	p.Names = s.names(r, people...)
	return s.render(w, r, s.page(r, s.depositHead(r, v, "")), depositBody(p))
}

func (s *Server) depositHead(r *http.Request, v payments.DepositStory, tab string) ui.HeadView {
	st, settled := depositState(v.State), settlementState(v.Settlement)
	h := ui.HeadView{
		Crumbs: []ui.Link{{Text: "Deposits", Href: "/deposits"}, {Text: v.ID.Short()}},
		Title:  "Deposit of " + v.Amount().String(),
		Sub:    []ui.MetaView{{Text: s.entityName(r)(v.Entity)}, {Text: string(v.ID), Mono: true}},
		Facts:  []ui.FactView{{Label: "State", Value: ui.V(st.Text), Tone: st.Tone}, {Label: "Settlement", Value: ui.V(settled.Text), Tone: settled.Tone}},
	}
	if v.Client != "" {
		h.Sub = append([]ui.MetaView{{Label: "for", Text: plainName(s.clientNames(r, v.Client)(v.Client), v.Client), Href: clientPath(v.Client) + "/payments"}}, h.Sub...)
	}
	h.Tabs = s.storyTabs(r, depositPath(v.ID), tab, command.Resource{Kind: core.KindDeposit, Ref: v.ID, Entity: v.Entity})
	return h
}

// depositTimeline is the evidence of a deposit.
func (s *Server) depositTimeline(w http.ResponseWriter, r *http.Request) error {
	v, err := s.depositOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.depositHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

func (s *Server) depositCredit(w http.ResponseWriter, r *http.Request) error {
	var in payments.CreditDeposit
	again := func(f *core.Fault) error { return s.drawDeposit(w, r, in.Words, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Deposit = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, depositPath(in.Deposit), again)
}

func (p depositParts) names() ui.VersusView {
	account := payField(p.Account, core.Bank)
	account.Mono = !account.Masked
	return ui.VersusView{
		Left:   ui.SideView{Label: "Client’s legal name", Value: payField(p.ClientName, core.Personal), Notes: []ui.Def{ui.DefVal("Client", p.Whose)}},
		Right:  ui.SideView{Label: "Payer", Value: payField(p.Payer, core.Bank), Notes: []ui.Def{ui.DefVal("Account", account), ui.DefVal("Wrote", payField(p.Reference, core.Personal))}},
		Result: matchState(p.Match), Note: payerNote(p.Match),
	}
}

func payerNote(m payments.Match) string {
	switch m {
	case payments.MatchFull:
		return "Case, accents, titles and the order of words do not count."
	case "":
		return "There is no client to compare the payer with."
	}
	return "Two persons must agree that this money is the client’s own."
}

// record is the definition list of a deposit.
func (p depositParts) record() []ui.Def {
	defs := []ui.Def{
		{Term: "Amount", Body: ui.Money(p.Amount())},
		ui.DefVal("Client", p.Whose), ui.DefVal("Method", ui.V(p.Method)),
		{Term: "Arrived", Body: ui.Time(ui.TimeView{At: p.Arrived, Now: p.Now})},
		{Term: "Recorded", Body: ui.Time(ui.TimeView{At: p.Recorded, Now: p.Now})},
	}
	if p.Credited != 0 {
		defs = append(defs, ui.Def{Term: "Credited", Body: byAt(p.Names(p.CreditedBy), p.Credited, p.Now)})
	}
	return defs
}

// provider is the definition list of what the payment provider has.
func (p depositParts) provider() []ui.Def {
	status := strings.TrimSpace(p.PSPStatus)
	if p.PSPCode != "" {
		status += " (" + p.PSPCode + ")"
	}
	return []ui.Def{
		ui.DefVal("Provider", ui.V(p.PSP)), ui.DefVal("Merchant account", ui.Code(p.Merchant)),
		{Term: "Transaction", Body: ui.Ref(ui.RefView{Ref: p.Transaction})},
		ui.DefVal("Its status", ui.V(status)),
		{Term: "Settlement", Body: ui.Status(settlementState(p.Settlement))},
	}
}

// creditButton says what pressing it does: what is flagged becomes a proposal.
func (p depositParts) creditButton() ui.ButtonView {
	b := ui.ButtonView{Text: "Credit it", Icon: "check", Look: ui.Primary}
	if p.Need != nil {
		b.Text, b.Icon = "Ask for it to be credited", "gavel"
	}
	return mayPress(p.Credit, b)
}
