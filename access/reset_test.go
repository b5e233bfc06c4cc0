package access

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func resetOf(who core.Ref) reset {
	return reset{Staff: who, Identity: "call-back", Words: "Lost the telephone on the train.", Case: "ca_asked"}
}

func (r *authRig) open(query string) int { return r.number(query, mina) }

const (
	openSessions = "SELECT COUNT(*) FROM session WHERE principal = $1 AND ended IS NULL"
	openTokens   = "SELECT COUNT(*) FROM api_token WHERE owner = $1 AND ended IS NULL"
	aPassword    = "SELECT COUNT(*) FROM credential WHERE staff = $1 AND password IS NOT NULL"
	aGenerator   = "SELECT COUNT(*) FROM credential WHERE staff = $1 AND totp IS NOT NULL"
)

// An administrator takes a password away and never sees or sets one: the
// person gets an invitation, everything else that was open ends.
func TestAPasswordIsResetByInvitationOnly(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		RegisterLifecycle(r.Road.Registry, r.auth)
		root := r.Staff("admin", "any")
		root.Session = ""
		r.token(r.actor(r.signIn().Token), "payments.withdrawal.view")
		for _, bad := range []func(*reset){
			func(x *reset) { x.Identity = "" }, func(x *reset) { x.Identity = "believed-them" }, func(x *reset) { x.Words = "" },
			func(x *reset) { x.Case = "" }, func(x *reset) { x.Case = "cl_x" },
		} {
			in := resetOf(mina)
			bad(&in)
			_, err := r.auth.ResetPassword(ctx, root, "", ResetPassword{reset: in})
			r.want(err, "invalid-input")
		}
		_, err := r.auth.ResetPassword(ctx, root, "", ResetPassword{reset: resetOf(admin)})
		r.want(err, "own-reset")
		_, err = r.auth.ResetPassword(ctx, root, "", ResetPassword{reset: resetOf(gone)})
		r.want(err, "not-active")
		bot := root
		bot.Token = "tk_any"
		_, err = r.auth.ResetPassword(ctx, bot, "", ResetPassword{reset: resetOf(mina)})
		r.want(err, "not-allowed")
		root.StepUp = false
		_, err = r.auth.ResetPassword(ctx, root, "", ResetPassword{reset: resetOf(mina)})
		r.want(err, command.ErrStepUp.Code)
		root.StepUp = true
		if _, err := r.Road.Run(ctx, root, "", ResetPassword{reset: resetOf(mina)}); err == nil {
			t.Fatal("a reset without an invitation was run")
		}
		if r.open(aPassword) != 1 || r.open(openSessions) == 0 || r.open(openTokens) == 0 {
			t.Fatal("a refused reset did something, or there is nothing to end")
		}
		if _, err := r.auth.ResetPassword(ctx, root, "", ResetPassword{reset: resetOf(mina)}); err != nil {
			t.Fatal(err)
		}
		if r.open(aPassword) != 0 || r.open(openSessions) != 0 || r.open(openTokens) != 0 || r.open(aGenerator) != 1 {
			t.Error("the old password is still good for something, or the generator is gone")
		}
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), office, "")
		r.want(err, ErrSignIn.Code)
		if _, err := r.auth.AcceptInvite(ctx, r.mail[minaEmail], "violet engines hum 77", office); err != nil {
			t.Fatal(err)
		}
		if _, err := r.auth.SignIn(ctx, minaEmail, "violet engines hum 77", r.code(), office, ""); err != nil {
			t.Fatal(err)
		}
		r.wantReasons(EventPasswordReset, "call-back")
	})
}

// Whoever changes a password because somebody else had it leaves them nothing.
func TestTokensDoNotSurviveAPasswordChange(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		in := r.signIn()
		made := r.token(r.actor(in.Token), "payments.withdrawal.view")
		if _, err := r.auth.SetPassword(context.Background(), r.actor(in.Token), minaPassword, "violet engines hum 77"); err != nil {
			t.Fatal(err)
		}
		_, _, err := r.auth.AuthenticateToken(context.Background(), made.Token, office)
		r.want(err, ErrToken.Code)
		r.wantReasons(EventTokenRevoked, "password-changed")
		if r.open(openSessions) != 1 {
			t.Error("the session in which the password was changed ended too, or another did not")
		}
	})
}

// The second factor of somebody with a privileged role is reset by two; the
// person is neither of them.
func TestFactorsOfThePrivilegedAreResetByTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFirm(t, s)
		command.Handle[plantPasskey, int](f.Road.Registry, plantHandler{}, command.Doc{Title: "Plant", Kind: core.KindStaff})
		f.Road.Policy = planting{f.Road.Policy}
		f.Do(installer, plantPasskey{f.ana.Ref})
		f.Do(installer, plantPasskey{f.senior.Ref})
		f.grant(f.ana, Support, "en_cy", 10*day)
		if out := f.Do(f.root, ResetFactors{resetOf(f.ana.Ref)}); out.State != command.StateDone {
			t.Fatalf("a reset without privileges waits: %+v", out)
		}
		f.refused(f.root, ResetFactors{resetOf(f.ana.Ref)}, "no-second-factor-set")
		f.refused(f.root, ResetFactors{resetOf(f.root.Ref)}, "own-reset")
		f.refused(f.ana, ResetFactors{resetOf(f.senior.Ref)}, "not-allowed")
		out := f.Do(f.root, ResetFactors{resetOf(f.senior.Ref)})
		if out.State != command.StateProposed {
			t.Fatalf("a privileged holder's factors were reset by one: %+v", out)
		}
		count := func() (n int) {
			if err := f.Road.Store.Reader().QueryRow(context.Background(), "SELECT COUNT(*) FROM passkey WHERE staff = $1 AND ended IS NULL", f.senior.Ref).Scan(store.Scan(&n)...); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if count() != 1 {
			t.Fatal("the proposal alone reset it")
		}
		if _, err := f.decide(f.second, out.Proposal); err != nil || count() != 0 {
			t.Fatalf("%v, %d left", err, count())
		}
		f.Do(installer, plantPasskey{f.senior.Ref})
		f.tick()
		own := f.Do(f.root, ResetFactors{resetOf(f.senior.Ref)})
		if _, err := f.decide(f.senior, own.Proposal); err == nil && count() == 0 {
			t.Error("the person agreed to the reset of their own factors")
		}
	})
}

// planting lets the installer plant passkeys, which no policy knows.
type planting struct{ command.Authorizer }

func (p planting) Authorize(ctx context.Context, r store.Reader, a evidence.Actor, act command.Action, res command.Resource, at core.Instant) (command.Ruling, error) {
	if act == (plantPasskey{}).Action() {
		return command.Ruling{Decision: evidence.Decision{Allow: true}}, nil
	}
	return p.Authorizer.Authorize(ctx, r, a, act, res, at)
}
