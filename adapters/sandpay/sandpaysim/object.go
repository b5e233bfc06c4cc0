package sandpaysim

import (
	"time"

	"vouchsafe/core"
)

// The kinds of objects.
const (
	KindPayout  = "payout"
	KindDeposit = "deposit"
)

// The literal statuses of objects.
const (
	StatusPending   = "pending"
	StatusOnHold    = "on_hold"   // payouts only
	StatusPaid      = "paid"      // payouts only
	StatusReturned  = "returned"  // payouts only
	StatusSucceeded = "succeeded" // deposits only
	StatusFailed    = "failed"
)

// The origins of objects. The API never shows them: a client has to find out
// by itself that a payout was made past it.
const (
	OriginAPI       = "api"
	OriginDashboard = "dashboard"
	OriginPayer     = "payer" // deposits
)

// Object is a payout or deposit as SandPay has it on its books. Instants are
// microseconds since 1970 UTC, as in core.
type Object struct {
	ID        string       `json:"id"`
	Kind      string       `json:"kind"`
	Origin    string       `json:"origin"`
	Reference string       `json:"reference"`
	Status    string       `json:"status"`
	Amount    int64        `json:"amount"` // minor units
	Currency  string       `json:"currency"`
	Merchant  string       `json:"merchant"`
	Account   string       `json:"account"` // payee's or payer's
	Holder    string       `json:"holder"`
	Bank      string       `json:"bank,omitempty"`
	Method    string       `json:"method,omitempty"` // deposits: "card" or "bank"
	Failure   string       `json:"failure,omitempty"`
	Created   core.Instant `json:"created"`
	Updated   core.Instant `json:"updated"`
	Plan      []Move       `json:"plan,omitempty"` // what Step will do to it
}

// Move is a planned change of an object's status.
type Move struct {
	At      core.Instant `json:"at"`
	Status  string       `json:"status"`
	Failure string       `json:"failure,omitempty"`
}

// Money is the object's amount.
func (o Object) Money() core.Money { return core.Money{Minor: o.Amount, Currency: o.Currency} }

// fate is what a payout's destination has in store.
type fate struct {
	refusal string // PSP code; nothing is booked
	held    bool
	moves   []Move // At is filled in when the payout is booked
}

// fates are the magic destinations, by the last four characters.
var fates = map[string]fate{
	"9001": {refusal: "account_closed"},
	"9002": {refusal: "insufficient_funds"},
	"9003": {held: true},
	"9004": {moves: []Move{{Status: StatusFailed, Failure: "bank_declined"}}},
	"9005": {moves: []Move{{Status: StatusPaid}, {Status: StatusReturned, Failure: "unknown_account"}}},
}

func fateOf(account string) fate {
	if n := len(account); n >= 4 {
		if f, magic := fates[account[n-4:]]; magic {
			return f
		}
	}
	return fate{moves: []Move{{Status: StatusPaid}}}
}

// planned spaces moves out from start, one delay apart.
func planned(moves []Move, start core.Instant, delay time.Duration) []Move {
	plan := make([]Move, len(moves))
	for i, m := range moves {
		m.At = start.Add(time.Duration(i+1) * delay)
		plan[i] = m
	}
	return plan
}
