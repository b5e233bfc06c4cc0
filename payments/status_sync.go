package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SyncStatus records the PSP's own record of a payout.
type SyncStatus struct {
	Withdrawal  core.Ref     `json:"withdrawal"`
	From        Execution    `json:"from"` // as it stood before the PSP was asked: an older answer is no news
	Transaction string       `json:"transaction"`
	Phase       Phase        `json:"phase"`
	Status      string       `json:"status"` // the PSP's literal word
	Same        bool         `json:"same"`   // amount, reference and destination are what was decided
	Failure     string       `json:"failure,omitempty"`
	Updated     core.Instant `json:"updated,omitempty"`
	Answer      string       `json:"answer_sha256,omitempty"`
}

// Action is payments.status.sync.
func (SyncStatus) Action() command.Action { return "payments.status.sync" }

// Subject is the withdrawal.
func (in SyncStatus) Subject() core.Ref { return in.Withdrawal }

type syncStatus struct{}

// Load reads the withdrawal.
func (syncStatus) Load(ctx context.Context, r store.Reader, in SyncStatus) (*Withdrawal, command.Resource, error) {
	return loadWithdrawal(ctx, r, in.Withdrawal)
}

// moves says where the PSP's word takes an execution, and why a person must
// look at it.
func (in SyncStatus) moves(from Execution) (Execution, string) {
	switch {
	case from == ExecSubmitted && !in.Same:
		return ExecPerson, ExceptDiffers
	case from == ExecSubmitted && in.Phase == PhasePaid:
		return ExecPaid, ""
	case from == ExecSubmitted && in.Phase == PhaseFailed:
		return ExecFailed, ExceptFailed
	case from == ExecSubmitted && in.Phase == PhaseReturned:
		return ExecReturned, ExceptReturned
	case from == ExecPaid && in.Same && (in.Phase == PhaseReturned || in.Phase == PhaseFailed): // of part of it a finding tells, see takePayout
		return ExecReturned, ExceptReturned
	case (from == ExecFailed || from == ExecReturned) && in.Phase == PhasePaid:
		return ExecPerson, ExceptLatePayer
	}
	return from, ""
}

// news reports whether the PSP's word changes anything of w.
func (in SyncStatus) news(w *Withdrawal) bool {
	ours := w.Transaction == in.Transaction || w.Transaction == "" && w.Execution == ExecFailed
	if w.Decision != Approved || !ours || w.Execution != in.From {
		return false
	}
	to, _ := in.moves(w.Execution)
	return to != w.Execution || in.Status != w.PSPStatus && !w.Final()
}

// Check refuses news that is none.
func (syncStatus) Check(in SyncStatus, w *Withdrawal, _ command.Moment) command.Verdict {
	if !in.news(w) {
		return command.Refuse(command.Refusal{Code: "no-news", Text: "The payment provider says " + in.Status + "; this payout is " + string(w.Execution) + " already."})
	}
	return command.Proceed()
}

// Apply moves the withdrawal, books what happened, and has a person look at
// what should not have.
func (syncStatus) Apply(ctx context.Context, tx *command.Tx, in SyncStatus, w *Withdrawal) ([]evidence.Event, error) {
	now := *w
	var why string
	now.Execution, why = in.moves(w.Execution)
	if now.Execution != w.Execution {
		now.Exception = why
	}
	now.PSPStatus, now.PSPCode, now.Transaction = in.Status, in.Failure, in.Transaction
	if err := book(ctx, tx, w, &now); err != nil {
		return nil, err
	}
	if now.Execution == ExecReturned || now.Execution == ExecPerson {
		if err := raise(ctx, tx, "payout-"+now.Exception, w.Entity, w.ID, now.external()); err != nil {
			return nil, err
		}
	}
	if err := withdrawals.Update(ctx, tx.Tx, w, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{in.event(w, &now)}, nil
}

func (in SyncStatus) event(was, now *Withdrawal) evidence.Event {
	t, outcome := EventSynced, evidence.Outcome("")
	if was.Execution != now.Execution {
		switch now.Execution {
		case ExecPaid:
			t = EventPaid
		case ExecFailed:
			t, outcome = EventFailed, evidence.Failed
		case ExecReturned:
			t, outcome = EventReturned, evidence.Failed
		case ExecPerson:
			t, outcome = EventDiffers, evidence.Unsure
		}
	}
	ev := now.event(t)
	ev.Outcome, ev.Observed = outcome, in.Updated
	ev.Details = append(ev.Details, evidence.Detail{Name: "status", Value: in.Status}, evidence.Detail{Name: "failure", Value: in.Failure},
		evidence.Detail{Name: "answer_sha256", Value: in.Answer})
	return ev
}
