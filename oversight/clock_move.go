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

// Forwarder is a business clock that can be moved on: only a demo has one.
type Forwarder interface{ Forward(d time.Duration) }

// EventClockMoved is the event of moving a demo's clock on.
var EventClockMoved = evidence.Register("oversight.clock.moved", evidence.APIActivity, "A visitor of the demo moved its clock on, to see what time does.")

// MoveClock moves the clock of a demo on, never back: what ends by the clock
// can be watched ending. The clocks by which sessions and connections live are
// the machine's and stay as they are.
type MoveClock struct {
	Minutes int `json:"minutes"`
}

// mostMoved is how far it is moved at a time: so far that a quarter passes in
// three steps, and not so far that a slip of the finger ends the demo.
const mostMoved = 31 * 24 * time.Hour

// Action is oversight.clock.move.
func (MoveClock) Action() command.Action { return "oversight.clock.move" }

// Subject is the part of the program that watches the clock.
func (MoveClock) Subject() core.Ref { return sysClock }

// Validate checks how far.
func (m MoveClock) Validate() error {
	if m.Minutes < 1 || m.by() > mostMoved {
		return core.InvalidField("minutes", "The demo’s clock is moved on by between one minute and 31 days at a time, and never back.")
	}
	return nil
}

func (m MoveClock) by() time.Duration { return time.Duration(m.Minutes) * time.Minute }

type moveClock struct{ clock Forwarder }

// Load reads the log's last sign of life.
func (moveClock) Load(ctx context.Context, r store.Reader, _ MoveClock) (*beat, command.Resource, error) {
	last, err := beats.Get(ctx, r, theBeat)
	return last, command.Resource{Kind: core.KindSystem, Ref: sysClock}, err
}

// Check has nothing against it.
func (moveClock) Check(MoveClock, *beat, command.Moment) command.Verdict { return command.Proceed() }

// Apply records the move, and moves when that is durable. The log's last sign
// of life goes along: the time in between did not pass, so that there was no
// silence in it.
func (h moveClock) Apply(ctx context.Context, tx *command.Tx, in MoveClock, last *beat) ([]evidence.Event, error) {
	if last != nil {
		now := *last
		now.At = last.At.Add(in.by())
		if err := beats.Update(ctx, tx.Tx, last, &now); err != nil {
			return nil, err
		}
	}
	tx.AfterCommit(func() { h.clock.Forward(in.by()) })
	return []evidence.Event{{Type: EventClockMoved, Subjects: []core.Ref{sysClock}, Details: []evidence.Detail{
		{Name: "minutes", Value: strconv.Itoa(in.Minutes)},
		{Name: "to", Value: tx.Now.Add(in.by()).String()},
	}}}, nil
}
