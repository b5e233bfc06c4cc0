package console

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

// accountParts is the page of one trading account.
type accountParts struct {
	platform.AccountView
	Name          ui.Value // the client's
	Now           core.Instant
	Interventions ui.TableView
	Findings      *ui.TableView // nil when the reader may list none
	Sweep         *platform.SweepView
	Opening       resolveForm
	mayOpen       func(core.Ref) string // the page of an intervention, if the reader may open it
}

// accountOf reads the account that the path names.
func (s *Server) accountOf(r *http.Request) (platform.AccountView, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, platform.AccountPage{}, platform.ViewAccount{Account: core.Ref(r.PathValue("id"))})
}

// accountHead is the heading that all pages about an account share.
func (s *Server) accountHead(r *http.Request, v platform.AccountView, path string) ui.HeadView {
	state := accountState(v.Account)
	h := ui.HeadView{
		Title: loginText(v.Platform, v.Login), Crumbs: []ui.Link{{Text: "Accounts", Href: "/accounts"}, {Text: v.ID.Short()}},
		Sub: []ui.MetaView{{Text: s.entityName(r)(v.Entity)}, {Text: string(v.ID), Mono: true}},
		Facts: []ui.FactView{
			{Label: "State", Value: ui.V(state.Text), Tone: state.Tone},
			{Label: "Currency", Value: ui.V(v.Currency)},
			{Label: "Leverage", Value: ui.V("1:" + strconv.Itoa(v.Leverage))},
		},
	}
	if s.may(r, "evidence.event.search", core.KindAccount) {
		h.Tabs = tabsOf(accountPath(v.ID), path)
	}
	return h
}

// tabsOf are the two sides of a record: what it is, and its evidence.
func tabsOf(base, path string) []ui.TabView {
	return []ui.TabView{
		{Text: "Overview", Href: base, Current: path == ""},
		{Text: "Evidence", Href: base + "/evidence", Current: path == "/evidence"},
	}
}

func (s *Server) tradingAccount(w http.ResponseWriter, r *http.Request) error {
	return s.drawAccount(w, r, platform.ResolveIntervention{}, nil)
}

// drawAccount draws the account's page; f is what was wrong with the form that
// resolves its opening.
func (s *Server) drawAccount(w http.ResponseWriter, r *http.Request, in platform.ResolveIntervention, f *core.Fault) error {
	v, err := s.accountOf(r)
	if err != nil {
		return err
	}
	p := accountParts{AccountView: v, Now: s.Road.Clock.Now(), Name: s.clientNames(r, v.Client)(v.Client), mayOpen: s.openable(r, v.Interventions)}
	p.Interventions = s.interventionTable(r, v.Interventions, p.Now)
	p.Interventions.Caption = "Interventions and transfers, the newest 25"
	p.Interventions.Empty.Text = "Nothing was done by hand on this account, as far as you may see."
	if p.Findings, err = s.findingsOf(r, cases.ListFindings{About: v.ID}, "Findings about this account"); err != nil {
		return err
	}
	for _, x := range s.sweeps(r) {
		if x.Platform == v.Platform {
			p.Sweep = &x
		}
	}
	p.Opening = resolveForm{
		FormView: ui.FormView{ID: "resolve", Action: accountPath(v.ID) + "/resolve", Key: s.key(), Problem: s.problem(f)},
		In:       in, Fault: f, Button: v.Resolve,
	}
	head := s.accountHead(r, v, "")
	if v.State == platform.AccountOpen && len(v.Requests) > 0 {
		head.Actions = append(head.Actions, ui.ButtonView{Text: "Request an intervention", Icon: "sliders-horizontal", Look: ui.Primary, Href: accountPath(v.ID) + "/intervene"})
	}
	if v.State == platform.AccountOpen && v.MayTransfer {
		head.Actions = append(head.Actions, ui.ButtonView{Text: "Transfer from the wallet", Icon: "arrow-left-right", Href: accountPath(v.ID) + "/transfer"})
	}
	return s.render(w, r, s.page(r, head), accountBody(p))
}

// openable tells the pages of interventions that the reader may open.
func (s *Server) openable(r *http.Request, seen []platform.InterventionView) func(core.Ref) string {
	known := map[core.Ref]bool{}
	for _, v := range seen {
		known[v.ID] = true
	}
	all := s.may(r, "platform.intervention.view", core.KindIntervention)
	return func(ref core.Ref) string {
		if all || known[ref] {
			return hrefOf(ref)
		}
		return ""
	}
}

// tradingAccountEvidence is everything that was done to and seen of an
// account.
func (s *Server) tradingAccountEvidence(w http.ResponseWriter, r *http.Request) error {
	v, err := s.accountOf(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.accountHead(r, v, "/evidence")), timelineOf{Of: v.ID})
}

// openingResolve settles an opening whose outcome the look-ups could not tell.
func (s *Server) openingResolve(w http.ResponseWriter, r *http.Request) error {
	in, err := decodeResolve(r)
	again := func(f *core.Fault) error { return s.drawAccount(w, r, in, f) }
	if err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, accountPath(in.Intervention), again)
}

// settings are the account as it was last read back.
func (p accountParts) settings() []ui.Def {
	trading := ui.StatusView{Text: "enabled", Tone: ui.Good}
	if p.TradeDisabled {
		trading = ui.StatusView{Text: "disabled", Tone: ui.Warn, Icon: "ban"}
	}
	defs := []ui.Def{
		ui.DefVal("Group", ui.Code(p.Group)),
		{Term: "Trading", Body: ui.Status(trading)},
		ui.DefText("Rights", p.Rights),
		ui.DefText("Leverage", "1:"+strconv.Itoa(p.Leverage)),
		ui.DefText("Currency", p.Currency),
	}
	if text := p.lastWord(); text != "" {
		defs = append(defs, ui.DefText("Last word", text))
	}
	return defs
}

// lastWord is what the platform last said of the account, where it is news.
func (p accountParts) lastWord() string {
	if p.Code == "missing" {
		return "it no longer shows this account"
	}
	if p.State == platform.AccountOpen {
		return ""
	}
	return p.Code
}

// identity is what makes the account this one and no other.
func (p accountParts) identity() []ui.Def {
	defs := []ui.Def{
		ui.DefVal("Client", p.Name),
		ui.DefVal("Platform", ui.Code(p.Platform)), ui.DefVal("Login", ui.Code(strconv.FormatInt(p.Login, 10))),
	}
	if p.Registered != 0 {
		defs = append(defs, ui.DefText("Registered", serverTime(p.Registered)+", server's clock"))
	}
	return append(defs, ui.Def{Term: "Opened by us", Body: ui.Time(ui.TimeView{At: p.Opened, Now: p.Now})}, ui.DefVal("Tag", ui.Code(p.Tag)))
}

// dealActions are the balance operations by their number on the wire.
var dealActions = map[int]string{
	platform.PostBalance: "Balance", platform.PostCredit: "Credit", platform.PostCharge: "Charge",
	platform.PostCorrection: "Correction", platform.PostBonus: "Bonus",
}

// dealTable is what the platform booked, and whose it is.
func dealTable(deals []platform.DealView, open func(core.Ref) string, now core.Instant) ui.TableView {
	t := ui.TableView{
		Caption: "Balance operations on the platform, the newest 25", Columns: []ui.Column{
			{Title: "Deal", Primary: true, Tight: true},
			{Title: "Operation"},
			{Title: "Amount", Number: true},
			{Title: "Comment there"},
			{Title: "Booked by login"},
			{Title: "Made by"},
			{Title: "In UTC", Tight: true},
		},
		Empty: ui.EmptyView{Icon: "receipt", Title: "No balance operation", Text: "Deals that move balance or credit stand here once they are read back from the platform, whoever booked them."},
	}
	for _, d := range deals {
		action := dealActions[d.Action]
		if action == "" {
			action = "Action " + strconv.Itoa(d.Action)
		}
		row := ui.Row{ID: "d-" + strconv.FormatInt(d.Ticket, 10) + "-" + strconv.Itoa(d.Version()), Cells: []templ.Component{
			dealName(d), ui.Text(action), ui.Money(core.Money{Minor: d.Minor, Currency: d.Currency}), ui.Val(ui.Code(d.Comment)),
			ui.Val(ui.Code(strconv.FormatInt(d.Dealer, 10))), dealOwner(d, open), ui.Time(ui.TimeView{At: d.At, Now: now}),
		}}
		if d.Intervention == "" || d.Version() > 1 {
			row.Tone = ui.Warn
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// dealOwner says which operation of ours made a deal.
func dealOwner(d platform.DealView, open func(core.Ref) string) templ.Component {
	if d.Intervention == "" {
		return ui.Status(ui.StatusView{Text: "none of ours", Tone: ui.Warn})
	}
	return ui.Val(ui.Value{Text: d.Intervention.Short(), Href: open(d.Intervention), Mono: true})
}
