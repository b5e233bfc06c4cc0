package access

import (
	"context"
	"errors"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// identityTrip is a sign-in or a link that was begun here and goes on at the
// provider. The browser carries it sealed, in a cookie; so nothing is stored
// for strangers, and another browser's answer fits nothing.
type identityTrip struct {
	Provider string      `json:"provider"`
	Ask      IdentityAsk `json:"ask"`
	Next     string      `json:"next,omitempty"`
	Session  core.Ref    `json:"session,omitempty"` // for a link: the session in which it was begun
}

const purposeIdentity = "identity trip"

// The answers to a sign-in by a provider that did not come about. They say
// nothing about whose account it would have been.
var (
	ErrIdentity = core.NewFault(core.Unsignedin, "provider-not-accepted",
		"What the provider sent could not be accepted, so you are not signed in. Start again; if it happens once more, sign in with your password and tell an administrator.")
	ErrNotLinked = core.NewFault(core.Unsignedin, "identity-not-linked",
		"The provider knows you, but nobody here is linked to what it calls you. Sign in another way and link it under your account, or ask an administrator to.")
	errNoProvider = core.NewFault(core.Unknown, "no-such-provider", "There is no such provider here. Go to the sign-in page and choose one that it offers.")
	errAway       = core.NewFault(core.Unavailable, "provider-away", "The provider does not answer. Try again in a moment, or sign in another way.")
)

// BeginIdentity begins a sign-in at a provider: the address to which the
// browser goes, and the sealed trip that it keeps until it comes back.
func (a *Auth) BeginIdentity(ctx context.Context, provider, next string) (address, trip string, err error) {
	return a.depart(ctx, identityTrip{Provider: provider, Next: next})
}

// BeginLink begins to link an identity at a provider to the actor.
func (a *Auth) BeginLink(ctx context.Context, actor evidence.Actor, provider string) (address, trip string, err error) {
	if actor.Session == "" {
		return "", "", ErrSignedOut
	}
	return a.depart(ctx, identityTrip{Provider: provider, Session: actor.Session})
}

func (a *Auth) depart(ctx context.Context, t identityTrip) (address, trip string, err error) {
	p := a.provider(t.Provider)
	if p == nil {
		return "", "", errNoProvider
	}
	t.Ask = IdentityAsk{State: a.newToken(""), Nonce: a.newToken(""), Verifier: a.newToken("")}
	if address, err = p.Ask(ctx, t.Ask); err != nil {
		return "", "", errAway.Because(err)
	}
	trip, err = a.sealOffer(purposeIdentity, t)
	return address, trip, err
}

// identityUse is what came of a trip.
type identityUse struct {
	row       core.Ref // the link; empty when there is none
	issuer    string
	account   string // keyed hash of issuer and subject: equal ones can be told
	challenge string // spends the trip
	until     core.Instant
	groups    []string
	grouped   bool
	at        core.Instant
}

// arrive takes a trip to its end at the provider. A reason means that the
// answer proves nothing; away, that nothing was learnt.
func (a *Auth) arrive(ctx context.Context, sealed, provider string, back IdentityAnswer) (t identityTrip, who Proven, use *identityUse, reason string, err error) {
	until, err := a.openOffer(purposeIdentity, sealed, &t)
	if err != nil {
		return t, who, nil, "", err
	}
	p := a.provider(t.Provider)
	if p == nil {
		return t, who, nil, "", errNoProvider
	}
	issuer := p.About().Issuer
	use = &identityUse{issuer: issuer, challenge: digest("trip|" + t.Ask.State), until: until}
	spent, err := spentChallenges.Get(ctx, a.reader(), use.challenge)
	switch {
	case err != nil:
		return t, who, nil, "", err
	case spent != nil:
		return t, who, use, "answer-replayed", nil
	case back.State != t.Ask.State:
		return t, who, use, "wrong-state", nil
	case provider != t.Provider || back.Issuer != "" && back.Issuer != issuer:
		return t, who, use, "another-provider", nil // mix-up, RFC 9207
	case back.Error != "":
		return t, who, use, "provider-refused", nil
	}
	who, err = p.Take(ctx, t.Ask, back)
	if doubt, ok := errors.AsType[*IdentityDoubt](err); ok {
		return t, who, use, doubt.Reason, nil
	}
	if err != nil {
		return t, who, use, "provider-away", nil
	}
	if who.Issuer != issuer || who.Subject == "" {
		return t, who, use, "another-provider", nil
	}
	use.account, use.at = a.counterID("identity", issuer+"|"+who.Subject), who.At
	use.groups, use.grouped = who.Groups, who.Grouped
	return t, who, use, "", nil
}

// identityTry is what a sign-in by a provider brings along.
type identityTry struct {
	trip, provider string
	back           IdentityAnswer
	next           string // where the person wanted to go
}

// proveIdentity finds out who came back from a provider.
func (a *Auth) proveIdentity(ctx context.Context, t *signIn) (err error) {
	try := t.identity
	if try == nil {
		return errNoSecrets
	}
	if t.counters, err = a.countersFor(ctx, "", "", t.ip); err != nil {
		return err
	}
	if err := a.throttle(ctx, t.counters); err != nil {
		return err
	}
	trip, who, use, reason, err := a.arrive(ctx, try.trip, try.provider, try.back)
	if err != nil {
		return err
	}
	if trip.Session != "" {
		return errOffer // a link that was begun is no sign-in
	}
	try.next = trip.Next
	t.proof = proof{reason: reason, factor: FactorOIDC, factors: []string{FactorOIDC}, identity: use}
	t.answer = ErrIdentity
	if reason != "" {
		if reason == "provider-away" || reason == "provider-refused" { // nobody guessed anything
			t.counters = counters{ip: t.ip}
		}
		return nil
	}
	return a.findLinked(ctx, t, who)
}

// findLinked finds whose identity it is. One that nobody is linked to, and a
// leaver's, have one answer.
func (a *Auth) findLinked(ctx context.Context, t *signIn, who Proven) error {
	r := a.reader()
	t.answer = ErrNotLinked
	row, err := identityOf(ctx, r, who.Issuer, who.Subject)
	if err != nil {
		return err
	}
	if row == nil {
		t.proof.reason = "identity-not-linked"
		t.leaver, err = formerHolder(ctx, r, who)
		return err
	}
	t.proof.staff, t.proof.ok, t.proof.identity.row = row.Staff, true, row.ID
	if who.Strong && who.At != 0 {
		t.proof.strong, t.proof.factors = true, append(t.proof.factors, FactorOIDCStrong)
	}
	return nil
}

// formerHolder is the leaver to whom an identity was linked last, or "".
func formerHolder(ctx context.Context, r store.Reader, who Proven) (core.Ref, error) {
	was, err := identities.One(ctx, r, "WHERE issuer = $1 AND subject = $2 ORDER BY created DESC, id DESC LIMIT 1", who.Issuer, who.Subject)
	if err != nil || was == nil {
		return "", err
	}
	s, err := StaffByID(ctx, r, was.Staff)
	return leaver(s), err
}

// identityFacts is what the transaction finds about a trip.
type identityFacts struct {
	row   *identity
	spent bool
	held  []membership
}

func loadIdentityUse(ctx context.Context, r store.Reader, use *identityUse) (f identityFacts, err error) {
	if use == nil {
		return f, nil
	}
	spent, err := spentChallenges.Get(ctx, r, use.challenge)
	if err != nil {
		return f, err
	}
	f.spent = spent != nil
	if use.row == "" {
		return f, nil
	}
	if f.row, err = identities.Get(ctx, r, string(use.row)); err == nil && f.row != nil {
		f.held, err = membershipsOf(ctx, r, f.row.Staff, use.issuer)
	}
	return f, err
}

// doubt is why a proven identity does not count in the transaction, or "".
func (f identityFacts) doubt(use *identityUse, staff core.Ref) string {
	switch {
	case use == nil:
		return ""
	case f.spent:
		return "answer-replayed"
	case f.row == nil || f.row.Ended != 0 || f.row.Staff != staff:
		return "identity-not-linked"
	}
	return ""
}

// spend makes a trip's answer unusable, whatever it was worth.
func (f identityFacts) spend(ctx context.Context, tx *store.Tx, use *identityUse) error {
	if use == nil || f.spent {
		return nil
	}
	return spentChallenges.Insert(ctx, tx, &spentChallenge{use.challenge, use.until})
}

// freshUntil is how long the second factor of a sign-in counts as fresh: from
// now, or from when it was given at the provider.
func (t *signIn) freshUntil(fresh time.Duration) core.Instant {
	if use := t.proof.identity; use != nil {
		return min(use.at, t.now).Add(fresh)
	}
	return t.now.Add(fresh)
}

// SignInIdentity starts a session by what came back from a provider. next is
// where the person wanted to go.
func (a *Auth) SignInIdentity(ctx context.Context, trip, provider string, back IdentityAnswer, ip, agent string) (in SignedIn, next string, err error) {
	try := &identityTry{trip: trip, provider: provider, back: tidyAnswer(back)}
	in, err = a.start(ctx, FactorOIDC, &signIn{identity: try, ip: ip, agent: agent})
	return in, try.next, err
}

func tidyAnswer(b IdentityAnswer) IdentityAnswer {
	return IdentityAnswer{Code: tidy(b.Code, 4096), State: tidy(b.State, 200), Issuer: tidy(b.Issuer, 500), Error: tidy(b.Error, 200)}
}

// withIssuer says in an event which provider vouched, and of a failed try the
// keyed hash of what the provider called them.
func (p *proof) withIssuer(ev evidence.Event) evidence.Event {
	if p.identity == nil {
		return ev
	}
	ev.Details = append(ev.Details, evidence.Detail{Name: "issuer", Value: p.identity.issuer})
	if p.identity.account != "" && !p.ok {
		ev.Details = append(ev.Details, evidence.Detail{Name: "account", Value: p.identity.account})
	}
	return ev
}
