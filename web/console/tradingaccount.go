package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

func accountPath(id core.Ref) string { return "/accounts/" + string(id) }

// accountState is the state of a trading account in words.
func accountState(a platform.Account) ui.StatusView {
	switch {
	case a.State == platform.AccountFailed:
		return ui.StatusView{Text: "not opened", Tone: ui.Bad}
	case a.State == platform.AccountOpening && a.Attempt.Phase == command.PhasePerson:
		return ui.StatusView{Text: "in doubt, a person must look", Tone: ui.Bad}
	case a.State == platform.AccountOpening && a.Attempt.Phase == command.PhaseUncertain:
		return ui.StatusView{Text: "in doubt, being looked up", Tone: ui.Warn}
	case a.State == platform.AccountOpening:
		return ui.StatusView{Text: "being opened", Tone: ui.Note, Icon: "clock"}
	case a.TradeDisabled:
		return ui.StatusView{Text: "open, trading disabled", Tone: ui.Warn, Icon: "ban"}
	}
	return ui.StatusView{Text: "open", Tone: ui.Good}
}

// clientNames tells the names of clients with the way to their pages. Where
// the reader may not see a name, the reference says more than its mask.
func (s *Server) clientNames(r *http.Request, refs ...core.Ref) func(core.Ref) ui.Value {
	known := map[core.Ref]clients.Field{}
	if len(refs) > 0 && s.may(r, "clients.client.list", core.KindClient) {
		a, _ := s.actor(r)
		var err error
		if known, err = command.Ask(r.Context(), s.Road, a, clients.ClientNames{}, clients.NameClients{Clients: refs}); err != nil {
			s.report(err)
		}
	}
	return func(ref core.Ref) ui.Value {
		if f := known[ref]; f.Text != "" && !f.Masked {
			return ui.Value{Text: f.Text, Href: hrefOf(ref)}
		}
		return ui.Value{Text: ref.Short(), Href: hrefOf(ref), Mono: true}
	}
}

// accountFilter is what the list's address says.
type accountFilter struct {
	State string `json:"state"`
	Group string `json:"group"`
	Login int64  `json:"login"`
	For   string `json:"for"` // "intervention": rows lead to its request
}

// accountsParts is the list of trading accounts.
type accountsParts struct {
	accountFilter
	Written string // the login as written
	Bar     ui.QueryBarView
	Filters ui.FiltersView
	Table   ui.TableView
	Sweeps  []platform.SweepView
	Fault   *core.Fault
	Now     core.Instant
}

// choosing reports whether the list is there to choose an account from.
func (p accountsParts) choosing() bool { return p.For == "intervention" }

// tradingAccounts lists the trading accounts that one may see.
func (s *Server) tradingAccounts(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := accountsParts{Written: q.Get("login"), Now: s.Road.Clock.Now(), Filters: ui.FiltersView{Action: "/accounts"}}
	head := ui.HeadView{Title: "Trading accounts", Sub: []ui.MetaView{{Text: "Accounts on the trading platforms, as they were last read back"}}}
	if err := decodeValues(q, &p.accountFilter); err != nil {
		p.Fault = core.AsFault(err)
		visitOf(r).status = statusOf(p.Fault.Kind)
		return s.render(w, r, s.page(r, head), accountsBody(p))
	}
	a, _ := s.actor(r)
	in := platform.ListAccounts{State: p.State, Group: p.Group, Login: p.Login, Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, platform.AccountList{}, in)
	if err != nil {
		return err
	}
	keep := url.Values{"group": {p.Group}, "login": {p.Written}, "for": {p.For}}
	for _, x := range []struct{ state, text string }{{"", "All"}, {platform.AccountOpen, "Open"}, {platform.AccountOpening, "Being opened"}, {platform.AccountFailed, "Not opened"}} {
		p.Bar.Segments = append(p.Bar.Segments, ui.ChipView{Text: x.text, On: x.state == p.State, Href: listPath("/accounts", keep, "state", x.state)})
	}
	p.Filters.Hidden = []ui.HiddenView{{Name: "state", Value: p.State}, {Name: "for", Value: p.For}}
	if p.Group != "" || p.Login != 0 {
		p.Filters.Clear = listPath("/accounts", url.Values{"for": {p.For}}, "state", p.State)
	}
	keep.Set("state", p.State)
	p.Table = s.accountTable(r, found.Rows)
	if p.choosing() {
		for i := range p.Table.Rows {
			p.Table.Rows[i].Href += "/intervene"
		}
	}
	p.Table.Pager = pagerOf("/accounts", keep, in.Page.After, found.Next)
	p.Sweeps = s.sweeps(r)
	return s.render(w, r, s.page(r, head), accountsBody(p))
}

// accountTable is a list of trading accounts.
func (s *Server) accountTable(r *http.Request, rows []platform.Account) ui.TableView {
	refs := make([]core.Ref, len(rows))
	for i, a := range rows {
		refs[i] = a.Client
	}
	name, entity, now := s.clientNames(r, refs...), s.entityName(r), s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Trading accounts, newest first", Columns: []ui.Column{
			{Title: "Login", Primary: true, Tight: true},
			{Title: "Client"},
			{Title: "Group"},
			{Title: "Currency"},
			{Title: "Leverage", Number: true},
			{Title: "State"},
			{Title: "Entity"},
			{Title: "Opened"},
		},
		Empty: ui.EmptyView{Icon: "chart-candlestick", Title: "No trading account matches", Text: "Accounts are opened from a client's page, once identity is approved. You see those of the entities in which you hold a role."},
	}
	for _, a := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Href: accountPath(a.ID), Cells: []templ.Component{
			ui.Val(ui.Code(loginText(a.Platform, a.Login))), ui.Val(name(a.Client)), ui.Val(ui.Code(a.Group)), ui.Text(a.Currency),
			ui.Text("1:" + strconv.Itoa(a.Leverage)), ui.Status(accountState(a)), ui.Text(entity(a.Entity)), dayCell(a.Opened, now),
		}})
	}
	return t
}

// clientPlatform is a client's trading accounts and what was done on them.
func (s *Server) clientPlatform(w http.ResponseWriter, r *http.Request) error {
	v, err := s.clientOf(r, false)
	if err != nil {
		return err
	}
	a, _ := s.actor(r)
	found, err := command.Ask(r.Context(), s.Road, a, platform.AccountList{}, platform.ListAccounts{Client: v.ID, Page: core.PageRequest{Limit: core.MaxPage}})
	if err != nil {
		return err
	}
	p := clientPlatformParts{Accounts: s.accountTable(r, found.Rows), Now: s.Road.Clock.Now()}
	p.Accounts.Caption = "Trading accounts"
	p.Accounts.Empty = ui.EmptyView{Icon: "chart-candlestick", Title: "No trading account", Text: "A live account can be opened once the client's identity is approved and nothing else stands against trading."}
	if s.may(r, "platform.intervention.list", core.KindIntervention) {
		done, err := command.Ask(r.Context(), s.Road, a, platform.InterventionList{}, platform.ListInterventions{Client: v.ID, Page: core.PageRequest{Limit: core.MaxPage}})
		if err != nil {
			return err
		}
		t := s.interventionTable(r, done.Rows, p.Now)
		t.Caption, p.Interventions = "Interventions and transfers", &t
		t.Empty.Text = "Nothing was done by hand on this client's accounts."
	}
	head := clientHead(v, "/platform")
	if s.may(r, "platform.account.open", core.KindAccount) {
		head.Actions = []ui.ButtonView{{Text: "Open a trading account", Icon: "plus", Look: ui.Primary, Href: clientPath(v.ID) + "/accounts/new"}}
	}
	return s.render(w, r, s.page(r, head), clientPlatformBody(p))
}

// clientPlatformParts is the Platform tab of a client.
type clientPlatformParts struct {
	Accounts      ui.TableView
	Interventions *ui.TableView // nil when the reader may list none
	Now           core.Instant
}
