package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ErrKeyReused refuses an idempotency key that came with another input before.
var ErrKeyReused = core.NewFault(core.Invalid, "key-reused",
	"This idempotency key was used for something else. Use a new key for a new request.")

func (r *run) keyID() string { return string(r.actor.Ref) + "|" + string(r.key) }

// mac binds the key to action and input without storing either.
func (r *run) mac() string {
	return r.rd.Log.Keys.MAC(append([]byte(r.e.action+"\n"), r.body...))
}

// replay answers a repeated key from the record. The answer is re-read, never
// stored: masks are those of today.
//
// It runs after the command has loaded what it needs, and reads apart: a key
// that was committed before the load is then seen for certain, one that is
// committed later breaks the unique key when this run remembers its own, and
// the run is tried again. Reading in the transaction's own view would make all
// commands whose keys lie close together collide on PostgreSQL.
func (r *run) replay(ctx context.Context, tx *store.Tx) (Outcome, bool, error) {
	if r.key == "" {
		return Outcome{}, false, nil
	}
	now := tx.Apart()
	row, err := keyTable.Get(ctx, now, r.keyID())
	if err != nil || row == nil {
		return Outcome{}, false, err
	}
	if row.MAC != r.mac() {
		return Outcome{}, false, ErrKeyReused
	}
	out := Outcome{State: StateDone, Replayed: true, Event: row.Event, Events: []string{row.Event}, Proposal: row.Proposal}
	ev, err := evidence.Get(ctx, now, row.Event)
	if err != nil {
		return Outcome{}, false, err
	}
	if ev != nil && len(ev.Subjects) > 0 {
		out.Subject = ev.Subjects[0]
	}
	if ev != nil && ev.Outcome == evidence.Proposed {
		out.State = StateProposed
	}
	return out, true, nil
}

func (r *run) remember(ctx context.Context, tx *store.Tx, out Outcome) error {
	if r.key == "" {
		return nil
	}
	err := keyTable.Insert(ctx, tx, &keyRow{ID: r.keyID(), MAC: r.mac(), Event: out.Event, Proposal: out.Proposal, At: r.at})
	if store.IsDuplicate(err) {
		return store.ErrAgain
	}
	return err
}
