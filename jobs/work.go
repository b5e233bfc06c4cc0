package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Result is how a try ended. The zero Result is a mistake and counts as a
// failed try.
type Result struct {
	verdict verdict
	wait    time.Duration
	err     error
}

type verdict int

const (
	unsaid verdict = iota
	done
	snoozed
	failed
	hopeless
)

// Done ends the job.
func Done() Result { return Result{verdict: done} }

// Snooze lets the job come back after d of business time; it is no failure.
func Snooze(d time.Duration) Result { return Result{verdict: snoozed, wait: d} }

// Retry is a failed try: the job comes back after its kind's backoff, or is
// dead after the last attempt. err must not be nil.
func Retry(err error) Result { return Result{verdict: failed, err: err} }

// Dead ends the job as a dead letter at once: trying again cannot help.
func Dead(err error) Result { return Result{verdict: hopeless, err: err} }

// ErrOvertaken says that a job's lease ran out and another worker has claimed
// or even ended it; the result of this try was not stored.
var ErrOvertaken = core.NewFault(core.Conflict, "job-overtaken", "This job took longer than its lease, and another worker has taken it over.")

var (
	errLeaseRanOut = core.NewFault(core.Internal, "job-lease-ran-out", "The job was not finished within its lease. Its process may have stopped.")
	errPanicked    = core.NewFault(core.Internal, "job-panicked", "The program failed while it ran this. The log has the cause.")
	errNoResult    = core.NewFault(core.Internal, "job-no-result", "The handler did not say how the job ended.")
)

// dueSQL selects due jobs and those whose lease ran out, in running order.
const dueSQL = `WHERE state <> 'dead' AND run_at <= $1 AND (state = 'queued' OR lease_until <= $2) AND {where} ORDER BY run_at, id LIMIT $3`

// claim marks up to n due jobs as running here. more says that as many were
// due as were asked for, so that there may be others; some of them may have
// died here instead of being claimed.
func (q *Queue) claim(ctx context.Context, now core.Instant, n int) (claimed []Job, more bool, err error) {
	wall := q.Wall.Now()
	err = q.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		claimed = claimed[:0]
		due := dueSQL
		if tx.Engine() == store.Postgres {
			due += " FOR UPDATE SKIP LOCKED" // other nodes take other jobs instead of waiting for us
		}
		rows, err := jobTable.Filter(ctx, tx, due, store.In("kind", q.kinds), now, wall, n)
		if err != nil {
			return err
		}
		more = len(rows) == n
		for _, was := range rows {
			next := q.taken(was, now, wall)
			if err := jobTable.Update(ctx, tx, &was, &next); err != nil {
				return err
			}
			if next.State == StateRunning {
				claimed = append(claimed, next)
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return claimed, more, nil
}

// taken is the job as claimed by this queue. One that was running failed in an
// unknown way: it counts as an attempt, perhaps the last.
func (q *Queue) taken(was Job, now, wall core.Instant) Job {
	p := q.handlers[was.Kind].policy
	if was.State == StateRunning {
		was.Attempts++
		was.Error = safeText(errLeaseRanOut)
		if was.Attempts >= p.MaxAttempts {
			return buried(was, now, errLeaseRanOut)
		}
	}
	was.State, was.Holder, was.LeaseUntil = StateRunning, q.Holder, wall.Add(p.Lease)
	return was
}

// work runs a claimed job's handler and stores the result.
func (q *Queue) work(ctx context.Context, j Job) error {
	h := q.handlers[j.Kind]
	// The caller's end does not cut a try short, the lease does, with some time
	// left to store the result.
	base := context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(base, h.policy.Lease-h.policy.Lease/10)
	defer cancel()
	var r Result
	if err := guarded(func() error { r = h.fn(limited, j); return nil }); err != nil {
		r = Retry(err)
	}
	if r.verdict == unsaid || r.verdict >= failed && r.err == nil {
		r = Retry(errNoResult)
	}
	if r.err != nil {
		q.Log.WarnContext(ctx, "a job failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempts+1, "err", r.err)
	}
	return q.finish(base, j, r, h.policy)
}

// guarded runs fn and makes its panic an error.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errPanicked.Because(fmt.Errorf("%v\n%s", p, debug.Stack()))
		}
	}()
	return fn()
}

// finish stores how a try ended, unless the job was claimed again meanwhile.
func (q *Queue) finish(ctx context.Context, j Job, r Result, p Policy) error {
	next := after(j, r, p, q.Clock.Now())
	err := q.record(ctx, func(ctx context.Context, tx *store.Tx) error {
		if r.verdict != done {
			return jobTable.Update(ctx, tx, &j, &next)
		}
		n, err := jobTable.DeleteAll(ctx, tx, store.And(store.Eq("id", j.ID), store.Eq("rev", j.rev)))
		if err == nil && n == 0 {
			return ErrOvertaken
		}
		return err
	})
	if errors.Is(err, store.ErrStale) {
		return ErrOvertaken
	}
	return err
}

// record is a write that is tried for some seconds while the database is busy
// or away: a result that is not stored means that the work is done again.
func (q *Queue) record(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		err := q.Store.Write(ctx, fn)
		if pause > 2*time.Second || !core.IsFault(err, "too-busy") && !core.IsFault(err, "database-unavailable") {
			return err
		}
		time.Sleep(pause)
	}
}

// after is the job as its try leaves it. It never comes back at now itself:
// under a clock that stands still, Step must come to an end.
func after(j Job, r Result, p Policy, now core.Instant) Job {
	j.State, j.Holder, j.LeaseUntil = StateQueued, "", 0
	switch r.verdict {
	case snoozed:
		j.RunAt, j.Error = now.Add(max(r.wait, time.Millisecond)), ""
	case failed:
		j.Attempts++
		if j.Attempts >= p.MaxAttempts {
			return buried(j, now, r.err)
		}
		j.RunAt, j.Error = now.Add(max(p.Backoff(j.Attempts), time.Millisecond)), safeText(r.err)
	case hopeless:
		return buried(j, now, r.err)
	}
	return j
}

func buried(j Job, now core.Instant, err error) Job {
	j.State, j.Holder, j.LeaseUntil, j.DeadAt, j.Error = StateDead, "", 0, now, safeText(err)
	return j
}

// safeText is what may be stored and shown of an error: a fault's code and
// text, cut to a length, without what a text column refuses.
func safeText(err error) string {
	f := core.AsFault(err)
	s := []rune(strings.ToValidUTF8(strings.ReplaceAll(f.Code+": "+f.Text, "\x00", ""), "?"))
	return string(s[:min(len(s), 500)])
}
