package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var start = core.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))

// bench is a store with two virtual clocks and queues on it.
type bench struct {
	*testing.T
	store   *store.Store
	clock   *core.VirtualClock
	wall    *core.VirtualClock
	entropy *core.SeededEntropy
	log     strings.Builder
}

func each(t *testing.T, fn func(b *bench)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fn(&bench{T: t, store: s, clock: core.NewVirtualClock(start), wall: core.NewVirtualClock(start), entropy: core.NewSeededEntropy(1)})
	})
}

func (b *bench) queue() *Queue {
	return NewQueue(Config{
		Store: b.store, Clock: b.clock, Wall: b.wall, Holder: "node", Entropy: b.entropy,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)),
	})
}

func (b *bench) enqueue(n New) core.Ref {
	b.Helper()
	if n.Kind == "" {
		n.Kind = "work"
	}
	if n.RunAt == 0 {
		n.RunAt = b.clock.Now()
	}
	var id core.Ref
	b.must(b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = Enqueue(ctx, tx, b.entropy, n)
		return err
	}))
	return id
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) step(q *Queue, want int) {
	b.Helper()
	ran, err := q.Step(b.Context())
	if err != nil || ran != want {
		b.Fatalf("Step ran %d (%v), want %d", ran, err, want)
	}
}

func (b *bench) job(id core.Ref) *Job {
	b.Helper()
	j, err := jobTable.Get(b.Context(), b.store.Reader(), string(id))
	b.must(err)
	return j
}

func (b *bench) counts() string {
	b.Helper()
	counts, err := Counts(b.Context(), b.store.Reader())
	b.must(err)
	return fmt.Sprint(counts)
}

func is(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestRollbackRemovesTheJob(t *testing.T) {
	each(t, func(b *bench) {
		no := errors.New("no")
		err := b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := Enqueue(ctx, tx, b.entropy, New{Kind: "work", RunAt: start}); err != nil {
				return err
			}
			return no
		})
		is(b.T, err, no)
		is(b.T, b.counts(), "[]")
	})
}

func TestOnlyIDsAreCarried(t *testing.T) {
	each(t, func(b *bench) {
		for _, n := range []New{
			{RunAt: start},
			{Kind: "work"},
			{Kind: "work", RunAt: start, Subject: "Maria"},
			{Kind: "work", RunAt: start, Args: "maria@example.com"},
			{Kind: "work", RunAt: start, Args: "Müller"},
			{Kind: "work", RunAt: start, Args: strings.Repeat("a", maxArgs+1)},
			{Kind: "work", RunAt: start, Unique: "a\nb"},
		} {
			err := b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := Enqueue(ctx, tx, b.entropy, n)
				return err
			})
			if err == nil {
				b.Errorf("%+v was enqueued", n)
			}
		}
		is(b.T, b.counts(), "[]")
	})
}

func TestDoneJobsGetEverythingAndLeaveNothing(t *testing.T) {
	each(t, func(b *bench) {
		q, wd := b.queue(), core.Ref("wd_1")
		var got Job
		q.Handle("work", Policy{Lease: time.Minute}, func(ctx context.Context, j Job) Result { got = j; return Done() })
		id := b.enqueue(New{Subject: wd, Args: "2 ta_7", Unique: "u"})
		b.enqueue(New{Kind: "newer", RunAt: start})
		b.step(q, 1)
		is(b.T, []any{got.ID, got.Kind, got.Subject, got.Args, got.Unique, got.State, got.RunAt, got.Attempts, got.LeaseUntil},
			[]any{id, "work", wd, "2 ta_7", "u", "running", start, 0, start.Add(time.Minute)})
		is(b.T, b.counts(), "[{newer queued 1}]") // a kind that this queue does not know is left alone
	})
}

func TestUniqueKeysAreUniqueAmongLiveJobs(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		var first, during core.Ref
		q.Handle("work", Policy{}, func(ctx context.Context, j Job) Result {
			during = b.enqueue(New{Unique: "wd_1"})
			return Dead(errors.New("hopeless"))
		})
		first = b.enqueue(New{Unique: "wd_1"})
		is(b.T, b.enqueue(New{Unique: "wd_1", RunAt: start.Add(time.Hour)}), first)
		b.step(q, 1)
		is(b.T, during, first)
		second := b.enqueue(New{Unique: "wd_1"})
		if second == first {
			b.Fatal("a dead job keeps its key")
		}
		err := b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error { return Revive(ctx, tx, first, start) })
		is(b.T, err, ErrReplaced)
		if one, other := b.enqueue(New{}), b.enqueue(New{}); one == other {
			b.Fatal("jobs without a key are one")
		}
	})
}

func TestFailedTriesBackOffAndDie(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		secret := errors.New("password=hunter2")
		answers := []error{secret, core.NewFault(core.Unavailable, "psp-down", "SandPay\x00 does not answer.\xff").Because(secret), secret}
		var seen []int
		q.Handle("work", Policy{MaxAttempts: 3, Backoff: func(n int) time.Duration { return time.Duration(n) * time.Minute }},
			func(ctx context.Context, j Job) Result {
				seen = append(seen, j.Attempts)
				return Retry(answers[j.Attempts])
			})
		id := b.enqueue(New{})
		b.step(q, 1)
		is(b.T, b.job(id).RunAt, start.Add(time.Minute))
		is(b.T, b.job(id).Error, "internal: Something went wrong on our side. Nothing was changed.")
		b.clock.Advance(time.Minute - time.Microsecond)
		b.step(q, 0)
		b.clock.Advance(time.Microsecond)
		b.step(q, 1)
		j := b.job(id)
		is(b.T, []any{j.State, j.RunAt, j.Attempts, j.Error}, []any{"queued", start.Add(3 * time.Minute), 2, "psp-down: SandPay does not answer.?"})
		b.clock.Advance(2 * time.Minute)
		b.step(q, 1)
		j = b.job(id)
		is(b.T, []any{j.State, j.Attempts, j.DeadAt, j.Holder, j.LeaseUntil}, []any{"dead", 3, b.clock.Now(), "", core.Instant(0)})
		is(b.T, seen, []int{0, 1, 2})
		if !strings.Contains(b.log.String(), "hunter2") {
			b.Error("the cause is not in the log")
		}
		b.clock.Advance(time.Hour)
		b.step(q, 0)
	})
}

func TestDefaultPolicy(t *testing.T) {
	p := Policy{}.withDefaults()
	is(t, []any{p.MaxAttempts, p.Lease, p.Backoff(1), p.Backoff(2), p.Backoff(5), p.Backoff(13), p.Backoff(1000)},
		[]any{10, time.Minute, time.Second, 2 * time.Second, 16 * time.Second, time.Hour, time.Hour})
}

func TestSnoozeIsNoFailureAndAlwaysLater(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		waits := []time.Duration{time.Hour, 0, -time.Hour}
		q.Handle("work", Policy{MaxAttempts: 1}, func(ctx context.Context, j Job) Result {
			wait := waits[0]
			waits = waits[1:]
			return Snooze(wait)
		})
		id := b.enqueue(New{})
		b.step(q, 1)
		j := b.job(id)
		is(b.T, []any{j.State, j.Attempts, j.RunAt}, []any{"queued", 0, start.Add(time.Hour)})
		b.clock.Advance(time.Hour)
		b.step(q, 1)
		is(b.T, b.job(id).RunAt, b.clock.Now().Add(time.Millisecond))
		b.clock.Advance(time.Millisecond)
		b.step(q, 1)
		is(b.T, b.job(id).RunAt, b.clock.Now().Add(time.Millisecond))
	})
}

func TestDeadLettersAreListedAndRevived(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		dead := true
		q.Handle("work", Policy{}, func(ctx context.Context, j Job) Result {
			if dead {
				return Dead(core.NewFault(core.Refused, "closed", "The account is closed."))
			}
			return Done()
		})
		var ids []core.Ref
		for range 5 {
			ids = append([]core.Ref{b.enqueue(New{})}, ids...)
			b.step(q, 1)
			b.clock.Advance(time.Second)
		}
		var got []core.Ref
		for p := (core.PageRequest{Limit: 2}); ; {
			page, err := DeadLetters(b.Context(), b.store.Reader(), p)
			b.must(err)
			for _, j := range page.Rows {
				got = append(got, j.ID)
				is(b.T, j.Error, "closed: The account is closed.")
			}
			if p.After = page.Next; page.Next == "" {
				break
			}
		}
		is(b.T, got, ids)
		for _, bad := range []core.Cursor{"?", core.MakeCursor("x", "y"), core.MakeCursor("1")} {
			if _, err := DeadLetters(b.Context(), b.store.Reader(), core.PageRequest{After: bad}); !core.IsFault(err, "bad-cursor") {
				b.Errorf("cursor %q: %v", bad, err)
			}
		}
		revive := func(id core.Ref) error {
			return b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
				return Revive(ctx, tx, id, b.clock.Now().Add(time.Minute))
			})
		}
		b.must(revive(ids[0]))
		is(b.T, revive(ids[0]), ErrNotDead)
		is(b.T, revive("jb_none"), ErrNoJob)
		is(b.T, b.counts(), "[{work dead 4} {work queued 1}]")
		dead = false
		b.step(q, 0)
		b.clock.Advance(time.Minute)
		b.step(q, 1)
		is(b.T, b.counts(), "[{work dead 4}]")
	})
}

func TestOldestDue(t *testing.T) {
	each(t, func(b *bench) {
		oldest := func() core.Instant {
			at, err := OldestDue(b.Context(), b.store.Reader(), b.clock.Now())
			b.must(err)
			return at
		}
		is(b.T, oldest(), core.Instant(0))
		b.enqueue(New{RunAt: start.Add(2 * time.Minute)})
		b.enqueue(New{RunAt: start.Add(time.Minute)})
		is(b.T, oldest(), core.Instant(0))
		b.clock.Advance(time.Hour)
		is(b.T, oldest(), start.Add(time.Minute))
	})
}

func TestPanicsAndForgottenResultsAreFailedTries(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		q.Handle("panics", Policy{}, func(ctx context.Context, j Job) Result { panic("IBAN AE07") })
		q.Handle("forgets", Policy{}, func(ctx context.Context, j Job) Result { return Result{} })
		q.Handle("mute", Policy{}, func(ctx context.Context, j Job) Result { return Dead(nil) })
		for kind, want := range map[string]*core.Fault{"panics": errPanicked, "forgets": errNoResult, "mute": errNoResult} {
			id := b.enqueue(New{Kind: kind})
			b.step(q, 1)
			j := b.job(id)
			is(b.T, []any{j.State, j.Attempts, j.Error}, []any{"queued", 1, want.Code + ": " + want.Text})
		}
		if !strings.Contains(b.log.String(), "jobs_test.go") {
			b.Error("the log does not say where it panicked")
		}
	})
}

func TestLeaseThatRanOutIsClaimedAgainAndTheStaleWorkerCannotFinish(t *testing.T) {
	each(t, func(b *bench) {
		for _, last := range []Result{Done(), Snooze(time.Hour), Retry(errPanicked), Dead(errPanicked)} {
			slow, quick := b.queue(), b.queue()
			quick.Handle("work", Policy{Lease: time.Minute}, func(ctx context.Context, j Job) Result {
				is(b.T, []any{j.Attempts, j.Error != ""}, []any{1, true})
				return Snooze(time.Minute)
			})
			slow.Handle("work", Policy{Lease: time.Minute}, func(ctx context.Context, j Job) Result {
				if j.Attempts > 0 {
					b.Fatal("the slow worker ran twice")
				}
				b.wall.Advance(time.Minute - time.Microsecond)
				b.step(quick, 0)
				b.wall.Advance(time.Microsecond)
				b.step(quick, 1)
				return last
			})
			id := b.enqueue(New{})
			ran, err := slow.Step(b.Context())
			is(b.T, []any{ran, errors.Is(err, ErrOvertaken)}, []any{1, true})
			j := b.job(id)
			is(b.T, []any{j.State, j.Attempts, j.RunAt}, []any{"queued", 1, b.clock.Now().Add(time.Minute)})
			b.must(b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := jobTable.Delete(ctx, tx, string(id))
				return err
			}))
		}
	})
}

// A lease that ran out unnoticed does not stop its worker, and a job that
// kills its process again and again ends as a dead letter.
func TestLeaseThatRanOut(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		q.Handle("work", Policy{Lease: time.Minute, MaxAttempts: 3}, func(ctx context.Context, j Job) Result {
			b.wall.Advance(time.Hour)
			return Done()
		})
		b.enqueue(New{})
		b.step(q, 1)
		is(b.T, b.counts(), "[]")
		id := b.enqueue(New{})
		for crash := range 3 {
			claimed, _, err := q.claim(b.Context(), b.clock.Now(), 1)
			b.must(err)
			is(b.T, []any{len(claimed), claimed[0].Attempts}, []any{1, crash})
			b.wall.Advance(time.Minute)
		}
		b.step(q, 0)
		j := b.job(id)
		is(b.T, []any{j.State, j.Attempts, j.Error}, []any{"dead", 3, errLeaseRanOut.Code + ": " + errLeaseRanOut.Text})
	})
}

func TestHandlersEndBeforeTheirLease(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		q.Handle("work", Policy{Lease: 200 * time.Millisecond}, func(ctx context.Context, j Job) Result {
			<-ctx.Done()
			return Retry(ctx.Err())
		})
		id := b.enqueue(New{})
		b.step(q, 1)
		is(b.T, b.job(id).Attempts, 1)
	})
}

// Step runs by (run_at, id), also what its own jobs enqueue for now, and the
// same seed gives the same ids in the same order on both engines.
func TestStepIsDeterministic(t *testing.T) {
	var orders []string
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &bench{T: t, store: s, clock: core.NewVirtualClock(start), wall: core.NewVirtualClock(start), entropy: core.NewSeededEntropy(7)}
		q := b.queue()
		var order []string
		q.Handle("work", Policy{}, func(ctx context.Context, j Job) Result {
			if j.RunAt < start.Add(-time.Minute) {
				return Snooze(0) // from now on its id is the smallest and its time the last
			}
			order = append(order, fmt.Sprint(j.RunAt, " ", j.ID, " ", j.Args))
			if j.Args == "3" {
				b.enqueue(New{Args: "child", RunAt: start})
				b.enqueue(New{Args: "later", RunAt: b.clock.Now().Add(time.Microsecond)})
			}
			return Done()
		})
		b.enqueue(New{Args: "first", RunAt: start.Add(-time.Hour)})
		b.step(q, 1)
		for i := range 6 {
			b.enqueue(New{Args: fmt.Sprint(i), RunAt: start.Add(-time.Duration(i%3) * time.Second)})
		}
		b.clock.Advance(time.Second)
		b.step(q, 8)
		orders = append(orders, strings.Join(order, "\n"))
		if own := slices.DeleteFunc(order, func(o string) bool { return strings.HasSuffix(o, "child") }); !slices.IsSorted(own) {
			t.Errorf("out of order:\n%s", strings.Join(own, "\n"))
		}
	})
	if len(orders) == 2 && orders[0] != orders[1] {
		t.Errorf("SQLite ran\n%s\nPostgreSQL\n%s", orders[0], orders[1])
	}
}

func TestStepStopsBetweenJobsWhenItsContextEnds(t *testing.T) {
	each(t, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		q := b.queue()
		q.Handle("work", Policy{}, func(inner context.Context, j Job) Result {
			cancel()
			if inner.Err() != nil {
				b.Error("the running try was cut off")
			}
			return Done()
		})
		b.enqueue(New{})
		b.enqueue(New{})
		ran, err := q.Step(ctx)
		is(b.T, []any{ran, err}, []any{1, context.Canceled})
		is(b.T, b.counts(), "[{work queued 1}]")
	})
}

func TestResultsAreStoredWhenTheDatabaseComesBack(t *testing.T) {
	b := &bench{T: t, store: storetest.Open(t, store.SQLite)}
	fault := func(code string) error { return core.NewFault(core.Unavailable, code, "Wait.") }
	for _, c := range []struct {
		answers []error
		want    string
	}{
		{[]error{fault("too-busy"), fault("database-unavailable"), nil}, "<nil> 3"},
		{[]error{fault("commit-unknown")}, "commit-unknown: Wait. 1"},
		{[]error{ErrOvertaken}, ErrOvertaken.Error() + " 1"},
	} {
		n := 0
		err := b.runner(b.store).record(t.Context(), func(context.Context, *store.Tx) error { n++; return c.answers[n-1] })
		is(t, fmt.Sprint(err, " ", n), c.want)
	}
}

func TestTwoHandlersOfOneKindPanic(t *testing.T) {
	q := NewQueue(Config{Entropy: core.NewSeededEntropy(1)})
	twice := func(what string, fn func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s did not panic", what)
			}
		}()
		fn()
		fn()
	}
	twice("Handle", func() { q.Handle("work", Policy{}, nil) })
	twice("Every", func() { q.Every("seal", time.Minute, nil) })
	twice("Every without a period", func() { q.Every("none", 0, nil) })
}
