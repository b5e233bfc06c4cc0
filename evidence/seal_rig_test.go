package evidence

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// rig is a store with a sequencer over it and a writer of events.
type rig struct {
	tb      testing.TB
	ctx     context.Context
	s       *store.Store
	clock   *core.VirtualClock
	signers Signers
	outside *memOutside
	seq     *Sequencer
	written int
	texts   map[string][]string // per log, in the order written
}

const rigHost = "logs.example"

var rigStart = core.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))

func newRig(tb testing.TB, s *store.Store) *rig {
	signers, err := SeededSigner(rigHost, [32]byte{7})
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{
		tb: tb, ctx: context.Background(), s: s, clock: core.NewVirtualClock(rigStart), signers: signers,
		outside: &memOutside{notes: map[string]string{}}, texts: map[string][]string{},
	}
	r.seq = r.sequencer("one")
	return r
}

func (r *rig) sequencer(holder string) *Sequencer {
	r.tb.Helper()
	seq, err := NewSequencer(SequencerConfig{Store: r.s, Signers: r.signers, Clock: r.clock, Holder: holder, Outside: r.outside})
	if err != nil {
		r.tb.Fatal(err)
	}
	return seq
}

// eventAt is the nth event of the rig: ids in order of n.
func eventAt(log string, n int) eventRow {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(rigStart/1000)<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], 1<<63|uint64(n))
	uid := fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	leaf := fmt.Sprintf(`{"id":%q,"n":"%d","pad":%q,"source":%q}`, uid, n, strings.Repeat("x", 500+n%200), Origin(rigHost, log))
	return eventRow{ID: uid, Log: log, At: rigStart, Type: "test.event", Actor: "st_x", Outcome: "done", Refs: "cl_x", Leaf: leaf, Changes: "[]"}
}

// write appends n events to a log in one transaction, as Append leaves them.
func (r *rig) write(log string, n int) []string {
	r.tb.Helper()
	events, queue := make([]eventRow, n), make([]unsealedRow, n)
	ids := make([]string, n)
	for i := range n {
		events[i] = eventAt(log, r.written)
		queue[i], ids[i] = unsealedRow{events[i].ID, log}, events[i].ID
		r.texts[log] = append(r.texts[log], events[i].Leaf)
		r.written++
	}
	err := r.s.Write(r.ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := eventTable.InsertAll(ctx, tx, events); err != nil {
			return err
		}
		return unsealedTable.InsertAll(ctx, tx, queue)
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	return ids
}

func (r *rig) step() int {
	r.tb.Helper()
	n, err := r.seq.Step(r.ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	return n
}

func (r *rig) keys(logs ...string) Verifiers {
	r.tb.Helper()
	v, err := r.signers.Verifiers(logs...)
	if err != nil {
		r.tb.Fatal(err)
	}
	return v
}

func (r *rig) verify(log string) []Problem {
	r.tb.Helper()
	var out []Problem
	err := r.s.Snapshot(r.ctx, func(rd store.Reader) error {
		out = VerifyLog(r.ctx, rd, log, r.keys(log), r.outside)
		return nil
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	return out
}

func (r *rig) sound(logs ...string) {
	r.tb.Helper()
	for _, log := range logs {
		for _, p := range r.verify(log) {
			r.tb.Errorf("log %s: %s", log, p)
		}
	}
}

// naive is RFC 6962, section 2.1, word for word.
func naive(leaves []string) tlog.Hash {
	switch n := len(leaves); n {
	case 0:
		return (&logTree{}).root()
	case 1:
		return tlog.RecordHash([]byte(leaves[0]))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		return tlog.NodeHash(naive(leaves[:k]), naive(leaves[k:]))
	}
}

// memOutside keeps notes in memory and can be told to fail or to forget.
type memOutside struct {
	notes map[string]string
	fail  error
}

func (m *memOutside) Last(log string) (string, error) { return m.notes[log], nil }

func (m *memOutside) Logs() ([]string, error) { return slices.Sorted(maps.Keys(m.notes)), nil }

func (m *memOutside) Put(log, note string) error {
	if m.fail == nil {
		m.notes[log] = note
	}
	return m.fail
}
