package jobs

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// runner is a queue on the machine's clocks; Log stays silent since handlers
// log concurrently.
func (b *bench) runner(s *store.Store) *Queue {
	return NewQueue(Config{Store: s, Clock: core.SystemClock{}, Wall: core.SystemClock{}, Holder: "node", Entropy: core.SystemEntropy{}})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

// Two queues, on two connections to one database, share 120 jobs that are
// enqueued while they run; every third fails once.
func TestTwoQueuesNeverRunAJobTwiceAtOnce(t *testing.T) {
	each(t, func(b *bench) {
		second, err := store.Open(b.Context(), store.Options{DSN: storetest.DSN(b.T, b.store)})
		b.must(err)
		defer second.Close()
		var mu sync.Mutex
		busy, ran, most, now := map[core.Ref]bool{}, map[core.Ref]int{}, 0, 0
		work := func(ctx context.Context, j Job) Result {
			mu.Lock()
			if busy[j.ID] {
				b.Errorf("%s runs twice at once", j.ID)
			}
			busy[j.ID] = true
			ran[j.ID]++
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(2 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			busy[j.ID] = false
			now--
			if strings.HasSuffix(j.Args, "0") && j.Attempts == 0 {
				return Retry(fmt.Errorf("once"))
			}
			return Done()
		}
		ctx, cancel := context.WithCancel(b.Context())
		var queues sync.WaitGroup
		for _, s := range []*store.Store{b.store, second} {
			q := b.runner(s)
			q.Handle("work", Policy{Backoff: func(int) time.Duration { return time.Millisecond }}, work)
			queues.Go(func() { q.Run(ctx, 4, nil, 10*time.Millisecond) })
		}
		var enqueuers sync.WaitGroup
		for e := range 3 {
			enqueuers.Go(func() {
				for i := range 40 {
					err := b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
						_, err := Enqueue(ctx, tx, core.SystemEntropy{}, New{
							Kind: "work", Args: fmt.Sprint(i),
							RunAt: core.SystemClock{}.Now(), Unique: fmt.Sprint(e, "-", i),
						})
						return err
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		}
		enqueuers.Wait()
		eventually(b.T, "the queue is empty", func() bool { return b.counts() == "[]" })
		cancel()
		queues.Wait()
		total := 0
		for _, n := range ran {
			total += n
		}
		is(b.T, []any{len(ran), total}, []any{120, 132})
		if most < 2 || most > 8 {
			b.Errorf("%d jobs ran at once", most)
		}
	})
}

// Of enqueuers with one key at once, one wins and all get its id.
func TestUniqueUnderContention(t *testing.T) {
	each(t, func(b *bench) {
		var wg sync.WaitGroup
		var ids sync.Map
		for range 8 {
			wg.Go(func() {
				var id core.Ref
				err := b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
					id, err = Enqueue(ctx, tx, core.SystemEntropy{}, New{Kind: "work", RunAt: start, Unique: "one"})
					return err
				})
				if err != nil {
					b.Error(err)
				}
				ids.Store(id, true)
			})
		}
		wg.Wait()
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		is(b.T, []any{n, b.counts()}, []any{1, "[{work queued 1}]"})
	})
}

// Run wakes on Nudge and on the channel, survives that channel's closing, lets
// the running handler end undisturbed when it is told to stop, starts no other
// and leaves no goroutine.
func TestRunIsNudgedAndDrains(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &bench{T: t, store: s, clock: core.NewVirtualClock(start), entropy: core.NewSeededEntropy(1)}
		q := b.runner(s)
		started, finish := make(chan core.Ref), make(chan bool)
		var cut atomic.Bool
		q.Handle("work", Policy{}, func(ctx context.Context, j Job) Result {
			started <- j.ID
			<-finish
			cut.Store(ctx.Err() != nil)
			return Done()
		})
		q.Every("tick", time.Hour, func(context.Context) error { return nil })
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		nudge, ended := make(chan struct{}, 1), make(chan bool)
		go func() { q.Run(ctx, 1, nudge, time.Hour); close(ended) }()
		for i := range 3 {
			time.Sleep(20 * time.Millisecond) // it is idle, with an hour to go
			id := b.enqueue(New{})
			switch i {
			case 0:
				q.Nudge()
				q.Nudge()
			case 1:
				nudge <- struct{}{}
			case 2:
				close(nudge)
			}
			is(t, <-started, id)
			if i < 2 {
				finish <- true
				eventually(t, "done", func() bool { return b.counts() == "[]" })
			}
		}
		b.enqueue(New{})
		cancel()
		select {
		case <-ended:
			t.Fatal("Run left a handler behind")
		case <-time.After(50 * time.Millisecond):
		}
		finish <- true
		<-ended
		is(t, []any{b.counts(), cut.Load()}, []any{"[{work queued 1}]", false})
		eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before+2 }) // database/sql keeps its own
	})
}

func TestSchedulesRunOncePerPeriodOnOneNode(t *testing.T) {
	each(t, func(b *bench) {
		one, two := b.queue(), b.queue()
		var ran []string
		duty := func(who string) func(context.Context) error {
			return func(ctx context.Context) error { ran = append(ran, who); return nil }
		}
		one.Every("seal", time.Minute, duty("one"))
		two.Every("seal", time.Minute, duty("two"))
		b.step(one, 1)
		b.step(one, 0)
		b.step(two, 0)
		b.clock.Advance(time.Minute)
		b.step(two, 1)
		b.step(one, 0)
		b.clock.Advance(time.Hour + 10*time.Second) // missed periods are not made up for, and the phase stays
		b.step(one, 1)
		b.step(two, 0)
		b.clock.Advance(49 * time.Second)
		b.step(one, 0)
		b.clock.Advance(time.Second)
		b.step(two, 1)
		is(b.T, ran, []string{"one", "two", "one", "two"})
		all, err := Schedules(b.Context(), b.store.Reader())
		b.must(err)
		is(b.T, []any{len(all), all[0].LastAt, all[0].NextAt}, []any{1, b.clock.Now(), b.clock.Now().Add(time.Minute)})
	})
}

func TestScheduleIsLeasedWhileItRuns(t *testing.T) {
	each(t, func(b *bench) {
		slow, other := b.queue(), b.queue()
		var overtaken error
		ran := 0
		other.Every("seal", time.Minute, func(context.Context) error { ran++; return nil })
		slow.Every("seal", time.Minute, func(ctx context.Context) error {
			hold := func() error {
				return b.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return Hold(ctx, tx) })
			}
			b.must(hold())
			b.step(slow, 0) // nor does this process run it twice
			b.step(other, 0)
			b.wall.Advance(scheduleLease)
			b.step(other, 1)
			overtaken = hold()
			return nil
		})
		n, err := slow.Step(b.Context())
		is(b.T, []any{n, core.IsFault(err, "lease-lost"), core.IsFault(overtaken, "lease-lost"), ran}, []any{1, true, true, 1})
		err = b.store.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error { return Hold(ctx, tx) })
		is(b.T, core.IsFault(err, "lease-lost"), true)
	})
}

func TestFailedScheduleIsNotedAndComesAgain(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		turn := 0
		q.Every("seal", time.Minute, func(context.Context) error {
			switch turn++; turn {
			case 1:
				return fmt.Errorf("password=hunter2")
			case 2:
				panic("at the disco")
			}
			return nil
		})
		for _, want := range []string{"internal", "job-panicked", ""} {
			b.step(q, 1)
			all, err := Schedules(b.Context(), b.store.Reader())
			b.must(err)
			code, _, _ := strings.Cut(all[0].Error, ":")
			is(b.T, code, want)
			b.clock.Advance(time.Minute)
		}
	})
}

func TestRunKeepsSchedulesOnOneOfTwoNodes(t *testing.T) {
	each(t, func(b *bench) {
		var inside, ran atomic.Int32
		ctx, cancel := context.WithCancel(b.Context())
		var queues sync.WaitGroup
		for range 2 {
			q := b.runner(b.store)
			q.Every("seal", 10*time.Millisecond, func(context.Context) error {
				if inside.Add(1) > 1 {
					b.Error("two nodes run one schedule")
				}
				time.Sleep(3 * time.Millisecond)
				inside.Add(-1)
				ran.Add(1)
				return nil
			})
			queues.Go(func() { q.Run(ctx, 1, nil, 5*time.Millisecond) })
		}
		eventually(b.T, "ten runs", func() bool { return ran.Load() >= 10 })
		cancel()
		queues.Wait()
	})
}
