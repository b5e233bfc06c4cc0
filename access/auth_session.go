package access

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Why a session ended, when nobody signed out.
const (
	endIdle     = "idle"
	endAbsolute = "absolute-limit"
	endAccount  = "account-inactive"
)

// due says why the clock ends the session at the wall time now, or "".
func (s *Session) due(seen, now core.Instant, active bool) string {
	switch {
	case now >= s.Expires:
		return endAbsolute
	case now.Sub(max(seen, s.AuthTime)) >= time.Duration(s.IdleSeconds)*time.Second:
		return endIdle
	case !active:
		return endAccount
	}
	return ""
}

// seenEvery is how often a request is noted: an idle limit of 15 minutes is
// thus kept to the minute, on the strict side.
const seenEvery = time.Minute

// Authenticate finds the open session of a token and who acts in it. A session
// that the clock has ended is recorded as expired, once; every other token is
// simply nobody's.
func (a *Auth) Authenticate(ctx context.Context, token, ip string) (evidence.Actor, Session, error) {
	none := evidence.Actor{}
	r := a.reader()
	s, err := sessions.One(ctx, r, "WHERE token = $1", digest(token))
	if err != nil {
		return none, Session{}, err
	}
	if s == nil || s.Ended != 0 {
		return none, Session{}, ErrSignedOut
	}
	seen, active, err := standing(ctx, r, s)
	if err != nil {
		return none, Session{}, err
	}
	now := a.cfg.Wall.Now()
	if s.due(seen, now, active) != "" {
		if err := a.expire(ctx, s.ID, ip); err != nil {
			return none, Session{}, err
		}
		return none, Session{}, ErrSignedOut
	}
	if now.Sub(seen) >= seenEvery {
		a.touch(ctx, s.ID, now)
	}
	actor := evidence.Actor{Ref: s.Principal, Session: s.ID, IP: tidy(ip, 64), Factors: s.Factors(), StepUp: now < s.StepUpUntil}
	return actor, *s, nil
}

// standing is when the session was last used and whether its holder may still
// be here.
func standing(ctx context.Context, r store.Reader, s *Session) (seen core.Instant, active bool, err error) {
	row, err := sessionsSeen.Get(ctx, r, string(s.ID))
	if err != nil {
		return 0, false, err
	}
	if row != nil {
		seen = row.Seen
	}
	holder, err := StaffByID(ctx, r, s.Principal)
	return seen, holder != nil && holder.Status == Active, err
}

// touch notes that a session or token is in use. It may fail: the next request
// notes it again, and a limit that comes early is only strict.
func (a *Auth) touch(ctx context.Context, id core.Ref, now core.Instant) {
	_ = a.cfg.Road.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := sessionsSeen.Get(ctx, tx, string(id))
		if err != nil || was != nil && was.Seen >= now {
			return err
		}
		if was == nil {
			return sessionsSeen.Insert(ctx, tx, &sessionSeen{id, now})
		}
		return sessionsSeen.Update(ctx, tx, was, &sessionSeen{id, now})
	})
}

// errEnded says that somebody else ended the session first.
var errEnded = core.NewFault(core.Conflict, "session-ended", "This session has already ended.")

// ExpireSession ends a session that its limits have overtaken.
type ExpireSession struct {
	Session core.Ref `json:"session"`

	now core.Instant // wall clock, drawn by Prepare
}

// Action is access.session.expire.
func (ExpireSession) Action() command.Action { return "access.session.expire" }

// Subject is the session.
func (in ExpireSession) Subject() core.Ref { return in.Session }

type expireSession struct{ a *Auth }

// sessionFacts is a session with what its limits are judged by.
type sessionFacts struct {
	s      *Session
	holder *Staff
	seen   core.Instant
	active bool
}

func loadSession(ctx context.Context, r store.Reader, id core.Ref) (f sessionFacts, res command.Resource, err error) {
	if f.s, err = sessions.Get(ctx, r, string(id)); err != nil {
		return f, res, err
	}
	if f.s == nil {
		return f, res, command.ErrHidden
	}
	if f.holder, err = StaffByID(ctx, r, f.s.Principal); err != nil {
		return f, res, err
	}
	f.seen, f.active, err = standing(ctx, r, f.s)
	return f, ownResource(core.KindSession, id, f.holder), err
}

// Prepare reads the wall clock.
func (h expireSession) Prepare(_ context.Context, in ExpireSession) (ExpireSession, error) {
	in.now = h.a.cfg.Wall.Now()
	return in, nil
}

// Load reads the session. One that is ended is no refusal worth recording:
// several requests may find it overdue at once.
func (expireSession) Load(ctx context.Context, r store.Reader, in ExpireSession) (sessionFacts, command.Resource, error) {
	f, res, err := loadSession(ctx, r, in.Session)
	if err == nil && f.s.Ended != 0 {
		err = errEnded
	}
	return f, res, err
}

// Check refuses before its time. It is the one check that reads an
// operational table: when the session was last used.
func (expireSession) Check(in ExpireSession, f sessionFacts, m command.Moment) command.Verdict {
	if r := systemOnly(m); r != nil {
		return verdict(r)
	}
	if f.s.due(f.seen, in.now, f.active) == "" {
		return command.Refuse(command.Refusal{Code: "session-not-due", Text: "This session is still within its limits."})
	}
	return command.Proceed()
}

// Apply ends it.
func (expireSession) Apply(ctx context.Context, tx *command.Tx, in ExpireSession, f sessionFacts) ([]evidence.Event, error) {
	return endSession(ctx, tx, f.s, EventSessionExpired, f.s.due(f.seen, in.now, f.active))
}

// endSession closes one session and says why.
func endSession(ctx context.Context, tx *command.Tx, s *Session, typ evidence.Type, why string) ([]evidence.Event, error) {
	now := *s
	now.Ended, now.EndedBy, now.EndReason, now.StepUpUntil = tx.Now, tx.Actor.Ref, why, 0
	if err := sessions.Update(ctx, tx.Tx, s, &now); err != nil {
		return nil, err
	}
	if _, err := sessionsSeen.Delete(ctx, tx.Tx, string(s.ID)); err != nil {
		return nil, err
	}
	ev := s.event(typ)
	ev.Reason = why
	return []evidence.Event{ev}, nil
}

func (a *Auth) expire(ctx context.Context, id core.Ref, ip string) error {
	_, err := a.cfg.Road.Run(ctx, evidence.Actor{Ref: SysClock, IP: tidy(ip, 64)}, "", ExpireSession{Session: id})
	if core.IsFault(err, errEnded.Code) || core.IsFault(err, "session-not-due") {
		return nil
	}
	return err
}

// Sweep ends the sessions that are over and that nobody came back to, and
// forgets old counters and challenges. A schedule calls it every few minutes.
func (a *Auth) Sweep(ctx context.Context) error {
	now := a.cfg.Wall.Now()
	// Seconds against microseconds: idle_seconds is a setting, instants are not.
	due, err := sessions.Select(ctx, a.reader(), `WHERE ended IS NULL AND (expires <= $1 OR
		$1 - COALESCE((SELECT seen FROM session_seen WHERE session_seen.id = session.id), auth_time) >= idle_seconds * 1000000)
		ORDER BY expires LIMIT 200`, now)
	if err != nil {
		return err
	}
	for _, s := range due {
		if err := a.expire(ctx, s.ID, ""); err != nil {
			return err
		}
	}
	if err := a.SettleHeld(ctx, false); err != nil {
		return err
	}
	return a.cfg.Road.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		old := now.Add(-accountPace.forget)
		if _, err := attempts.DeleteAll(ctx, tx, store.Compare("last", "<", old)); err != nil {
			return err
		}
		_, err := spentChallenges.DeleteAll(ctx, tx, store.Compare("until", "<", now))
		return err
	})
}
