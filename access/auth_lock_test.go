package access

import (
	"context"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// plantBreak gives somebody emergency access whose review is due, or has it
// reviewed.
type plantBreak struct {
	Grant, Staff core.Ref
	Due          core.Instant
}

func (plantBreak) Action() command.Action { return "test.break.plant" }
func (p plantBreak) Subject() core.Ref    { return p.Staff }

type plantBreakHandler struct{}

func (plantBreakHandler) Load(ctx context.Context, r store.Reader, in plantBreak) (*BreakReview, command.Resource, error) {
	b, err := BreakReviewOf(ctx, r, in.Grant)
	return b, command.Resource{Kind: core.KindStaff}, err
}

func (plantBreakHandler) Check(plantBreak, *BreakReview, command.Moment) command.Verdict {
	return command.Proceed()
}

func (plantBreakHandler) Apply(ctx context.Context, tx *command.Tx, in plantBreak, was *BreakReview) ([]evidence.Event, error) {
	out := []evidence.Event{{Type: hired, Subjects: []core.Ref{in.Staff}}}
	if was == nil {
		return out, breakReviews.Insert(ctx, tx.Tx, &BreakReview{Grant: in.Grant, Holder: in.Staff, Entity: Group, Due: in.Due})
	}
	now := *was
	now.Outcome, now.Reviewer, now.Reviewed = Justified, admin, tx.Now
	return out, breakReviews.Update(ctx, tx.Tx, was, &now)
}

// Who is locked out comes in by no way, each try is on record with its reason,
// who does not prove who they are learns nothing of it, and the review opens
// every way again.
func TestALockedAccountComesInByNoWay(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		command.Handle[plantBreak, *BreakReview](r.Road.Registry, plantBreakHandler{}, command.Doc{Title: "Plant", Kind: core.KindStaff})
		command.Handle[LockStaff, locking](r.Road.Registry, lockStaff{}, command.Doc{Title: "Lock", Kind: core.KindStaff})
		d, in := newDevice(), r.signIn()
		me := r.actor(in.Token)
		r.register(t, me, d)
		token := r.token(me, "payments.withdrawal.view").Token
		use := func() error {
			r.wall.Advance(5 * time.Minute)
			_, _, err := r.auth.AuthenticateToken(ctx, token, office)
			return err
		}
		byPassword := func(password string) error {
			r.wall.Advance(5 * time.Minute)
			_, err := r.auth.SignIn(ctx, minaEmail, password, r.code(), office, "Firefox")
			return err
		}
		byPasskey := func() error {
			r.wall.Advance(5 * time.Minute)
			d.cred.Counter++
			_, err := r.passkeySignIn(t, d)
			return err
		}
		ways := func(when string, token, password, passkey string) {
			t.Helper()
			for _, x := range []struct {
				way, want string
				try       error
			}{{"token", token, use()}, {"password", password, byPassword(minaPassword)}, {"passkey", passkey, byPasskey()}} {
				if x.want == "" && x.try != nil || x.want != "" && !core.IsFault(x.try, x.want) {
					t.Errorf("%s, by %s: %v, want %q", when, x.way, x.try, x.want)
				}
			}
		}
		plant := plantBreak{Grant: "gr_night", Staff: mina, Due: r.Clock.Now().Add(time.Hour)}
		r.Do(r.system(), plant)
		ways("before it is due", "", "", "")
		r.wall.Advance(5 * time.Minute)
		running := r.signIn().Token
		r.Clock.Set(plant.Due)
		ways("overdue", "bad-token", "account-locked", "account-locked")
		r.want(byPassword("not the password"), ErrSignIn.Code)
		r.wantReasons(EventSessionFailed, faultLocked, faultLocked, faultLocked, "wrong-password")
		r.Do(r.system(), LockStaff{Grant: plant.Grant})
		r.dead(running)
		r.Do(r.system(), plant)
		ways("reviewed", "", "", "")
	})
}
