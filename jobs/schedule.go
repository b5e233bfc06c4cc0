package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Schedule is a schedule's stored state.
type Schedule struct {
	Name   string
	NextAt core.Instant // business time
	LastAt core.Instant
	Error  string // what the last run said, empty when it went well
	rev    int64
}

var scheduleTable = store.Declare(store.Table[Schedule]{
	Name: "job_schedule", Kind: store.Operational, Rev: func(s *Schedule) *int64 { return &s.rev },
	Columns: []store.Column[Schedule]{
		{Name: "name", Class: core.Public, Field: func(s *Schedule) any { return &s.Name }},
		{Name: "next_at", Class: core.Public, Field: func(s *Schedule) any { return &s.NextAt }},
		{Name: "last_at", Class: core.Public, Field: func(s *Schedule) any { return &s.LastAt }},
		{Name: "error", Class: core.Public, Field: func(s *Schedule) any { return &s.Error }},
	},
})

// scheduleLease limits one run of a schedule. Longer work is enqueued as jobs.
const scheduleLease = 5 * time.Minute

type schedule struct {
	name   string
	period time.Duration
	fn     func(context.Context) error
	mu     sync.Mutex   // one run at a time in this process, which has one holder for all
	next   core.Instant // as last read: saves asking the store on every poll
}

// Every runs fn about once per period of business time, on at most one node at
// a time, first as soon as it is known. Periods that were missed are not made
// up for: fn looks at the recorded state and does what is due. A run that
// fails is noted and comes again with the next period. fn's transactions call
// Hold, which stops a node that was paused for longer than its lease.
func (q *Queue) Every(name string, period time.Duration, fn func(context.Context) error) {
	if period < time.Millisecond {
		panic("jobs: schedule " + name + " needs a period")
	}
	if slices.ContainsFunc(q.schedules, func(s *schedule) bool { return s.name == name }) {
		panic("jobs: two schedules named " + name)
	}
	q.schedules = append(q.schedules, &schedule{name: name, period: period, fn: fn})
}

type leaseKey struct{}

// Hold proves inside a schedule's transaction that its lease is still the
// newest claim; see store.Tx.Hold. ctx comes from the schedule's function.
func Hold(ctx context.Context, tx *store.Tx) error {
	l, ok := ctx.Value(leaseKey{}).(store.Lease)
	if !ok {
		return store.ErrLeaseLost
	}
	return tx.Hold(ctx, l)
}

// keep runs a schedule until ctx ends.
func (q *Queue) keep(ctx context.Context, s *schedule, poll time.Duration) {
	t := time.NewTicker(poll)
	defer t.Stop()
	for ctx.Err() == nil {
		if _, err := q.tick(ctx, s, q.Clock.Now()); err != nil && ctx.Err() == nil {
			q.Log.ErrorContext(ctx, "a schedule cannot run", "schedule", s.name, "err", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
}

// tick runs the schedule if it is due and nobody else runs it. Whether it is
// due is asked again under the lease: another node may just have run it.
func (q *Queue) tick(ctx context.Context, s *schedule, now core.Instant) (ran bool, err error) {
	if !s.mu.TryLock() {
		return false, nil
	}
	defer s.mu.Unlock()
	if s.next > now {
		return false, nil
	}
	lease, err := q.lease(ctx, s, scheduleLease)
	if core.IsFault(err, store.ErrLeaseLost.Code) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	base := context.WithoutCancel(ctx)
	defer q.lease(base, s, 0) // a lease that ends now: others need not wait; failing to is harmless
	was, err := scheduleTable.Get(ctx, q.Store.Reader(), s.name)
	if err != nil {
		return false, err
	}
	if was != nil && was.NextAt > now {
		s.next = was.NextAt
		return false, nil
	}
	limited, cancel := context.WithTimeout(context.WithValue(base, leaseKey{}, lease), scheduleLease-scheduleLease/10)
	defer cancel()
	failure := guarded(func() error { return s.fn(limited) })
	if failure != nil {
		q.Log.WarnContext(ctx, "a schedule failed", "schedule", s.name, "err", failure)
	}
	return true, q.note(base, s, lease, now, failure)
}

func (q *Queue) lease(ctx context.Context, s *schedule, term time.Duration) (store.Lease, error) {
	return q.Store.TakeLease(ctx, "schedule "+s.name, q.Holder, q.Wall.Now(), term)
}

// note stores the run and when the next is due.
func (q *Queue) note(ctx context.Context, s *schedule, l store.Lease, now core.Instant, failure error) error {
	next := Schedule{Name: s.name, LastAt: now}
	if failure != nil {
		next.Error = safeText(failure)
	}
	err := q.record(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Hold(ctx, l); err != nil {
			return err
		}
		was, err := scheduleTable.Get(ctx, tx, s.name)
		if err != nil {
			return err
		}
		if was == nil {
			next.NextAt = now.Add(s.period)
			return scheduleTable.Insert(ctx, tx, &next)
		}
		next.NextAt = following(was.NextAt, now, s.period)
		return scheduleTable.Update(ctx, tx, was, &next)
	})
	if err == nil {
		s.next = next.NextAt
	}
	return err
}

// following is the first instant after now that keeps the schedule's phase.
func following(due, now core.Instant, period time.Duration) core.Instant {
	return due.Add((now.Sub(due)/period + 1) * period)
}

// Schedules reads when each schedule ran and runs next, by name.
func Schedules(ctx context.Context, r store.Reader) ([]Schedule, error) {
	return scheduleTable.Select(ctx, r, "ORDER BY name")
}
