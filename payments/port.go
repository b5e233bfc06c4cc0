package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
)

// PSP is a payment service provider as this firm uses it: we decide, it
// executes. Submit sends at most one request on the wire; a lost answer is
// Uncertain and is resolved by Find, never by sending again.
type PSP interface {
	Name() string // stable id in configuration, for example "sandpay"
	// Submit asks for a payout. The error is nil exactly when Applied.
	Submit(ctx context.Context, op command.Op, p Payout) (PSPObject, command.Certainty, error)
	// Find looks a payout up by our reference (op.Tag). The second result is
	// false when the PSP knows none; absence once proves nothing.
	Find(ctx context.Context, op command.Op) (PSPObject, bool, error)
	// Status reads one object by the PSP's id: a webhook is a hint, this is
	// the truth.
	Status(ctx context.Context, id string) (PSPObject, error)
	// List reads every payout and deposit that the PSP holds in a window, ours
	// or not, oldest first.
	List(ctx context.Context, from, to core.Instant) ([]PSPObject, error)
	// Webhook checks the signature over the raw body and its age against now,
	// and returns the hint. A forged, stale or unreadable one is an error.
	Webhook(header map[string]string, body []byte, now core.Instant) (Hint, error)
}

// Payout is what was approved, to the last digit.
type Payout struct {
	Amount core.Money
	// Destination of the money: account number or IBAN, and its holder.
	Account, Holder, Bank string
	Merchant              string // merchant account at the PSP, per entity
}

// PSPObject is a payout or deposit as the PSP shows it.
type PSPObject struct {
	ID        string // the PSP's transaction id
	Kind      string // "payout" or "deposit"
	Reference string // our tag; empty when the object was not made by us
	Status    string // literal status of the PSP
	Phase     Phase
	Amount    core.Money
	Method    string // how a deposit was paid: card, bank; empty for payouts
	Holder    string // payer or payee name as the PSP knows it
	Account   string
	Merchant  string
	Created   core.Instant
	Updated   core.Instant
	Failure   string   // the PSP's reason code, verbatim
	Raw       [32]byte // SHA-256 of the answer's bytes
}

// Phase is a PSP's literal status reduced to what we act on.
type Phase string

// The phases of a PSP object.
const (
	PhasePending  Phase = "pending"
	PhaseHeld     Phase = "held"
	PhasePaid     Phase = "paid"
	PhaseFailed   Phase = "failed"
	PhaseReturned Phase = "returned"
)

// Hint is a verified webhook: something about this object may have changed.
type Hint struct {
	EventID string // the PSP's event id; the same id twice is one hint
	Kind    string
	ID      string
}
