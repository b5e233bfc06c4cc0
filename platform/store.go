package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

func pub[R any](name string, f func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: f}
}

// attemptColumns are the five columns of an outside effect's state.
func attemptColumns[R any](of func(*R) *command.Attempt) []store.Column[R] {
	return []store.Column[R]{
		pub("phase", func(r *R) any { return (*string)(&of(r).Phase) }),
		pub("attempt", func(r *R) any { return &of(r).Number }),
		pub("deadline", func(r *R) any { return &of(r).Deadline }),
		pub("looks", func(r *R) any { return &of(r).Looks }),
		pub("look_at", func(r *R) any { return &of(r).LookAt }),
	}
}

var accounts = store.Declare(store.Table[Account]{
	Name: "trading_account", Kind: store.Recorded, Rev: func(a *Account) *int64 { return &a.rev },
	Columns: append([]store.Column[Account]{
		pub("id", func(a *Account) any { return &a.ID }),
		pub("entity", func(a *Account) any { return &a.Entity }),
		pub("client", func(a *Account) any { return &a.Client }),
		pub("platform", func(a *Account) any { return &a.Platform }),
		{Name: "login", Class: core.Public, Search: true, Field: func(a *Account) any { return &a.Login }},
		pub("registered", func(a *Account) any { return &a.Registered }),
		pub("account_group", func(a *Account) any { return &a.Group }),
		pub("currency", func(a *Account) any { return &a.Currency }),
		pub("leverage", func(a *Account) any { return &a.Leverage }),
		pub("live", func(a *Account) any { return &a.Live }),
		pub("trade_disabled", func(a *Account) any { return &a.TradeDisabled }),
		pub("state", func(a *Account) any { return &a.State }),
		pub("tag", func(a *Account) any { return &a.Tag }),
		pub("code", func(a *Account) any { return &a.Code }),
		pub("opened", func(a *Account) any { return &a.Opened }),
	}, attemptColumns(func(a *Account) *command.Attempt { return &a.Attempt })...),
})

var interventions = store.Declare(store.Table[Intervention]{
	Name: "intervention", Kind: store.Recorded,
	Subject: func(i *Intervention) core.Ref { return i.Client },
	Rev:     func(i *Intervention) *int64 { return &i.rev },
	Columns: append([]store.Column[Intervention]{
		pub("id", func(i *Intervention) any { return &i.ID }),
		pub("entity", func(i *Intervention) any { return &i.Entity }),
		pub("client", func(i *Intervention) any { return &i.Client }),
		pub("account", func(i *Intervention) any { return &i.Account }),
		pub("platform", func(i *Intervention) any { return &i.Platform }),
		{Name: "login", Class: core.Public, Search: true, Field: func(i *Intervention) any { return &i.Login }},
		pub("kind", func(i *Intervention) any { return (*string)(&i.Kind) }),
		pub("minor", func(i *Intervention) any { return &i.Minor }),
		pub("currency", func(i *Intervention) any { return &i.Currency }),
		pub("to_group", func(i *Intervention) any { return &i.ToGroup }),
		pub("reason", func(i *Intervention) any { return &i.Reason }),
		{Name: "words", Class: core.Personal, Search: true, Field: func(i *Intervention) any { return &i.Words }},
		pub("case_ref", func(i *Intervention) any { return &i.Case }),
		pub("requester", func(i *Intervention) any { return &i.Requester }),
		pub("approvers", func(i *Intervention) any { return &i.Approvers }),
		pub("rule", func(i *Intervention) any { return &i.Rule }),
		pub("operator", func(i *Intervention) any { return &i.Operator }),
		pub("state", func(i *Intervention) any { return &i.State }),
		{Name: "tag", Class: core.Public, Search: true, Field: func(i *Intervention) any { return &i.Tag }},
		{Name: "ticket", Class: core.Public, Search: true, Field: func(i *Intervention) any { return &i.Ticket }},
		pub("code", func(i *Intervention) any { return &i.Code }),
		pub("balance_before", func(i *Intervention) any { return &i.BalanceBefore }),
		pub("balance_after", func(i *Intervention) any { return &i.BalanceAfter }),
		pub("server_time", func(i *Intervention) any { return &i.ServerTime }),
		pub("created", func(i *Intervention) any { return &i.Created }),
		pub("matched", func(i *Intervention) any { return &i.Matched }),
	}, attemptColumns(func(i *Intervention) *command.Attempt { return &i.Attempt })...),
})

// DealRow is one deal as imported.
type DealRow struct {
	ID         string       `json:"id"` // platform/ticket
	Batch      core.Ref     `json:"batch"`
	Platform   string       `json:"platform"`
	Ticket     int64        `json:"ticket"`
	Login      int64        `json:"login"`
	Account    core.Ref     `json:"account,omitempty"`
	Action     int          `json:"action"`
	Reason     int          `json:"reason"`
	Dealer     int64        `json:"dealer"`
	ServerTime core.Instant `json:"server_time"`
	OffsetS    int          `json:"offset_s"`
	At         core.Instant `json:"at"`
	Minor      int64        `json:"-"`
	Currency   string       `json:"currency"`
	Comment    string       `json:"comment,omitempty"`
	Flags      int64        `json:"-"`
	Digest     string       `json:"-"`
}

var deals = store.Declare(store.Table[DealRow]{
	Name: "platform_deal", Kind: store.Imported,
	Columns: []store.Column[DealRow]{
		pub("id", func(d *DealRow) any { return &d.ID }),
		pub("batch", func(d *DealRow) any { return &d.Batch }),
		pub("platform", func(d *DealRow) any { return &d.Platform }),
		pub("ticket", func(d *DealRow) any { return &d.Ticket }),
		pub("login", func(d *DealRow) any { return &d.Login }),
		pub("account", func(d *DealRow) any { return &d.Account }),
		pub("action", func(d *DealRow) any { return &d.Action }),
		pub("reason", func(d *DealRow) any { return &d.Reason }),
		pub("dealer", func(d *DealRow) any { return &d.Dealer }),
		pub("server_time", func(d *DealRow) any { return &d.ServerTime }),
		pub("offset_s", func(d *DealRow) any { return &d.OffsetS }),
		pub("at", func(d *DealRow) any { return &d.At }),
		pub("minor", func(d *DealRow) any { return &d.Minor }),
		pub("currency", func(d *DealRow) any { return &d.Currency }),
		pub("comment", func(d *DealRow) any { return &d.Comment }),
		pub("flags", func(d *DealRow) any { return &d.Flags }),
		pub("digest", func(d *DealRow) any { return &d.Digest }),
	},
})

type sweepRow struct {
	Platform string
	SweptTo  core.Instant
	OffsetS  int
	At       core.Instant
	Deals    int64
	rev      int64
}

var sweeps = store.Declare(store.Table[sweepRow]{
	Name: "platform_sweep", Kind: store.Recorded, Rev: func(s *sweepRow) *int64 { return &s.rev },
	Columns: []store.Column[sweepRow]{
		pub("platform", func(s *sweepRow) any { return &s.Platform }),
		pub("swept_to", func(s *sweepRow) any { return &s.SweptTo }),
		pub("offset_s", func(s *sweepRow) any { return &s.OffsetS }),
		pub("at", func(s *sweepRow) any { return &s.At }),
		pub("deals", func(s *sweepRow) any { return &s.Deals }),
	},
})

// AccountByID reads one account; nil when there is none.
func AccountByID(ctx context.Context, r store.Reader, id core.Ref) (*Account, error) {
	return accounts.Get(ctx, r, string(id))
}

// AccountsOf reads a client's accounts, oldest first.
func AccountsOf(ctx context.Context, r store.Reader, client core.Ref) ([]Account, error) {
	return accounts.Select(ctx, r, "WHERE client = $1 ORDER BY opened, id", client)
}

// InterventionByID reads one intervention; nil when there is none.
func InterventionByID(ctx context.Context, r store.Reader, id core.Ref) (*Intervention, error) {
	return interventions.Get(ctx, r, string(id))
}

func loadAccount(ctx context.Context, r store.Reader, id core.Ref) (*Account, command.Resource, error) {
	a, err := AccountByID(ctx, r, id)
	if err != nil {
		return nil, command.Resource{}, err
	}
	if a == nil {
		return nil, command.Resource{}, command.ErrHidden
	}
	return a, a.Resource(), nil
}

func loadIntervention(ctx context.Context, r store.Reader, id core.Ref) (*Intervention, command.Resource, error) {
	i, err := InterventionByID(ctx, r, id)
	if err != nil {
		return nil, command.Resource{}, err
	}
	if i == nil {
		return nil, command.Resource{}, command.ErrHidden
	}
	return i, i.Resource(), nil
}

// nextLogin is the login after the highest one in an entity's range.
func nextLogin(ctx context.Context, r store.Reader, platform string, from int64) (int64, error) {
	var n int64
	err := r.QueryRow(ctx, "SELECT COALESCE(MAX(login), $3 - 1) + 1 FROM trading_account WHERE platform = $1 AND login >= $2 AND login < $2 + 1000000",
		platform, from, from).Scan(&n)
	return n, err
}
