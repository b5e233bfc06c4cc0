package access

import (
	"context"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

// TestPoliciesLetPeopleManageTheirOwnAccess walks through everything that
// somebody does with their own account under the real policies, holding no
// role anywhere.
func TestPoliciesLetPeopleManageTheirOwnAccess(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		policies, err := NewAuthorizer()
		if err != nil {
			t.Fatal(err)
		}
		var own []command.Listed
		for _, l := range r.Road.Registry.List() {
			if l.Action != (hire{}).Action() {
				own = append(own, l)
			}
		}
		if err := policies.CheckCommands(own); err != nil {
			t.Error(err)
		}
		r.Road.Policy = ScopeTokens(policies)
		must := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		in := r.signIn()
		me := r.actor(in.Token)
		list, err := r.auth.List(ctx, me, mina)
		must("list the sessions", err)
		if len(list) != 1 || list[0].Masked {
			t.Errorf("the sessions are %+v", list)
		}
		made, err := r.auth.CreateToken(ctx, me, "", "export", []string{"payments.withdrawal.view"}, 5)
		must("create a token", err)
		_, err = r.auth.RevokeToken(ctx, me, "", made.ID)
		must("revoke the token", err)
		key := r.register(t, me, newDevice())
		_, err = r.auth.RevokePasskey(ctx, me, "", key.Subject)
		must("revoke the passkey", err)
		o, err := r.auth.OfferTOTP(ctx, me)
		must("offer a generator", err)
		seed, _ := base32Text.DecodeString(o.Secret)
		_, err = r.auth.EnrolTOTP(ctx, me, o.Offer, codeAt(seed, r.wall.Now()))
		must("set up a generator", err)
		r.wall.Advance(time.Minute)
		up, err := r.auth.StepUp(ctx, me, codeAt(seed, r.wall.Now()))
		must("confirm", err)
		me = r.actor(up.Token)
		_, err = r.auth.SetPassword(ctx, me, minaPassword, "canary next rivers 42")
		must("set the password", err)
		must("sign out", r.auth.SignOut(ctx, me))
		r.wall.Advance(time.Minute)
		last, err := r.auth.SignIn(ctx, minaEmail, "canary next rivers 42", codeAt(seed, r.wall.Now()), office, "x")
		must("sign in", err)
		r.wall.Advance(time.Hour)
		r.dead(last.Token)
		r.wantReasons(EventSessionExpired, "idle")
		_, err = r.auth.SignIn(ctx, "nobody@firm.example", "canary next rivers 42", "", office, "x")
		r.want(err, ErrSignIn.Code)
		_, _, err = r.auth.AuthenticateToken(ctx, "vs_unknown", office)
		r.want(err, ErrToken.Code)
		_, err = r.auth.Enrol(ctx, r.system(), admin, "canary for the admin", nil)
		must("enrol", err)

		// And nothing with another's.
		other, err := r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, "", office, "x")
		must("sign in as otto", err)
		o2 := r.actor(other.Token)
		_, err = r.auth.List(ctx, o2, mina)
		r.want(err, command.ErrHidden.Code)
		if _, err = r.auth.Revoke(ctx, o2, "", last.Session, "because I can"); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Unknown {
			t.Errorf("otto revokes mina's session: %v", err)
		}
	})
}
