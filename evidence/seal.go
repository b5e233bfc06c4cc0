package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// sealBatch is the largest number of events sealed in one transaction.
const sealBatch = 256

// sealLease is the duty that one node at a time holds.
const sealLease = "evidence.seal"

// SequencerConfig says what a Sequencer works with.
type SequencerConfig struct {
	Store   *store.Store
	Signers Signers
	// Clock is the wall clock: it bounds the lease and stamps checkpoints.
	Clock core.Clock
	// Holder names this process among all that may seal. Two living processes
	// of one name would not exclude each other by the lease; the keys of the
	// leaf table still do.
	Holder string
	// Outside keeps the last checkpoint away from the database.
	Outside OutsideStore

	// Trusted are keys besides the present one under which earlier
	// checkpoints may be signed, after a change of keys. May be empty.
	Trusted Verifiers
	// Term is how long the lease lives without renewal; zero is 15 seconds.
	Term time.Duration
	// Report is called by Run with every error that is not a lost lease; nil
	// drops them. It must not block.
	Report func(error)
}

// Sequencer gives appended events their place: it drains the queue of
// unsealed events into the Merkle trees of their logs and signs checkpoints.
// The order is its own, by event id among those it finds; a sequence drawn in
// the writers' transactions would lose events that commit late. One works at a
// time (lease), and one that was overtaken cannot commit (fence).
type Sequencer struct {
	cfg SequencerConfig

	mu     sync.Mutex
	lease  store.Lease
	leased core.Instant
	trees  map[string]*logTree // as last committed; dropped when in doubt
	forked map[string]error    // logs in trouble, left alone in this step
}

// ErrForked says that the database no longer extends what was signed: it is
// shorter than, or differs from, the last checkpoint stored or kept outside.
// Nothing is sealed or signed in such a log until a person has found out why.
var ErrForked = errors.New("evidence: the database contradicts a signed checkpoint")

// errOvertaken says that unsealed rows of a batch were gone at commit.
var errOvertaken = errors.New("evidence: another process sealed these events")

// NewSequencer checks the configuration.
func NewSequencer(cfg SequencerConfig) (*Sequencer, error) {
	if cfg.Store == nil || cfg.Clock == nil || cfg.Outside == nil || cfg.Holder == "" || cfg.Signers.key == nil {
		return nil, errors.New("evidence: a sequencer needs a store, a key, a clock, a holder's name and a place outside")
	}
	if cfg.Term <= 0 {
		cfg.Term = 15 * time.Second
	}
	return &Sequencer{cfg: cfg, trees: map[string]*logTree{}}, nil
}

// Step seals every event that was committed before the call and then signs a
// checkpoint for each log with sealed events that no checkpoint covers. It
// returns how many events it sealed, also when it fails. A failure loses
// nothing: the next Step takes up where the database stands. A log in trouble
// (see ErrForked) does not stop the others. store.ErrLeaseLost says that
// another node seals.
func (s *Sequencer) Step(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sealed, err := s.drain(ctx)
	if err != nil {
		return sealed, err
	}
	err = s.checkpoints(ctx)
	return sealed, errors.Join(append(slices.Collect(maps.Values(s.forked)), err)...)
}

// drain seals what is in the queue as it begins: bounded, so that steady
// writers cannot keep a checkpoint from being signed.
func (s *Sequencer) drain(ctx context.Context) (sealed int, err error) {
	s.forked = map[string]error{}
	if err := s.hold(ctx); err != nil {
		return 0, err
	}
	if err := s.recheck(ctx); err != nil {
		return 0, err
	}
	var end string
	newest := s.cfg.Store.Reader().QueryRow(ctx, "SELECT coalesce(max(event), '') FROM unsealed")
	if err := newest.Scan(&end); err != nil || end == "" {
		return 0, err
	}
	for after := ""; after < end; {
		ends, err := s.bounds(ctx, after, end)
		if err != nil || len(ends) == 0 {
			return sealed, err
		}
		for _, upto := range ends {
			n, err := s.seal(ctx, after, upto)
			sealed += n
			if err != nil {
				return sealed, err
			}
			after = upto
		}
	}
	return sealed, nil
}

// bounds cuts the next part of the queue into batches and returns the last id
// of each. On PostgreSQL the statistics of a queue are hardly ever true, and a
// reader of the first 256 may be given a scan and sort of everything that
// waits; asking once for 32 batches and then range by range bounds that.
func (s *Sequencer) bounds(ctx context.Context, after, end string) (ends []string, err error) {
	q, args := store.Slot("SELECT event FROM unsealed WHERE event > $1 AND event <= $2 AND {where} ORDER BY event LIMIT 8192", s.unforked(), after, end)
	rows, err := s.cfg.Store.Reader().Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		var event string
		if err := rows.Scan(&event); err != nil {
			return nil, err
		}
		if n%sealBatch == 0 {
			ends = append(ends, event)
		}
		ends[len(ends)-1] = event
	}
	return ends, rows.Err()
}

// seal seals the queue after one id up to another: about a batch.
func (s *Sequencer) seal(ctx context.Context, after, upto string) (sealed int, err error) {
	for after < upto {
		queue, next, err := s.read(ctx, after, upto)
		if err != nil || next == "" {
			return sealed, err
		}
		after = next
		b := s.place(ctx, queue)
		if len(b.events) == 0 {
			continue
		}
		if err := s.commit(ctx, b); err != nil {
			return sealed, err
		}
		sealed += len(b.events)
		if err := s.hold(ctx); err != nil {
			return sealed, err
		}
	}
	return sealed, nil
}

// hold takes or, after a third of its term, renews the lease.
func (s *Sequencer) hold(ctx context.Context) error {
	now := s.cfg.Clock.Now()
	if s.lease.Fence != 0 && now.Sub(s.leased) < s.cfg.Term/3 && now >= s.leased {
		return nil
	}
	was := s.lease
	l, err := s.cfg.Store.TakeLease(ctx, sealLease, s.cfg.Holder, now, s.cfg.Term)
	if err != nil {
		s.lease = store.Lease{}
		return err
	}
	if l != was {
		clear(s.trees) // others may have sealed meanwhile
	}
	s.lease, s.leased = l, now
	return nil
}

// recheck forgets the trees of logs whose rows are not as they were left.
func (s *Sequencer) recheck(ctx context.Context) error {
	for log, t := range s.trees {
		size, err := logSize(ctx, s.cfg.Store.Reader(), log)
		if err != nil {
			return err
		}
		if size != t.size {
			delete(s.trees, log)
		}
	}
	return nil
}

// queued is one unsealed event. An event row that is gone has no log.
type queued struct {
	event, log string
	hash       tlog.Hash
}

// read takes the next events of the queue, outside of any transaction: events
// never change and only the sequencer takes rows away. next is the last id
// read, empty at the end. Rows that point nowhere are stepped over; VerifyLog
// names them.
func (s *Sequencer) read(ctx context.Context, after, end string) (out []queued, next string, err error) {
	// The inner LIMIT makes both engines look up 256 events instead of joining.
	q, args := store.Slot(`SELECT u.event, coalesce(e.log, ''), coalesce(e.leaf, '') FROM
		(SELECT event FROM unsealed WHERE event > $1 AND event <= $2 AND {where} ORDER BY event LIMIT 256) u
		LEFT JOIN event e ON e.id = u.event ORDER BY u.event`, s.unforked(), after, end)
	rows, err := s.cfg.Store.Reader().Query(ctx, q, args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var one queued
		var leaf []byte
		if err := rows.Scan(&one.event, &one.log, &leaf); err != nil {
			return nil, "", err
		}
		next = one.event
		if one.log != "" {
			one.hash = tlog.RecordHash(leaf)
			out = append(out, one)
		}
	}
	return out, next, rows.Err()
}

func (s *Sequencer) unforked() store.Where {
	if len(s.forked) == 0 {
		return store.True
	}
	return store.Not(store.In("log", slices.Collect(maps.Keys(s.forked))))
}

// batch is what one transaction writes.
type batch struct {
	events []string
	leaves []leafRow
	tiles  []tileRow
	trees  map[string]*logTree // as they are once the batch is committed
}

// place gives each event its index. Events of logs that cannot be read or
// that have forked stay in the queue.
func (s *Sequencer) place(ctx context.Context, queue []queued) *batch {
	b := &batch{trees: map[string]*logTree{}}
	for _, one := range queue {
		if s.forked[one.log] != nil {
			continue
		}
		t := b.trees[one.log]
		if t == nil {
			base, err := s.tree(ctx, one.log)
			if err != nil {
				s.forked[one.log] = err
				continue
			}
			t = base.clone()
			b.trees[one.log] = t
		}
		b.events = append(b.events, one.event)
		b.leaves = append(b.leaves, leafRow{one.log, t.size, one.event, one.hash[:]})
		t.add(one.hash, func(f fullTile) {
			b.tiles = append(b.tiles, tileRow{one.log, int64(f.level), f.n, f.root[:], joinHashes(f.hashes)})
		})
	}
	return b
}

// tree returns the committed edge of a log. Before one is used for the first
// time, the stored log is checked against what was signed.
func (s *Sequencer) tree(ctx context.Context, log string) (*logTree, error) {
	if t := s.trees[log]; t != nil {
		return t, nil
	}
	r := s.cfg.Store.Reader()
	if _, err := s.cfg.Signers.Verifier(log); err != nil {
		return nil, err
	}
	size, err := logSize(ctx, r, log)
	if err != nil {
		return nil, err
	}
	if _, err := s.extends(ctx, log, size); err != nil {
		return nil, err
	}
	t, err := loadTree(ctx, r, log, size)
	if err != nil {
		return nil, err
	}
	s.trees[log] = t
	return t, nil
}

// forkedf makes an ErrForked.
func forkedf(log, format string, args ...any) error {
	return fmt.Errorf("%w: log %s: %s", ErrForked, log, fmt.Sprintf(format, args...))
}
