package payments

import (
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// DepositState is where a deposit stands with us.
type DepositState string

// The states of a deposit.
const (
	DepositPending   DepositState = "pending"   // the PSP does not have the money yet
	DepositClear     DepositState = "clear"     // to be credited by the system
	DepositHeld      DepositState = "held"      // something stands against funding
	DepositFlagged   DepositState = "flagged"   // to be credited by two persons, or not
	DepositCredited  DepositState = "credited"  // in the wallet
	DepositFailed    DepositState = "failed"    // an attempt that did not work
	DepositReview    DepositState = "review"    // the second failed attempt in a row, or a later one
	DepositUnmatched DepositState = "unmatched" // nobody we know
)

// The flags of a deposit.
const (
	FlagPayer    = "payer-differs"   // paid by somebody else than the client, as far as names tell
	FlagAttempts = "failed-attempts" // after two failed attempts of the client with this method
	FlagUndone   = "undone-at-psp"   // credited, and then the PSP said that it failed
)

// reviewAfter is how many failed attempts in a row make a review.
const reviewAfter = 2

// Deposit is money that reached, or tried to reach, one of our merchant
// accounts. Sensitive fields are empty after erasure.
type Deposit struct {
	ID          core.Ref
	Entity      core.Ref
	Client      core.Ref
	PSP         string
	Merchant    string
	Transaction string
	PSPStatus   string
	PSPCode     string
	Method      string
	Reference   string
	Payer       string
	Account     string
	LegalName   string
	Match       Match
	Minor       int64
	Currency    string
	State       DepositState
	Flag        string
	Settlement  string
	Arrived     core.Instant
	Recorded    core.Instant
	Credited    core.Instant
	CreditedBy  core.Ref
	Case        core.Ref
	Journal     core.Ref
	ErasedBy    core.Ref

	rev int64
}

// Amount is what was paid.
func (d *Deposit) Amount() core.Money { return core.Money{Minor: d.Minor, Currency: d.Currency} }

// owner is whose key protects the deposit: nobody's who is a person, while it
// is unmatched.
func (d *Deposit) owner() core.Ref {
	if d.Client != "" {
		return d.Client
	}
	return d.ID
}

// Resource is the deposit as policy sees it.
func (d *Deposit) Resource() command.Resource {
	res := command.Resource{Kind: core.KindDeposit, Ref: d.ID, Entity: d.Entity}
	if d.Client != "" {
		res.Attrs = map[string]any{"client": string(d.Client)}
	}
	return res
}

func (d *Deposit) event(t evidence.Type) evidence.Event {
	e := evidence.Event{
		Type: t, Entity: d.Entity, Case: d.Case, Subjects: []core.Ref{d.ID}, External: []string{external(d.PSP, d.Transaction)},
		Source: d.Arrived, Details: []evidence.Detail{amountDetail(d.Amount()), {Name: "transaction", Value: d.Transaction, Search: true}},
	}
	if d.Client != "" {
		e.Subjects = append(e.Subjects, d.Client)
	}
	return e
}

// judged is the state of a deposit from what the PSP says and what is known
// of client and payer. failures are the client's failed attempts in a row with
// this method, before this one.
func (d *Deposit) judged(p Phase, failures int, blocked bool) (DepositState, string) {
	switch {
	case d.Client == "":
		return DepositUnmatched, ""
	case p == PhaseFailed || p == PhaseReturned:
		if failures+1 >= reviewAfter {
			return DepositReview, FlagAttempts
		}
		return DepositFailed, ""
	case p != PhasePaid:
		return DepositPending, ""
	case d.Match != MatchFull:
		return DepositFlagged, FlagPayer
	case failures >= reviewAfter:
		return DepositFlagged, FlagAttempts
	case blocked:
		return DepositHeld, ""
	}
	return DepositClear, ""
}
