// Package psptest is the contract of payments.PSP as a test: the promises that
// the payment desk's safety rests on, tried against an adapter and the PSP (or
// sandbox) behind it over thousands of seeded random fault sequences.
//
// The promises, for one operation and its reference:
//
//   - one Submit puts at most one request on the wire;
//   - the PSP books at most one payout, however often it is asked;
//   - Applied means booked, exactly as asked; the error is nil exactly then;
//   - Rejected, and nothing else, means never booked;
//   - Uncertain is resolved by Find once the PSP has settled;
//   - List shows every payment once, oldest first, or is an error;
//   - a webhook is believed only when it is signed, unaltered and fresh.
package psptest

import (
	"time"

	"vouchsafe/core"
	"vouchsafe/payments"
)

// Rig is an adapter, the PSP behind it and what only a test may know.
type Rig struct {
	PSP  payments.PSP
	Wall core.Clock // that Op.Deadline is measured against
	// Merchant account, a destination that is paid and one that the PSP refuses
	// at once.
	Merchant, Good, Refused string
	// Faults that the PSP can be made to commit.
	Faults []Fault
	// Inject makes the next payout request meet the fault.
	Inject func(name string)
	// Calm takes back every fault that has not struck: on a busy machine a
	// request may not have left before its deadline.
	Calm func()
	// Settle lets the PSP's time pass until every request that it has received
	// is booked or never will be.
	Settle func()
	// Booked is the oracle: every payout truly booked with a reference.
	Booked func(reference string) []payments.PSPObject
	// Received is how many payout requests with a reference reached the PSP.
	Received func(reference string) int
	// Sign renders a webhook delivery as the PSP or a stranger would.
	Sign func(Delivery) (header map[string]string, body []byte)
}

// Fault is a way in which the PSP can fail.
type Fault struct {
	Name string
	// Patience is the deadline to give a request that meets it; zero means that
	// the fault ends by itself and the usual deadline will do.
	Patience time.Duration
}

// Signer is whose secret signs a webhook.
type Signer int

// The signers. The adapter under test is configured with Current and Next.
const (
	Current Signer = iota
	Next
	Stranger
)

// Delivery is one webhook to sign.
type Delivery struct {
	EventID, Kind, ObjectID string
	At                      core.Instant // of the delivery, whole seconds
	Signers                 []Signer     // one signature each, in this order
}
