package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EnrolTOTP makes a code generator somebody's second factor, once a first code
// proves that it holds the seed. It replaces an earlier one only after a fresh
// second factor.
type EnrolTOTP struct {
	Staff core.Ref `json:"staff"`

	try *totpEnrolment
}

type totpEnrolment struct {
	session     core.Ref
	offer, code string

	digest string
	sealed []byte
	step   int64
}

// Action is access.totp.enrol.
func (EnrolTOTP) Action() command.Action { return "access.totp.enrol" }

// Subject is the holder.
func (in EnrolTOTP) Subject() core.Ref { return in.Staff }

type enrolTOTP struct{ a *Auth }

func purposeTOTP(staff, session core.Ref) string {
	return "totp enrol|" + string(staff) + "|" + string(session)
}

// Prepare opens the offer, checks the first code and seals the seed.
func (h enrolTOTP) Prepare(_ context.Context, in EnrolTOTP) (EnrolTOTP, error) {
	t := in.try
	if t == nil {
		return in, errNoSecrets
	}
	var seed []byte
	if _, err := h.a.openOffer(purposeTOTP(in.Staff, t.session), t.offer, &seed); err != nil {
		return in, err
	}
	var ok bool
	if t.step, ok = matchStep(seed, t.code, h.a.cfg.Wall.Now()); !ok {
		return in, core.InvalidField("code", "This is not the code of the new generator. Check the clock of the device and type the next code.")
	}
	var err error
	t.digest = digest(string(seed))
	t.sealed, err = h.a.cfg.Sealer.Seal(seed, seedAD(in.Staff))
	return in, err
}

// Load reads the holder's account.
func (enrolTOTP) Load(ctx context.Context, r store.Reader, in EnrolTOTP) (holderFacts, command.Resource, error) {
	return loadHolder(ctx, r, in.Staff)
}

// Check demands the holder and, once there is one, a fresh factor.
func (enrolTOTP) Check(in EnrolTOTP, f holderFacts, m command.Moment) command.Verdict {
	if f.cred != nil && f.cred.TOTP == in.try.digest {
		return command.Refuse(command.Refusal{Code: "totp-known", Text: "This generator is set up already."})
	}
	return verdict(changeFactor(f, m))
}

// Apply stores the seed. The holder's other sessions end.
func (h enrolTOTP) Apply(ctx context.Context, tx *command.Tx, in EnrolTOTP, f holderFacts) ([]evidence.Event, error) {
	t := in.try
	err := changeCredential(ctx, tx, in.Staff, f.cred, func(c *credential) { c.TOTP, c.TOTPStep = t.digest, t.step })
	if err != nil {
		return nil, err
	}
	if err := h.a.sealSeed(ctx, tx.Tx, in.Staff, t.sealed); err != nil {
		return nil, err
	}
	ended, err := endSessions(ctx, tx, in.Staff, "factors-changed", tx.Actor.Session)
	return append([]evidence.Event{{Type: EventTOTPEnrolled, Subjects: []core.Ref{in.Staff}}}, ended...), err
}

// TOTPOffer is a code generator to be: URL is what its QR code holds, Secret
// the same for typing, Offer the sealed form that comes back with a code.
type TOTPOffer struct{ URL, Secret, Offer string }

// OfferTOTP draws a seed for the actor. Nothing is stored until a code of it
// comes back.
func (a *Auth) OfferTOTP(ctx context.Context, actor evidence.Actor) (TOTPOffer, error) {
	seed := make([]byte, totpSeedSz)
	a.cfg.Entropy.Read(seed)
	o, err := a.offered(ctx, actor, seed)
	if err != nil {
		return TOTPOffer{}, err
	}
	o.Offer, err = a.sealOffer(purposeTOTP(actor.Ref, actor.Session), seed)
	return o, err
}

// ReofferTOTP shows an offer again, so that a code that was typed wrong does
// not cost the scanned seed.
func (a *Auth) ReofferTOTP(ctx context.Context, actor evidence.Actor, offer string) (TOTPOffer, error) {
	var seed []byte
	if _, err := a.openOffer(purposeTOTP(actor.Ref, actor.Session), offer, &seed); err != nil {
		return TOTPOffer{}, err
	}
	o, err := a.offered(ctx, actor, seed)
	o.Offer = offer
	return o, err
}

func (a *Auth) offered(ctx context.Context, actor evidence.Actor, seed []byte) (TOTPOffer, error) {
	s, err := StaffByID(ctx, a.reader(), actor.Ref)
	if err != nil {
		return TOTPOffer{}, err
	}
	if s == nil || actor.Session == "" {
		return TOTPOffer{}, ErrSignedOut
	}
	o := TOTPOffer{Secret: base32Text.EncodeToString(seed)}
	o.URL, err = a.otpauth(seed, s.Email)
	return o, err
}

// EnrolTOTP makes the offered generator the actor's second factor.
func (a *Auth) EnrolTOTP(ctx context.Context, actor evidence.Actor, offer, code string) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, "", EnrolTOTP{
		Staff: actor.Ref,
		try:   &totpEnrolment{session: actor.Session, offer: offer, code: tidy(code, 16)},
	})
}
