package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EndSession signs out: the session that acts ends itself.
type EndSession struct {
	Session core.Ref `json:"session"`
}

// Action is access.session.end.
func (EndSession) Action() command.Action { return "access.session.end" }

// Subject is the session.
func (in EndSession) Subject() core.Ref { return in.Session }

type endSessionHandler struct{}

// Load reads the session.
func (endSessionHandler) Load(ctx context.Context, r store.Reader, in EndSession) (sessionFacts, command.Resource, error) {
	f, res, err := loadSession(ctx, r, in.Session)
	if err == nil && f.s.Ended != 0 {
		err = errEnded
	}
	return f, res, err
}

// Check lets a session end only itself; others are revoked.
func (endSessionHandler) Check(in EndSession, f sessionFacts, m command.Moment) command.Verdict {
	if m.Actor.Session != in.Session {
		return command.Refuse(command.Refusal{Code: "other-session", Text: "Signing out ends the session you are in. Revoke the other one instead."})
	}
	return verdict(inPerson(m, f.s.Principal))
}

// Apply ends it.
func (endSessionHandler) Apply(ctx context.Context, tx *command.Tx, _ EndSession, f sessionFacts) ([]evidence.Event, error) {
	return endSession(ctx, tx, f.s, EventSessionEnded, "signed-out")
}

// SignOut ends the actor's session. Signing out twice is no error.
func (a *Auth) SignOut(ctx context.Context, actor evidence.Actor) error {
	_, err := a.cfg.Road.Run(ctx, actor, "", EndSession{Session: actor.Session})
	if core.IsFault(err, errEnded.Code) {
		return nil
	}
	return err
}

// RevokeSession ends a session from elsewhere: one's own, or somebody's that
// policy lets the actor end. It takes effect with the next request.
type RevokeSession struct {
	Session core.Ref `json:"session"`
	Words   string   `json:"words"` // why, when it is not one's own
}

// Action is access.session.revoke.
func (RevokeSession) Action() command.Action { return "access.session.revoke" }

// Subject is the session.
func (in RevokeSession) Subject() core.Ref { return in.Session }

type revokeSession struct{}

// Load reads the session.
func (revokeSession) Load(ctx context.Context, r store.Reader, in RevokeSession) (sessionFacts, command.Resource, error) {
	return loadSession(ctx, r, in.Session)
}

// Check asks those who end another's session for their reason.
func (revokeSession) Check(in RevokeSession, f sessionFacts, m command.Moment) command.Verdict {
	switch {
	case m.Actor.Token != "":
		return verdict(inPerson(m, f.s.Principal))
	case f.s.Ended != 0:
		return command.Refuse(command.Refusal{Code: errEnded.Code, Text: errEnded.Text})
	case m.Actor.Ref != f.s.Principal && len(strings.TrimSpace(in.Words)) < 5:
		return command.Refuse(command.Refusal{Code: "say-why", Text: "Say in your own words why you end another person's session (at least five characters)."})
	}
	return command.Proceed()
}

// Apply ends it.
func (revokeSession) Apply(ctx context.Context, tx *command.Tx, in RevokeSession, f sessionFacts) ([]evidence.Event, error) {
	why := "by-holder"
	if tx.Actor.Ref != f.s.Principal {
		why = "by-administrator"
	}
	evs, err := endSession(ctx, tx, f.s, EventSessionRevoked, why)
	if err == nil {
		evs[0].Text = in.Words
	}
	return evs, err
}

// Revoke ends a session from elsewhere.
func (a *Auth) Revoke(ctx context.Context, actor evidence.Actor, key command.Key, session core.Ref, words string) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, key, RevokeSession{Session: session, Words: words})
}

// EndAccess ends every open session and API token of a person in the
// transaction of whatever ends their right to be here, except one session
// (which may be ""). It returns one event for each, to be returned after the
// command's own.
func EndAccess(ctx context.Context, tx *command.Tx, principal core.Ref, why string, except core.Ref) ([]evidence.Event, error) {
	out, err := endSessions(ctx, tx, principal, why, except)
	if err != nil {
		return nil, err
	}
	open, err := apiTokens.Select(ctx, tx, "WHERE owner = $1 AND ended IS NULL ORDER BY id", principal)
	if err != nil {
		return nil, err
	}
	for i := range open {
		evs, err := endToken(ctx, tx, &open[i], why)
		if err != nil {
			return nil, err
		}
		out = append(out, evs...)
	}
	return out, nil
}

// EndAll is EndPerson for whoever leaves.
func (a *Auth) EndAll(ctx context.Context, tx *command.Tx, staff core.Ref) error {
	return EndPerson(ctx, tx, staff, "left")
}

var _ Sessions = (*Auth)(nil)

func endSessions(ctx context.Context, tx *command.Tx, principal core.Ref, why string, except core.Ref) ([]evidence.Event, error) {
	open, err := sessions.Select(ctx, tx, "WHERE principal = $1 AND ended IS NULL ORDER BY id", principal)
	if err != nil {
		return nil, err
	}
	var out []evidence.Event
	for i := range open {
		if open[i].ID == except {
			continue
		}
		evs, err := endSession(ctx, tx, &open[i], EventSessionRevoked, why)
		if err != nil {
			return nil, err
		}
		out = append(out, evs...)
	}
	return out, nil
}
