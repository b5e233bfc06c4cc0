package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// effect is the account or the intervention behind an attempt, as read at one
// wall time.
type effect struct {
	account *Account
	i       *Intervention
	wall    core.Instant
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

// update stores the attempt with what else changed, and returns what to say of
// it; t is the event's type.
func (e effect) update(ctx context.Context, tx *command.Tx, a command.Attempt, t evidence.Type, change func(*Account, *Intervention)) ([]evidence.Event, error) {
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
		return []evidence.Event{ev}, accounts.Update(ctx, tx.Tx, e.account, &now)
	}
	now := *e.i
	now.Attempt = a
	now.follow(tx.Now)
	change(nil, &now)
	if err := settle(ctx, tx, &now); err != nil {
		return nil, err
	}
	if err := interventions.Update(ctx, tx.Tx, e.i, &now); err != nil {
		return nil, err
	}
	evs := []evidence.Event{now.event(t)}
	if now.State == StateMatched {
		evs = append(evs, now.event(EventMatched))
		return evs, now.enter(ctx, tx)
	}
	return evs, nil
}

// enter writes settings that an intervention changed into the account's row,
// in the same transaction: the next sweep compares the platform with that row.
func (i *Intervention) enter(ctx context.Context, tx *command.Tx) error {
	was, err := accounts.Get(ctx, tx, string(i.Account))
	if err != nil || was == nil {
		return err
	}
	now := *was
	now.set(was.settings().with(i.patch()))
	return accounts.Update(ctx, tx.Tx, was, &now)
}
