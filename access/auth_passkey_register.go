package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RegisterPasskey adds a passkey to its holder's account. Only the holder can,
// within a session, and after a fresh second factor once there is one.
type RegisterPasskey struct {
	Staff core.Ref `json:"staff"`
	Name  string   `json:"name"`

	try *registration
}

type registration struct {
	session   core.Ref
	offer     string
	response  []byte
	key       Passkey
	challenge passkeyUse
}

// Action is access.passkey.register.
func (RegisterPasskey) Action() command.Action { return "access.passkey.register" }

// Subject is the holder.
func (in RegisterPasskey) Subject() core.Ref { return in.Staff }

// Validate asks for a name by which the holder will know the passkey again.
func (in RegisterPasskey) Validate() error {
	if n := len(strings.TrimSpace(in.Name)); n < 2 || n > 60 {
		return core.InvalidField("name", "Give the passkey a name that you will know it by, such as \"blue key\" (2 to 60 characters).")
	}
	return nil
}

type registerPasskey struct{ a *Auth }

func purposeRegister(staff, session core.Ref) string {
	return "passkey register|" + string(staff) + "|" + string(session)
}

var errBadPasskey = core.NewFault(core.Invalid, "bad-passkey", "The browser's answer does not fit. Start again with the same device.")

// Prepare verifies the browser's answer.
func (h registerPasskey) Prepare(ctx context.Context, in RegisterPasskey) (RegisterPasskey, error) {
	t := in.try
	if t == nil {
		return in, errNoSecrets
	}
	var sess webauthn.SessionData
	until, err := h.a.openOffer(purposeRegister(in.Staff, t.session), t.offer, &sess)
	if err != nil {
		return in, err
	}
	if len(t.response) > maxCeremony {
		return in, errBadPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(t.response)
	if err != nil {
		return in, errBadPasskey
	}
	user, err := h.a.userByHandle(ctx, string(in.Staff))
	if err != nil {
		return in, err
	}
	if user.staff == nil {
		return in, command.ErrHidden
	}
	cred, err := h.a.rp.CreateCredential(user, sess, parsed)
	if err != nil {
		return in, errBadPasskey
	}
	t.challenge = passkeyUse{challenge: digest(sess.Challenge), until: until}
	t.key = passkeyOf(cred)
	return in, nil
}

func passkeyOf(c *webauthn.Credential) Passkey {
	k := Passkey{
		Attestation: c.AttestationFormat, SignCount: int64(c.Authenticator.SignCount),
		credential: base64.RawURLEncoding.EncodeToString(c.ID), publicKey: c.PublicKey, flags: int64(c.Flags.ProtocolValue()),
	}
	if id, err := uuid.FromBytes(c.Authenticator.AAGUID); err == nil {
		k.AAGUID = id.String()
	}
	var ts []string
	for _, t := range c.Transport {
		ts = append(ts, tidy(string(t), 20))
	}
	k.Transports = strings.Join(ts, " ")
	return k
}

// holderFacts is a person's account as changes to it need it.
type holderFacts struct {
	staff *Staff
	cred  *credential
	keys  []Passkey
	spent bool // the ceremony's challenge was answered before
	taken bool // the passkey is registered already
}

// factor reports whether the person has a second factor to step up with.
func (f holderFacts) factor() bool { return f.cred != nil && f.cred.TOTP != "" || len(f.keys) > 0 }

func loadHolder(ctx context.Context, r store.Reader, staff core.Ref) (f holderFacts, res command.Resource, err error) {
	if f.staff, err = loadStaff(ctx, r, staff); err != nil {
		return f, res, err
	}
	if f.cred, err = credentials.Get(ctx, r, string(staff)); err != nil {
		return f, res, err
	}
	f.keys, err = usablePasskeys(ctx, r, staff)
	return f, f.staff.Resource(), err
}

// changeFactor is the check of every change to somebody's factors: in person,
// and with a fresh factor where there is one. A stolen session must not become
// a stolen account.
func changeFactor(f holderFacts, m command.Moment) *command.Refusal {
	if r := inPerson(m, f.staff.ID); r != nil {
		return r
	}
	if f.factor() && !m.Actor.StepUp {
		return &command.Refusal{Code: command.ErrStepUp.Code, Text: command.ErrStepUp.Text}
	}
	return nil
}

// Load reads the holder's account.
func (registerPasskey) Load(ctx context.Context, r store.Reader, in RegisterPasskey) (holderFacts, command.Resource, error) {
	f, res, err := loadHolder(ctx, r, in.Staff)
	if err != nil {
		return f, res, err
	}
	use, err := loadPasskeyUse(ctx, r, &in.try.challenge)
	if err != nil {
		return f, res, err
	}
	same, err := passkeys.One(ctx, r, "WHERE credential = $1", in.try.key.credential)
	f.spent, f.taken = use.spent, same != nil
	return f, res, err
}

// Check demands the holder and, once there is one, a fresh factor.
func (registerPasskey) Check(_ RegisterPasskey, f holderFacts, m command.Moment) command.Verdict {
	if r := changeFactor(f, m); r != nil {
		return verdict(r)
	}
	if f.spent || f.taken {
		return command.Refuse(command.Refusal{Code: "passkey-known", Text: "This passkey is registered already."})
	}
	return command.Proceed()
}

// Apply stores the passkey.
func (registerPasskey) Apply(ctx context.Context, tx *command.Tx, in RegisterPasskey, f holderFacts) ([]evidence.Event, error) {
	k := in.try.key
	k.ID, k.Staff, k.Name, k.Created = tx.NewRef(KindPasskey), in.Staff, strings.TrimSpace(in.Name), tx.Now
	if err := passkeys.Insert(ctx, tx.Tx, &k); err != nil {
		return nil, err
	}
	use := &in.try.challenge
	if err := (passkeyFacts{spent: f.spent}).spend(ctx, tx.Tx, use); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventPasskeyAdded, Subjects: []core.Ref{k.ID, in.Staff}}}, nil
}

// OfferPasskey begins the registration of a passkey for the actor: the options
// for the browser (JSON for navigator.credentials.create) and the sealed offer
// that comes back with its answer.
func (a *Auth) OfferPasskey(ctx context.Context, actor evidence.Actor) (options []byte, offer string, err error) {
	user, err := a.userByHandle(ctx, string(actor.Ref))
	if err != nil {
		return nil, "", err
	}
	if user.staff == nil || actor.Session == "" {
		return nil, "", ErrSignedOut
	}
	var known []protocol.CredentialDescriptor
	for _, c := range user.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	creation, sess, err := a.rp.BeginRegistration(user, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", err
	}
	if options, err = json.Marshal(creation); err != nil {
		return nil, "", err
	}
	offer, err = a.sealOffer(purposeRegister(actor.Ref, actor.Session), sess)
	return options, offer, err
}

// RegisterPasskey finishes the registration.
func (a *Auth) RegisterPasskey(ctx context.Context, actor evidence.Actor, name, offer string, response []byte) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, "", RegisterPasskey{
		Staff: actor.Ref, Name: tidy(name, 100),
		try: &registration{session: actor.Session, offer: offer, response: response},
	})
}

// RevokePasskey ends the use of a passkey.
func (a *Auth) RevokePasskey(ctx context.Context, actor evidence.Actor, key command.Key, passkey core.Ref) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, key, RevokePasskey{Passkey: passkey})
}

// PasskeysOf reads a person's usable passkeys, oldest first.
func PasskeysOf(ctx context.Context, r store.Reader, staff core.Ref) ([]Passkey, error) {
	return usablePasskeys(ctx, r, staff)
}

// RevokePasskey ends the use of a passkey: a device lost, sold or distrusted.
type RevokePasskey struct {
	Passkey core.Ref `json:"passkey"`
}

// Action is access.passkey.revoke.
func (RevokePasskey) Action() command.Action { return "access.passkey.revoke" }

// Subject is the passkey.
func (in RevokePasskey) Subject() core.Ref { return in.Passkey }

type revokePasskey struct{}

// Load reads the passkey and its holder.
func (revokePasskey) Load(ctx context.Context, r store.Reader, in RevokePasskey) (f passkeyHeld, res command.Resource, err error) {
	if f.key, err = passkeys.Get(ctx, r, string(in.Passkey)); err != nil {
		return f, res, err
	}
	if f.key == nil {
		return f, res, command.ErrHidden
	}
	f.holderFacts, res, err = loadHolder(ctx, r, f.key.Staff)
	return f, res, err
}

type passkeyHeld struct {
	holderFacts
	key *Passkey
}

// Check demands a fresh factor of a person, and that it is not yet revoked.
// Whose passkeys somebody may revoke besides their own is for policy: it only
// ever takes access away.
func (revokePasskey) Check(_ RevokePasskey, f passkeyHeld, m command.Moment) command.Verdict {
	switch {
	case f.key.Ended != 0:
		return command.Refuse(command.Refusal{Code: "passkey-revoked", Text: "This passkey is revoked already."})
	case m.Actor.Token == "" && m.Actor.Ref != f.key.Staff && m.Actor.StepUp:
		return command.Proceed()
	}
	return verdict(changeFactor(f.holderFacts, m))
}

// Apply revokes it.
func (revokePasskey) Apply(ctx context.Context, tx *command.Tx, _ RevokePasskey, f passkeyHeld) ([]evidence.Event, error) {
	now := *f.key
	now.Ended, now.EndedBy = tx.Now, tx.Actor.Ref
	err := passkeys.Update(ctx, tx.Tx, f.key, &now)
	return []evidence.Event{{Type: EventPasskeyRevoked, Subjects: []core.Ref{f.key.ID, f.key.Staff}}}, err
}
