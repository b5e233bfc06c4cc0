package ledger

import (
	"vouchsafe/core"
	"vouchsafe/store"
)

// Kind says what an account is for.
type Kind string

// The kinds of accounts.
const (
	ClientWallet         Kind = "client_wallet"
	PlatformClearing     Kind = "platform_clearing"
	PSPClearing          Kind = "psp_clearing"
	Bank                 Kind = "bank"
	Fees                 Kind = "fees"
	FXDifference         Kind = "fx_difference"
	ChargebackReceivable Kind = "chargeback_receivable"
	PartnerWallet        Kind = "partner_wallet"
	PartnerPayable       Kind = "partner_payable"
)

// wallet reports whether accounts of kind k keep a running balance.
func (k Kind) wallet() bool { return k == ClientWallet || k == PartnerWallet }

// Account is one account. Posted and Held are kept for wallets only.
type Account struct {
	ID       core.Ref
	Entity   core.Ref
	Kind     Kind
	Owner    string // a client's or partner's ref, a PSP merchant account, a platform
	Currency string
	Exponent int // minor-unit digits of Currency, so that a balance carries its precision
	Negative bool
	Posted   int64
	Held     int64
	rev      int64
}

// Available is what can be held or paid: posted minus held, in minor units.
func (a *Account) Available() int64 { return a.Posted - a.Held }

var accounts = store.Declare(store.Table[Account]{
	Name: "ledger_account", Kind: store.Recorded, Rev: func(a *Account) *int64 { return &a.rev },
	Columns: []store.Column[Account]{
		{Name: "id", Class: core.Public, Field: func(a *Account) any { return &a.ID }},
		{Name: "entity", Class: core.Public, Field: func(a *Account) any { return &a.Entity }},
		{Name: "kind", Class: core.Public, Field: func(a *Account) any { return (*string)(&a.Kind) }},
		{Name: "owner", Class: core.Public, Field: func(a *Account) any { return &a.Owner }},
		{Name: "currency", Class: core.Public, Field: func(a *Account) any { return &a.Currency }},
		{Name: "exponent", Class: core.Public, Field: func(a *Account) any { return &a.Exponent }},
		{Name: "negative", Class: core.Public, Field: func(a *Account) any { return &a.Negative }},
		{Name: "posted", Class: core.Public, Field: func(a *Account) any { return &a.Posted }},
		{Name: "held", Class: core.Public, Field: func(a *Account) any { return &a.Held }},
	},
})

// Journal is one posting.
type Journal struct {
	ID       core.Ref     `json:"id"`
	Entity   core.Ref     `json:"entity"`
	Kind     string       `json:"kind"`               // what happened: deposit, withdrawal, transfer, fee, correction
	Subject  core.Ref     `json:"subject"`            // the record behind it
	Reverses core.Ref     `json:"reverses,omitempty"` // the journal that this one reverses
	At       core.Instant `json:"at"`
	rev      int64
}

var journals = store.Declare(store.Table[Journal]{
	Name: "ledger_journal", Kind: store.Recorded, Rev: func(j *Journal) *int64 { return &j.rev },
	Columns: []store.Column[Journal]{
		{Name: "id", Class: core.Public, Field: func(j *Journal) any { return &j.ID }},
		{Name: "entity", Class: core.Public, Field: func(j *Journal) any { return &j.Entity }},
		{Name: "kind", Class: core.Public, Field: func(j *Journal) any { return &j.Kind }},
		{Name: "subject", Class: core.Public, Field: func(j *Journal) any { return &j.Subject }},
		{Name: "reverses", Class: core.Public, Field: func(j *Journal) any { return &j.Reverses }},
		{Name: "at", Class: core.Public, Field: func(j *Journal) any { return &j.At }},
	},
})

// Entry is one line of a journal.
type Entry struct {
	ID       string
	Journal  core.Ref
	Account  core.Ref
	Currency string
	Minor    int64
	rev      int64
}

var entries = store.Declare(store.Table[Entry]{
	Name: "ledger_entry", Kind: store.Recorded, Rev: func(e *Entry) *int64 { return &e.rev },
	Columns: []store.Column[Entry]{
		{Name: "id", Class: core.Public, Field: func(e *Entry) any { return &e.ID }},
		{Name: "journal", Class: core.Public, Field: func(e *Entry) any { return &e.Journal }},
		{Name: "account", Class: core.Public, Field: func(e *Entry) any { return &e.Account }},
		{Name: "currency", Class: core.Public, Field: func(e *Entry) any { return &e.Currency }},
		{Name: "minor", Class: core.Public, Field: func(e *Entry) any { return &e.Minor }},
	},
})

// Hold is money set aside for one record.
type Hold struct {
	ID      core.Ref
	Account core.Ref
	Minor   int64
	State   string
	At      core.Instant
	rev     int64
}

var holds = store.Declare(store.Table[Hold]{
	Name: "ledger_hold", Kind: store.Recorded, Rev: func(h *Hold) *int64 { return &h.rev },
	Columns: []store.Column[Hold]{
		{Name: "id", Class: core.Public, Field: func(h *Hold) any { return &h.ID }},
		{Name: "account", Class: core.Public, Field: func(h *Hold) any { return &h.Account }},
		{Name: "minor", Class: core.Public, Field: func(h *Hold) any { return &h.Minor }},
		{Name: "state", Class: core.Public, Field: func(h *Hold) any { return &h.State }},
		{Name: "at", Class: core.Public, Field: func(h *Hold) any { return &h.At }},
	},
})
