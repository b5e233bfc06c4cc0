package access

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// leaving is the real deactivation, with the real ending of credentials, on
// the rig of sign-in.
func leaving(t *testing.T, r *authRig) {
	t.Helper()
	command.Handle[plantPasskey, int](r.Road.Registry, plantHandler{}, command.Doc{Title: "Plant", Kind: core.KindStaff})
	command.Handle[DeactivateStaff, *Staff](r.Road.Registry, deactivateStaff{r.auth}, command.Doc{Title: "Deactivate", Kind: core.KindStaff})
}

func (r *authRig) number(query string, args ...any) (n int) {
	r.T.Helper()
	if err := r.Road.Store.Reader().QueryRow(context.Background(), query, args...).Scan(store.Scan(&n)...); err != nil {
		r.T.Fatal(err)
	}
	return n
}

// Everything by which a leaver could come back ends in the transaction that
// deactivates them: each of these has a line here, and each was alive before.
func TestALeaverKeepsNothing(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		leaving(t, r)
		me := r.actor(r.signIn().Token)
		made := r.token(me, "payments.withdrawal.view")
		admin := r.Staff("admin", "any")
		admin.Session = ""
		if _, err := r.auth.Invite(ctx, admin, "", mina); err != nil {
			t.Fatal(err)
		}
		r.Do(r.system(), plantPasskey{mina})
		things := map[string]string{
			"session":    "SELECT COUNT(*) FROM session WHERE principal = $1 AND ended IS NULL",
			"token":      "SELECT COUNT(*) FROM api_token WHERE owner = $1 AND ended IS NULL",
			"invitation": "SELECT COUNT(*) FROM password_invite WHERE staff = $1 AND closed IS NULL",
			"passkey":    "SELECT COUNT(*) FROM passkey WHERE staff = $1 AND ended IS NULL",
			"password":   "SELECT COUNT(*) FROM credential WHERE staff = $1 AND password IS NOT NULL",
			"generator":  "SELECT COUNT(*) FROM credential WHERE staff = $1 AND totp IS NOT NULL",
			"seed":       "SELECT COUNT(*) FROM totp_seed WHERE staff = $1",
		}
		for name, query := range things {
			if r.number(query, mina) == 0 {
				t.Fatalf("there is no %s to end: this test proves nothing", name)
			}
		}
		r.Do(admin, DeactivateStaff{Staff: mina, Words: "Left the firm today."})
		for name, query := range things {
			if n := r.number(query, mina); n != 0 {
				t.Errorf("a leaver keeps %d: %s", n, name)
			}
		}
		if problems, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader()); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}

		// Using any of it afterwards is found, once a day for each way.
		found := func() int {
			return r.number("SELECT COUNT(*) FROM job WHERE kind = 'cases.raise' AND subject = $1", mina)
		}
		for range 2 {
			_, err := r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), office, "")
			r.want(err, ErrSignIn.Code)
		}
		if found() != 1 {
			t.Errorf("%d findings about signing in", found())
		}
		_, _, err := r.auth.AuthenticateToken(ctx, made.Token, office)
		r.want(err, ErrToken.Code)
		if found() != 2 {
			t.Errorf("%d findings after the token was used too", found())
		}
		_, err = r.auth.SignIn(ctx, "nobody@firm.example", "no such password", "", elsewhere, "")
		r.want(err, ErrSignIn.Code)
		if found() != 2 {
			t.Error("a stranger's sign-in is held against a leaver")
		}
	})
}

// Each grant of a leaver ends in the log of its own entity, in one transaction.
func TestALeaversGrantsEndEachInItsOwnLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFirm(t, s)
		f.grant(f.ana, Support, "en_cy", 10*day)
		f.grant(f.ana, Support, "en_uk", 10*day)
		later := f.request(f.ana, Compliance, "en_cy", 9*day)
		later.From = f.Clock.Now().Add(5 * day)
		p := f.Do(f.root, later)
		if _, err := f.decide(f.second, p.Proposal); err != nil {
			t.Fatal(err)
		}
		f.tick()
		out := f.Do(f.root, DeactivateStaff{Staff: f.ana.Ref, Words: "Left the firm today."})
		if len(out.Events) != 4 {
			t.Fatalf("%d events, want that of leaving and one for each of three grants", len(out.Events))
		}
		homes := map[core.Ref]int{}
		for _, e := range f.Events(f.ana.Ref) {
			if e.Type == EventGrantExpired.Name {
				homes[e.Entity]++
			}
		}
		if homes["en_cy"] != 2 || homes["en_uk"] != 1 {
			t.Errorf("ends are told in %v", homes)
		}
		if problems, err := f.Road.Log.VerifyFold(context.Background(), f.Road.Store.Reader()); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
	})
}
