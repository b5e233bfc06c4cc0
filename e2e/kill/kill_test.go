package kill

import (
	"os"
	"strconv"
	"testing"
	"time"

	"vouchsafe/store"
)

// rounds is how often a program is killed: VOUCHSAFE_KILL_ROUNDS, else few.
func rounds(t *testing.T, few int) int {
	text := os.Getenv("VOUCHSAFE_KILL_ROUNDS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("VOUCHSAFE_KILL_ROUNDS is %q, not a number of rounds", text)
	}
	return n
}

// Killed at random moments under load, the program loses nothing that it
// acknowledged, leaves nothing half done, and verifies, on both engines. The
// clients ask again for what they were not answered, with the same keys: one
// key is one effect, also across a death.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	for engine, few := range map[store.Engine]int{store.SQLite: 16, store.Postgres: 12} {
		t.Run(string(engine), func(t *testing.T) {
			r := newRig(t, engine)
			for n := range rounds(t, few) {
				if got := r.round(500 * time.Millisecond); got == 0 {
					t.Fatalf("nothing was acknowledged in round %d: the round proves nothing", n+1)
				}
				f := r.look()
				for _, x := range append(f.lost, f.broken...) {
					t.Errorf("after %d deaths: %s", n+1, x)
				}
				if t.Failed() {
					return
				}
			}
			unanswered := len(r.open)
			r.finish()
			t.Logf("%d lives, %d requests, %d acknowledged, %d unanswered at the last death", r.life, r.sent, len(r.acked), unanswered)
		})
	}
}

// finish gives the program one quiet life: every question is answered, every
// job done, every event sealed.
func (r *rig) finish() {
	r.t.Helper()
	c := r.start()
	for len(r.open) > 0 {
		q := r.open[0]
		r.open = r.open[1:]
		r.do(c.base, q)
	}
	ctx := r.t.Context()
	s, err := store.Open(ctx, store.Options{DSN: r.o.Database})
	r.must(err)
	defer s.Close()
	left := -1
	for until := time.Now().Add(60 * time.Second); left != 0 && time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		r.must(s.Reader().QueryRow(ctx, "SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM unsealed) + (SELECT count(*) FROM ledger_hold WHERE state = 'open')").Scan(&left))
	}
	r.kill(c)
	if left != 0 {
		r.t.Errorf("%d jobs, holds or events are left after a quiet life", left)
	}
	f := r.look()
	for _, x := range append(f.lost, f.broken...) {
		r.t.Errorf("at the end: %s", x)
	}
}

// The negative control: a program that acknowledges before it commits must be
// caught. A rig that finds nothing here finds nothing at all.
func TestALiarIsCaught(t *testing.T) {
	r := newRig(t, store.SQLite)
	r.o.Liar = true
	acks := 0
	for range 5 {
		acks += r.round(300 * time.Millisecond)
		f := r.look()
		for _, x := range f.broken {
			t.Errorf("half done: %s", x)
		}
		if n := len(f.lost); n > 0 {
			t.Logf("%d acknowledged, %d of them lost, such as: %s", acks, n, f.lost[0])
			return
		}
	}
	t.Fatalf("%d acknowledgements came before their commit, and the rig missed none of them: it cannot see a loss", acks)
}

// The other control: a program that pays out in two transactions leaves money
// that is neither held nor paid when it dies between them, and is caught.
func TestHalfAPaymentIsCaught(t *testing.T) {
	r := newRig(t, store.SQLite)
	r.o.Torn = true
	for n := range 12 {
		r.round(400 * time.Millisecond)
		f := r.look()
		for _, x := range f.lost {
			t.Errorf("lost: %s", x)
		}
		if len(f.broken) > 0 {
			t.Logf("after %d deaths: %s", n+1, f.broken[0])
			return
		}
	}
	t.Fatal("payments were torn in two, and the rig found every one of them whole: it cannot see a half")
}
