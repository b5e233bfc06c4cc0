package access

import (
	"slices"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
)

// breakable has an entity list the payments lead for emergencies, with a second
// person, and gives ana work there.
func (f *firm) breakable() BreakGrant { return f.breakableFrom(Payments, PaymentsLead) }

// breakableFrom is the same for any role that ana has, and the one she takes.
func (f *firm) breakableFrom(has, takes Role) BreakGrant {
	f.t.Helper()
	p := f.Do(f.root, ChangeEntity{Entity: "en_cy", Breakable: "payments_lead, head_of_dealing", Words: "For the nights with one person on shift."})
	if _, err := f.decide(f.senior, p.Proposal); err != nil {
		f.t.Fatal(err)
	}
	f.grant(f.ana, has, "en_cy", 20*day)
	return BreakGrant{Holder: f.ana.Ref, Role: takes, Entity: "en_cy", Minutes: 30, Ticket: "INC-2041", Words: "The lead is on a plane and payouts time out."}
}

func TestAnEmergencyIsTakenAloneAndIsLoud(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		in := f.breakable()
		cold := f.ana
		cold.StepUp = false
		f.refused(cold, in, command.ErrStepUp.Code)
		change := func(fn func(*BreakGrant)) BreakGrant { x := in; fn(&x); return x }
		for _, c := range []struct {
			who  evidence.Actor
			in   BreakGrant
			code string
		}{
			{f.ana, change(func(b *BreakGrant) { b.Minutes = 61 }), "invalid-input"},
			{f.ana, change(func(b *BreakGrant) { b.Minutes = 0 }), "invalid-input"},
			{f.ana, change(func(b *BreakGrant) { b.Ticket = "" }), "invalid-input"},
			{f.ana, change(func(b *BreakGrant) { b.Words = "Urgent." }), "invalid-input"},
			{f.ana, change(func(b *BreakGrant) { b.Role = SeniorCompliance }), "not-breakable"},
			{f.ana, change(func(b *BreakGrant) { b.Role = Support }), "not-breakable"},
			{f.ana, change(func(b *BreakGrant) { b.Entity = "en_uk" }), "not-breakable"},
			{f.ben, change(func(b *BreakGrant) { b.Holder = f.ben.Ref }), "no-role-there"},
			{f.root, in, command.ErrHidden.Code}, // for somebody else
		} {
			f.refused(c.who, c.in, c.code)
		}
		out := f.Do(f.ana, in)
		f.tick()
		if out.State != command.StateDone || !f.may(f.ana, "payments.withdrawal.resolve", core.KindWithdrawal, "en_cy").Allow {
			t.Fatalf("not in force: %+v", out)
		}
		g, _ := GrantByID(t.Context(), f.Road.Store.Reader(), out.Subject)
		if g.Origin != Broken || g.Ends.Sub(g.Starts) != 30*time.Minute || g.Ticket != "INC-2041" || g.Proposal != "" {
			t.Errorf("grant %+v", g)
		}
		waiting, err := jobs.Waiting(t.Context(), f.Road.Store.Reader(), "cases.raise")
		if err != nil || !slices.ContainsFunc(waiting, func(j jobs.Job) bool {
			return j.Args == "break-glass|en_group|"+string(f.ana.Ref)+"|"+string(g.ID)
		}) {
			t.Errorf("no alarm: %+v, %v", waiting, err)
		}
		f.Clock.Set(g.Ends)
		if f.may(f.ana, "payments.withdrawal.resolve", core.KindWithdrawal, "en_cy").Allow {
			t.Error("it outlived its end")
		}
		f.refused(f.ana, change(func(b *BreakGrant) { b.Role = HeadOfDealing }), "last-not-reviewed")
	})
}

func TestWhoeverLooseEmergenciesNeedsASecondPerson(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.breakable()
		if out := f.Do(f.root, ChangeEntity{Entity: "en_cy", Breakable: "payments_lead", Words: "One fewer than before."}); out.State != command.StateDone {
			t.Errorf("tightening waits: %+v", out)
		}
		if out := f.Do(f.root, ChangeEntity{Entity: "en_cy", Breakable: "payments_lead system_admin", Words: "One more than before."}); out.State != command.StateProposed {
			t.Errorf("one person let administrators be taken: %+v", out)
		}
		f.refused(f.root, ChangeEntity{Entity: "en_cy", Breakable: "support", Words: "Not privileged."}, "invalid-input")
		f.Do(f.root, ChangeEntity{Entity: "en_cy", Breakable: noRoles, Words: "No emergencies any more."})
		if e, _ := EntityByID(t.Context(), f.Road.Store.Reader(), "en_cy"); e.Breakable != "" {
			t.Errorf("still %q", e.Breakable)
		}
	})
}

func TestAnEmergencyIsReviewedBySomebodyElseOverItsWholeList(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		in := f.breakableFrom(Dealing, HeadOfDealing)
		g := f.Do(f.ana, in).Subject
		f.tick()
		review := ReviewGrant{Grant: g, Outcome: Justified, Words: "Looked at every act; all belong to the ticket."}
		f.refused(f.senior, review, "still-in-force")
		f.Clock.Advance(31 * time.Minute)
		f.refused(f.senior, review, "acts-not-seen")
		v := f.story(f.senior, g)
		if v.Break == nil || !v.Break.MayReview || v.Break.Seen == "" || v.Break.Overdue {
			t.Fatalf("story %+v", v.Break)
		}
		review.Seen = v.Break.Seen
		f.refused(f.ana, review, "not-allowed")
		f.grant(f.ana, SeniorCompliance, "en_uk", day) // elsewhere a senior, still not her own
		f.refused(f.ana, review, "not-allowed")
		f.refused(f.ben, review, command.ErrHidden.Code)
		f.refused(f.senior, ReviewGrant{Grant: g, Outcome: "fine", Words: review.Words, Seen: review.Seen}, "invalid-input")
		f.Do(f.senior, review)
		f.refused(f.senior, review, "already-reviewed")
		other := f.grant(f.ana, Support, "en_cy", day)
		f.refused(f.senior, ReviewGrant{Grant: other.ID, Outcome: Justified, Words: review.Words}, "no-emergency")
		rows := ask(f, f.senior, ListBreaksQuery, ListBreaks{})
		if len(rows) != 1 || rows[0].Outcome != Justified || rows[0].Reviewer != f.senior.Ref || rows[0].Words.Masked {
			t.Errorf("listed %+v", rows)
		}
		f.Clock.Advance(2 * day)
		if !f.may(f.ana, "platform.intervention.view", core.KindIntervention, "en_cy").Allow {
			t.Error("locked although it was reviewed")
		}
		if types := f.types(g); !slices.Equal(types, []string{"access.grant.broken", "access.grant.reviewed"}) {
			t.Errorf("events %v", types)
		}
	})
}

func TestAnUnreviewedEmergencyLocksTheAccount(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		out := f.Do(f.ana, f.breakable())
		taken := f.Clock.Now()
		f.refused(clock, LockStaff{Grant: out.Subject}, "lock-not-due")
		b, _ := BreakReviewOf(t.Context(), f.Road.Store.Reader(), out.Subject)
		f.Clock.Set(b.Due - 1)
		if !f.may(f.ana, "payments.withdrawal.view", core.KindWithdrawal, "en_cy").Allow {
			t.Fatal("locked early")
		}
		f.Clock.Set(b.Due) // by the clock, before anything is recorded
		r := f.may(f.ana, "payments.withdrawal.view", core.KindWithdrawal, "en_cy")
		if r.Allow || !slices.Equal(r.Errors, []string{faultLocked}) {
			t.Fatalf("not locked: %+v", r)
		}
		due, err := DueLocks(t.Context(), f.Road.Store.Reader(), f.Clock.Now())
		if err != nil || !slices.Equal(due, []core.Ref{out.Subject}) {
			t.Fatalf("due %v, %v", due, err)
		}
		f.refused(f.root, LockStaff{Grant: out.Subject}, command.ErrHidden.Code)
		f.Do(clock, LockStaff{Grant: out.Subject})
		f.refused(clock, LockStaff{Grant: out.Subject}, "lock-not-due")
		locked := f.Clock.Now()
		f.tick()
		if v := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: locked}); len(v.Rights.May) != 0 {
			t.Errorf("the log tells of rights while locked: %d", len(v.Rights.May))
		}
		if v := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: taken}); len(find(v.Rights.May, "payments.withdrawal.resolve")) == 0 {
			t.Error("the log does not tell of the emergency's rights")
		}
		v := f.story(f.senior, out.Subject)
		f.Do(f.senior, ReviewGrant{Grant: out.Subject, Outcome: NotJustified, Seen: v.Break.Seen, Words: "Nothing in the ticket needed the lead."})
		f.tick()
		if !f.may(f.ana, "payments.withdrawal.view", core.KindWithdrawal, "en_cy").Allow {
			t.Error("still locked after the review")
		}
		waiting, _ := jobs.Waiting(t.Context(), f.Road.Store.Reader(), "cases.raise")
		if len(waiting) != 3 { // taken, unreviewed, not justified
			t.Errorf("%d alarms", len(waiting))
		}
		if problems, err := f.verify(); err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
	})
}

func (f *firm) verify() ([]evidence.Problem, error) {
	return f.Road.Log.VerifyFold(f.t.Context(), f.Road.Store.Reader())
}
