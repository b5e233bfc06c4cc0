package access

import (
	"context"
	"errors"

	"vouchsafe/core"
	"vouchsafe/store"
)

// KindIdentity is the kind of linked identities.
const KindIdentity core.Kind = "oi"

// The factors of a session that a provider outside vouched for. The second one
// stands only where its token says, in words that the configuration accepts,
// that a second factor was given there.
const (
	FactorOIDC       = "oidc"
	FactorOIDCStrong = "oidc-second-factor"
)

// IdentityProvider is a place outside where people prove who they are, by
// OpenID Connect; adapters/oidc is one.
type IdentityProvider interface {
	About() ProviderAbout
	// Ask is the address at the provider to which the browser goes.
	Ask(ctx context.Context, q IdentityAsk) (string, error)
	// Take exchanges what the browser came back with for what the provider
	// signed. An answer that does not hold is an *IdentityDoubt; another error
	// says that the provider cannot be asked now.
	Take(ctx context.Context, q IdentityAsk, back IdentityAnswer) (Proven, error)
}

// ProviderAbout names a provider. Issuer is what identities are keyed by.
type ProviderAbout struct {
	ID     string // stands in addresses
	Label  string // for people
	Issuer string
}

// IdentityAsk are the secrets of one try, drawn by us.
type IdentityAsk struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
}

// IdentityAnswer is what came back by the browser; nothing in it is believed.
type IdentityAnswer struct{ Code, State, Issuer, Error string }

// Proven is what the provider's signed token says.
type Proven struct {
	Issuer, Subject string
	Name            string       // for the person's own eyes only; never stored
	Strong          bool         // a second factor was given there, in accepted words
	At              core.Instant // when they gave it; zero when the token does not say
	Groups          []string
	Grouped         bool // the token says which groups; otherwise nothing is known of them
}

// IdentityDoubt is why a provider's answer does not hold. Reason stands in
// evidence and nowhere else.
type IdentityDoubt struct {
	Reason string
	Cause  error
}

// Error is the reason, with its cause.
func (d *IdentityDoubt) Error() string {
	if d.Cause == nil {
		return d.Reason
	}
	return d.Reason + ": " + d.Cause.Error()
}

// Unwrap is the cause.
func (d *IdentityDoubt) Unwrap() error { return d.Cause }

// identity links what a provider calls somebody to a member of staff. It is
// keyed by issuer and subject, never by an e-mail address: addresses are given
// to others, and some providers let people choose them.
type identity struct {
	ID        core.Ref
	Staff     core.Ref
	Issuer    string
	Created   core.Instant
	By        core.Ref
	Ended     core.Instant
	EndedBy   core.Ref
	EndReason string

	subject string // personal; empty after erasure
	rev     int64
}

var identities = store.Declare(store.Table[identity]{
	Name: "identity", Kind: store.Recorded,
	Subject: func(i *identity) core.Ref { return i.Staff },
	Rev:     func(i *identity) *int64 { return &i.rev },
	Columns: []store.Column[identity]{
		public("id", func(i *identity) any { return &i.ID }),
		public("staff", func(i *identity) any { return &i.Staff }),
		public("issuer", func(i *identity) any { return &i.Issuer }),
		hidden("subject", func(i *identity) any { return &i.subject }),
		public("created", func(i *identity) any { return &i.Created }),
		public("made_by", func(i *identity) any { return &i.By }),
		public("ended", func(i *identity) any { return &i.Ended }),
		public("ended_by", func(i *identity) any { return &i.EndedBy }),
		public("end_reason", func(i *identity) any { return &i.EndReason }),
	},
})

// identityOf finds the link in force.
func identityOf(ctx context.Context, r store.Reader, issuer, subject string) (*identity, error) {
	if subject == "" {
		return nil, nil
	}
	return identities.One(ctx, r, "WHERE issuer = $1 AND subject = $2 AND ended IS NULL", issuer, subject)
}

// identitiesOf lists a person's links in force, oldest first.
func identitiesOf(ctx context.Context, r store.Reader, staff core.Ref) ([]identity, error) {
	return identities.Select(ctx, r, "WHERE staff = $1 AND ended IS NULL ORDER BY created, id", staff)
}

// Providers lists where people may sign in outside, in the order of the
// configuration.
func (a *Auth) Providers() []ProviderAbout {
	out := make([]ProviderAbout, 0, len(a.cfg.Providers))
	for _, p := range a.cfg.Providers {
		out = append(out, p.About())
	}
	return out
}

func (a *Auth) provider(id string) IdentityProvider {
	for _, p := range a.cfg.Providers {
		if p.About().ID == id {
			return p
		}
	}
	return nil
}

// label is what people call an issuer.
func (a *Auth) label(issuer string) string {
	for _, p := range a.cfg.Providers {
		if about := p.About(); about.Issuer == issuer {
			return about.Label
		}
	}
	return issuer
}

// checkProviders refuses two providers of one name, and two of one issuer:
// then it could not be told whose word counts.
func checkProviders(ps []IdentityProvider) error {
	seen := map[string]bool{}
	for _, p := range ps {
		about := p.About()
		if about.ID == "" || about.Issuer == "" || seen["id "+about.ID] || seen["issuer "+about.Issuer] {
			return errors.New("access: every sign-in provider needs an id and an issuer of its own")
		}
		seen["id "+about.ID], seen["issuer "+about.Issuer] = true, true
	}
	return nil
}
