package mt5

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// idleLimit is the silence after which a session is pinged before a write. It
// is shorter than pingEvery, so that a kept-alive session seldom needs it.
const idleLimit = 15 * time.Second

// lane is a place for one session; whoever holds the turn may use it.
type lane struct {
	set     *settings
	gate    *gate
	turn    chan struct{} // holds one token while the lane is in use
	session *session      // nil when signed out
}

func newLane(set *settings, g *gate) *lane {
	return &lane{set: set, gate: g, turn: make(chan struct{}, 1)}
}

func (l *lane) acquire(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lane) release() { <-l.turn }

// open returns the session, signing in when there is none.
func (l *lane) open(ctx context.Context) (*session, error) {
	if l.session != nil {
		return l.session, nil
	}
	if wait := l.gate.closed(l.set.clock.Now()); wait > 0 {
		return nil, fmt.Errorf("sign-in was refused before; the next try is in %s", wait.Round(time.Second))
	}
	s := newSession(l.set)
	if err := s.signIn(ctx); err != nil {
		s.seal()
		if _, refused := errors.AsType[refusal](err); refused {
			l.gate.refused(l.set.clock.Now())
		}
		return nil, err
	}
	l.gate.passed()
	l.session = s
	return s, nil
}

// openFresh is open for writes: a session that was silent for a while is
// pinged first, and replaced when it is gone.
func (l *lane) openFresh(ctx context.Context) (*session, error) {
	if s := l.session; s != nil && l.set.clock.Now().Sub(s.used) > idleLimit && s.ping(ctx) != nil {
		l.drop()
	}
	return l.open(ctx)
}

// drop ends the session and returns its final count of written bytes.
func (l *lane) drop() int64 {
	s := l.session
	l.session = nil
	return s.seal()
}

// read sends a GET. It is repeated once, after a new sign-in, when connection
// or session turn out to be gone. A complete answer of any other kind, also a
// missing right on a live session, is reported without signing in again, since
// floods of sign-ins are banned.
func (l *lane) read(ctx context.Context, r request) (answer, error) {
	if err := l.acquire(ctx); err != nil {
		return answer{}, err
	}
	defer l.release()
	for repeat := false; ; repeat = true {
		s, err := l.open(ctx)
		if err != nil {
			return answer{}, err
		}
		a, err := s.do(ctx, http.MethodGet, r)
		answered := a.raw != nil && !errors.Is(err, errForbidden)
		if answered || errors.Is(err, errForbidden) && s.ping(ctx) == nil {
			return a, err
		}
		l.drop()
		if repeat || ctx.Err() != nil {
			return a, err
		}
	}
}

// refresh pings a session that nobody is using.
func (l *lane) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.set.timeout)
	defer cancel()
	if l.acquire(ctx) != nil {
		return
	}
	defer l.release()
	if l.session != nil && l.session.ping(ctx) != nil {
		l.drop()
	}
}

// quit takes leave and closes the connection; the answer does not matter.
func (l *lane) quit(ctx context.Context) {
	if l.acquire(ctx) != nil {
		return
	}
	defer l.release()
	if l.session != nil {
		_, _ = l.session.do(ctx, http.MethodGet, request{path: pathQuit})
		l.drop()
	}
}
