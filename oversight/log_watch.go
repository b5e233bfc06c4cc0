package oversight

import (
	"context"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// The events by which the log tells that a measure of itself left its bounds,
// and that it came back.
var (
	EventExceeded  = evidence.Register("oversight.log.exceeded", evidence.APIActivity, "A measure of the log itself left its bounds: sealing, witnesses, delivery to outside or the clock.")
	EventRecovered = evidence.Register("oversight.log.recovered", evidence.APIActivity, "A measure of the log itself came back within its bounds.")
)

// The measures.
const (
	MeasureSealing  = "sealing"  // age of the oldest entry without a place, per log
	MeasureWitness  = "witness"  // age of the oldest checkpoint that not enough witnesses cosigned, per log
	MeasureDelivery = "delivery" // age of the oldest entry that was not delivered, per target
	MeasureClock    = "clock"    // distance of this machine's clock from a source, per source
)

// Measure is one number by which the log watches itself.
type Measure struct {
	Name    string        `json:"name"`
	Of      string        `json:"of"`      // log, witness, target or source
	Value   time.Duration `json:"value"`   // how late, or how far off
	Bound   time.Duration `json:"bound"`   // zero is none
	Waiting int64         `json:"waiting"` // entries that wait, where they can be counted
	Trouble string        `json:"trouble,omitempty"`
	Blind   bool          `json:"blind"` // it could not be measured for longer than it may be: out of bounds
}

// Out reports whether the measure is out of bounds.
func (m Measure) Out() bool { return m.Blind || m.Bound > 0 && m.Value > m.Bound }

func (m Measure) id() string { return m.Name + " " + m.Of }

// Gauge takes measures.
type Gauge func(ctx context.Context, r store.Reader) ([]Measure, error)

// watched is the last thing that was recorded about a measure.
type watched struct {
	ID, State    string
	Value, Bound int64 // milliseconds
	At           core.Instant
	rev          int64
}

var watchTable = store.Declare(store.Table[watched]{
	Name: "log_watch", Kind: store.Recorded,
	Rev: func(w *watched) *int64 { return &w.rev },
	Columns: []store.Column[watched]{
		{Name: "id", Class: core.Public, Field: func(w *watched) any { return &w.ID }},
		{Name: "state", Class: core.Public, Field: func(w *watched) any { return &w.State }},
		{Name: "value", Class: core.Public, Field: func(w *watched) any { return &w.Value }},
		{Name: "bound", Class: core.Public, Field: func(w *watched) any { return &w.Bound }},
		{Name: "at", Class: core.Public, Field: func(w *watched) any { return &w.At }},
	},
})

// The states of a watched measure.
const (
	stateOut    = "out"
	stateWithin = "within"
)

func stateOf(m Measure) string {
	if m.Out() {
		return stateOut
	}
	return stateWithin
}

// WatchLog records that a measure left its bounds or came back.
type WatchLog struct {
	Measure Measure `json:"measure"`
}

// Action is oversight.log.watch.
func (WatchLog) Action() command.Action { return "oversight.log.watch" }

// Subject is the part of the program that measures.
func (WatchLog) Subject() core.Ref { return sysClock }

type watchLog struct{}

// Load reads what was recorded last.
func (watchLog) Load(ctx context.Context, r store.Reader, in WatchLog) (*watched, command.Resource, error) {
	was, err := watchTable.Get(ctx, r, in.Measure.id())
	return was, command.Resource{Kind: core.KindSystem, Ref: sysClock}, err
}

// news reports whether a measure is not as it was recorded last. What was never
// out of bounds is not news.
func news(was *watched, m Measure) bool {
	return was == nil && m.Out() || was != nil && was.State != stateOf(m)
}

// Check wants news: several nodes measure.
func (watchLog) Check(in WatchLog, was *watched, _ command.Moment) command.Verdict {
	if !news(was, in.Measure) {
		return command.Refuse(command.Refusal{Code: "no-news", Text: "This measure is as it was recorded last."})
	}
	return command.Proceed()
}

// Apply records it.
func (watchLog) Apply(ctx context.Context, tx *command.Tx, in WatchLog, was *watched) ([]evidence.Event, error) {
	m := in.Measure
	now := watched{ID: m.id(), State: stateOf(m), Value: m.Value.Milliseconds(), Bound: m.Bound.Milliseconds(), At: tx.Now}
	ev := evidence.Event{Type: EventRecovered, Subjects: []core.Ref{sysClock}, Details: []evidence.Detail{
		{Name: "measure", Value: m.Name, Search: true},
		{Name: "of", Value: m.Of, Search: true},
		{Name: "milliseconds", Value: strconv.FormatInt(now.Value, 10)},
		{Name: "bound", Value: strconv.FormatInt(now.Bound, 10)},
	}}
	if m.Out() {
		ev.Type, ev.Outcome = EventExceeded, evidence.Failed
	}
	if was == nil {
		return []evidence.Event{ev}, watchTable.Insert(ctx, tx.Tx, &now)
	}
	now.rev = was.rev
	return []evidence.Event{ev}, watchTable.Update(ctx, tx.Tx, was, &now)
}

// Watch takes every measure and records those that left their bounds or came
// back.
func Watch(ctx context.Context, rd *command.Road, gauge Gauge) error {
	measures, err := gauge(ctx, rd.Store.Reader())
	if err != nil {
		return err
	}
	for _, m := range measures {
		was, err := watchTable.Get(ctx, rd.Store.Reader(), m.id())
		if err != nil {
			return err
		}
		if !news(was, m) {
			continue
		}
		if _, err := rd.Run(ctx, evidence.Actor{Ref: sysClock}, "", WatchLog{m}); err != nil && !core.IsFault(err, "no-news") {
			return err
		}
	}
	return nil
}
