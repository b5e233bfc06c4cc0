package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/store"
)

// checkpoints signs the state of every log that has news, keeps each note
// outside and then stores all of them in one transaction. Outside comes first:
// after a crash between the two, the outside note is of a state that the
// database has durably, and the next Step makes the same note again.
func (s *Sequencer) checkpoints(ctx context.Context) error {
	sizes, err := sealedLogs(ctx, s.cfg.Store.Reader())
	if err != nil {
		return err
	}
	var rows []checkpointRow
	var errs []error
	for _, log := range slices.Sorted(maps.Keys(sizes)) {
		if s.forked[log] != nil {
			continue
		}
		row, err := s.checkpoint(ctx, log, sizes[log])
		if err != nil {
			delete(s.trees, log)
			errs = append(errs, fmt.Errorf("evidence: no checkpoint for log %s: %w", log, err))
			continue
		}
		if row != nil {
			rows = append(rows, *row)
		}
	}
	if len(rows) == 0 {
		return errors.Join(errs...)
	}
	err = s.cfg.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Hold(ctx, s.lease); err != nil {
			return err
		}
		return checkpointTable.InsertAll(ctx, tx, rows)
	})
	if err != nil {
		s.lease = store.Lease{}
		clear(s.trees)
	}
	return errors.Join(append(errs, err)...)
}

// checkpoint signs one log and keeps the note outside; nil when its newest
// stored checkpoint is of this size. The root is computed from the stored
// rows, not from memory, and both must agree.
func (s *Sequencer) checkpoint(ctx context.Context, log string, size int64) (*checkpointRow, error) {
	r := s.cfg.Store.Reader()
	last, err := lastCheckpoint(ctx, r, log)
	if err != nil || last != nil && last.Size == size {
		return nil, err
	}
	t, err := s.tree(ctx, log)
	if err != nil {
		return nil, err
	}
	root, err := s.extends(ctx, log, size)
	if err != nil {
		return nil, err
	}
	if t.size != size {
		return nil, errOvertaken
	}
	if t.root() != root {
		return nil, forkedf(log, "its rows are not what was sealed")
	}
	signer, err := s.cfg.Signers.Signer(log)
	if err != nil {
		return nil, err
	}
	signed, err := signCheckpoint(Checkpoint{signer.Name(), size, root}, signer)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.Outside.Put(log, signed); err != nil {
		return nil, err
	}
	return &checkpointRow{Log: log, Size: size, At: s.cfg.Clock.Now(), Root: root[:], Note: signed}, nil
}

// extends computes the root of the stored log and checks that it extends the
// last checkpoint stored and the last one kept outside.
func (s *Sequencer) extends(ctx context.Context, log string, size int64) (tlog.Hash, error) {
	r := s.cfg.Store.Reader()
	keys, err := s.cfg.Signers.Verifiers(log)
	if err != nil {
		return tlog.Hash{}, err
	}
	keys = keys.Join(s.cfg.Trusted)
	tiles := newTileReader(ctx, r, log, size)
	var root tlog.Hash
	if size > 0 {
		if root, err = tlog.TreeHash(size, tiles); err != nil {
			return root, err
		}
	}
	row, err := lastCheckpoint(ctx, r, log)
	if err != nil {
		return root, err
	}
	if row != nil {
		c, err := openRow(row, keys)
		if err != nil {
			return root, err
		}
		if err := extend(log, tiles, root, c, "stored"); err != nil {
			return root, err
		}
	}
	outside, err := openOutside(s.cfg.Outside, log, keys)
	if err != nil || outside == nil {
		return root, err
	}
	return root, extend(log, tiles, root, *outside, "outside")
}

// extend checks that the tree of the reader's size and root extends c, by an
// RFC 6962 consistency proof.
func extend(log string, tiles *tileReader, root tlog.Hash, c Checkpoint, where string) error {
	switch {
	case c.Size == 0:
		return nil
	case c.Size > tiles.size:
		return forkedf(log, "the database has %d events, the %s checkpoint %d", tiles.size, where, c.Size)
	case c.Size == tiles.size:
		if c.Root != root {
			return forkedf(log, "another root than the %s checkpoint of %d events", where, c.Size)
		}
		return nil
	}
	proof, err := tlog.ProveTree(tiles.size, c.Size, tiles)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tiles.size, root, c.Size, c.Root); err != nil {
		return forkedf(log, "it does not extend the %s checkpoint of %d events", where, c.Size)
	}
	return nil
}

// Run seals until ctx ends. Every `every` (about a second) it does a whole
// Step; a nudge, sent after a commit, has the queue drained sooner, but at
// most ten times per `every`, since each drain costs a durable commit. When
// ctx ends it does a last Step of at most five seconds and returns ctx's
// error. Other errors go to Report and are tried again; a standby waits for
// the lease in silence.
func (s *Sequencer) Run(ctx context.Context, nudge <-chan struct{}, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var soon <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			_, err := s.Step(last)
			cancel()
			s.report(err)
			return ctx.Err()
		case _, open := <-nudge:
			if !open {
				nudge = nil
			} else if soon == nil {
				soon = time.After(every / 10)
			}
		case <-soon:
			soon = nil
			s.mu.Lock()
			_, err := s.drain(ctx)
			s.mu.Unlock()
			s.report(err)
		case <-tick.C:
			_, err := s.Step(ctx)
			s.report(err)
		}
	}
}

func (s *Sequencer) report(err error) {
	if err != nil && s.cfg.Report != nil && !errors.Is(err, store.ErrLeaseLost) && !errors.Is(err, context.Canceled) {
		s.cfg.Report(err)
	}
}
