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

// BeatEvery is how often the log gives a sign of life.
const BeatEvery = 15 * time.Minute

// outageFrom is the silence that is an outage: two signs of life were missed.
const outageFrom = 2*BeatEvery + time.Minute

// The events by which the log tells of itself.
var (
	EventBeaten = evidence.Register("oversight.log.beaten", evidence.APIActivity, "The log gave its sign of life: the program ran, could record, and was so far behind with sealing.")
	EventSilent = evidence.Register("oversight.log.silent", evidence.APIActivity, "The log was silent: between two moments the program did not run or could not record.")
)

// beat is the last sign of life.
type beat struct {
	ID       string
	At       core.Instant
	Unsealed int64
	Behind   int64 // microseconds
	rev      int64
}

var beats = store.Declare(store.Table[beat]{
	Name: "log_beat", Kind: store.Recorded,
	Rev: func(b *beat) *int64 { return &b.rev },
	Columns: []store.Column[beat]{
		{Name: "id", Class: core.Public, Field: func(b *beat) any { return &b.ID }},
		{Name: "at", Class: core.Public, Field: func(b *beat) any { return &b.At }},
		{Name: "unsealed", Class: core.Public, Field: func(b *beat) any { return &b.Unsealed }},
		{Name: "behind", Class: core.Public, Field: func(b *beat) any { return &b.Behind }},
	},
})

// theBeat is the id of the one row.
const theBeat = "log"

// RecordBeat records a sign of life of the log, and the silence before it where
// that was too long. The silence is told by the log itself and sealed with it:
// who reads it later need not know when the program was restarted.
type RecordBeat struct{}

// Action is oversight.log.beat.
func (RecordBeat) Action() command.Action { return "oversight.log.beat" }

// Subject is the part of the program that gives the sign.
func (RecordBeat) Subject() core.Ref { return sysClock }

const sysClock core.Ref = "sys_clock"

type beatFacts struct {
	last     *beat
	unsealed int64
	oldest   core.Instant
}

type recordBeat struct{}

// Load reads the last sign of life, and how far sealing is behind.
func (recordBeat) Load(ctx context.Context, r store.Reader, _ RecordBeat) (beatFacts, command.Resource, error) {
	var f beatFacts
	res := command.Resource{Kind: core.KindSystem, Ref: sysClock}
	var err error
	if f.last, err = beats.Get(ctx, r, theBeat); err != nil {
		return f, res, err
	}
	states, err := evidence.LogStates(ctx, r)
	for _, s := range states {
		f.unsealed += s.Unsealed
		if s.OldestUnsealed != 0 && (f.oldest == 0 || s.OldestUnsealed < f.oldest) {
			f.oldest = s.OldestUnsealed
		}
	}
	return f, res, err
}

// Check keeps several nodes from beating for each other.
func (recordBeat) Check(_ RecordBeat, f beatFacts, m command.Moment) command.Verdict {
	if f.last != nil && m.Now.Sub(f.last.At) < BeatEvery/2 {
		return command.Refuse(command.Refusal{Code: "beat-recent", Text: "The log gave its sign of life a moment ago."})
	}
	return command.Proceed()
}

// Apply records it.
func (recordBeat) Apply(ctx context.Context, tx *command.Tx, _ RecordBeat, f beatFacts) ([]evidence.Event, error) {
	now := beat{ID: theBeat, At: tx.Now, Unsealed: f.unsealed}
	if f.oldest != 0 {
		now.Behind = int64(max(0, tx.Now.Sub(f.oldest)) / time.Microsecond)
	}
	ev := evidence.Event{Type: EventBeaten, Subjects: []core.Ref{sysClock}}
	if f.last == nil {
		return []evidence.Event{ev}, beats.Insert(ctx, tx.Tx, &now)
	}
	now.rev = f.last.rev
	if gap := tx.Now.Sub(f.last.At); gap >= outageFrom {
		ev.Type, ev.Outcome = EventSilent, evidence.Failed
		ev.Details = []evidence.Detail{
			{Name: "from", Value: f.last.At.String()},
			{Name: "to", Value: tx.Now.String()},
			{Name: "seconds", Value: strconv.FormatInt(int64(gap/time.Second), 10)},
		}
	}
	return []evidence.Event{ev}, beats.Update(ctx, tx.Tx, f.last, &now)
}

// Beat gives the log's sign of life, unless another node did just now.
func Beat(ctx context.Context, rd *command.Road) error {
	last, err := beats.Get(ctx, rd.Store.Reader(), theBeat)
	if err != nil || last != nil && rd.Clock.Now().Sub(last.At) < BeatEvery/2 {
		return err
	}
	_, err = rd.Run(ctx, evidence.Actor{Ref: sysClock}, "", RecordBeat{})
	if core.IsFault(err, "beat-recent") {
		return nil
	}
	return err
}
