package access

import (
	"context"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

func (f *firm) certified(who core.Ref, name string, days int) core.Ref {
	f.t.Helper()
	return f.Do(f.root, RecordCertificate{Staff: who, Training: name, Issuer: "Institute", Passed: f.Clock.Now().Add(-day), Expires: f.Clock.Now().Add(time.Duration(days) * day)}).Subject
}

func (f *firm) demand(ends, drop bool) {
	f.t.Helper()
	out := f.Do(f.root, RequireTraining{Entity: "en_cy", Role: Support, Training: "AML basics", Ends: ends, Drop: drop, Words: "The policy of this year."})
	if out.State != "proposed" {
		f.t.Fatal("a demand changed without a second person")
	}
	if _, err := f.decide(f.senior, out.Proposal); err != nil {
		f.t.Fatal(err)
	}
	f.tick()
}

// A role that demands a training is given to who has a live certificate, and
// refused with the name of the training otherwise.
func TestARoleDemandsItsTraining(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.demand(false, false)
		ask := f.request(f.ana, Support, "en_cy", 20*day)
		f.refused(f.root, ask, "training-missing")
		other := ask
		other.Entity = "en_uk" // another entity's rule is its own
		f.Do(f.root, other)
		f.refused(f.ana, RecordCertificate{Staff: f.root.Ref, Training: "AML basics", Issuer: "Institute", Passed: 1, Expires: 2}, command404)
		for code, bad := range map[string]RecordCertificate{
			"own-certificate":      {Staff: f.root.Ref, Training: "AML basics", Issuer: "Institute", Passed: 1, Expires: f.Clock.Now().Add(day)},
			"certificate-not-live": {Staff: f.ana.Ref, Training: "AML basics", Issuer: "Institute", Passed: 1, Expires: 2},
			"invalid-input":        {Staff: f.ana.Ref, Training: "AML basics", Issuer: "Institute", Passed: 2, Expires: 2},
		} {
			f.refused(f.root, bad, code)
		}
		f.certified(f.ana.Ref, "Something else", 10)
		f.refused(f.root, ask, "training-missing")
		f.certified(f.ana.Ref, " aml  BASICS ", 10)
		if out := f.Do(f.root, ask); out.State != "proposed" {
			t.Fatal(out)
		}
		f.Clock.Advance(11 * day)
		f.refused(f.root, ask, "training-missing")
		f.refused(f.root, RequireTraining{Entity: "en_cy", Role: Support, Training: "aml basics", Words: "The policy of this year."}, "nothing-changed")
		f.refused(f.root, RequireTraining{Entity: "en_cy", Role: Dealing, Training: "aml basics", Drop: true, Words: "The policy of this year."}, "nothing-changed")
		f.demand(false, true)
		f.Do(f.root, f.request(f.ana, Support, "en_cy", 20*day))
	})
}

// With its certificate a role stays and is found, or ends, as the rule says; a
// newer certificate spares both. The end is announced once, 30 days before.
func TestACertificateExpires(t *testing.T) {
	for name, ends := range map[string]bool{"stays": false, "ends": true} {
		t.Run(name, func(t *testing.T) {
			eachFirm(t, func(t *testing.T, f *firm) {
				ctx, r := context.Background(), f.Road.Store.Reader()
				f.demand(ends, false)
				first := f.certified(f.ana.Ref, "AML basics", 40)
				second := f.certified(f.ben.Ref, "AML basics", 40)
				g, safe := f.grant(f.ana, Support, "en_cy", 200*day), f.grant(f.ben, Support, "en_cy", 200*day)
				f.refused(clock, RemindCertificate{first}, "certificate-not-due")
				f.Clock.Advance(11 * day)
				remind, expire, err := DueCertificates(ctx, r, f.Clock.Now())
				if err != nil || len(remind) != 2 || len(expire) != 0 {
					t.Fatal(remind, expire, err)
				}
				f.Do(clock, RemindCertificate{first})
				f.refused(clock, RemindCertificate{first}, "certificate-not-due")
				f.refused(clock, ExpireCertificate{first}, "certificate-not-due")
				f.certified(f.ben.Ref, "AML basics", 300)
				f.Clock.Advance(30 * day)
				if _, expire, _ = DueCertificates(ctx, r, f.Clock.Now()); len(expire) != 2 {
					t.Fatalf("%v are due", expire)
				}
				f.Do(clock, ExpireCertificate{first})
				f.Do(clock, ExpireCertificate{second})
				f.refused(clock, ExpireCertificate{first}, "certificate-not-due")
				now, _ := GrantByID(ctx, r, g.ID)
				kept, _ := GrantByID(ctx, r, safe.ID)
				if (now.State == Expired) != ends || kept.State != Granted {
					t.Errorf("her grant is %s (%s), his %s", now.State, now.ClosedReason, kept.State)
				}
				var found int
				if err := r.QueryRow(ctx, "SELECT COUNT(*) FROM job WHERE kind = 'cases.raise' AND args LIKE 'certificate-expired|%'").Scan(store.Scan(&found)...); err != nil {
					t.Fatal(err)
				}
				if (found == 1) == ends || found > 1 {
					t.Errorf("%d findings", found)
				}
				if problems, err := f.Road.Log.VerifyFold(ctx, r); err != nil || len(problems) > 0 {
					t.Fatal(problems, err)
				}
			})
		})
	}
}
