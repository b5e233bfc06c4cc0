package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/beevik/ntp"

	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// clockSource compares this machine's clock with a source outside. Each node
// watches its own clock.
type clockSource struct {
	source string
	wall   core.Clock

	mu     sync.Mutex
	since  core.Instant  // when watching began
	read   core.Instant  // when the source last answered
	offset time.Duration // of this machine's clock then
	err    error         // of the last try
}

const (
	clockEvery   = 5 * time.Minute
	clockAnswers = 5 * time.Second
	// clockBlind is how long the source may be silent: after that nobody knows
	// how right the clock is.
	clockBlind = time.Hour
)

// ask asks the source once (SNTP).
func (c *clockSource) ask() {
	answer, err := ntp.QueryWithOptions(c.source, ntp.QueryOptions{Timeout: clockAnswers})
	if err == nil {
		err = answer.Validate() // kiss of death, unsynchronised, or not to be believed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err = err; err == nil {
		c.read, c.offset = c.wall.Now(), answer.ClockOffset
	}
}

// watch asks until ctx ends.
func (c *clockSource) watch(ctx context.Context) {
	for ctx.Err() == nil {
		c.ask()
		select {
		case <-ctx.Done():
		case <-time.After(clockEvery):
		}
	}
}

// gauge is the distance at the last answer.
func (c *clockSource) gauge(bound time.Duration) oversight.Gauge {
	return func(context.Context, store.Reader) ([]oversight.Measure, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		m := oversight.Measure{Name: oversight.MeasureClock, Of: c.source, Bound: bound, Value: c.offset.Abs()}
		if c.err != nil {
			m.Trouble = fmt.Sprintf("the source did not answer: %v", c.err)
			m.Blind = c.wall.Now().Sub(max(c.read, c.since)) > clockBlind
		}
		return []oversight.Measure{m}, nil
	}
}
