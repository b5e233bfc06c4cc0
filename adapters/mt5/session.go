package mt5

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"sync"

	"vouchsafe/core"
)

// errSpent says that a session's only connection is gone.
var errSpent = errors.New("the session's connection is closed")

// session is one sign-in: one connection and one cookie. The server binds the
// sign-in to both, so a second connection would be a stranger to it.
//
// Go's transport re-sends a request whose reused connection died whenever it
// thinks it may: every GET, a POST with an Idempotency-Key header, and any
// request without a body of which nothing was written. Here it cannot, because
// dialling works once per session. The count of bytes handed to the connection
// then tells "nothing left" from "unknown" without trusting error texts.
type session struct {
	http *http.Client
	set  *settings
	used core.Instant // last answer; guarded by the lane's turn

	mu      sync.Mutex
	conn    net.Conn
	dialled bool
	sealed  bool
	sent    int64
}

func newSession(set *settings) *session {
	s := &session{set: set}
	jar, _ := cookiejar.New(nil) // fails only with options
	transport := &http.Transport{
		// No proxy from the environment, which might re-send, and no HTTP/2,
		// whose transport has retries of its own.
		Proxy:              nil,
		DialContext:        s.dial,
		DialTLSContext:     s.dial,
		MaxConnsPerHost:    1,
		DisableCompression: true,
	}
	s.http = &http.Client{
		Transport: transport,
		Jar:       jar,
		// A 307 or 308 would repeat a write at an address the server chose.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// dial makes the session's one connection.
func (s *session) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	s.mu.Lock()
	spent := s.dialled || s.sealed
	s.dialled = true
	s.mu.Unlock()
	if spent {
		return nil, errSpent
	}
	// The transport may go on dialling after its request gave up.
	ctx, cancel := context.WithTimeout(ctx, s.set.timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if s.set.tls != nil {
		secure := tls.Client(conn, s.set.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		conn = secure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		_ = conn.Close()
		return nil, errSpent
	}
	s.conn = conn
	return &countedConn{Conn: conn, session: s}, nil
}

// written returns how many bytes of requests were handed to the connection.
func (s *session) written() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// seal ends the session and returns the final count of bytes: after it no
// goroutine of the transport can write another.
func (s *session) seal() int64 {
	s.mu.Lock()
	s.sealed = true
	conn, sent := s.conn, s.sent
	s.mu.Unlock()
	if conn != nil {
		_ = conn.Close()
	}
	s.http.CloseIdleConnections()
	return sent
}

// countedConn counts what is written before it is written, so that a write
// that failed halfway counts as sent.
type countedConn struct {
	net.Conn
	session *session
}

// Write hands p to the connection unless the session is sealed.
func (c *countedConn) Write(p []byte) (int, error) {
	c.session.mu.Lock()
	if c.session.sealed {
		c.session.mu.Unlock()
		return 0, errSpent
	}
	c.session.sent += int64(len(p))
	c.session.mu.Unlock()
	return c.Conn.Write(p)
}
