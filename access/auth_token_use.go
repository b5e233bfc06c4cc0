package access

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// AuthenticateToken finds the owner of a bearer token. A token that is
// unknown, expired or revoked has one answer, leaves an event, and makes the
// next try from the same address wait.
func (a *Auth) AuthenticateToken(ctx context.Context, bearer, ip string) (evidence.Actor, APIToken, error) {
	none, ip := evidence.Actor{}, tidy(ip, 64)
	r := a.reader()
	c, err := a.countersFor(ctx, "", "", ip)
	if err != nil {
		return none, APIToken{}, err
	}
	var t *APIToken
	if strings.HasPrefix(bearer, tokenPrefix) && len(bearer) < 100 {
		if t, err = apiTokens.One(ctx, r, "WHERE token = $1", digest(bearer)); err != nil {
			return none, APIToken{}, err
		}
	}
	now := a.cfg.Wall.Now()
	why, err := tokenDoubt(ctx, r, t, now, a.cfg.Road.Clock.Now())
	if err != nil {
		return none, APIToken{}, err
	}
	if why != "" {
		if err := a.throttle(ctx, c); err != nil {
			return none, APIToken{}, err
		}
		return none, APIToken{}, a.refuseToken(ctx, ip, &badToken{counters: c, now: now, token: t, why: why})
	}
	a.noteUse(ctx, t.ID, now)
	return evidence.Actor{Ref: t.Owner, Token: t.ID, IP: ip, Factors: []string{FactorToken}}, *t, nil
}

// tokenDoubt says why a token is not good at the wall time now, or "". Whether
// its owner is locked out goes by the business clock.
func tokenDoubt(ctx context.Context, r store.Reader, t *APIToken, now, business core.Instant) (string, error) {
	switch {
	case t == nil:
		return "unknown-token", nil
	case t.Ended != 0:
		return "token-revoked", nil
	case now >= t.Expires:
		return "token-expired", nil
	}
	owner, err := StaffByID(ctx, r, t.Owner)
	if err == nil && (owner == nil || owner.Status != Active) {
		return "not-active", nil
	}
	lock, bad := lockOf(ctx, r, t.Owner, business)
	if err = errors.Join(err, bad); err == nil && lock != nil {
		return faultLocked, nil
	}
	return "", err
}

// noteUse keeps when a token was last used, to the minute.
func (a *Auth) noteUse(ctx context.Context, id core.Ref, now core.Instant) {
	row, err := sessionsSeen.Get(ctx, a.reader(), string(id))
	if err == nil && (row == nil || now.Sub(row.Seen) >= seenEvery) {
		a.touch(ctx, id, now)
	}
}

// LastUsed is when a session or an API token was last used, to the minute;
// zero for never.
func LastUsed(ctx context.Context, r store.Reader, id core.Ref) (core.Instant, error) {
	row, err := sessionsSeen.Get(ctx, r, string(id))
	if err != nil || row == nil {
		return 0, err
	}
	return row.Seen, nil
}

// ErrToken is the answer to every bearer token that is not good.
var ErrToken = core.NewFault(core.Unsignedin, "bad-token", "This API token is not valid. It may have expired or been revoked; make a new one under your account.")

// RefuseToken records a bearer token that was not good.
type RefuseToken struct {
	try *badToken
}

type badToken struct {
	counters counters
	now      core.Instant
	token    *APIToken
	why      string
}

// Action is access.token.refuse.
func (RefuseToken) Action() command.Action { return "access.token.refuse" }

// Subject is the token, when it is one of ours.
func (in RefuseToken) Subject() core.Ref {
	if in.try == nil || in.try.token == nil {
		return ""
	}
	return in.try.token.ID
}

type refuseToken struct{ a *Auth }

// Prepare refuses inputs that did not come from AuthenticateToken.
func (refuseToken) Prepare(_ context.Context, in RefuseToken) (RefuseToken, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	return in, nil
}

// badTokenFacts are the address's counter and whose token it was.
type badTokenFacts struct {
	tally
	owner *Staff
}

// Load reads the address's counter, and whose token it was.
func (refuseToken) Load(ctx context.Context, r store.Reader, in RefuseToken) (f badTokenFacts, res command.Resource, err error) {
	res = command.Resource{Kind: core.KindToken, Ref: in.Subject()}
	if f.tally, err = readTally(ctx, r, in.try.counters); err == nil && in.try.token != nil {
		f.owner, err = StaffByID(ctx, r, in.try.token.Owner)
	}
	return f, res, err
}

// Check leaves it to the system.
func (refuseToken) Check(_ RefuseToken, _ badTokenFacts, m command.Moment) command.Verdict {
	return verdict(systemOnly(m))
}

// Apply counts and records the try.
func (h refuseToken) Apply(ctx context.Context, tx *command.Tx, in RefuseToken, f badTokenFacts) ([]evidence.Event, error) {
	var subjects []core.Ref
	if in.try.token != nil {
		subjects = []core.Ref{in.try.token.ID, in.try.token.Owner}
	}
	if err := usedAfterLeaving(ctx, tx, leaver(f.owner), "token"); err != nil {
		return nil, err
	}
	_, err := f.failed(ctx, tx.Tx, in.try.counters, in.try.now)
	return []evidence.Event{h.a.failure(tx, in.try.counters, subjects, in.try.why, FactorToken)}, err
}

func (a *Auth) refuseToken(ctx context.Context, ip string, t *badToken) error {
	out, err := a.cfg.Road.Run(ctx, stranger(ip), "", RefuseToken{try: t})
	if err != nil {
		return err
	}
	return failedAt(ErrToken, out.Event)
}

// ScopeTokens wraps an authorizer so that an API token does only what it was
// made for, decided in the transaction of the act: a token revoked meanwhile
// is good for nothing. Actors without a token pass through.
func ScopeTokens(inner command.Authorizer) command.Authorizer { return tokenScope{inner} }

type tokenScope struct{ inner command.Authorizer }

const tokenPolicy = "tokens.scope"

// Authorize denies what is outside the token's scope.
func (s tokenScope) Authorize(ctx context.Context, r store.Reader, by evidence.Actor, act command.Action, res command.Resource, at core.Instant) (command.Ruling, error) {
	ruling, err := s.inner.Authorize(ctx, r, by, act, res, at)
	if err != nil || by.Token == "" {
		return ruling, err
	}
	return narrow(ctx, r, by, act, ruling)
}

// Filter selects nothing outside the token's scope.
func (s tokenScope) Filter(ctx context.Context, r store.Reader, by evidence.Actor, act command.Action, kind core.Kind, at core.Instant) (store.Where, command.Ruling, error) {
	where, ruling, err := s.inner.Filter(ctx, r, by, act, kind, at)
	if err != nil || by.Token == "" {
		return where, ruling, err
	}
	if ruling, err = narrow(ctx, r, by, act, ruling); err != nil || !ruling.Allow {
		return store.False, ruling, err
	}
	return where, ruling, nil
}

func narrow(ctx context.Context, r store.Reader, by evidence.Actor, act command.Action, ruling command.Ruling) (command.Ruling, error) {
	t, err := apiTokens.Get(ctx, r, string(by.Token))
	good := err == nil && t != nil && t.Ended == 0 && t.Owner == by.Ref && slices.Contains(t.Actions(), string(act)) && !neverByToken(act)
	if !good {
		ruling.Allow, ruling.Policies = false, []string{tokenPolicy}
	}
	return ruling, err
}
