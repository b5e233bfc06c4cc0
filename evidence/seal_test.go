package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func TestStepSealsInOrderOfIDsAndSigns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		r.write("group", 3)
		r.write("en_mt", 700) // more than two batches, two full tiles
		r.write("group", 2)
		if n := r.step(); n != 705 {
			t.Fatalf("sealed %d events, want 705", n)
		}
		if n := r.step(); n != 0 {
			t.Fatalf("sealed %d events of an empty queue", n)
		}
		for log, size := range map[string]int64{"group": 5, "en_mt": 700} {
			row, err := lastCheckpoint(r.ctx, s.Reader(), log)
			if err != nil || row == nil {
				t.Fatalf("checkpoint of %s: %v, %v", log, row, err)
			}
			c, err := openRow(row, r.keys(log))
			if err != nil || c.Size != size || c.Root != naive(r.texts[log]) || row.At != rigStart {
				t.Errorf("checkpoint of %s: %+v, %v", log, c, err)
			}
			if r.outside.notes[log] != row.Note {
				t.Errorf("log %s: another note is kept outside", log)
			}
		}
		if c, _ := OpenCheckpoint(r.outside.notes["en_mt"], "en_mt", r.keys("en_mt")); c.Origin != "logs.example/evidence/en-mt" {
			t.Errorf("origin %q", c.Origin)
		}
		r.sound("group", "en_mt")
	})
}

// The tree in the database is the tree of RFC 6962, whatever the sizes of the
// bursts, across restarts of the sequencer and several logs.
func TestSequencerModel(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			s := storetest.Open(t, engine)
			run := 0
			rapid.Check(t, func(rt *rapid.T) {
				run++
				r := newRig(t, s)
				r.written = run * 1_000_000
				logs := []string{fmt.Sprintf("a%d", run), fmt.Sprintf("b%d", run)}
				for range rapid.IntRange(1, 4).Draw(rt, "steps") {
					for _, log := range logs {
						if n := rapid.IntRange(0, 300).Draw(rt, "burst"); n > 0 {
							r.write(log, n)
						}
					}
					if rapid.Bool().Draw(rt, "restart") {
						r.seq = r.sequencer("one")
					}
					r.step()
					for _, log := range logs {
						if len(r.texts[log]) == 0 {
							continue
						}
						c, err := OpenCheckpoint(r.outside.notes[log], log, r.keys(log))
						if err != nil || c.Root != naive(r.texts[log]) || int(c.Size) != len(r.texts[log]) {
							rt.Fatalf("log %s of %d: %+v, %v", log, len(r.texts[log]), c, err)
						}
					}
				}
				if run%20 == 0 { // each reads the events of all runs
					r.sound(logs...)
				}
			})
		})
	}
}

func TestStopBetweenSealAndCheckpoint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		r.write("group", 300)
		r.outside.fail = errors.New("the process ends here")
		if n, err := r.seq.Step(r.ctx); n != 300 || err == nil {
			t.Fatalf("Step = %d, %v", n, err)
		}
		if row, _ := lastCheckpoint(r.ctx, s.Reader(), "group"); row != nil {
			t.Fatal("a checkpoint was stored that is not kept outside")
		}
		r.sound("group") // sealed and unsigned is a sound state
		r.outside.fail = nil
		r.seq = r.sequencer("one")
		if n := r.step(); n != 0 {
			t.Fatalf("sealed %d events again", n)
		}
		c, err := OpenCheckpoint(r.outside.notes["group"], "group", r.keys("group"))
		if err != nil || c.Size != 300 || c.Root != naive(r.texts["group"]) {
			t.Fatalf("checkpoint after the restart: %+v, %v", c, err)
		}
	})
}

func TestStopBetweenOutsideAndDatabase(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	r.write("group", 10)
	r.step()
	want := r.outside.notes["group"]
	storetest.Tamper(t, r.s, "DELETE FROM checkpoint") // as if its commit had not come through
	r.seq = r.sequencer("one")
	r.step()
	row, err := lastCheckpoint(r.ctx, r.s.Reader(), "group")
	if err != nil || row == nil || row.Note != want {
		t.Fatalf("the checkpoint was not made again: %+v, %v", row, err)
	}
}

func TestOvertakenSequencerCannotCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		r.write("group", 5)
		r.step()
		r.write("group", 5)
		old := r.seq
		queue, _, err := old.read(r.ctx, "", "~")
		if err != nil {
			t.Fatal(err)
		}
		paused := old.place(r.ctx, queue) // the old node stops here
		r.clock.Advance(time.Minute)
		next := r.sequencer("two")
		if n, err := next.Step(r.ctx); n != 5 || err != nil {
			t.Fatalf("the successor: %d, %v", n, err)
		}
		if err := old.commit(r.ctx, paused); !errors.Is(err, store.ErrLeaseLost) {
			t.Fatalf("the overtaken node committed: %v", err)
		}
		r.write("group", 1)
		if _, err := old.Step(r.ctx); !errors.Is(err, store.ErrLeaseLost) {
			t.Fatalf("the overtaken node sealed: %v", err)
		}
		r.sound("group")
	})
}

func TestNeverForks(t *testing.T) {
	cases := map[string]func(t *testing.T, r *rig){
		"database set back": func(t *testing.T, r *rig) {
			storetest.Tamper(t, r.s, "DELETE FROM leaf WHERE idx >= 280")
			storetest.Tamper(t, r.s, "DELETE FROM checkpoint WHERE size > 280")
		},
		"database emptied": func(t *testing.T, r *rig) {
			storetest.Tamper(t, r.s, "DELETE FROM leaf")
			storetest.Tamper(t, r.s, "DELETE FROM tile")
			storetest.Tamper(t, r.s, "DELETE FROM checkpoint")
		},
		"sealed leaf exchanged": func(t *testing.T, r *rig) {
			h := tlog.RecordHash([]byte("another history"))
			storetest.Tamper(t, r.s, "UPDATE leaf SET hash = $1 WHERE idx = 299", h[:])
		},
		"other history outside": func(t *testing.T, r *rig) {
			signer, _ := r.signers.Signer("group")
			r.outside.notes["group"], _ = signCheckpoint(Checkpoint{signer.Name(), 123, tlog.Hash{1}}, signer)
		},
	}
	for name, harm := range cases {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				r := newRig(t, storetest.Open(t, store.SQLite))
				r.write("group", 280)
				r.step()
				r.write("group", 20)
				r.step()
				harm(t, r)
				if restart {
					r.seq = r.sequencer("one")
				}
				before := r.outside.notes["group"]
				r.write("group", 7)
				r.write("mlro", 3)
				n, err := r.seq.Step(r.ctx)
				if !errors.Is(err, ErrForked) {
					t.Fatalf("Step = %d, %v; want ErrForked", n, err)
				}
				if r.outside.notes["group"] != before {
					t.Error("something was signed")
				}
				if r.outside.notes["mlro"] == "" {
					t.Error("the other log was not sealed")
				}
			})
		}
	}
}

func TestQueueRowOfSealedEventDoesNotStopTheQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		ids := r.write("group", 3)
		r.step()
		storetest.Tamper(t, s, "INSERT INTO unsealed (event, log) VALUES ($1, 'group')", ids[1])
		storetest.Tamper(t, s, "INSERT INTO unsealed (event, log) VALUES ('00000000-gone', 'group')")
		if got := codes(r.verify("group")); !slices.Equal(got, []string{"queue-nowhere", "queue-sealed"}) {
			t.Errorf("verify says %v", got)
		}
		r.write("group", 4)
		if _, err := r.seq.Step(r.ctx); err == nil {
			t.Fatal("the first Step should have told of the second place")
		}
		if n := r.step(); n != 4 {
			t.Fatalf("sealed %d, want 4", n)
		}
		if got := codes(r.verify("group")); !slices.Equal(got, []string{"queue-nowhere"}) {
			t.Errorf("verify says %v", got)
		}
	})
}

// Writers that commit out of the order of their ids, while the sequencer runs:
// a reader that remembers a position would miss events for good.
func TestNoEventIsMissed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		const writers, each = 8, 150
		ctx, stop := context.WithCancel(r.ctx)
		nudge := make(chan struct{}, 1)
		var failed atomic.Value
		r.seq.cfg.Report = func(err error) { failed.Store(err) }
		done := make(chan struct{})
		go func() { defer close(done); r.seq.Run(ctx, nudge, 50*time.Millisecond) }()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					row := eventAt([]string{"group", "en_mt"}[i%2], (i+1)*writers-w) // late ids first within a round
					err := s.Write(r.ctx, func(ctx context.Context, tx *store.Tx) error {
						if err := eventTable.Insert(ctx, tx, &row); err != nil {
							return err
						}
						time.Sleep(time.Duration(w%4) * time.Millisecond / 2)
						return unsealedTable.Insert(ctx, tx, &unsealedRow{row.ID, row.Log})
					})
					if err != nil {
						t.Errorf("a writer failed: %v", err)
						return
					}
					select {
					case nudge <- struct{}{}:
					default:
					}
				}
			})
		}
		wg.Wait()
		stop() // Run ends with a whole Step
		<-done
		if err := failed.Load(); err != nil {
			t.Errorf("the sequencer reported %v", err)
		}
		states, err := LogStates(r.ctx, s.Reader())
		if err != nil || len(states) != 2 {
			t.Fatalf("states: %+v, %v", states, err)
		}
		for _, st := range states {
			if st.Size != writers*each/2 || st.CheckpointSize != st.Size || st.Unsealed != 0 {
				t.Errorf("%+v, want %d sealed and signed", st, writers*each/2)
			}
		}
		r.sound("group", "en_mt")
	})
}

func TestSealStatesForBadges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		if states, err := LogStates(r.ctx, s.Reader()); err != nil || len(states) != 0 {
			t.Fatalf("states of nothing: %v, %v", states, err)
		}
		first := r.write("en_mt", 4)
		r.step()
		r.write("en_mt", 2)
		r.outside.fail = errors.New("no room")
		r.seq.Step(r.ctx)
		waiting := r.write("en_mt", 3)
		states, err := LogStates(r.ctx, s.Reader())
		want := LogState{Log: "en_mt", Size: 6, CheckpointSize: 4, CheckpointAt: rigStart, Unsealed: 3, OldestUnsealed: rigStart}
		if err != nil || len(states) != 1 || states[0] != want || want.Unsigned() != 2 {
			t.Errorf("states %+v, %v", states, err)
		}
		if st, err := SealState(r.ctx, s.Reader(), first[3]); err != nil || !st.Sealed || st.Index != 3 || st.Checkpoint != 4 || st.SignedAt != rigStart {
			t.Errorf("state of a sealed event: %+v, %v", st, err)
		}
		if st, err := SealState(r.ctx, s.Reader(), waiting[0]); err != nil || st.Sealed || st.Log != "en_mt" {
			t.Errorf("state of a waiting event: %+v, %v", st, err)
		}
		if _, err := SealState(r.ctx, s.Reader(), "nothing"); err == nil || !strings.HasPrefix(err.Error(), "no-event") {
			t.Errorf("state of no event: %v", err)
		}
	})
}

func codes(ps []Problem) []string {
	out := []string{}
	for _, p := range ps {
		out = append(out, p.Code)
	}
	return out
}
