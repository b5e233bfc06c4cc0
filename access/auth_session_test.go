package access

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

func TestSessionsEndByTheWallClock(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		idle := r.signIn()
		for range 4 { // use keeps it alive
			r.wall.Advance(14 * time.Minute)
			r.actor(idle.Token)
		}
		r.Clock.Advance(100 * time.Hour) // the business clock ends no session
		r.actor(idle.Token)
		r.wall.Advance(15 * time.Minute)
		var wg sync.WaitGroup
		for range 4 { // several requests find it over at once
			wg.Go(func() {
				if _, _, err := r.auth.Authenticate(ctx, idle.Token, office); !core.IsFault(err, ErrSignedOut.Code) {
					t.Errorf("an idle session goes on: %v", err)
				}
			})
		}
		wg.Wait()
		r.dead(idle.Token)
		r.wantReasons(EventSessionExpired, "idle")

		long := r.signIn()
		for range 60 {
			r.wall.Advance(10 * time.Minute)
			if _, _, err := r.auth.Authenticate(ctx, long.Token, office); err != nil {
				break
			}
		}
		r.dead(long.Token)
		r.wantReasons(EventSessionExpired, "idle", "absolute-limit")
		s, err := sessions.Get(ctx, r.Road.Store.Reader(), string(long.Session))
		if err != nil || s.Expires.Sub(s.AuthTime) != 10*time.Hour || s.EndedBy != SysClock {
			t.Errorf("the session is %+v, %v", s, err)
		}

		left := r.signIn()
		r.wall.Advance(time.Hour)
		if err := r.auth.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if err := r.auth.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		r.dead(left.Token)
		r.wantReasons(EventSessionExpired, "idle", "absolute-limit", "idle")
		if n := r.count(command.EventRefused); n != 0 {
			t.Errorf("%d refusals were recorded for the clock's own work", n)
		}
	})
}

func TestExpiryIsNotForPeopleNorBeforeItsTime(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		in := r.signIn()
		_, err := r.Road.Run(context.Background(), evidence.Actor{Ref: SysClock}, "", ExpireSession{Session: in.Session})
		r.want(err, "session-not-due")
		_, err = r.Road.Run(context.Background(), evidence.Actor{Ref: admin}, "", ExpireSession{Session: in.Session})
		r.want(err, "not-allowed")
		r.actor(in.Token)
	})
}

func TestStepUpIsFreshForAWhileAndChangesTheToken(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		in := r.signIn()
		if !r.actor(in.Token).StepUp {
			t.Error("the factor of the sign-in is not fresh")
		}
		r.wall.Advance(5 * time.Minute)
		a := r.actor(in.Token)
		if a.StepUp {
			t.Error("the factor is fresh for ever")
		}
		_, err := r.auth.StepUp(ctx, a, "000000")
		r.want(err, ErrFactor.Code)
		code := r.code()
		up, err := r.auth.StepUp(ctx, a, code)
		if err != nil || up.Session != in.Session || up.Token == in.Token {
			t.Fatalf("step-up: %+v, %v", up, err)
		}
		r.dead(in.Token)
		if !r.actor(up.Token).StepUp {
			t.Error("the step-up does not count")
		}
		_, err = r.auth.StepUp(ctx, r.actor(up.Token), code)
		r.want(err, ErrFactor.Code)
		r.wall.Advance(5 * time.Minute)
		if r.actor(up.Token).StepUp {
			t.Error("the step-up counts for ever")
		}
		r.wantReasons(EventSessionFailed, "wrong-code", "code-replayed")
		r.wantReasons(EventSessionSteppedUp, "")

		// Nobody confirms for somebody else, nor without a factor.
		other, err := r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, "", office, "x")
		if err != nil {
			t.Fatal(err)
		}
		otto := r.actor(other.Token)
		_, err = r.auth.StepUp(ctx, otto, r.code())
		r.want(err, errNoFactor.Code)
		_, err = r.Road.Run(ctx, otto, "", StepUpSession{Session: in.Session, try: &stepUp{code: r.code()}})
		r.want(err, "other-session")
	})
}

func TestRevokingKillsAtOnce(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		here, there := r.signIn(), r.signIn()
		me := r.actor(here.Token)
		list, err := r.auth.List(ctx, me, mina)
		if err != nil || len(list) != 2 || !list[1].Current || list[0].Current || list[0].IP != office || list[0].Seen == 0 {
			t.Errorf("mina sees %+v, %v", list, err)
		}
		if _, err := r.auth.Revoke(ctx, me, "", there.Session, ""); err != nil {
			t.Fatal(err)
		}
		r.dead(there.Token)
		_, err = r.auth.Revoke(ctx, me, "", there.Session, "")
		r.want(err, errEnded.Code)

		boss := evidence.Actor{Ref: admin, Session: "se_boss", StepUp: true}
		_, err = r.auth.Revoke(ctx, boss, "", here.Session, "")
		r.want(err, "say-why")
		if _, err := r.auth.Revoke(ctx, boss, "", here.Session, "laptop was stolen"); err != nil {
			t.Fatal(err)
		}
		r.dead(here.Token)
		r.wantReasons(EventSessionRevoked, "by-holder", "by-administrator")

		out := r.signIn()
		me = r.actor(out.Token)
		_, err = r.Road.Run(ctx, boss, "", EndSession{Session: out.Session})
		r.want(err, "other-session")
		if err := r.auth.SignOut(ctx, me); err != nil {
			t.Fatal(err)
		}
		if err := r.auth.SignOut(ctx, me); err != nil {
			t.Error("signing out twice is an error:", err)
		}
		r.dead(out.Token)
		r.wantReasons(EventSessionEnded, "signed-out")
	})
}

func TestWhoLeavesIsOutAtOnce(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		one, two := r.signIn(), r.signIn()
		tok := r.token(r.actor(one.Token), "payments.withdrawal.view")
		r.Do(r.system(), hire{ID: mina, Leave: true})
		r.dead(one.Token)
		r.dead(two.Token)
		_, _, err := r.auth.AuthenticateToken(ctx, tok.Token, office)
		r.want(err, ErrToken.Code)
		r.wantReasons(EventSessionRevoked, "left", "left")
		r.wantReasons(EventTokenRevoked, "left")
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), office, "x")
		r.want(err, ErrSignIn.Code)
	})
}

func TestPasswordsAreSetByTheirHolder(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		here, there := r.signIn(), r.signIn()
		me := r.actor(here.Token)
		for _, bad := range []string{"short", strings.Repeat("a", 20), "mina-mina-12", strings.Repeat("long ", 60), minaPassword, "\xff\xfe\xfd not text at all"} {
			_, err := r.auth.SetPassword(ctx, me, minaPassword, bad)
			r.want(err, "invalid-input")
		}
		_, err := r.auth.SetPassword(ctx, me, "not the canary one", "canary next rivers 42")
		r.want(err, ErrPassword.Code)
		_, err = r.Road.Run(ctx, evidence.Actor{Ref: admin, StepUp: true}, "", SetPassword{
			Staff: mina,
			try:   &newPassword{old: minaPassword, password: "canary chosen by admin"},
		})
		r.want(err, "holder-only")
		out, err := r.auth.SetPassword(ctx, me, minaPassword, "canary next rivers 42")
		if err != nil || len(out.Events) != 2 {
			t.Fatalf("%+v, %v", out, err)
		}
		r.actor(here.Token)
		r.dead(there.Token)
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), office, "x")
		r.want(err, ErrSignIn.Code)
		if _, err = r.auth.SignIn(ctx, minaEmail, "canary next rivers 42", r.code(), office, "x"); err != nil {
			t.Error(err)
		}
		r.wantReasons(EventSessionFailed, "wrong-password", "wrong-password")
		r.wantReasons(EventPasswordChanged, "")
	})
}

func TestInvitationsGoToTheirOwnerAndWorkOnce(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		boss := evidence.Actor{Ref: admin, Session: "se_boss", StepUp: true}
		in := r.signIn()
		if _, err := r.auth.Invite(ctx, boss, "", mina); err != nil {
			t.Fatal(err)
		}
		first := r.mail[minaEmail]
		if _, err := r.auth.Invite(ctx, boss, "", mina); err != nil {
			t.Fatal(err)
		}
		token := r.mail[minaEmail]
		_, err := r.auth.Invite(ctx, boss, "", admin)
		r.want(err, "own-invitation")
		_, err = r.auth.Invite(ctx, boss, "", gone)
		r.want(err, "not-active")

		const next = "canary after invitation"
		for _, bad := range []string{first, "vi_nonsense", ""} {
			_, err := r.auth.AcceptInvite(ctx, bad, next, elsewhere)
			r.want(err, ErrInvite.Code)
		}
		r.wall.Advance(10 * time.Minute)
		if _, err := r.auth.AcceptInvite(ctx, token, next, elsewhere); err != nil {
			t.Fatal(err)
		}
		r.dead(in.Token)
		_, err = r.auth.AcceptInvite(ctx, token, "canary once more please", elsewhere)
		r.want(err, ErrInvite.Code)
		_, err = r.auth.SignIn(ctx, minaEmail, next, "", office, "x") // the code is still asked for
		r.want(err, ErrSignIn.Code)
		if _, err := r.auth.SignIn(ctx, minaEmail, next, r.code(), office, "x"); err != nil {
			t.Error(err)
		}
		// An invitation is also how somebody without credentials begins.
		if _, err := r.auth.Invite(ctx, evidence.Actor{Ref: mina, Session: "se_x", StepUp: true}, "", admin); err != nil {
			t.Fatal(err)
		}
		r.wall.Advance(25 * time.Hour)
		_, err = r.auth.AcceptInvite(ctx, r.mail["admin@firm.example"], next, elsewhere)
		r.want(err, ErrInvite.Code)
		if _, err := r.auth.Invite(ctx, evidence.Actor{Ref: mina, Session: "se_x", StepUp: true}, "", admin); err != nil {
			t.Fatal(err)
		}
		if _, err := r.auth.AcceptInvite(ctx, r.mail["admin@firm.example"], next, elsewhere); err != nil {
			t.Error(err)
		}
		r.wantReasons(EventPasswordInvited, "", "", "", "")
		r.wantReasons(EventPasswordChanged, "", "")
	})
}

func TestAGeneratorIsProvenBeforeItCounts(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		in, err := r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, "", office, "x")
		if err != nil {
			t.Fatal(err)
		}
		me := r.actor(in.Token)
		o, err := r.auth.OfferTOTP(ctx, me)
		if err != nil || !strings.HasPrefix(o.URL, "otpauth://totp/Firm:otto@firm.example?") || !strings.Contains(o.URL, o.Secret) {
			t.Fatalf("%+v, %v", o, err)
		}
		seed, err := base32Text.DecodeString(o.Secret)
		if err != nil || len(seed) != totpSeedSz {
			t.Fatal(err)
		}
		_, err = r.auth.EnrolTOTP(ctx, me, o.Offer, "000000")
		r.want(err, "invalid-input")
		_, err = r.auth.EnrolTOTP(ctx, evidence.Actor{Ref: mina, Session: me.Session}, o.Offer, codeAt(seed, r.wall.Now()))
		r.want(err, errOffer.Code)
		if _, err := r.auth.EnrolTOTP(ctx, me, o.Offer, codeAt(seed, r.wall.Now())); err != nil {
			t.Fatal(err)
		}
		_, err = r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, "", office, "x")
		r.want(err, ErrSignIn.Code)
		r.wall.Advance(30 * time.Second)
		if _, err = r.auth.SignIn(ctx, "otto@firm.example", ottoPassword, codeAt(seed, r.wall.Now()), office, "x"); err != nil {
			t.Error(err)
		}
		// Replacing it takes the present one.
		o, err = r.auth.OfferTOTP(ctx, me)
		if err != nil {
			t.Fatal(err)
		}
		next, _ := base32Text.DecodeString(o.Secret)
		_, err = r.auth.EnrolTOTP(ctx, me, o.Offer, codeAt(next, r.wall.Now()))
		r.want(err, command.ErrStepUp.Code)
		r.wall.Advance(offerLife)
		_, err = r.auth.EnrolTOTP(ctx, me, o.Offer, codeAt(next, r.wall.Now()))
		r.want(err, errOffer.Code)
		r.wantReasons(EventTOTPEnrolled, "")
	})
}
