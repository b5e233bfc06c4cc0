package access

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

// After any sequence of joining, granting, signing in, tokens, invitations,
// resets and leaving, nobody who has left has a live session, token, grant,
// invitation or anything to sign in with.
func TestNobodyWhoLeftIsStillIn(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		leaving(t, r)
		RegisterLifecycle(r.Road.Registry, r.auth)
		root := r.Staff("admin", "any")
		root.Session = ""
		rng := rand.New(rand.NewPCG(20260504, 7))
		people := []core.Ref{mina, otto}
		for range 6 {
			ref := core.NewRef(core.KindStaff, r.Clock.Now(), r.Road.Entropy)
			r.Do(r.system(), hire{ID: ref, Email: string(ref) + "@firm.example"})
			r.enrol(ref, ottoPassword, nil)
			people = append(people, ref)
		}
		left := map[core.Ref]bool{}
		for step := range 120 {
			who := people[rng.IntN(len(people))]
			email := map[core.Ref]string{mina: minaEmail, otto: "otto@firm.example"}[who]
			if email == "" {
				email = string(who) + "@firm.example"
			}
			r.wall.Advance(time.Duration(rng.IntN(50)) * time.Minute)
			r.Clock.Advance(time.Minute)
			switch rng.IntN(7) {
			case 0, 1:
				in, err := r.auth.SignIn(ctx, email, ottoPassword, "", office+string(rune('0'+step%10)), "")
				if err == nil && left[who] {
					t.Fatalf("step %d: %s signed in after leaving", step, who)
				}
				if err == nil {
					if a, _, err := r.auth.Authenticate(ctx, in.Token, office); err == nil {
						a.StepUp = true
						_, _ = r.auth.CreateToken(ctx, a, "", "a script", []string{"payments.withdrawal.view"}, 5)
					}
				}
			case 2:
				_, _ = r.auth.Invite(ctx, root, "", who)
			case 3:
				_, _ = r.auth.ResetPassword(ctx, root, "", PasswordReset(who, "in-person", "Forgot it over the summer.", "ca_asked"))
			case 4:
				_, _ = r.auth.AcceptInvite(ctx, r.mail[email], ottoPassword, office)
			case 5:
				r.Do(r.system(), plantPasskey{who})
				if left[who] {
					_, _ = r.Road.Run(ctx, root, "", DeactivateStaff{Staff: who, Words: "Left once more."})
				}
			case 6:
				if step > 20 {
					_, err := r.Road.Run(ctx, root, "", DeactivateStaff{Staff: who, Words: "Left the firm today."})
					left[who] = left[who] || err == nil
				}
			}
		}
		if len(left) < 2 {
			t.Fatalf("%d people left: this proves little", len(left))
		}
		for name, query := range map[string]string{
			"sessions":    "SELECT COUNT(*) FROM session x JOIN staff s ON s.id = x.principal WHERE s.status = 'inactive' AND x.ended IS NULL",
			"tokens":      "SELECT COUNT(*) FROM api_token x JOIN staff s ON s.id = x.owner WHERE s.status = 'inactive' AND x.ended IS NULL",
			"grants":      "SELECT COUNT(*) FROM role_grant x JOIN staff s ON s.id = x.holder WHERE s.status = 'inactive' AND x.state = 'granted'",
			"invitations": "SELECT COUNT(*) FROM password_invite x JOIN staff s ON s.id = x.staff WHERE s.status = 'inactive' AND s.id <> 'st_gone' AND x.closed IS NULL",
			"passwords":   "SELECT COUNT(*) FROM credential x JOIN staff s ON s.id = x.staff WHERE s.status = 'inactive' AND s.id <> 'st_gone' AND x.password IS NOT NULL",
		} {
			if n := r.number(query); n != 0 {
				t.Errorf("those who left hold %d %s", n, name)
			}
		}
		if problems, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader()); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
	})
}

// The same for roles, over random requests, approvals and leavers, with the
// real policies.
func TestNoRoleOutlivesItsHoldersLeaving(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		rng := rand.New(rand.NewPCG(20260504, 8))
		people := []core.Ref{f.ana.Ref, f.ben.Ref}
		for _, name := range []string{"cleo", "dora", "emil", "fred"} {
			people = append(people, f.hire(name, "en_cy").Ref)
		}
		var open []core.Ref
		for range 80 {
			f.Clock.Advance(time.Hour)
			who := people[rng.IntN(len(people))]
			switch rng.IntN(5) {
			case 0, 1, 2:
				in := RequestGrant{Holder: who, Role: []Role{Support, Dealing, Compliance, Payments}[rng.IntN(4)], Entity: []core.Ref{"en_cy", "en_uk"}[rng.IntN(2)], Until: f.Clock.Now().Add(9 * day), Reason: "joiner", Words: "Joins the team today."}
				if out, err := f.Road.Run(context.Background(), f.root, "", in); err == nil {
					open = append(open, out.Proposal)
				}
			case 3:
				if len(open) > 0 {
					_, _ = f.decide(f.second, open[rng.IntN(len(open))])
				}
			case 4:
				if rng.IntN(4) == 0 {
					_, _ = f.Road.Run(context.Background(), f.root, "", DeactivateStaff{Staff: who, Words: "Left the firm today."})
				}
			}
			rows, err := f.Road.Store.Reader().Query(context.Background(), "SELECT x.id FROM role_grant x JOIN staff s ON s.id = x.holder WHERE s.status = 'inactive' AND x.state = 'granted'")
			if err != nil {
				t.Fatal(err)
			}
			if rows.Next() {
				t.Fatal("a role outlives its holder's leaving")
			}
			rows.Close()
		}
		for _, p := range open { // what was asked for a leaver gives nothing
			x, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), p)
			if x.State == command.Open {
				_, _ = f.decide(f.second, p)
			}
		}
	})
}
