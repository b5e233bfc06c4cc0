package platform

import (
	"context"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BeginAttempt commits that one request is about to be sent. Only after this
// commit may a byte leave.
type BeginAttempt struct {
	Row core.Ref `json:"row"`
}

// Action is platform.attempt.begin.
func (BeginAttempt) Action() command.Action { return "platform.attempt.begin" }

// Subject is the account or intervention.
func (b BeginAttempt) Subject() core.Ref { return b.Row }

// effect is the account or the intervention behind an attempt.
type effect struct {
	account *Account
	i       *Intervention
}

func loadEffect(ctx context.Context, r store.Reader, row core.Ref) (effect, command.Resource, error) {
	var e effect
	var res command.Resource
	var err error
	switch row.Kind() {
	case core.KindAccount:
		e.account, res, err = loadAccount(ctx, r, row)
	case core.KindIntervention:
		e.i, res, err = loadIntervention(ctx, r, row)
	default:
		err = command.ErrHidden
	}
	return e, res, err
}

func (e effect) attempt() command.Attempt {
	if e.account != nil {
		return e.account.Attempt
	}
	return e.i.Attempt
}

// update stores the attempt with what else changed, and returns the event.
func (e effect) update(ctx context.Context, tx *command.Tx, a command.Attempt, t evidence.Type, change func(*Account, *Intervention)) (evidence.Event, error) {
	if e.account != nil {
		now := *e.account
		now.Attempt = a
		switch a.Phase {
		case command.PhaseApplied:
			now.State = AccountOpen
		case command.PhaseRejected:
			now.State = AccountFailed
		}
		change(&now, nil)
		ev := evidence.Event{Type: t, Entity: now.Entity, Subjects: []core.Ref{now.ID, now.Client}}
		return ev, accounts.Update(ctx, tx.Tx, e.account, &now)
	}
	now := *e.i
	now.Attempt = a
	now.follow()
	change(nil, &now)
	if err := settle(ctx, tx, &now); err != nil {
		return evidence.Event{}, err
	}
	return now.event(t), interventions.Update(ctx, tx.Tx, e.i, &now)
}

type beginAttempt struct{ d Deps }

// Load reads the row.
func (beginAttempt) Load(ctx context.Context, r store.Reader, in BeginAttempt) (effect, command.Resource, error) {
	return loadEffect(ctx, r, in.Row)
}

// Check wants an attempt that is ready.
func (beginAttempt) Check(_ BeginAttempt, e effect, _ command.Moment) command.Verdict {
	if e.attempt().Phase != command.PhaseReady {
		return command.Refuse(command.Refusal{Code: "not-ready", Text: "This operation is " + string(e.attempt().Phase) + " and is not sent again."})
	}
	return command.Proceed()
}

// Apply records number and deadline, by the wall clock.
func (h beginAttempt) Apply(ctx context.Context, tx *command.Tx, _ BeginAttempt, e effect) ([]evidence.Event, error) {
	a, ok := e.attempt().Begin(h.d.Wall.Now())
	if !ok {
		return nil, fmt.Errorf("platform: attempt of phase %s began", e.attempt().Phase)
	}
	ev, err := e.update(ctx, tx, a, EventBegun, func(*Account, *Intervention) {})
	return []evidence.Event{ev}, err
}
