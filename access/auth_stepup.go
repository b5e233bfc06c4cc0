package access

import (
	"context"
	"errors"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// StepUpSession gives a fresh second factor within a session, before a
// high-risk act. Success replaces the session's token.
type StepUpSession struct {
	Session core.Ref `json:"session"`

	try *stepUp
}

type stepUp struct {
	code    string
	passkey *assertion
	ip      string

	counters counters
	now      core.Instant
	proof    proof
	token    string
	done     bool
}

// Action is access.session.stepup.
func (StepUpSession) Action() command.Action { return "access.session.stepup" }

// Subject is the session.
func (in StepUpSession) Subject() core.Ref { return in.Session }

type stepUpSession struct{ a *Auth }

// errNoFactor says that there is nothing to step up with.
var errNoFactor = core.NewFault(core.Invalid, "no-second-factor",
	"You have no second factor yet. Set up a code generator or a passkey under your account first.")

// Prepare verifies the code or the passkey.
func (h stepUpSession) Prepare(ctx context.Context, in StepUpSession) (StepUpSession, error) {
	t := in.try
	if t == nil {
		return in, errNoSecrets
	}
	s, err := sessions.Get(ctx, h.a.reader(), string(in.Session))
	if err == nil && s == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return in, err
	}
	switch {
	case t.passkey != nil:
		err = h.a.stepUpPasskey(ctx, t, s)
	case h.a.cfg.Demo && s.factors == FactorPersona:
		t.proof = proof{staff: s.Principal, ok: true, factor: FactorPersona}
	default:
		err = h.a.stepUpCode(ctx, t, s)
	}
	t.now, t.token = h.a.cfg.Wall.Now(), h.a.newToken("")
	return in, err
}

func (a *Auth) stepUpCode(ctx context.Context, t *stepUp, s *Session) (err error) {
	if t.counters, err = a.countersFor(ctx, "second factor|"+string(s.Principal), s.Principal, t.ip); err != nil {
		return err
	}
	if err := a.throttle(ctx, t.counters); err != nil {
		return err
	}
	cred, err := credentials.Get(ctx, a.reader(), string(s.Principal))
	if err != nil {
		return err
	}
	if cred == nil || cred.TOTP == "" {
		return errNoFactor
	}
	seed, usable, err := a.seedOf(ctx, a.reader(), cred)
	if err != nil {
		return err
	}
	step, ok := matchStep(seed, t.code, a.cfg.Wall.Now())
	t.proof = proof{staff: s.Principal, ok: ok && usable, reason: "wrong-code", factor: FactorTOTP, step: step, against: cred.proves()}
	return nil
}

func (a *Auth) stepUpPasskey(ctx context.Context, t *stepUp, s *Session) (err error) {
	if t.counters, err = a.countersFor(ctx, "", "", t.ip); err != nil {
		return err
	}
	if err := a.throttle(ctx, t.counters); err != nil {
		return err
	}
	use, staff, reason, err := a.assert(ctx, t.passkey)
	if reason == "" && staff != s.Principal {
		reason = "other-persons-passkey"
	}
	t.proof = proof{staff: s.Principal, ok: reason == "", reason: reason, factor: FactorPasskey, passkey: use}
	return err
}

type stepUpFacts struct {
	sessionFacts
	cred  *credential
	tally tally
	keys  passkeyFacts
}

// Load reads the session and what the proof was about.
func (stepUpSession) Load(ctx context.Context, r store.Reader, in StepUpSession) (f stepUpFacts, res command.Resource, err error) {
	if f.sessionFacts, res, err = loadSession(ctx, r, in.Session); err != nil {
		return f, res, err
	}
	if f.s.Ended != 0 {
		return f, res, ErrSignedOut
	}
	if f.tally, err = readTally(ctx, r, in.try.counters); err != nil {
		return f, res, err
	}
	if f.keys, err = loadPasskeyUse(ctx, r, in.try.proof.passkey); err != nil {
		return f, res, err
	}
	f.cred, err = credentials.Get(ctx, r, string(f.s.Principal))
	return f, res, err
}

// Check lets a session step up only itself.
func (stepUpSession) Check(in StepUpSession, f stepUpFacts, m command.Moment) command.Verdict {
	if m.Actor.Session != in.Session {
		return command.Refuse(command.Refusal{Code: "other-session", Text: "You can confirm only within your own session."})
	}
	return verdict(inPerson(m, f.s.Principal))
}

// Apply makes the factor count, or records the failure.
func (h stepUpSession) Apply(ctx context.Context, tx *command.Tx, in StepUpSession, f stepUpFacts) ([]evidence.Event, error) {
	t := in.try
	t.done = false
	why := t.proof.doubt(f.cred, t.now, f.tally)
	if why == "" {
		why = f.keys.doubt(t.proof.passkey)
	}
	if err := f.keys.spend(ctx, tx.Tx, t.proof.passkey); err != nil {
		return nil, err
	}
	if why != "" {
		if _, err := f.tally.failed(ctx, tx.Tx, t.counters, t.now); err != nil {
			return nil, err
		}
		return []evidence.Event{h.a.failure(tx, t.counters, []core.Ref{f.s.ID, f.s.Principal}, why, t.proof.factor)}, nil
	}
	if err := f.tally.succeeded(ctx, tx.Tx); err != nil {
		return nil, err
	}
	if t.proof.step > 0 {
		now := *f.cred
		now.TOTPStep = t.proof.step
		if err := credentials.Update(ctx, tx.Tx, f.cred, &now); err != nil {
			return nil, err
		}
	}
	if err := f.keys.use(ctx, tx.Tx, t.proof.passkey); err != nil {
		return nil, err
	}
	now := *f.s
	now.token, now.factors, now.StepUpUntil = digest(t.token), f.s.withFactor(t.proof.factor), t.now.Add(h.a.cfg.Fresh)
	if err := sessions.Update(ctx, tx.Tx, f.s, &now); err != nil {
		return nil, err
	}
	t.done = true
	return []evidence.Event{h.a.withHeld(tx, t.counters, now.event(EventSessionSteppedUp))}, nil
}

// ErrFactor is the answer to a second factor that does not fit.
var ErrFactor = core.NewFault(core.Denied, "wrong-factor", "This code or passkey does not fit, or was used already. Wait for the next code and try again.")

// StepUp confirms the actor's session with a code from their generator. The
// session goes on under a new token; the old one is dead. A demo persona
// confirms with any code.
func (a *Auth) StepUp(ctx context.Context, actor evidence.Actor, code string) (SignedIn, error) {
	return a.stepUp(ctx, actor, &stepUp{code: tidy(code, 16)})
}

func purposeStepUp(session core.Ref) string { return "passkey step-up|" + string(session) }

// StepUpChallenge begins a step-up by passkey.
func (a *Auth) StepUpChallenge(actor evidence.Actor) (options []byte, offer string, err error) {
	if actor.Session == "" {
		return nil, "", ErrSignedOut
	}
	return a.challenge(purposeStepUp(actor.Session))
}

// StepUpPasskey confirms the actor's session with a passkey.
func (a *Auth) StepUpPasskey(ctx context.Context, actor evidence.Actor, offer string, response []byte) (SignedIn, error) {
	return a.stepUp(ctx, actor, &stepUp{passkey: &assertion{purposeStepUp(actor.Session), offer, response}})
}

func (a *Auth) stepUp(ctx context.Context, actor evidence.Actor, t *stepUp) (SignedIn, error) {
	t.ip = actor.IP
	out, err := a.cfg.Road.Run(ctx, actor, "", StepUpSession{Session: actor.Session, try: t})
	switch {
	case errors.Is(err, ErrSignedOut):
		return SignedIn{}, ErrSignedOut
	case err != nil:
		return SignedIn{}, err
	case !t.done:
		return SignedIn{}, failedAt(ErrFactor, out.Event)
	}
	return SignedIn{Session: actor.Session, Token: t.token, Outcome: out}, nil
}
