package access

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// everything is all text that the program keeps: every row of every table, and
// every disclosure of the evidence as its subject's key opens it.
func (r *authRig) everything() string {
	r.T.Helper()
	ctx, rd := context.Background(), r.Road.Store.Reader()
	var b strings.Builder
	for _, table := range store.Tables() {
		if name := table.TableName(); strings.HasPrefix(name, "toy_") || name == "subject_key" {
			continue // of another database
		}
		err := table.Walk(ctx, rd, func(img store.RowImage) error {
			fmt.Fprintln(&b, img.Table, img.Key, img.Values)
			for _, v := range img.Values { // bytes are kept as base64url
				if raw, err := base64.RawURLEncoding.DecodeString(v.Text); err == nil {
					fmt.Fprintf(&b, "%s\n", raw)
				}
			}
			return nil
		})
		if err != nil {
			r.T.Fatal(err)
		}
	}
	rows, err := rd.Query(ctx, "SELECT event, subject, sealed FROM disclosure")
	if err != nil {
		r.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var event string
		var subject core.Ref
		var sealed []byte
		if err := rows.Scan(store.Scan(&event, &subject, &sealed)...); err != nil {
			r.T.Fatal(err)
		}
		k, err := r.Road.Log.Keys.Lookup(ctx, subject)
		if err != nil || k == nil {
			r.T.Fatalf("no key of %s: %v", subject, err)
		}
		plain, err := k.Open(event, sealed)
		if err != nil {
			r.T.Fatal(err)
		}
		b.Write(plain)
	}
	if err := rows.Err(); err != nil {
		r.T.Fatal(err)
	}
	for _, err := range r.errs {
		fmt.Fprintf(&b, "%v %+v %#v\n", err, err, err)
	}
	return b.String()
}

func TestNoSecretIsKeptOrSaid(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		canaries := []string{minaPassword, ottoPassword, string(minaSeed), base32Text.EncodeToString(minaSeed), "canary typed wrong", "canary-typed-as-name", "canary new password"}
		in := r.signIn()
		me := r.actor(in.Token)
		tok := r.token(me, "payments.withdrawal.view")
		_, err := r.auth.SignIn(ctx, minaEmail, "canary typed wrong", "271828", office, "x")
		r.want(err, ErrSignIn.Code)
		_, err = r.auth.SignIn(ctx, "canary-typed-as-name", "canary typed wrong", "271828", office, "x")
		r.want(err, ErrSignIn.Code)
		_, _, err = r.auth.AuthenticateToken(ctx, tok.Token+"x", office)
		r.want(err, ErrToken.Code)
		up, err := r.auth.StepUp(ctx, me, r.code())
		if err != nil {
			t.Fatal(err)
		}
		me = r.actor(up.Token)
		o, err := r.auth.OfferTOTP(ctx, me)
		if err != nil {
			t.Fatal(err)
		}
		seed, _ := base32Text.DecodeString(o.Secret)
		if _, err := r.auth.EnrolTOTP(ctx, me, o.Offer, codeAt(seed, r.wall.Now())); err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.SetPassword(ctx, me, "canary typed wrong", "canary new password")
		r.want(err, ErrPassword.Code)
		if _, err = r.auth.SetPassword(ctx, me, minaPassword, "canary new password"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.auth.Invite(ctx, evidence.Actor{Ref: admin, StepUp: true}, "k", otto); err != nil {
			t.Fatal(err)
		}
		canaries = append(canaries, in.Token, up.Token, tok.Token, o.Secret, string(seed), o.Offer, r.mail["otto@firm.example"])
		all := r.everything()
		if !strings.Contains(all, "$argon2id$v=19$m=19456,t=2,p=1$") || !strings.Contains(all, digest(up.Token)) {
			t.Fatal("the scan does not reach the credentials: it would find nothing")
		}
		for _, c := range canaries {
			for _, form := range []string{c, hex.EncodeToString([]byte(c)), base64.RawURLEncoding.EncodeToString([]byte(c)), base64.StdEncoding.EncodeToString([]byte(c))} {
				if strings.Contains(all, form) {
					t.Errorf("%q is kept or said somewhere", form)
				}
			}
		}
		problems, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader())
		if err != nil || len(problems) > 0 {
			t.Errorf("the rows are not the fold of their changes: %v, %v", problems, err)
		}
	})
}

// TestInputsCannotCarrySecrets shows that neither JSON nor a printed input
// holds a secret, and that an input made from JSON is refused.
func TestInputsCannotCarrySecrets(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		const canary = "canary in an input"
		b := []byte(canary)
		ins := []command.Input{
			StartSession{Method: FactorPassword, try: &signIn{email: canary, password: canary, code: canary, token: canary}},
			StepUpSession{Session: "se_x", try: &stepUp{code: canary, token: canary}},
			SetPassword{Staff: mina, try: &newPassword{old: canary, password: canary, invitation: canary}},
			InviteStaff{Staff: mina, try: &invitation{token: canary}},
			EnrolTOTP{Staff: mina, try: &totpEnrolment{offer: canary, code: canary}},
			RegisterPasskey{Staff: mina, Name: "a key", try: &registration{offer: canary, response: b}},
			CreateToken{Owner: mina, Name: "a name", Actions: []string{"a.b"}, Days: 1, try: &freshToken{token: canary}},
			RefuseToken{try: &badToken{why: canary}},
			EnrolCredential{Staff: mina, try: &firstCredential{password: canary, seed: b}},
		}
		for _, in := range ins {
			payload, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(payload) + fmt.Sprintf("%v %+v %#v", in, in, in); strings.Contains(text, canary) {
				t.Errorf("%s says %s", in.Action(), text)
			}
			back, err := r.Road.Registry.Decode(in.Action(), payload)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Road.Run(context.Background(), r.system(), "", back)
			r.want(err, errNoSecrets.Code)
			if _, err := r.Road.Registry.Decode(in.Action(), []byte(`{"try":{},"password":"`+canary+`"}`)); err == nil {
				t.Errorf("%s takes unknown fields", in.Action())
			}
		}
	})
}

// Hashes are recorded, so their salts must come from the injected entropy: the
// same seed has to make the same evidence.
func TestCredentialsAreMadeFromInjectedChance(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		other := &Auth{cfg: r.auth.cfg, hashing: make(chan struct{}, 1)}
		other.cfg.Entropy = core.NewSeededEntropy(3)
		a, err := other.hash(context.Background(), minaPassword)
		if err != nil {
			t.Fatal(err)
		}
		other.cfg.Entropy = core.NewSeededEntropy(3)
		b, err := other.hash(context.Background(), minaPassword)
		if err != nil || a != b {
			t.Errorf("%s and %s, %v", a, b, err)
		}
		if ok, err := other.matches(context.Background(), minaPassword, a); err != nil || !ok {
			t.Errorf("the hash does not match its password: %v", err)
		}
		if ok, _ := other.matches(context.Background(), "-", ""); ok {
			t.Error("the dummy is somebody's password")
		}
	})
}

func TestHashersAreLimited(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		release, err := r.auth.slot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		second, err := r.auth.slot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = r.auth.slot(ctx)
		r.want(err, errHashersBusy.Code)
		release()
		second()
		r.auth.queue.Add(maxQueue)
		_, err = r.auth.slot(context.Background())
		r.want(err, errHashersBusy.Code)
	})
}
