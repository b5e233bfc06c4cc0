package evidence

import (
	"context"
	"errors"
	"maps"
	"math/bits"

	"vouchsafe/store"
)

// commit writes a batch, or nothing of it when the lease was lost or another
// process took one of its events.
func (s *Sequencer) commit(ctx context.Context, b *batch) error {
	err := s.cfg.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Hold(ctx, s.lease); err != nil {
			return err
		}
		if err := leafTable.InsertAll(ctx, tx, b.leaves); err != nil {
			return err
		}
		if err := tileTable.InsertAll(ctx, tx, b.tiles); err != nil {
			return err
		}
		for part, rest := split(tx, b.events); len(part) > 0; part, rest = split(tx, rest) {
			// The range is for PostgreSQL: see bounds.
			gone, err := unsealedTable.DeleteAll(ctx, tx, store.And(store.Compare("event", ">=", part[0]),
				store.Compare("event", "<=", part[len(part)-1]), store.In("event", part)))
			if err != nil {
				return err
			}
			if gone != int64(len(part)) {
				return errOvertaken
			}
		}
		return nil
	})
	if err == nil {
		maps.Copy(s.trees, b.trees)
		return nil
	}
	clear(s.trees) // the outcome may be unknown: read again what is there
	s.lease = store.Lease{}
	if store.IsDuplicate(err) {
		return errors.Join(err, s.dropSealed(ctx, b.events))
	}
	return err
}

// split cuts off what one statement deletes, for the reasons that InsertAll has:
// SQLite's driver searches all arguments for each parameter, PostgreSQL pays
// for each round trip. A power of two, so that there are few texts to prepare.
func split[R any](tx *store.Tx, rows []R) (part, rest []R) {
	most := sealBatch
	if tx.Engine() == store.SQLite {
		most = 16
	}
	if len(rows) < most {
		most = 1 << max(0, bits.Len(uint(len(rows)))-1)
	}
	most = min(most, len(rows))
	return rows[:most], rows[most:]
}

// dropSealed takes events out of the queue that already have a leaf: left by a
// process of the same name, or put there by hand. They would stop the queue.
func (s *Sequencer) dropSealed(ctx context.Context, events []string) error {
	rows, err := leafTable.Filter(ctx, s.cfg.Store.Reader(), "WHERE {where}", store.In("event", events))
	if err != nil || len(rows) == 0 {
		return err
	}
	have := make([]string, len(rows))
	for i, row := range rows {
		have[i] = row.Event
	}
	if err := s.hold(ctx); err != nil {
		return err
	}
	return s.cfg.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Hold(ctx, s.lease); err != nil {
			return err
		}
		_, err := unsealedTable.DeleteAll(ctx, tx, store.In("event", have))
		return err
	})
}
