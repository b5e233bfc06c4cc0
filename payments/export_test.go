package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EraseMovement stands in for the erasure of a client's data, as far as it
// concerns one withdrawal or deposit.
type EraseMovement struct {
	Movement core.Ref `json:"movement"`
}

// Action is test.movement.erase.
func (EraseMovement) Action() command.Action { return "test.movement.erase" }

// Subject is the movement.
func (e EraseMovement) Subject() core.Ref { return e.Movement }

var erased = evidence.Register("test.movement.erased", evidence.EntityManagement, "A movement's personal columns were emptied.")

type eraseMovement struct{}

// Load reads the movement.
func (eraseMovement) Load(ctx context.Context, r store.Reader, in EraseMovement) (movement, command.Resource, error) {
	return recordSettlement{}.Load(ctx, r, RecordSettlement{Movement: in.Movement})
}

// Check lets it.
func (eraseMovement) Check(EraseMovement, movement, command.Moment) command.Verdict {
	return command.Proceed()
}

// Apply empties what is personal.
func (eraseMovement) Apply(ctx context.Context, tx *command.Tx, _ EraseMovement, m movement) ([]evidence.Event, error) {
	if m.d != nil {
		now := *m.d
		now.Reference, now.Payer, now.Account, now.LegalName, now.ErasedBy = "", "", "", "", "do_certificate"
		return []evidence.Event{now.event(erased)}, deposits.Update(ctx, tx.Tx, m.d, &now)
	}
	now := *m.w
	now.Holder, now.Account, now.Bank, now.LegalName, now.Words, now.ErasedBy = "", "", "", "", "", "do_certificate"
	return []evidence.Event{now.event(erased)}, withdrawals.Update(ctx, tx.Tx, m.w, &now)
}

// RegisterErase adds EraseMovement.
func RegisterErase(reg *command.Registry) {
	command.Handle[EraseMovement, movement](reg, eraseMovement{}, command.Doc{Title: "Erase a movement", Kind: core.KindWithdrawal})
}

// RegisterResending is Register with the fault that this package exists to
// avoid: a lost answer is looked up at once and, when nothing shows, sent
// again.
func RegisterResending(reg *command.Registry, d Deps) {
	registerWith(reg, d, resending{recordAttempt{d}})
}

type resending struct{ recordAttempt }

// Apply makes an attempt ready again that was looked up in vain.
func (h resending) Apply(ctx context.Context, tx *command.Tx, in RecordAttempt, f recordFacts) ([]evidence.Event, error) {
	a, _ := in.next(f.w.Attempt, f.wall)
	if a.Phase != command.PhaseUncertain {
		return h.recordAttempt.Apply(ctx, tx, in, f)
	}
	now := *f.w
	if a.LookAt = f.wall; in.Looked {
		a = command.Attempt{Phase: command.PhaseReady, Number: a.Number}
	}
	now.tried(a)
	return []evidence.Event{in.event(&now)}, withdrawals.Update(ctx, tx.Tx, f.w, &now)
}
