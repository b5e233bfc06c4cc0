package access

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

func (r *authRig) token(a evidence.Actor, actions ...string) TokenMade {
	r.T.Helper()
	made, err := r.auth.CreateToken(context.Background(), a, "", "nightly export", actions, 30)
	if err != nil {
		r.T.Fatal(err)
	}
	return made
}

func TestTokensAreNarrowShortLivedAndShownOnce(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		in := r.signIn()
		me := r.actor(in.Token)
		for _, bad := range []CreateToken{
			{Name: "x y", Actions: []string{"a.b"}, Days: 91},
			{Name: "x y", Actions: []string{"a.b"}, Days: 0},
			{Name: "x y", Days: 5},
			{Name: "", Actions: []string{"a.b"}, Days: 5},
			{Name: "x y", Actions: []string{"access.token.create"}, Days: 5},
			{Name: "x y", Actions: []string{string(command.ActApprove)}, Days: 5},
			{Name: "x y", Actions: []string{"a.*"}, Days: 5},
		} {
			_, err := r.auth.CreateToken(ctx, me, "", bad.Name, bad.Actions, bad.Days)
			r.want(err, "invalid-input")
		}
		made, err := r.auth.CreateToken(ctx, me, "key-1", "nightly export", []string{"payments.withdrawal.view", "see.bank"}, 90)
		if err != nil || !strings.HasPrefix(made.Token, "vs_") || len(made.Token) != 46 {
			t.Fatalf("%+v, %v", made, err)
		}
		again, err := r.auth.CreateToken(ctx, me, "key-1", "nightly export", []string{"payments.withdrawal.view", "see.bank"}, 90)
		if err != nil || again.Token != "" || again.ID != made.ID || !again.Outcome.Replayed {
			t.Errorf("the same key shows %+v, %v", again, err)
		}
		a, row, err := r.auth.AuthenticateToken(ctx, made.Token, elsewhere)
		if err != nil || a.Ref != mina || a.Token != made.ID || a.StepUp || a.Session != "" || row.token != digest(made.Token) {
			t.Fatalf("%+v %+v, %v", a, row, err)
		}
		if used, err := LastUsed(ctx, r.Road.Store.Reader(), made.ID); err != nil || used != r.wall.Now() {
			t.Errorf("last used %v, %v", used, err)
		}
		// It manages nothing about access, whatever policy would say.
		_, err = r.auth.CreateToken(ctx, a, "", "child", []string{"a.b"}, 5)
		r.want(err, "not-allowed")
		_, err = r.auth.Revoke(ctx, a, "", in.Session, "")
		r.want(err, "not-allowed")
		r.wall.Advance(90 * 24 * time.Hour)
		_, _, err = r.auth.AuthenticateToken(ctx, made.Token, elsewhere)
		r.want(err, ErrToken.Code)
		r.wantReasons(EventSessionFailed, "token-expired")
		r.wantReasons(EventTokenCreated, "")
	})
}

func TestTokensAreHeldToTheirScope(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		me := r.actor(r.signIn().Token)
		made := r.token(me, "payments.withdrawal.view")
		bot, _, err := r.auth.AuthenticateToken(ctx, made.Token, elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		may := func(by evidence.Actor, act command.Action) bool {
			ruling, err := r.Road.Policy.Authorize(ctx, r.Road.Store.Reader(), by, act, command.Resource{Kind: core.KindWithdrawal}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if !ruling.Allow && !slices.Equal(ruling.Policies, []string{tokenPolicy}) {
				t.Errorf("the denial names %v", ruling.Policies)
			}
			where, listed, err := r.Road.Policy.Filter(ctx, r.Road.Store.Reader(), by, act, core.KindWithdrawal, 1)
			text, _ := where.Render(1)
			closed, _ := store.False.Render(1)
			if err != nil || listed.Allow != ruling.Allow || (text == closed) == ruling.Allow {
				t.Errorf("the list says otherwise: %q %+v %v", text, listed, err)
			}
			return ruling.Allow
		}
		if !may(bot, "payments.withdrawal.view") || may(bot, "payments.withdrawal.release") || !may(me, "payments.withdrawal.release") {
			t.Error("the scope does not hold")
		}
		borrowed := bot
		borrowed.Ref = otto
		if may(borrowed, "payments.withdrawal.view") {
			t.Error("a token serves another owner")
		}
		if _, err := r.auth.RevokeToken(ctx, me, "", made.ID); err != nil {
			t.Fatal(err)
		}
		if may(bot, "payments.withdrawal.view") {
			t.Error("a revoked token still acts for whoever was let in before")
		}
		_, _, err = r.auth.AuthenticateToken(ctx, made.Token, elsewhere)
		r.want(err, ErrToken.Code)
		_, err = r.auth.RevokeToken(ctx, me, "", made.ID)
		r.want(err, "token-ended")
		r.wantReasons(EventTokenRevoked, "by-owner")
	})
}

func TestBadTokensAreRecordedAndMadeToWait(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		good := r.token(r.actor(r.signIn().Token), "payments.withdrawal.view")
		for _, bad := range []string{"", "vs_", "vs_unknown", good.Token[3:], strings.ToUpper(good.Token), good.Token + "x"} {
			_, _, err := r.auth.AuthenticateToken(ctx, bad, elsewhere)
			r.want(err, ErrToken.Code)
		}
		_, _, err := r.auth.AuthenticateToken(ctx, "vs_unknown", elsewhere)
		r.want(err, "too-many-tries")
		if n := r.count(EventSessionFailed); n != 6 {
			t.Errorf("%d events, want 6", n)
		}
		// Who holds a good token is not kept waiting by a neighbour.
		if _, _, err := r.auth.AuthenticateToken(ctx, good.Token, elsewhere); err != nil {
			t.Error(err)
		}
	})
}

func TestTokensNeedAFreshFactor(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		in := r.signIn()
		r.wall.Advance(10 * time.Minute)
		_, err := r.auth.CreateToken(context.Background(), r.actor(in.Token), "", "late", []string{"a.b"}, 5)
		r.want(err, command.ErrStepUp.Code)
	})
}
