package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewAccount asks for one trading account.
type ViewAccount struct {
	Account core.Ref `json:"account"`
	Deal    int64    `json:"deal,omitempty"` // show this deal only, in every version
}

// Action is platform.account.view.
func (ViewAccount) Action() command.Action { return "platform.account.view" }

// Subject is the account.
func (v ViewAccount) Subject() core.Ref { return v.Account }

// newest is how many interventions and deals an account's page shows.
const newest = 25

// AccountView is a trading account with what was done on it.
type AccountView struct {
	Account
	Rights        string             `json:"rights"` // in words
	Interventions []InterventionView `json:"interventions"`
	Deals         []DealView         `json:"deals"`        // balance operations, newest first
	Groups        []string           `json:"groups"`       // to which the account can be moved, as far as its own group tells
	Requests      []Kind             `json:"requests"`     // interventions that policy would let the reader ask for
	MayTransfer   bool               `json:"may_transfer"` // policy would let the reader move money from the wallet
	Resolve       Button             `json:"resolve"`      // of an opening whose outcome the look-ups could not tell
}

// DealView is a balance operation beside whose it is.
type DealView struct {
	DealRow
	Intervention core.Ref `json:"intervention,omitempty"` // empty when none of ours made it
}

// AccountPage answers ViewAccount.
type AccountPage struct{}

// Target is the account.
func (AccountPage) Target(ctx context.Context, r store.Reader, in ViewAccount) (command.Resource, error) {
	_, res, err := loadAccount(ctx, r, in.Account)
	return res, err
}

// Read shows it.
func (AccountPage) Read(ctx context.Context, r store.Reader, in ViewAccount, see *command.Sight) (AccountView, error) {
	a, _, err := loadAccount(ctx, r, in.Account)
	if err != nil {
		return AccountView{}, err
	}
	v := AccountView{Account: *a, Rights: rightsText(a.settings().Rights)}
	for _, k := range Kinds {
		if see.Allowed("platform.intervention.request", a.intervening(k)) {
			v.Requests = append(v.Requests, k)
		}
	}
	v.MayTransfer = see.Allowed("platform.transfer.request", a.Resource())
	v.Resolve = Button{
		Offered: a.Attempt.Phase == command.PhasePerson,
		Allowed: see.Allowed("platform.intervention.resolve", a.intervening("account_opening")),
	}
	v.Groups = groupsBeside(a.Group)
	mine, err := interventions.Select(ctx, r, "WHERE account = $1 ORDER BY created DESC, id DESC LIMIT $2", a.ID, newest)
	if err != nil {
		return v, err
	}
	for k := range mine {
		if see.Allowed("platform.intervention.view", mine[k].Resource()) {
			v.Interventions = append(v.Interventions, viewIntervention(&mine[k], see))
		}
	}
	v.Deals, err = moneyDeals(ctx, r, a, in.Deal)
	see.Counted(1)
	return v, err
}

// moneyDeals reads the newest balance operations of an account with their
// interventions, or one deal when its ticket is given. A deal that was edited
// or removed stands there in each version.
func moneyDeals(ctx context.Context, r store.Reader, a *Account, ticket int64) ([]DealView, error) {
	where := store.And(store.Compare("action", ">=", PostBalance), store.Compare("action", "<=", PostBonus))
	if ticket != 0 {
		where = store.Eq("ticket", ticket)
	}
	rows, err := deals.Filter(ctx, r, "WHERE account = $1 AND {where} ORDER BY server_time DESC, ticket DESC, id DESC LIMIT $2", where, a.ID, newest)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	tickets := make([]int64, len(rows))
	for k := range rows {
		tickets[k] = rows[k].Ticket
	}
	whose := map[int64]core.Ref{}
	ours, err := interventions.Filter(ctx, r, "WHERE account = $1 AND {where}", store.In("ticket", tickets), a.ID)
	for k := range ours {
		whose[ours[k].Ticket] = ours[k].ID
	}
	out := make([]DealView, len(rows))
	for k := range rows {
		out[k] = DealView{rows[k], whose[rows[k].Ticket]}
	}
	return out, err
}

// ViewOpening asks what the form of a new account needs to know. Who may list
// accounts may ask; it answers those who may open one for the client.
type ViewOpening struct {
	Client core.Ref `json:"client"`
}

// Action is platform.account.list.
func (ViewOpening) Action() command.Action { return "platform.account.list" }

// Subject is the client.
func (v ViewOpening) Subject() core.Ref { return v.Client }

// OpeningView is what an account of the client may be like, and what stands in
// its way.
type OpeningView struct {
	Platform    string
	Groups      []string
	MaxLeverage int
	Currency    string // of the entity, for a start
	Refusals    []command.Refusal
}

// OpeningForm answers ViewOpening.
type OpeningForm struct{ Deps Deps }

// Target is whoever lists accounts.
func (OpeningForm) Target(context.Context, store.Reader, ViewOpening) (command.Resource, error) {
	return command.Resource{Kind: core.KindAccount}, nil
}

// Read reads the entity's rules and the client's blocks.
func (q OpeningForm) Read(ctx context.Context, r store.Reader, in ViewOpening, see *command.Sight) (OpeningView, error) {
	entity, _, err := q.Deps.Clients.Basics(ctx, r, in.Client)
	if err != nil {
		return OpeningView{}, err
	}
	res := command.Resource{Kind: core.KindAccount, Entity: entity, Attrs: map[string]any{"client": string(in.Client)}}
	if entity == "" || !see.Allowed("platform.account.open", res) {
		return OpeningView{}, command.ErrHidden
	}
	v := OpeningView{Platform: q.Deps.ByEntity[entity]}
	p, err := profile(ctx, r, q.Deps.Entities, entity)
	if err != nil {
		return v, err
	}
	v.Groups, v.MaxLeverage = p.Groups, p.MaxLeverage
	if _, v.Currency, err = q.Deps.Entities.Profile(ctx, r, entity); err != nil {
		return v, err
	}
	v.Refusals, err = q.Deps.Clearance.Refusals(ctx, r, in.Client, "live_trading", q.Deps.Clock.Now())
	return v, err
}
