package elsewhere

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Account is one person's access to one system.
type Account struct {
	ID       core.Ref     `json:"id"`
	System   core.Ref     `json:"system"`
	Entity   core.Ref     `json:"entity,omitempty"`
	Holder   core.Ref     `json:"holder"`
	Login    string       `json:"login"`  // personal
	Rights   string       `json:"rights"` // personal
	Since    core.Instant `json:"since"`
	Ticket   string       `json:"ticket,omitempty"`
	GivenBy  core.Ref     `json:"given_by"`
	Closed   core.Instant `json:"closed,omitempty"`
	ClosedBy core.Ref     `json:"closed_by,omitempty"`
	Proof    string       `json:"proof,omitempty"`        // personal
	ProofSum string       `json:"proof_sha256,omitempty"` // of the document that shows it

	rev int64
}

// Resource is the account as policy sees it.
func (a *Account) Resource() command.Resource {
	return command.Resource{Kind: KindAccount, Ref: a.ID, Entity: a.Entity, Attrs: map[string]any{"holder": string(a.Holder)}, About: []core.Ref{a.Holder}}
}

// Grace is how long after its holder left an open account is no finding yet.
const Grace = 24 * time.Hour

// Due is from when an account has to be closed: the moment at which its holder
// left. Zero while they work here, and once it is closed.
func (a *Account) Due(p Person) core.Instant {
	if a.Closed != 0 || p.Active {
		return 0
	}
	return p.Left
}

// Overdue reports whether an account should have been closed a day ago.
func (a *Account) Overdue(p Person, now core.Instant) bool {
	due := a.Due(p)
	return due != 0 && now.Sub(due) > Grace
}

var accounts = store.Declare(store.Table[Account]{
	Name: "elsewhere_account", Kind: store.Recorded,
	Subject: func(a *Account) core.Ref { return a.Holder },
	Rev:     func(a *Account) *int64 { return &a.rev },
	Columns: []store.Column[Account]{
		public("id", func(a *Account) any { return &a.ID }),
		public("system", func(a *Account) any { return &a.System }),
		public("entity", func(a *Account) any { return &a.Entity }),
		public("holder", func(a *Account) any { return &a.Holder }),
		personal("login", func(a *Account) any { return &a.Login }),
		personal("rights", func(a *Account) any { return &a.Rights }),
		public("since", func(a *Account) any { return &a.Since }),
		public("ticket", func(a *Account) any { return &a.Ticket }),
		public("given_by", func(a *Account) any { return &a.GivenBy }),
		public("closed", func(a *Account) any { return &a.Closed }),
		public("closed_by", func(a *Account) any { return &a.ClosedBy }),
		personal("proof", func(a *Account) any { return &a.Proof }),
		public("proof_sha256", func(a *Account) any { return &a.ProofSum }),
	},
})

// AccountByID reads one account; nil when there is none.
func AccountByID(ctx context.Context, r store.Reader, id core.Ref) (*Account, error) {
	return accounts.Get(ctx, r, string(id))
}

// All reads every account, oldest first: they are as many as people have, or
// had, logins.
func All(ctx context.Context, r store.Reader) ([]Account, error) {
	return accounts.Select(ctx, r, "ORDER BY since, id LIMIT 20000")
}

// accountFacts are an account with its system and its holder.
type accountFacts struct {
	account *Account
	system  *System
	holder  Person
}

func loadAccount(ctx context.Context, r store.Reader, people People, id core.Ref) (f accountFacts, res command.Resource, err error) {
	if f.account, err = AccountByID(ctx, r, id); err == nil && f.account == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	if f.holder, err = people.Person(ctx, r, f.account.Holder); err != nil {
		return f, res, err
	}
	f.system, err = SystemByID(ctx, r, f.account.System)
	return f, f.account.Resource(), err
}
