package core

import (
	"sync"
	"sync/atomic"
	"time"
)

// Instant is a point in time: microseconds since 1970-01-01T00:00:00Z, UTC.
// Zero means "not set" and is stored as NULL.
type Instant int64

// At converts a time.Time, truncating to the microsecond.
func At(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time returns the instant as a time.Time in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Add returns the instant d later; d is truncated to the microsecond.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub returns the duration from o to i.
func (i Instant) Sub(o Instant) time.Duration { return time.Duration(i-o) * time.Microsecond }

// String is RFC 3339 in UTC with microseconds, or "" for the zero instant.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format("2006-01-02T15:04:05.000000Z")
}

// MarshalText writes the instant as String does, for JSON and addresses.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads RFC 3339; empty text is the zero instant.
func (i *Instant) UnmarshalText(text []byte) (err error) {
	if *i = 0; len(text) > 0 {
		*i, err = ParseInstant(string(text))
	}
	return err
}

// ParseInstant reads RFC 3339; the result is UTC.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, err
	}
	return At(t), nil
}

// Clock tells the time. There are two in the product, injected apart: the
// business clock (virtual in the demo; stamps events, expiries of grants,
// documents and proposals) and the wall clock (TLS, TOTP, WebAuthn, transport
// deadlines, leases, session expiry).
type Clock interface{ Now() Instant }

// SystemClock reads the machine's clock.
type SystemClock struct{}

// Now returns the machine's time in microseconds.
func (SystemClock) Now() Instant { return At(time.Now()) }

// VirtualClock moves only when told. It is safe for concurrent use.
type VirtualClock struct {
	mu  sync.Mutex
	now Instant
}

// NewVirtualClock starts a clock that stands still at start.
func NewVirtualClock(start Instant) *VirtualClock { return &VirtualClock{now: start} }

// Now returns the clock's present instant.
func (c *VirtualClock) Now() Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d and returns the new instant. A negative
// d is ignored: business time never runs back.
func (c *VirtualClock) Advance(d time.Duration) Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.now = c.now.Add(d)
	}
	return c.now
}

// Set moves the clock forward to t; an earlier t is ignored.
func (c *VirtualClock) Set(t Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t > c.now {
		c.now = t
	}
}

// OffsetClock is a clock that runs at the machine's pace from a chosen start:
// the demo goes on living after its history was made under a virtual clock. It
// is safe for concurrent use.
type OffsetClock struct{ offset atomic.Int64 } // nanoseconds

// NewOffsetClock returns a running clock that reads start now.
func NewOffsetClock(start Instant) *OffsetClock {
	c := &OffsetClock{}
	c.offset.Store(int64(time.Until(start.Time())))
	return c
}

// Now returns the machine's time plus the clock's offset.
func (c *OffsetClock) Now() Instant { return At(time.Now().Add(time.Duration(c.offset.Load()))) }

// Forward moves the clock on by d; it never goes back.
func (c *OffsetClock) Forward(d time.Duration) {
	if d > 0 {
		c.offset.Add(int64(d))
	}
}
