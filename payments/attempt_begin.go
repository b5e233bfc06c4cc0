package payments

import (
	"context"
	"fmt"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BeginAttempt commits that one request is about to be sent to the PSP. Only
// after this commit may a byte leave.
type BeginAttempt struct {
	Withdrawal core.Ref `json:"withdrawal"`
}

// Action is payments.attempt.begin.
func (BeginAttempt) Action() command.Action { return "payments.attempt.begin" }

// Subject is the withdrawal.
func (b BeginAttempt) Subject() core.Ref { return b.Withdrawal }

type beginFacts struct {
	s    *standing
	wall core.Instant
}

type beginAttempt struct{ d Deps }

// Load reads all that bears on the release: what stood against the client
// after the approval still stops the payment.
func (h beginAttempt) Load(ctx context.Context, r store.Reader, in BeginAttempt) (beginFacts, command.Resource, error) {
	s, res, err := h.d.standing(ctx, r, in.Withdrawal, h.d.Clock.Now())
	return beginFacts{s, h.d.Wall.Now()}, res, err
}

// Check wants an approved withdrawal whose attempt is ready, and nothing
// against it.
func (beginAttempt) Check(_ BeginAttempt, f beginFacts, m command.Moment) command.Verdict {
	w := f.s.w
	if w.Decision != Approved || w.Attempt.Phase != command.PhaseReady {
		return command.Refuse(command.Refusal{Code: "not-ready", Text: "This payout is " + string(w.Execution) + " and is not sent again."})
	}
	if rs := f.s.against(m.Now); len(rs) > 0 {
		return command.Refuse(rs...)
	}
	return command.Proceed()
}

// Apply records number and deadline, by the wall clock.
func (beginAttempt) Apply(ctx context.Context, tx *command.Tx, _ BeginAttempt, f beginFacts) ([]evidence.Event, error) {
	now := *f.s.w
	a, ok := now.Attempt.Begin(f.wall)
	if !ok {
		return nil, fmt.Errorf("payments: attempt of phase %s began", now.Attempt.Phase)
	}
	now.tried(a)
	if err := withdrawals.Update(ctx, tx.Tx, f.s.w, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventBegun)
	ev.Details = append(ev.Details, evidence.Detail{Name: "attempt", Value: strconv.Itoa(a.Number)}, evidence.Detail{Name: "tag", Value: now.Tag, Search: true})
	return []evidence.Event{ev}, nil
}
