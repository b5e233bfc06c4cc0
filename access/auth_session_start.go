package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// StartSession signs somebody in. A try that does not prove who it was is a
// command that succeeds in recording just that: the counters that make the
// next try wait and the event commit together.
type StartSession struct {
	Method string `json:"method"` // password, passkey, oidc or persona; or held back, for a count

	try *signIn // see auth.go: secrets travel behind an unexported pointer
}

// signIn is one try: what was given, what Prepare made of it, what came of it.
type signIn struct {
	email, password, code string
	passkey               *assertion
	identity              *identityTry
	persona               core.Ref
	held                  int // tries that were held back: this is none, but their count
	ip, agent             string

	counters counters
	now      core.Instant // wall clock, after the slow work
	proof    proof
	leaver   core.Ref     // whose account it was, if they left
	lock     *BreakReview // why who proved themselves is kept out
	token    string
	answer   *core.Fault // to a failed try, where it is not ErrSignIn

	session core.Ref
	wait    core.Instant
}

// proof is what Prepare found out, outside the transaction.
type proof struct {
	staff   core.Ref // whose account it is; empty when there is none
	ok      bool
	reason  string // why not, for the event
	factor  string
	factors []string
	strong  bool   // a second factor, or a passkey, was given
	against string // the stored credentials that were compared
	step    int64  // the time step of the code, 0 without
	passkey *passkeyUse

	identity *identityUse
}

// Action is access.session.start.
func (StartSession) Action() command.Action { return "access.session.start" }

// Subject is the account concerned, when there is one.
func (in StartSession) Subject() core.Ref {
	if in.try == nil {
		return ""
	}
	return in.try.proof.staff
}

// signInFacts is what the transaction finds.
type signInFacts struct {
	staff *Staff
	cred  *credential
	lock  *BreakReview // that waits, due or not
	tally tally
	keys  passkeyFacts
	ident identityFacts
}

type startSession struct{ a *Auth }

// Prepare does the slow work, the same for every password: the account, its
// counters, one hash, one code.
func (h startSession) Prepare(ctx context.Context, in StartSession) (StartSession, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	var err error
	switch t := in.try; in.Method {
	case FactorPassword:
		err = h.a.provePassword(ctx, t)
	case FactorPasskey:
		err = h.a.provePasskey(ctx, t)
	case FactorOIDC:
		err = h.a.proveIdentity(ctx, t)
	case FactorPersona:
		err = h.a.provePersona(ctx, t)
	case methodHeld:
		t.proof = proof{reason: "held-back"}
	default:
		err = errNoSecrets
	}
	in.try.now = h.a.cfg.Wall.Now()
	in.try.token = h.a.newToken("")
	return in, err
}

func (a *Auth) provePassword(ctx context.Context, t *signIn) error {
	r := a.reader()
	s, err := StaffByEmail(ctx, r, t.email)
	if err != nil {
		return err
	}
	nobody := core.Ref("st_nobody")
	owner := nobody
	t.leaver = leaver(s)
	if s != nil && s.Status == Active {
		owner = s.ID
	}
	if t.counters, err = a.countersFor(ctx, normalEmail(t.email), owner, t.ip); err != nil {
		return err
	}
	if err := a.throttle(ctx, t.counters); err != nil {
		return err
	}
	cred, err := credentials.Get(ctx, r, string(owner))
	if err != nil {
		return err
	}
	t.proof, err = a.compare(ctx, r, cred, t.password, t.code)
	if owner != nobody {
		t.proof.staff = owner
	} else {
		t.proof.reason = "unknown-account"
	}
	return err
}

// compare checks a password and, where the credential has a seed, a code. It
// takes every step whatever it finds, also without a credential.
func (a *Auth) compare(ctx context.Context, r store.Reader, cred *credential, password, code string) (proof, error) {
	stored := credential{}
	if cred != nil {
		stored = *cred
	}
	known, err := a.matches(ctx, password, stored.Password)
	if err != nil {
		return proof{}, err
	}
	seed, usable, err := a.seedOf(ctx, r, cred)
	if err != nil {
		return proof{}, err
	}
	step, coded := matchStep(seed, code, a.cfg.Wall.Now())
	p := proof{factor: FactorPassword, against: stored.proves(), factors: []string{FactorPassword}}
	needs := stored.TOTP != ""
	switch {
	case !known:
		p.reason = "wrong-password"
	case needs && !(usable && coded):
		p.reason, p.factor = "wrong-code", FactorTOTP
	default:
		p.ok = true
	}
	if needs {
		p.factors, p.step, p.strong = append(p.factors, FactorTOTP), step, true
	}
	return p, nil
}

func (a *Auth) provePersona(ctx context.Context, t *signIn) error {
	if !a.cfg.Demo {
		return core.NewFault(core.Denied, "no-personas", "There are no one-click personas here. Sign in with your own name.")
	}
	s, err := loadStaff(ctx, a.reader(), t.persona)
	if err != nil {
		return err
	}
	t.proof = proof{staff: s.ID, ok: true, factor: FactorPersona, factors: []string{FactorPersona}}
	return nil
}

// Load reads what the proof was about again, now in the transaction.
func (h startSession) Load(ctx context.Context, r store.Reader, in StartSession) (f signInFacts, res command.Resource, err error) {
	t := in.try
	if f.tally, err = readTally(ctx, r, t.counters); err != nil {
		return f, res, err
	}
	if f.keys, err = loadPasskeyUse(ctx, r, t.proof.passkey); err != nil {
		return f, res, err
	}
	if f.ident, err = loadIdentityUse(ctx, r, t.proof.identity); err != nil {
		return f, res, err
	}
	if t.proof.staff != "" {
		if f.staff, err = StaffByID(ctx, r, t.proof.staff); err != nil {
			return f, res, err
		}
		if f.cred, err = credentials.Get(ctx, r, string(t.proof.staff)); err != nil {
			return f, res, err
		}
		if f.lock, err = breakReviews.One(ctx, r, "WHERE holder = $1 AND reviewed IS NULL ORDER BY due, id LIMIT 1", t.proof.staff); err != nil {
			return f, res, err
		}
	}
	return f, ownResource(core.KindSession, "", f.staff), nil
}

// Check leaves it to system parts; who is signing in is not known yet.
func (startSession) Check(_ StartSession, _ signInFacts, m command.Moment) command.Verdict {
	return verdict(systemOnly(m))
}

// doubt is why a proof does not hold in the transaction, or "": other tries in
// the meantime used up the free ones, the code was taken, the account changed.
func (p *proof) doubt(cred *credential, now core.Instant, t tally) string {
	switch {
	case t.until() > now:
		return "too-early"
	case !p.ok:
		return p.reason
	case p.against != "" && (cred == nil || cred.proves() != p.against):
		return "account-changed"
	case p.step > 0 && cred.TOTPStep >= p.step:
		return "code-replayed"
	}
	return ""
}

// Apply starts the session, or records the failure.
func (h startSession) Apply(ctx context.Context, tx *command.Tx, in StartSession, f signInFacts) ([]evidence.Event, error) {
	t := in.try
	t.session, t.wait, t.lock = "", 0, nil
	if in.Method == methodHeld {
		return []evidence.Event{h.a.heldEvent(tx, t.held)}, nil
	}
	why := t.proof.doubt(f.cred, t.now, f.tally)
	if why == "" && (f.staff == nil || f.staff.Status != Active) {
		why = "not-active"
	}
	if why == "" {
		why = f.keys.doubt(t.proof.passkey)
	}
	if why == "" {
		why = f.ident.doubt(t.proof.identity, t.proof.staff)
	}
	if err := errors.Join(f.keys.spend(ctx, tx.Tx, t.proof.passkey), f.ident.spend(ctx, tx.Tx, t.proof.identity)); err != nil {
		return nil, err
	}
	if why != "" {
		var err error
		if t.wait, err = f.tally.failed(ctx, tx.Tx, t.counters, t.now); err != nil {
			return nil, err
		}
		if err := usedAfterLeaving(ctx, tx, t.whoLeft(f.staff), "sign-in"); err != nil {
			return nil, err
		}
		return []evidence.Event{t.proof.withIssuer(h.a.failure(tx, t.counters, oneRef(t.proof.staff), why, t.proof.factor))}, nil
	}
	if f.lock != nil && f.lock.overdueAt(tx.Now) { // they proved who they are: they may know why
		t.lock = f.lock
		return []evidence.Event{t.proof.withIssuer(h.a.failure(tx, t.counters, oneRef(t.proof.staff), faultLocked, t.proof.factor))}, nil
	}
	return h.begin(ctx, tx, t, f)
}

// whoLeft is the leaver whose account a failed try was about, or "".
func (t *signIn) whoLeft(s *Staff) core.Ref {
	switch {
	case t.leaver != "":
		return t.leaver
	case t.proof.passkey != nil && t.proof.passkey.leaver != "":
		return t.proof.passkey.leaver
	}
	return leaver(s)
}

func (h startSession) begin(ctx context.Context, tx *command.Tx, t *signIn, f signInFacts) ([]evidence.Event, error) {
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
	// The id and the token are new for every sign-in: what a browser held
	// before is never taken over, so nobody can plant a session.
	s := &Session{
		ID: tx.NewRef(core.KindSession), Principal: t.proof.staff, token: digest(t.token),
		factors: strings.Join(t.proof.factors, " "), AuthTime: t.now, IdleSeconds: int64(h.a.cfg.Idle / time.Second),
		Expires: t.now.Add(h.a.cfg.Absolute), IP: t.ip, Agent: t.agent, Created: tx.Now,
	}
	if t.proof.strong {
		s.StepUpUntil = t.freshUntil(h.a.cfg.Fresh)
	}
	if err := sessions.Insert(ctx, tx.Tx, s); err != nil {
		return nil, err
	}
	if err := sessionsSeen.Insert(ctx, tx.Tx, &sessionSeen{s.ID, t.now}); err != nil {
		return nil, err
	}
	t.session = s.ID
	out := []evidence.Event{t.proof.withIssuer(h.a.withHeld(tx, t.counters, s.event(EventSessionStarted)))}
	if use := t.proof.identity; use != nil && use.grouped {
		groups, err := syncMemberships(ctx, tx, s.Principal, use.issuer, use.groups, h.a.cfg.Groups[use.issuer], f.ident.held)
		return append(out, groups...), err
	}
	return out, nil
}

// event is an event about a session: who, with which factors, since and until
// when. The events of sessions stand in the group's log.
func (s *Session) event(typ evidence.Type) evidence.Event {
	return evidence.Event{Type: typ, Subjects: []core.Ref{s.ID, s.Principal}, Details: []evidence.Detail{
		{Name: "factors", Value: s.factors},
		{Name: "auth_time", Value: s.AuthTime.String()},
		{Name: "expires", Value: s.Expires.String()},
		{Name: "began", Value: s.Created.String()},
	}}
}

func oneRef(r core.Ref) []core.Ref {
	if r == "" {
		return nil
	}
	return []core.Ref{r}
}

// SignIn starts a session by password and, once enrolled, code. Every way to
// be wrong has the same answer, ErrSignIn, after the same work.
func (a *Auth) SignIn(ctx context.Context, email, password, code, ip, agent string) (SignedIn, error) {
	return a.start(ctx, FactorPassword, &signIn{email: tidy(email, 320), password: password, code: tidy(code, 16), ip: ip, agent: agent})
}

// Persona starts a session as a demo persona, without any credential. It
// exists in the demo only.
func (a *Auth) Persona(ctx context.Context, staff core.Ref, ip string) (SignedIn, error) {
	return a.start(ctx, FactorPersona, &signIn{persona: staff, ip: ip})
}

func (a *Auth) start(ctx context.Context, method string, t *signIn) (SignedIn, error) {
	t.ip, t.agent = tidy(t.ip, 64), tidy(t.agent, 200)
	out, err := a.cfg.Road.Run(ctx, stranger(t.ip), "", StartSession{Method: method, try: t})
	switch {
	case err != nil:
		return SignedIn{}, err
	case t.lock != nil:
		return SignedIn{}, failedAt(errLocked(t.lock), out.Event)
	case t.session == "" && t.answer != nil:
		return SignedIn{}, failedAt(t.answer, out.Event)
	case t.session == "":
		return SignedIn{}, failedAt(ErrSignIn, out.Event)
	}
	return SignedIn{Session: t.session, Token: t.token, Outcome: out}, nil
}
