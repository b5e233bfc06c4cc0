package jobs

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Config is what a Queue works with.
type Config struct {
	Store *store.Store
	Clock core.Clock // business time: when jobs and schedules are due
	Wall  core.Clock // leases
	// Holder names this process to people. NewQueue adds a few random characters,
	// because a lease does not keep two holders of one name apart.
	Holder  string
	Entropy core.Entropy
	Log     *slog.Logger // may be nil
}

// Policy says how jobs of one kind fail and how long one try may take.
type Policy struct {
	MaxAttempts int                             // failed tries until it is dead; zero means 10
	Backoff     func(attempt int) time.Duration // pause after the given failed try, 1 for the first; nil doubles from a second to an hour
	Lease       time.Duration                   // one try's limit; zero means a minute
}

func (p Policy) withDefaults() Policy {
	if p.MaxAttempts <= 0 {
		p.MaxAttempts = 10
	}
	if p.Backoff == nil {
		p.Backoff = func(n int) time.Duration { return min(time.Second<<min(n-1, 20), time.Hour) }
	}
	if p.Lease <= 0 {
		p.Lease = time.Minute
	}
	return p
}

type handler struct {
	policy Policy
	fn     func(context.Context, Job) Result
}

// Queue runs jobs and schedules. Several queues, in one process or in many,
// may share one store.
type Queue struct {
	Config
	handlers  map[string]handler
	kinds     []string
	schedules []*schedule
	wake      chan struct{}
}

// NewQueue makes a queue that handles nothing yet.
func NewQueue(c Config) *Queue {
	var tail [4]byte
	c.Entropy.Read(tail[:])
	c.Holder += "-" + hex.EncodeToString(tail[:])
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Queue{Config: c, handlers: map[string]handler{}, wake: make(chan struct{}, 1)}
}

// Handle says what runs jobs of a kind. The handler must read recorded state
// before it acts, for the job may have run before. A queue claims only kinds
// that it handles, so that a node of an older release leaves new kinds alone.
// Handle and Every are called before Step and Run.
func (q *Queue) Handle(kind string, p Policy, fn func(context.Context, Job) Result) {
	if _, twice := q.handlers[kind]; twice {
		panic("jobs: two handlers for " + kind)
	}
	q.handlers[kind] = handler{p.withDefaults(), fn}
	q.kinds = append(q.kinds, kind)
}

// Nudge lets Run look for due jobs now. It does not block.
func (q *Queue) Nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Step runs, in this goroutine, every schedule and then every job that is due
// at the business time of its beginning, also those that they enqueue for that
// time, and returns how many it ran. A handler's failure is the job's and not
// an error of Step.
func (q *Queue) Step(ctx context.Context) (ran int, err error) {
	now := q.Clock.Now()
	var errs []error
	for _, s := range q.schedules {
		did, err := q.tick(ctx, s, now)
		if did {
			ran++
		}
		errs = append(errs, err)
	}
	for ctx.Err() == nil {
		claimed, more, err := q.claim(ctx, now, 1)
		errs = append(errs, err)
		if err != nil || !more {
			break
		}
		for _, j := range claimed {
			ran++
			errs = append(errs, q.work(ctx, j))
		}
	}
	return ran, errors.Join(append(errs, ctx.Err())...)
}

// Run runs what is due until ctx ends, with at most the given number of jobs
// at once, and returns when all of them ended. It looks when nudged (the
// channel may be nil) and at least once per poll. What goes wrong is logged
// and tried again.
func (q *Queue) Run(ctx context.Context, workers int, nudge <-chan struct{}, poll time.Duration) {
	var running sync.WaitGroup
	defer running.Wait()
	for _, s := range q.schedules {
		running.Go(func() { q.keep(ctx, s, poll) })
	}
	free := make(chan struct{}, workers)
	for range workers {
		free <- struct{}{}
	}
	for {
		n := takeAll(ctx, free)
		if ctx.Err() != nil {
			return
		}
		claimed, more, err := q.claim(ctx, q.Clock.Now(), n)
		if err != nil && ctx.Err() == nil {
			q.Log.WarnContext(ctx, "no jobs could be claimed now", "err", err)
		}
		for range n - len(claimed) {
			free <- struct{}{}
		}
		for _, j := range claimed {
			running.Go(func() {
				defer func() { free <- struct{}{} }()
				if err := q.work(ctx, j); err != nil {
					q.Log.ErrorContext(ctx, "a job's result was not stored", "job", j.ID, "kind", j.Kind, "err", err)
				}
			})
		}
		if !more {
			nudge = q.idle(ctx, nudge, poll)
		}
	}
}

// takeAll waits for one free worker and takes those that are free besides;
// only Run takes, so what is there stays there until it does.
func takeAll(ctx context.Context, free <-chan struct{}) int {
	select {
	case <-free:
	case <-ctx.Done():
		return 0
	}
	n := 1 + len(free)
	for range n - 1 {
		<-free
	}
	return n
}

// idle waits for a reason to look again. A closed nudge channel is dropped.
func (q *Queue) idle(ctx context.Context, nudge <-chan struct{}, poll time.Duration) <-chan struct{} {
	t := time.NewTimer(poll)
	defer t.Stop()
	select {
	case <-t.C:
	case <-q.wake:
	case _, open := <-nudge:
		if !open {
			return nil
		}
	case <-ctx.Done():
	}
	return nudge
}
