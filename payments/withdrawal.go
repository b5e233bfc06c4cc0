package payments

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Decision is what the firm decided.
type Decision string

// The decisions about a withdrawal.
const (
	Requested Decision = "requested"
	Cleared   Decision = "cleared" // nothing stood against it when it was cleared
	Held      Decision = "held"    // something stood against it, or the names differ
	Approved  Decision = "approved"
	Refused   Decision = "refused"
)

// Execution is what the PSP did.
type Execution string

// The executions of a withdrawal.
const (
	ExecNone      Execution = "none"
	ExecReady     Execution = "ready"
	ExecSending   Execution = "sending"
	ExecSubmitted Execution = "submitted"
	ExecUncertain Execution = "uncertain"
	ExecPaid      Execution = "paid"
	ExecFailed    Execution = "failed"
	ExecReturned  Execution = "returned"
	ExecPerson    Execution = "person" // machines know no further
)

// The settlements of a movement.
const (
	Unsettled = "none"
	Matched   = "matched"
)

// The exceptions of a withdrawal.
const (
	ExceptRejected  = "psp-rejected"       // the PSP refused it; nothing was booked
	ExceptFailed    = "psp-failed"         // the PSP booked it and could not pay it
	ExceptReturned  = "returned"           // it was paid and came back
	ExceptDiffers   = "differs"            // the PSP shows another amount, destination or reference
	ExceptNoTrace   = "no-trace"           // looked up in vain; a person decides by evidence
	ExceptNotPaid   = "not-paid"           // a person found that nothing was paid
	ExceptLatePayer = "paid-after-failure" // the PSP paid what it had called failed
)

// Withdrawal is a client's request for money, from the request to the PSP's
// statement. Sensitive fields are empty after erasure.
type Withdrawal struct {
	ID         core.Ref
	Entity     core.Ref
	Client     core.Ref
	BankDetail core.Ref
	// Holder, Account and Bank are the destination, frozen when asked for.
	Holder, Account, Bank string
	Minor                 int64
	Currency              string
	Decision              Decision
	Execution             Execution
	Settlement            string
	Exception             string
	Requested             core.Instant
	RequestedBy           core.Ref
	LegalName             string
	Match                 Match
	Risk                  string
	Blocks                string // codes, space separated
	Cleared               core.Instant
	ClearedBy             core.Ref
	Decided               core.Instant
	Rule                  string
	Reason                string // code
	Words                 string // the releaser's or refuser's own
	Case                  core.Ref
	Releaser              core.Ref // who asked for the release: the operator
	Approver              core.Ref
	PSP                   string
	Merchant              string
	Tag                   string
	Attempt               command.Attempt
	Transaction           string // the PSP's id
	PSPStatus             string
	PSPCode               string
	Submitted             core.Instant
	Paid                  core.Instant
	Journal               core.Ref
	Reversal              core.Ref
	ErasedBy              core.Ref

	rev int64
}

// Amount is what was asked for.
func (w *Withdrawal) Amount() core.Money { return core.Money{Minor: w.Minor, Currency: w.Currency} }

// Resource is the withdrawal as policy sees it.
func (w *Withdrawal) Resource() command.Resource {
	return command.Resource{Kind: core.KindWithdrawal, Ref: w.ID, Entity: w.Entity, Attrs: map[string]any{"client": string(w.Client)}}
}

// Mismatched reports whether a release would set a name mismatch aside.
func (w *Withdrawal) Mismatched() bool { return w.Match.override() }

// Final reports whether the PSP has nothing more to do with it, unless money
// comes back.
func (w *Withdrawal) Final() bool {
	switch w.Execution {
	case ExecPaid, ExecFailed, ExecReturned, ExecPerson:
		return true
	}
	return false
}

// held reports whether money is still set aside for it.
func (w *Withdrawal) held() bool {
	if w.Decision == Refused {
		return false
	}
	switch w.Execution {
	case ExecPaid, ExecFailed, ExecReturned:
		return false
	}
	return w.Exception != ExceptLatePayer // it was set free when the PSP said failed
}

// tried stores the attempt and what it means for the execution.
func (w *Withdrawal) tried(a command.Attempt) {
	w.Attempt = a
	switch a.Phase {
	case command.PhaseReady:
		w.Execution = ExecReady
	case command.PhaseSending:
		w.Execution = ExecSending
	case command.PhaseUncertain:
		w.Execution = ExecUncertain
	case command.PhasePerson:
		w.Execution, w.Exception = ExecPerson, ExceptNoTrace
	case command.PhaseApplied:
		w.Execution, w.Exception = ExecSubmitted, ""
	case command.PhaseRejected:
		w.Execution = ExecFailed
	}
}

// op names the attempt for the PSP's adapter.
func (w *Withdrawal) op() command.Op {
	return command.Op{
		ID: w.ID, Attempt: w.Attempt.Number, Tag: w.Tag, Case: w.Case, Maker: w.RequestedBy, Approver: w.Approver,
		Operator: w.Releaser, Reason: w.Reason, Deadline: w.Attempt.Deadline,
	}
}

// payout is what was approved, to the last digit.
func (w *Withdrawal) payout() Payout {
	return Payout{Amount: w.Amount(), Account: w.Account, Holder: w.Holder, Bank: w.Bank, Merchant: w.Merchant}
}

// external is the payout's name in evidence and findings.
func (w *Withdrawal) external() string { return external(w.PSP, w.Transaction) }

// external joins them in the letters that a job's arguments may hold: no id
// that a PSP makes up keeps a finding from being raised.
func external(psp, transaction string) string {
	clean := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.:=,/", r) {
			return r
		}
		return '.'
	}
	return strings.Map(clean, psp+":"+transaction)
}

// event begins an event about w: people find it by amount, client and the
// PSP's transaction id.
func (w *Withdrawal) event(t evidence.Type) evidence.Event {
	e := evidence.Event{
		Type: t, Entity: w.Entity, Subjects: []core.Ref{w.ID, w.Client}, Case: w.Case,
		Details: []evidence.Detail{amountDetail(w.Amount())},
	}
	if w.Transaction != "" {
		e.External = []string{w.external()}
		e.Details = append(e.Details, evidence.Detail{Name: "transaction", Value: w.Transaction, Search: true})
	}
	return e
}

func amountDetail(m core.Money) evidence.Detail {
	return evidence.Detail{Name: "amount", Value: m.String(), Search: true}
}
