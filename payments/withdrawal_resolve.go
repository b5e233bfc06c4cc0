package payments

import (
	"context"
	"fmt"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ResolveWithdrawal settles, by evidence from outside, what became of a payout
// that machines could not follow. It takes two persons.
type ResolveWithdrawal struct {
	Withdrawal  core.Ref  `json:"withdrawal"`
	Execution   Execution `json:"execution"` // submitted, paid or failed
	Transaction string    `json:"transaction,omitempty"`
	Words       string    `json:"words"`
}

// Action is payments.withdrawal.resolve.
func (ResolveWithdrawal) Action() command.Action { return "payments.withdrawal.resolve" }

// Subject is the withdrawal.
func (q ResolveWithdrawal) Subject() core.Ref { return q.Withdrawal }

// Validate asks for the evidence in words, and the PSP's id for what it made.
func (q ResolveWithdrawal) Validate() error {
	switch q.Execution {
	case ExecSubmitted, ExecPaid:
		if strings.TrimSpace(q.Transaction) == "" {
			return core.InvalidField("transaction", "Give the payment provider's transaction id.")
		}
	case ExecFailed:
		if q.Transaction != "" {
			return core.InvalidField("transaction", "Leave the transaction id empty: nothing was paid.")
		}
	default:
		return core.InvalidField("execution", "Say what became of it: submitted, paid or failed.")
	}
	if !saysSomething(q.Words) {
		return core.InvalidField("words", "Say what you looked at and what it shows (at least 20 characters).")
	}
	return nil
}

// Reasons are the words.
func (q ResolveWithdrawal) Reasons() (code, words string) { return "resolved_by_evidence", q.Words }

// Facts say which way it is resolved.
func (q ResolveWithdrawal) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "resolution", Value: string(q.Execution)}, {Name: "transaction", Value: q.Transaction, Search: true}}
}

type resolveFacts struct {
	w     *Withdrawal
	taken *Withdrawal // the one that holds the transaction already
}

type resolveWithdrawal struct{}

// Load reads the withdrawal, and whose the transaction is.
func (resolveWithdrawal) Load(ctx context.Context, r store.Reader, in ResolveWithdrawal) (resolveFacts, command.Resource, error) {
	w, res, err := loadWithdrawal(ctx, r, in.Withdrawal)
	if err != nil || in.Transaction == "" {
		return resolveFacts{w: w}, res, err
	}
	taken, err := paidBy(ctx, r, w.PSP, in.Transaction, w.ID)
	return resolveFacts{w, taken}, res, err
}

// Check wants one that waits for a person, and two of them.
func (resolveWithdrawal) Check(in ResolveWithdrawal, f resolveFacts, _ command.Moment) command.Verdict {
	w := f.w
	switch {
	case w.Execution != ExecPerson:
		return command.Refuse(command.Refusal{Code: "not-in-doubt", Text: "This withdrawal is " + string(w.Execution) + ": only what machines cannot follow is settled by hand."})
	case f.taken != nil:
		return command.Refuse(command.Refusal{Code: "transaction-taken", Text: "This transaction paid another withdrawal. One payout cannot be the proof of two."})
	case in.Execution == ExecSubmitted && !w.held():
		return command.Refuse(command.Refusal{Code: "money-free", Text: "The money of this withdrawal was set free. Say that it was paid, or that it was not."})
	}
	return command.Needs(command.Need{Rule: "withdrawal-resolve/1", Seats: []command.Seat{lead}, Facts: []evidence.Detail{
		amountDetail(w.Amount()), {Name: "exception", Value: w.Exception}, {Name: "tag", Value: w.Tag, Search: true},
	}})
}

// Apply records it and books what follows from it.
func (resolveWithdrawal) Apply(ctx context.Context, tx *command.Tx, in ResolveWithdrawal, f resolveFacts) ([]evidence.Event, error) {
	w, now := f.w, *f.w
	if w.Attempt.Phase == command.PhasePerson {
		var ok bool
		if now.Attempt, ok = w.Attempt.Resolved(in.Execution != ExecFailed); !ok {
			return nil, fmt.Errorf("payments: attempt of phase %s was resolved", w.Attempt.Phase)
		}
	}
	now.Execution, now.Exception = in.Execution, ""
	if in.Transaction != "" {
		now.Transaction = in.Transaction
		if now.Submitted == 0 { // from now on the PSP's list must show it
			now.Submitted = tx.Now
		}
	}
	var err error
	switch in.Execution {
	case ExecPaid:
		err = pay(ctx, tx, &now, w.held())
	case ExecFailed:
		now.Exception = ExceptNotPaid
		if w.held() {
			err = unhold(ctx, tx, w)
		}
	default:
		err = watch(ctx, tx, now.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := withdrawals.Update(ctx, tx.Tx, w, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventResolved)
	ev.Reason, ev.Text = "resolved_by_evidence", in.Words
	return []evidence.Event{ev}, nil
}
