package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// The states of a job. One that is done has no row.
const (
	StateQueued  = "queued"
	StateRunning = "running"
	StateDead    = "dead"
)

// Job is one piece of work as it is stored.
type Job struct {
	ID      core.Ref
	Kind    string
	Subject core.Ref // what it is about; may be empty
	Args    string   // ids and numbers that the handler needs besides Subject
	Unique  string
	State   string
	RunAt   core.Instant // business time
	// Attempts counts the tries that failed. A claim whose lease ran out is one:
	// a job that kills its process must not do so for ever.
	Attempts   int
	LeaseUntil core.Instant // wall time; set while running
	Holder     string       // the queue that runs it
	Error      string       // what the last failed try said
	DeadAt     core.Instant // business time
	rev        int64
}

var jobTable = store.Declare(store.Table[Job]{
	Name: "job", Kind: store.Operational, Rev: func(j *Job) *int64 { return &j.rev },
	Columns: []store.Column[Job]{
		{Name: "id", Class: core.Public, Field: func(j *Job) any { return &j.ID }},
		{Name: "kind", Class: core.Public, Field: func(j *Job) any { return &j.Kind }},
		{Name: "subject", Class: core.Public, Field: func(j *Job) any { return &j.Subject }},
		{Name: "args", Class: core.Public, Field: func(j *Job) any { return &j.Args }},
		{Name: "unique_key", Class: core.Public, Field: func(j *Job) any { return &j.Unique }},
		{Name: "state", Class: core.Public, Field: func(j *Job) any { return &j.State }},
		{Name: "run_at", Class: core.Public, Field: func(j *Job) any { return &j.RunAt }},
		{Name: "attempts", Class: core.Public, Field: func(j *Job) any { return &j.Attempts }},
		{Name: "lease_until", Class: core.Public, Field: func(j *Job) any { return &j.LeaseUntil }},
		{Name: "holder", Class: core.Public, Field: func(j *Job) any { return &j.Holder }},
		{Name: "error", Class: core.Public, Field: func(j *Job) any { return &j.Error }},
		{Name: "dead_at", Class: core.Public, Field: func(j *Job) any { return &j.DeadAt }},
	},
})

// New is a job to be enqueued.
type New struct {
	Kind    string
	Subject core.Ref
	Args    string
	RunAt   core.Instant // business time from which it is due
	// Unique, when set, makes a second enqueue a no-op while a job with the same
	// key is queued or running, whatever its RunAt. A running job may already
	// have read the state that the second one was about: leave Unique empty
	// where that matters.
	Unique string
}

const maxArgs = 1000

func (n New) check() error {
	switch {
	case n.Kind == "" || n.RunAt <= 0:
		return fmt.Errorf("jobs: a %s job needs a kind and a time", n.Kind)
	case n.Subject != "" && !n.Subject.Valid():
		return fmt.Errorf("jobs: the subject of a %s job is not a reference", n.Kind)
	case !onlyIDs(n.Args) || !onlyIDs(n.Unique):
		return fmt.Errorf("jobs: a %s job carries something other than ids and numbers", n.Kind)
	}
	return nil
}

// onlyIDs refuses what no id or number holds. It cannot know a name from an
// id, but an e-mail address or a pasted document does not get past it.
func onlyIDs(s string) bool {
	return len(s) <= maxArgs && strings.IndexFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" _-.:=,/|", c))
	}) < 0
}

// Enqueue writes a job in the caller's transaction and returns its id, or the
// id of the live job with the same Unique key. Draw e before the transaction,
// which may run more than once.
func Enqueue(ctx context.Context, tx *store.Tx, e core.Entropy, n New) (core.Ref, error) {
	if err := n.check(); err != nil {
		return "", err
	}
	switch live, err := liveJob(ctx, tx, n.Unique); {
	case err != nil:
		return "", err
	case live != nil:
		return live.ID, nil
	}
	j := Job{
		ID: core.NewRef(core.KindJob, n.RunAt, e), Kind: n.Kind, Subject: n.Subject,
		Args: n.Args, Unique: n.Unique, State: StateQueued, RunAt: n.RunAt,
	}
	return j.ID, jobTable.Insert(ctx, tx, &j)
}

// liveJob reads the queued or running job with the key. On PostgreSQL this read
// is also what turns two enqueues at once into a retried transaction instead
// of a broken unique index.
func liveJob(ctx context.Context, r store.Reader, unique string) (*Job, error) {
	if unique == "" {
		return nil, nil
	}
	return jobTable.One(ctx, r, "WHERE unique_key = $1 AND state <> 'dead'", unique)
}

// Faults of Revive.
var (
	ErrNoJob    = core.NewFault(core.Unknown, "job-unknown", "There is no such job. If it was revived, it may be done by now.")
	ErrNotDead  = core.NewFault(core.Refused, "job-not-dead", "This job is not a dead letter: it is waiting or running already.")
	ErrReplaced = core.NewFault(core.Refused, "job-replaced", "A newer job does this work already. There is nothing to revive.")
)

// Revive queues a dead job again, due at the given business time and with all
// its attempts.
func Revive(ctx context.Context, tx *store.Tx, id core.Ref, at core.Instant) error {
	was, err := jobTable.Get(ctx, tx, string(id))
	switch {
	case err != nil:
		return err
	case was == nil:
		return ErrNoJob
	case was.State != StateDead:
		return ErrNotDead
	}
	live, err := liveJob(ctx, tx, was.Unique)
	if err != nil {
		return err
	}
	if live != nil {
		return ErrReplaced
	}
	next := *was
	next.State, next.RunAt, next.Attempts, next.DeadAt, next.Error = StateQueued, at, 0, 0, ""
	return jobTable.Update(ctx, tx, was, &next)
}

// ByID reads one job; nil when there is none, or when it is done.
func ByID(ctx context.Context, r store.Reader, id core.Ref) (*Job, error) {
	return jobTable.Get(ctx, r, string(id))
}

// DeadLetters reads a page of dead jobs, the latest death first.
func DeadLetters(ctx context.Context, r store.Reader, p core.PageRequest) (core.Page[Job], error) {
	var page core.Page[Job]
	from := store.True
	if p.After != "" {
		keys, err := p.After.Keys(2)
		if err != nil {
			return page, err
		}
		at, err := strconv.ParseInt(keys[0], 10, 64)
		if err != nil {
			return page, core.NewFault(core.Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
		}
		from = store.After(true, []string{"dead_at", "id"}, []any{at, keys[1]})
	}
	rows, err := jobTable.Filter(ctx, r, "WHERE state = 'dead' AND {where} ORDER BY dead_at DESC, id DESC LIMIT "+
		strconv.Itoa(p.Size()+1), from)
	if err != nil {
		return page, err
	}
	if len(rows) > p.Size() {
		rows = rows[:p.Size()]
		last := rows[len(rows)-1]
		page.Next = core.MakeCursor(strconv.FormatInt(int64(last.DeadAt), 10), string(last.ID))
	}
	page.Rows = rows
	return page, nil
}

// Count is how many jobs of one kind are in one state.
type Count struct {
	Kind, State string
	N           int64
}

// Counts counts the stored jobs by kind and state, in that order.
func Counts(ctx context.Context, r store.Reader) ([]Count, error) {
	rows, err := r.Query(ctx, "SELECT kind, state, COUNT(*) FROM job GROUP BY kind, state ORDER BY kind, state")
	if err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	defer rows.Close()
	var out []Count
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Kind, &c.State, &c.N); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// OldestDue returns since when the queue's oldest waiting job has been due at
// the given business time, or zero when none waits: how far the queue is
// behind.
func OldestDue(ctx context.Context, r store.Reader, now core.Instant) (core.Instant, error) {
	j, err := jobTable.One(ctx, r, "WHERE state <> 'dead' AND state = 'queued' AND run_at <= $1 ORDER BY run_at, id LIMIT 1", now)
	if err != nil || j == nil {
		return 0, err
	}
	return j.RunAt, nil
}

// maxWaiting bounds what Waiting reads.
const maxWaiting = 1000

// Waiting reads the oldest jobs of a kind that are not done, the dead ones
// among them.
func Waiting(ctx context.Context, r store.Reader, kind string) ([]Job, error) {
	return jobTable.Select(ctx, r, "WHERE kind = $1 ORDER BY run_at, id LIMIT "+strconv.Itoa(maxWaiting), kind)
}
