package mt5

import (
	"context"
	"sync"
	"time"

	"vouchsafe/core"
	"vouchsafe/platform"
)

// Client speaks to one MT5 server as one manager. It holds two sessions: one
// for writes, which go one at a time, and one for reads, so that looking for a
// lost write never waits behind it. It is safe for concurrent use.
type Client struct {
	name   string
	set    *settings
	writes *lane
	reads  *lane

	mu         sync.Mutex
	currencies map[string]string // group to currency, which a group with accounts never changes
}

var _ platform.Platform = (*Client)(nil)

// New checks the configuration and returns a client; nothing is sent yet.
func New(cfg Config) (*Client, error) {
	set, err := cfg.settings()
	if err != nil {
		return nil, err
	}
	gate := &gate{}
	return &Client{
		name: cfg.Name, set: set,
		writes: newLane(set, gate), reads: newLane(set, gate),
		currencies: map[string]string{},
	}, nil
}

// Name returns the server's id in our configuration.
func (c *Client) Name() string { return c.name }

// String names the server and hides the rest.
func (c *Client) String() string { return "mt5 " + c.name }

// GoString hides what %#v would show.
func (c *Client) GoString() string { return c.String() }

// pingEvery is how often the documentation asks clients to ping; the server
// closes a session after 180 seconds of silence.
const pingEvery = 20 * time.Second

// KeepAlive pings idle sessions until ctx ends. It is optional: without it the
// first request after a silence signs in again.
func (c *Client) KeepAlive(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.writes.refresh(ctx)
			c.reads.refresh(ctx)
		}
	}
}

// Close takes leave of the server and closes both connections. The client may
// be used again afterwards; it then signs in anew.
func (c *Client) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), c.set.timeout)
	defer cancel()
	c.writes.quit(ctx)
	c.reads.quit(ctx)
}

// gate spaces out sign-ins that the server refuses, because its flood
// protection bans an address for repeated failures, longer each time.
type gate struct {
	mu    sync.Mutex
	until core.Instant
	wait  time.Duration
}

const (
	firstWait   = time.Second
	longestWait = 5 * time.Minute
)

// closed reports how long sign-in must still wait, zero when it need not.
func (g *gate) closed(now core.Instant) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.until.Sub(now))
}

func (g *gate) refused(now core.Instant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wait = min(max(2*g.wait, firstWait), longestWait)
	g.until = now.Add(g.wait)
}

func (g *gate) passed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until, g.wait = 0, 0
}
