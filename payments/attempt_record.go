package payments

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// again are the adapters' words that a request did nothing and says nothing
// about the payout: no byte of it left, or the PSP does not know who asks.
var again = []string{"not-sent", "key-refused"}

// RecordAttempt records what is known of a request: its answer, or a look-up.
type RecordAttempt struct {
	Withdrawal  core.Ref          `json:"withdrawal"`
	Number      int               `json:"number"`
	Looked      bool              `json:"looked,omitempty"` // a look-up rather than an answer
	Found       bool              `json:"found,omitempty"`
	Certainty   command.Certainty `json:"certainty,omitempty"`
	Transaction string            `json:"transaction,omitempty"`
	Status      string            `json:"status,omitempty"`
	Code        string            `json:"code,omitempty"`
	Answer      string            `json:"answer_sha256,omitempty"`
}

// Action is payments.attempt.record.
func (RecordAttempt) Action() command.Action { return "payments.attempt.record" }

// Subject is the withdrawal.
func (in RecordAttempt) Subject() core.Ref { return in.Withdrawal }

type recordFacts struct {
	w    *Withdrawal
	wall core.Instant
}

type recordAttempt struct{ d Deps }

// Load reads the withdrawal and the wall clock.
func (h recordAttempt) Load(ctx context.Context, r store.Reader, in RecordAttempt) (recordFacts, command.Resource, error) {
	w, res, err := loadWithdrawal(ctx, r, in.Withdrawal)
	return recordFacts{w, h.d.Wall.Now()}, res, err
}

// next is the attempt after what is reported. What certainly never left is
// ready again: there is nothing at the PSP that a second request could double.
func (in RecordAttempt) next(a command.Attempt, wall core.Instant) (command.Attempt, bool) {
	if in.Number != a.Number {
		return a, false
	}
	if in.Looked {
		return a.Looked(in.Found, wall)
	}
	next, ok := a.Answered(in.Certainty)
	if ok && next.Phase == command.PhaseRejected && slices.Contains(again, in.Code) {
		return command.Attempt{Phase: command.PhaseReady, Number: a.Number}, true
	}
	return next, ok
}

// Check refuses words about an attempt that is not under way.
func (recordAttempt) Check(in RecordAttempt, f recordFacts, _ command.Moment) command.Verdict {
	if _, ok := in.next(f.w.Attempt, f.wall); !ok {
		return command.Refuse(command.Refusal{Code: "stale-attempt", Text: "This attempt is " + string(f.w.Attempt.Phase) + "; what was reported is out of date."})
	}
	return command.Proceed()
}

// Apply moves the attempt on; what the PSP refused lets the money go.
func (recordAttempt) Apply(ctx context.Context, tx *command.Tx, in RecordAttempt, f recordFacts) ([]evidence.Event, error) {
	now := *f.w
	a, ok := in.next(now.Attempt, f.wall)
	if !ok {
		return nil, fmt.Errorf("payments: stale attempt %d of %s", in.Number, in.Withdrawal)
	}
	now.tried(a)
	now.PSPStatus, now.PSPCode = in.Status, in.Code
	if in.Transaction != "" {
		now.Transaction = in.Transaction
	}
	var err error
	switch a.Phase {
	case command.PhaseApplied:
		now.Submitted = tx.Now
		err = watch(ctx, tx, now.ID)
	case command.PhaseRejected:
		now.Exception = ExceptRejected
		err = unhold(ctx, tx, &now)
	case command.PhasePerson:
		err = raise(ctx, tx, "payout-in-doubt", now.Entity, now.ID, now.PSP+":"+now.Tag)
	}
	if err != nil {
		return nil, err
	}
	if err := withdrawals.Update(ctx, tx.Tx, f.w, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{in.event(&now)}, nil
}

func (in RecordAttempt) event(w *Withdrawal) evidence.Event {
	t := EventRecorded
	if in.Looked {
		t = EventLooked
	}
	ev := w.event(t)
	switch {
	case w.Attempt.Phase == command.PhaseRejected || slices.Contains(again, in.Code):
		ev.Outcome = evidence.Failed
	case w.Attempt.Phase == command.PhaseUncertain || w.Attempt.Phase == command.PhasePerson:
		ev.Outcome = evidence.Unsure
	}
	ev.Details = append(ev.Details,
		evidence.Detail{Name: "attempt", Value: strconv.Itoa(in.Number)}, evidence.Detail{Name: "outcome", Value: string(w.Attempt.Phase)},
		evidence.Detail{Name: "status", Value: in.Status}, evidence.Detail{Name: "code", Value: in.Code},
		evidence.Detail{Name: "answer_sha256", Value: in.Answer})
	return ev
}

// watch queues the reading of a payout's state until it is final.
func watch(ctx context.Context, tx *command.Tx, id core.Ref) error {
	return tx.Enqueue(ctx, jobs.New{Kind: JobStatus, Subject: id, Unique: "status:" + string(id)})
}

// raise queues a finding for the cases domain.
func raise(ctx context.Context, tx *command.Tx, kind string, entity, subject core.Ref, external string) error {
	args := kind + "|" + string(entity) + "|" + string(subject) + "|" + external
	return tx.Enqueue(ctx, jobs.New{Kind: jobRaise, Subject: subject, Args: args, Unique: args})
}

// jobRaise is the cases domain's way in for findings.
const jobRaise = "cases.raise"
