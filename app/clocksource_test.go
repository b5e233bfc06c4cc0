package app

import (
	"encoding/binary"
	"net"
	"sync"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/oversight"
)

// timeServer answers SNTP over UDP with a clock that is off by a chosen span.
type timeServer struct {
	conn net.PacketConn

	mu      sync.Mutex
	off     time.Duration
	stratum byte
}

// set changes what it answers.
func (s *timeServer) set(off time.Duration, stratum byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off, s.stratum = off, stratum
}

func newTimeServer(t *testing.T) *timeServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &timeServer{conn: conn, stratum: 2}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve()
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

func (s *timeServer) serve() {
	in := make([]byte, 128)
	for {
		n, from, err := s.conn.ReadFrom(in)
		if err != nil {
			return
		}
		if n < 48 {
			continue
		}
		s.mu.Lock()
		off, stratum := s.off, s.stratum
		s.mu.Unlock()
		out := make([]byte, 48)
		out[0], out[1], out[2], out[3] = 4<<3|4, stratum, 6, 0xec
		copy(out[12:16], "TEST")
		now := time.Now().Add(off)
		stamp(out[16:], now.Add(-time.Minute)) // reference
		copy(out[24:32], in[40:48])            // origin: what the client sent
		stamp(out[32:], now)
		stamp(out[40:], now)
		_, _ = s.conn.WriteTo(out, from)
	}
}

func stamp(b []byte, t time.Time) {
	seconds := uint64(t.Unix()) + 2208988800
	fraction := uint64(t.Nanosecond()) << 32 / 1e9
	binary.BigEndian.PutUint64(b, seconds<<32|fraction)
}

// The clock's distance is a number, out of bounds when it is too large either
// way, and unknown, which is out of bounds too, when the source is silent for
// too long or says of itself that it is wrong.
func TestTheClockIsWatched(t *testing.T) {
	s := newTimeServer(t)
	wall := core.NewVirtualClock(core.At(demoStart))
	c := &clockSource{source: s.conn.LocalAddr().String(), wall: wall, since: wall.Now()}
	measure := func() oversight.Measure {
		t.Helper()
		all, err := c.gauge(time.Second)(t.Context(), nil)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0]
	}
	for off, out := range map[time.Duration]bool{0: false, 200 * time.Millisecond: false, 90 * time.Second: true, -5 * time.Second: true} {
		s.set(off, 2)
		c.ask()
		m := measure()
		if m.Out() != out || (m.Value-off.Abs()).Abs() > 500*time.Millisecond || m.Trouble != "" {
			t.Errorf("off by %s: %+v", off, m)
		}
	}
	s.set(0, 2)
	c.ask()
	s.set(0, 0) // kiss of death
	c.ask()
	if m := measure(); m.Out() || m.Trouble == "" {
		t.Errorf("one answer that is none: %+v", m)
	}
	wall.Advance(clockBlind + time.Second)
	if m := measure(); !m.Out() || !m.Blind {
		t.Errorf("silent for long: %+v", m)
	}
	s.set(0, 2)
	c.ask()
	if m := measure(); m.Out() || m.Trouble != "" {
		t.Errorf("back: %+v", m)
	}
}
