package oversight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// Stream is the delivery of logs to one system outside, at least once and in
// the order of each log. Up to where it was delivered is on record beside the
// log; it moves only after the receiver took everything before it, so that a
// crash between the two delivers twice and never not at all.
type Stream struct {
	Name     string
	Logs     []string // those to deliver; empty is all but the MLRO's
	Types    []string // beginnings of event types; empty is all
	Format   export.Format
	Receiver Receiver
	// Each gives every event a job of its own, tried again by itself for days,
	// where one that cannot be taken must not hold up the others: webhooks.
	Each bool
	// FromNow begins with what is sealed after the first run, not with the
	// first event of all.
	FromNow bool
}

// wants reports whether the stream delivers events of a type.
func (s *Stream) wants(typ string) bool {
	return len(s.Types) == 0 || slices.ContainsFunc(s.Types, func(p string) bool {
		p = strings.TrimSuffix(p, "*")
		return typ == p || strings.HasPrefix(typ, strings.TrimSuffix(p, ".")+".")
	})
}

// carries reports whether the stream delivers a log. What the money-laundering
// officer knows leaves only where a stream names that log.
func (s *Stream) carries(log string) bool {
	if len(s.Logs) == 0 {
		return log != evidence.MLROLog
	}
	return slices.Contains(s.Logs, log)
}

// cursor is up to where a log was delivered.
type cursor struct {
	ID    string
	Index int64
	Tried core.Instant
	Error string
	rev   int64
}

var cursors = store.Declare(store.Table[cursor]{
	Name: "delivery", Kind: store.Operational,
	Rev: func(c *cursor) *int64 { return &c.rev },
	Columns: []store.Column[cursor]{
		{Name: "id", Class: core.Public, Field: func(c *cursor) any { return &c.ID }},
		{Name: "idx", Class: core.Public, Field: func(c *cursor) any { return &c.Index }},
		{Name: "tried", Class: core.Public, Field: func(c *cursor) any { return &c.Tried }},
		{Name: "error", Class: core.Public, Field: func(c *cursor) any { return &c.Error }},
	},
})

// streamBatch is how many events are handed over at once.
const streamBatch = 500

// Delivery is the duty of all streams.
type Delivery struct {
	Road    *command.Road
	Wall    core.Clock
	Streams []*Stream

	mu   sync.Mutex
	rest map[string]core.Instant // until when a stream that failed is left alone
	busy map[string]bool         // streams that are being given an event now

	// stopped is called by tests between sending and moving the cursor.
	stopped func() error
}

// JobDeliver is the kind of job that delivers one event to one stream. Its
// arguments are stream|event|place.
const JobDeliver = "oversight.deliver"

// HandleJobs has every stream looked after by one node at a time, and runs the
// jobs of those that give each event one.
func (d *Delivery) HandleJobs(q *jobs.Queue, every time.Duration) {
	for _, s := range d.Streams {
		q.Every("deliver "+s.Name, every, func(ctx context.Context) error { return d.Step(ctx, s) })
	}
	q.Handle(JobDeliver, jobs.Policy{MaxAttempts: len(deliverPauses) + 1, Backoff: pauseAfter, Lease: time.Minute}, d.deliverOne)
}

// deliverPauses are the pauses after each failed try of one event: after three
// days it is a dead letter, which a person can queue again.
var deliverPauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

func pauseAfter(n int) time.Duration { return deliverPauses[min(max(n, 1), len(deliverPauses))-1] }

// Step delivers what is sealed and not yet delivered, log by log. A log that
// cannot be delivered does not hold up the others.
func (d *Delivery) Step(ctx context.Context, s *Stream) error {
	sizes, err := evidence.Sizes(ctx, d.Road.Store.Reader())
	if err != nil {
		return err
	}
	if err := d.begin(ctx, s, sizes); err != nil {
		return err
	}
	var errs []error
	for _, log := range slices.Sorted(maps.Keys(sizes)) {
		if s.carries(log) {
			errs = append(errs, d.log(ctx, s, log, sizes[log]))
		}
	}
	return errors.Join(errs...)
}

// begun is the id of the row that says that a stream has begun. What comes to
// be a log after that is delivered from its first entry on.
func (s *Stream) begun() string { return s.Name + " *" }

// begin notes, once, where a stream that begins with now begins.
func (d *Delivery) begin(ctx context.Context, s *Stream, sizes map[string]int64) error {
	was, err := cursors.Get(ctx, d.Road.Store.Reader(), s.begun())
	if err != nil || was != nil {
		return err
	}
	return d.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, log := range slices.Sorted(maps.Keys(sizes)) {
			if s.FromNow && s.carries(log) {
				if err := cursors.Insert(ctx, tx, &cursor{ID: s.Name + " " + log, Index: sizes[log]}); err != nil {
					return err
				}
			}
		}
		return cursors.Insert(ctx, tx, &cursor{ID: s.begun()})
	})
}

func (d *Delivery) log(ctx context.Context, s *Stream, log string, size int64) error {
	id := s.Name + " " + log
	was, err := cursors.Get(ctx, d.Road.Store.Reader(), id)
	if err != nil {
		return err
	}
	if was == nil {
		was = &cursor{ID: id}
		if err := d.write(ctx, func(ctx context.Context, tx *store.Tx) error { return cursors.Insert(ctx, tx, was) }); err != nil {
			return err
		}
	}
	for was.Index < size && ctx.Err() == nil {
		next, err := d.batch(ctx, s, log, was)
		if err != nil || next == nil {
			return err
		}
		was = next
	}
	return nil
}

// batch delivers the next events of a log and moves the cursor behind them.
func (d *Delivery) batch(ctx context.Context, s *Stream, log string, was *cursor) (*cursor, error) {
	placed, end, err := evidence.Sealed(ctx, d.Road.Store.Reader(), log, was.Index, streamBatch)
	if err != nil || end == was.Index {
		return nil, err
	}
	next := *was
	next.Index, next.Tried, next.Error = end, d.Wall.Now(), ""
	var out []Outgoing
	var each []jobs.New
	for i := range placed {
		if !s.wants(placed[i].Type) {
			continue
		}
		if s.Each {
			args := fmt.Sprintf("%s|%s|%d", s.Name, placed[i].ID, placed[i].Index)
			each = append(each, jobs.New{Kind: JobDeliver, Args: args, Unique: args, RunAt: d.Road.Clock.Now()})
			continue
		}
		o, err := s.outgoing(&placed[i].Record, placed[i].Index)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	if len(out) > 0 {
		err = s.Receiver.Deliver(ctx, out)
	}
	if err == nil && d.stopped != nil {
		err = d.stopped()
	}
	if err != nil {
		failed := *was
		failed.Tried, failed.Error = next.Tried, plainError(err)
		if failed.Error == was.Error {
			err = nil // told the first time, and standing beside the log until it is over
		}
		return nil, errors.Join(err, d.move(ctx, was, &failed, nil))
	}
	return &next, d.move(ctx, was, &next, each)
}

// move writes the cursor, and the jobs of the events that it went past, in one
// transaction.
func (d *Delivery) move(ctx context.Context, was, next *cursor, each []jobs.New) error {
	return d.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, j := range each {
			if _, err := jobs.Enqueue(ctx, tx, d.Road.Entropy, j); err != nil {
				return err
			}
		}
		return cursors.Update(ctx, tx, was, next)
	})
}

// write holds the schedule's lease, so that a node that was paused cannot move
// a cursor that another one moves.
func (d *Delivery) write(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	return d.Road.Store.Write(ctx, func(inner context.Context, tx *store.Tx) error {
		if err := jobs.Hold(ctx, tx); err != nil {
			return err
		}
		return fn(inner, tx)
	})
}

// outgoing writes one event in the stream's format.
func (s *Stream) outgoing(rec *evidence.Record, index int64) (Outgoing, error) {
	e, err := export.Of(rec, index)
	if err != nil {
		return Outgoing{}, err
	}
	body, err := e.Render(s.Format)
	return Outgoing{ID: e.ID(), Type: e.Type(), At: e.At(), Good: e.Good(), Body: body}, err
}

// What a receiver may say besides that it could not be reached.
var (
	// ErrGone is that it wants nothing more, ever.
	ErrGone = errors.New("the receiver says that it takes no more")
	// ErrNotThis is that it does not take this one; it takes others.
	ErrNotThis = errors.New("the receiver does not take this event")
)

// resting is how long a stream whose receiver failed is left alone: what waits
// for it must not keep the workers from the firm's other jobs.
const resting = 30 * time.Second

// enter takes the one place of a stream, or tells how long to wait for it.
func (d *Delivery) enter(name string) (wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Road.Clock.Now()
	switch until := d.rest[name]; {
	case until > now:
		return until.Sub(now)
	case d.busy[name]:
		return time.Second
	}
	if d.busy == nil {
		d.busy, d.rest = map[string]bool{}, map[string]core.Instant{}
	}
	d.busy[name] = true
	return 0
}

// leave gives the place back. Only a receiver that failed is left alone for a
// while.
func (d *Delivery) leave(name string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, name)
	delete(d.rest, name)
	if err != nil && !errors.Is(err, ErrNotThis) && !errors.Is(err, ErrGone) {
		d.rest[name] = d.Road.Clock.Now().Add(resting)
	}
}

// deliverOne is one try of one event.
func (d *Delivery) deliverOne(ctx context.Context, j jobs.Job) jobs.Result {
	part := strings.Split(j.Args, "|")
	if len(part) != 3 {
		return jobs.Dead(fmt.Errorf("oversight: a delivery job has %d parts", len(part)))
	}
	i := slices.IndexFunc(d.Streams, func(s *Stream) bool { return s.Name == part[0] })
	if i < 0 {
		return jobs.Dead(core.Faultf(core.Refused, "no-stream", "No stream %s is configured any more.", part[0]))
	}
	rec, err := evidence.Get(ctx, d.Road.Store.Reader(), part[1])
	if err != nil {
		return jobs.Retry(err)
	}
	if rec == nil {
		return jobs.Dead(core.Faultf(core.Unknown, "no-event", "There is no entry %s in the log.", part[1]))
	}
	var index int64
	if _, err := fmt.Sscan(part[2], &index); err != nil {
		return jobs.Dead(err)
	}
	out, err := d.Streams[i].outgoing(rec, index)
	if err != nil {
		return jobs.Dead(err)
	}
	if wait := d.enter(part[0]); wait > 0 {
		return jobs.Snooze(wait)
	}
	err = d.Streams[i].Receiver.Deliver(ctx, []Outgoing{out})
	d.leave(part[0], err)
	switch failed := core.Faultf(core.Unavailable, "not-delivered", "%s: %s", part[0], plainError(err)).Because(err); {
	case err == nil:
		return jobs.Done()
	case errors.Is(err, ErrGone):
		return jobs.Dead(failed)
	default:
		return jobs.Retry(failed)
	}
}

// plainError is an error as pages show it: short, on one line. Receivers put
// no secrets into theirs.
func plainError(err error) string {
	if err == nil {
		return ""
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
