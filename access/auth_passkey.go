package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Passkeys are asked for as discoverable credentials with user verification:
// possession and a gesture or PIN, bound to our origin, so that neither a
// password nor a look-alike page helps anybody.

func relyingParty(cfg AuthConfig) (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: cfg.RPID, RPDisplayName: cfg.Firm, RPOrigins: cfg.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// passkeyUser is a staff member as the library sees one. The handle that
// authenticators keep is the staff reference, which says nothing about anybody.
type passkeyUser struct {
	staff *Staff
	left  core.Ref // instead of staff: somebody who left
	keys  []Passkey
}

// WebAuthnID is the staff reference.
func (u passkeyUser) WebAuthnID() []byte { return []byte(u.staff.ID) }

// WebAuthnName is the sign-in name.
func (u passkeyUser) WebAuthnName() string { return u.staff.Email }

// WebAuthnDisplayName is the person's name.
func (u passkeyUser) WebAuthnDisplayName() string { return u.staff.Name }

// WebAuthnCredentials are the person's usable passkeys.
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, 0, len(u.keys))
	for i := range u.keys {
		out = append(out, u.keys[i].library())
	}
	return out
}

func (p *Passkey) library() webauthn.Credential {
	id, _ := base64.RawURLEncoding.DecodeString(p.credential)
	c := webauthn.Credential{
		ID: id, PublicKey: p.publicKey, AttestationFormat: p.Attestation,
		Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(p.flags)),
		Authenticator: webauthn.Authenticator{SignCount: uint32(p.SignCount)},
	}
	for _, t := range strings.Fields(p.Transports) {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

func usablePasskeys(ctx context.Context, r store.Reader, staff core.Ref) ([]Passkey, error) {
	return passkeys.Select(ctx, r, "WHERE staff = $1 AND ended IS NULL ORDER BY created, id", staff)
}

// assertion is a browser's answer to a challenge.
type assertion struct {
	purpose  string
	offer    string
	response []byte
}

// passkeyUse is what an answer claims: which passkey, on which challenge.
type passkeyUse struct {
	key       core.Ref
	challenge string // SHA-256, hex
	until     core.Instant
	count     int64
	flags     int64
	cloned    bool
	leaver    core.Ref // whose it was, if they left
}

// maxCeremony bounds what a browser may send for one ceremony.
const maxCeremony = 64 << 10

// challenge begins a ceremony in which a passkey proves who somebody is.
func (a *Auth) challenge(purpose string) (options []byte, sealed string, err error) {
	as, sess, err := a.rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, "", err
	}
	if options, err = json.Marshal(as); err != nil {
		return nil, "", err
	}
	sealed, err = a.sealOffer(purpose, sess)
	return options, sealed, err
}

// assert verifies an answer. A nil use means that not even the challenge could
// be read; a reason means that the answer proves nothing.
func (a *Auth) assert(ctx context.Context, as *assertion) (use *passkeyUse, staff core.Ref, reason string, err error) {
	var sess webauthn.SessionData
	until, err := a.openOffer(as.purpose, as.offer, &sess)
	if err != nil {
		return nil, "", "", err
	}
	use = &passkeyUse{challenge: digest(sess.Challenge), until: until}
	if len(as.response) > maxCeremony {
		return use, "", "bad-passkey-answer", nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(as.response)
	if err != nil {
		return use, "", "bad-passkey-answer", nil
	}
	var user passkeyUser
	var dbErr error
	_, cred, err := a.rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		user, dbErr = a.userByHandle(ctx, string(handle))
		if dbErr == nil && user.staff == nil {
			return nil, errors.New("nobody")
		}
		return user, dbErr
	}, sess, parsed)
	if dbErr != nil {
		return use, "", "", dbErr
	}
	if user.staff != nil {
		staff = user.staff.ID
	}
	use.leaver = user.left
	if err != nil {
		return use, staff, "wrong-passkey", nil
	}
	id := base64.RawURLEncoding.EncodeToString(cred.ID)
	for _, k := range user.keys {
		if k.credential == id {
			use.key = k.ID
		}
	}
	use.count, use.flags, use.cloned = int64(cred.Authenticator.SignCount), int64(cred.Flags.ProtocolValue()), cred.Authenticator.CloneWarning
	return use, staff, "", nil
}

// userByHandle finds an active staff member and their passkeys; nobody is no
// error.
func (a *Auth) userByHandle(ctx context.Context, handle string) (passkeyUser, error) {
	var u passkeyUser
	if ref := core.Ref(handle); !ref.Valid() || ref.Kind() != core.KindStaff {
		return u, nil
	}
	s, err := StaffByID(ctx, a.reader(), core.Ref(handle))
	if err != nil || s == nil || s.Status != Active {
		u.left = leaver(s)
		return u, err
	}
	u.staff = s
	u.keys, err = usablePasskeys(ctx, a.reader(), s.ID)
	return u, err
}

func (a *Auth) provePasskey(ctx context.Context, t *signIn) (err error) {
	if t.passkey == nil {
		return errNoSecrets
	}
	if t.counters, err = a.countersFor(ctx, "", "", t.ip); err != nil {
		return err
	}
	if err := a.throttle(ctx, t.counters); err != nil {
		return err
	}
	use, staff, reason, err := a.assert(ctx, t.passkey)
	t.proof = proof{
		staff: staff, ok: reason == "", reason: reason, factor: FactorPasskey,
		factors: []string{FactorPasskey}, strong: true, passkey: use,
	}
	return err
}

// passkeyFacts is what the transaction finds about a use.
type passkeyFacts struct {
	key   *Passkey
	spent bool
}

func loadPasskeyUse(ctx context.Context, r store.Reader, use *passkeyUse) (f passkeyFacts, err error) {
	if use == nil {
		return f, nil
	}
	row, err := spentChallenges.Get(ctx, r, use.challenge)
	if err != nil {
		return f, err
	}
	f.spent = row != nil
	if use.key != "" {
		f.key, err = passkeys.Get(ctx, r, string(use.key))
	}
	return f, err
}

// doubt is why a verified answer does not count in the transaction, or "".
func (f passkeyFacts) doubt(use *passkeyUse) string {
	switch {
	case use == nil:
		return ""
	case f.spent:
		return "challenge-replayed"
	case f.key == nil || f.key.Ended != 0:
		return "passkey-revoked"
	case use.cloned || f.key.SignCount > 0 && use.count <= f.key.SignCount:
		return "passkey-cloned"
	}
	return ""
}

// spend makes a challenge unusable, whatever its answer was worth.
func (f passkeyFacts) spend(ctx context.Context, tx *store.Tx, use *passkeyUse) error {
	if use == nil || f.spent {
		return nil
	}
	return spentChallenges.Insert(ctx, tx, &spentChallenge{use.challenge, use.until})
}

// use writes back the authenticator's counter and flags.
func (f passkeyFacts) use(ctx context.Context, tx *store.Tx, use *passkeyUse) error {
	if use == nil {
		return nil
	}
	now := *f.key
	now.SignCount, now.flags = use.count, use.flags
	return passkeys.Update(ctx, tx, f.key, &now)
}

const purposeSignIn = "passkey sign-in"

// PasskeyChallenge begins a sign-in by passkey: the options for the browser
// (JSON for navigator.credentials.get) and the sealed offer that comes back
// with its answer.
func (a *Auth) PasskeyChallenge() (options []byte, offer string, err error) {
	return a.challenge(purposeSignIn)
}

// SignInPasskey starts a session by passkey.
func (a *Auth) SignInPasskey(ctx context.Context, offer string, response []byte, ip, agent string) (SignedIn, error) {
	as := &assertion{purpose: purposeSignIn, offer: offer, response: response}
	return a.start(ctx, FactorPasskey, &signIn{passkey: as, ip: ip, agent: agent})
}
