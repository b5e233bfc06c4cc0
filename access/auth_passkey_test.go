package access

import (
	"context"
	"strings"
	"testing"
	"time"

	wa "github.com/descope/virtualwebauthn"

	"vouchsafe/command"
	"vouchsafe/evidence"
)

// device is somebody's authenticator with one passkey of ours.
type device struct {
	rp   wa.RelyingParty
	auth wa.Authenticator
	cred wa.Credential
}

// newKey draws a key whose coordinates fill 32 bytes each: of the others, one
// in 128, the virtual authenticator writes a key that is too short to be one.
func newKey() wa.Credential {
	const whole = 77
	for {
		if c := wa.NewCredential(wa.KeyTypeEC2); len(c.Key.AttestationData()) == whole {
			return c
		}
	}
}

func newDevice() *device {
	d := &device{
		rp:   wa.RelyingParty{Name: "Firm", ID: "firm.example", Origin: "https://firm.example"},
		auth: wa.NewAuthenticator(), cred: newKey(),
	}
	d.auth.Options.UserHandle = []byte(mina)
	return d
}

// create answers the options of a registration.
func (d *device) create(t *testing.T, options []byte) []byte {
	t.Helper()
	o, err := wa.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(wa.CreateAttestationResponse(d.rp, d.auth, d.cred, *o))
}

// get answers a challenge.
func (d *device) get(t *testing.T, options []byte) []byte {
	t.Helper()
	o, err := wa.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(wa.CreateAssertionResponse(d.rp, d.auth, d.cred, *o))
}

func (r *authRig) register(t *testing.T, a evidence.Actor, d *device) command.Outcome {
	t.Helper()
	options, offer, err := r.auth.OfferPasskey(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.auth.RegisterPasskey(context.Background(), a, "blue key", offer, d.create(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (r *authRig) passkeySignIn(t *testing.T, d *device) (SignedIn, error) {
	t.Helper()
	options, offer, err := r.auth.PasskeyChallenge()
	if err != nil {
		t.Fatal(err)
	}
	return r.auth.SignInPasskey(context.Background(), offer, d.get(t, options), elsewhere, "Safari")
}

func TestAPasskeySignsInWithoutAPassword(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		d := newDevice()
		me := r.actor(r.signIn().Token)
		out := r.register(t, me, d)
		d.cred.Counter = 1
		in, err := r.passkeySignIn(t, d)
		if err != nil {
			t.Fatal(err)
		}
		a := r.actor(in.Token)
		if a.Ref != mina || !a.StepUp || strings.Join(a.Factors, " ") != FactorPasskey {
			t.Errorf("the actor is %+v", a)
		}
		keys, err := PasskeysOf(ctx, r.Road.Store.Reader(), mina)
		if err != nil || len(keys) != 1 || keys[0].SignCount != 1 || keys[0].Name != "blue key" || keys[0].ID != out.Subject {
			t.Errorf("the passkeys are %+v, %v", keys, err)
		}
		// The same answer again, and a cloned device that lags behind.
		options, offer, err := r.auth.PasskeyChallenge()
		if err != nil {
			t.Fatal(err)
		}
		d.cred.Counter = 2
		answer := d.get(t, options)
		if _, err := r.auth.SignInPasskey(ctx, offer, answer, elsewhere, "x"); err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.SignInPasskey(ctx, offer, answer, elsewhere, "x")
		r.want(err, ErrSignIn.Code)
		_, err = r.passkeySignIn(t, d)
		r.want(err, ErrSignIn.Code)
		r.wantReasons(EventSessionFailed, "challenge-replayed", "passkey-cloned")

		_, err = r.auth.RevokePasskey(ctx, evidence.Actor{Ref: admin, Session: "se_x"}, "", out.Subject)
		r.want(err, "holder-only") // an administrator without a fresh factor
		if _, err := r.auth.RevokePasskey(ctx, me, "", out.Subject); err != nil {
			t.Fatal(err)
		}
		d.cred.Counter = 9
		_, err = r.passkeySignIn(t, d)
		r.want(err, ErrSignIn.Code)
		_, err = r.auth.RevokePasskey(ctx, me, "", out.Subject)
		r.want(err, "passkey-revoked")
		r.wantReasons(EventPasskeyAdded, "")
		r.wantReasons(EventPasskeyRevoked, "")
	})
}

func TestPasskeysResistPhishing(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		d := newDevice()
		r.register(t, r.actor(r.signIn().Token), d)
		phished, unverified, stranger, nobody := *d, *d, *d, *d
		phished.rp.Origin = "https://firm.example.evil.example"
		unverified.auth.Options.UserNotVerified = true
		stranger.cred = newKey()
		nobody.auth.Options.UserHandle = []byte("st_unknown")
		for _, bad := range []device{phished, unverified, stranger, nobody} {
			_, err := r.passkeySignIn(t, &bad)
			r.want(err, ErrSignIn.Code)
		}
		_, offer, err := r.auth.PasskeyChallenge()
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.SignInPasskey(ctx, offer, []byte(`{"not":"an answer"}`), office, "x")
		r.want(err, ErrSignIn.Code)
		options, offer, err := r.auth.PasskeyChallenge()
		if err != nil {
			t.Fatal(err)
		}
		r.wall.Advance(offerLife)
		_, err = r.auth.SignInPasskey(ctx, offer, d.get(t, options), office, "x")
		r.want(err, errOffer.Code)
		_, err = r.auth.SignInPasskey(ctx, "forged", nil, office, "x")
		r.want(err, errOffer.Code)
		r.wantReasons(EventSessionFailed, "wrong-passkey", "wrong-passkey", "wrong-passkey", "wrong-passkey", "bad-passkey-answer")
	})
}

func TestPasskeysAreAddedByTheirHolderWithAFreshFactor(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		d := newDevice()
		in := r.signIn()
		me := r.actor(in.Token)
		options, offer, err := r.auth.OfferPasskey(ctx, me)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.create(t, options)
		elsewhere := me
		elsewhere.Session = "se_other"
		_, err = r.auth.RegisterPasskey(ctx, elsewhere, "blue key", offer, answer)
		r.want(err, errOffer.Code)
		if _, err = r.auth.RegisterPasskey(ctx, me, "blue key", offer, answer); err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.RegisterPasskey(ctx, me, "blue key", offer, answer)
		r.want(err, "passkey-known")
		r.wall.Advance(6 * time.Minute)
		stale := r.actor(in.Token)
		options, offer, err = r.auth.OfferPasskey(ctx, stale)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.RegisterPasskey(ctx, stale, "red key", offer, newDevice().create(t, options))
		r.want(err, command.ErrStepUp.Code)

		// The passkey confirms within the session, and only its own.
		options, offer, err = r.auth.StepUpChallenge(stale)
		if err != nil {
			t.Fatal(err)
		}
		d.cred.Counter = 5
		up, err := r.auth.StepUpPasskey(ctx, stale, offer, d.get(t, options))
		if err != nil {
			t.Fatal(err)
		}
		if a := r.actor(up.Token); !a.StepUp || strings.Join(a.Factors, " ") != "password totp passkey" {
			t.Errorf("the actor is %+v", a)
		}
		other, err := r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, "", office, "x")
		if err != nil {
			t.Fatal(err)
		}
		o := r.actor(other.Token)
		if options, offer, err = r.auth.StepUpChallenge(o); err != nil {
			t.Fatal(err)
		}
		d.cred.Counter = 6
		_, err = r.auth.StepUpPasskey(ctx, o, offer, d.get(t, options))
		r.want(err, ErrFactor.Code)
		r.wantReasons(EventSessionFailed, "other-persons-passkey")
	})
}
