package access

import (
	"context"
	"slices"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// reviewFirm is a firm with reviews, in which a second senior officer works for
// the group.
func reviewFirm(f *firm) (nia evidence.Actor) {
	RegisterReviews(f.Road, authorizer(f.t))
	nia = f.hire("nia", Group)
	f.bootstrap(nia, SeniorCompliance, Group)
	f.tick()
	return nia
}

func (f *firm) items(review core.Ref) map[core.Ref]ReviewItem {
	f.t.Helper()
	rows, err := ReviewItems(context.Background(), f.Road.Store.Reader(), review)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[core.Ref]ReviewItem{}
	for _, x := range rows {
		out[x.Holder] = x
	}
	return out
}

func (f *firm) sweep() {
	f.t.Helper()
	if err := SweepReviews(context.Background(), f.Road); err != nil {
		f.t.Fatal(err)
	}
}

func (f *firm) review(id core.Ref) *Review {
	f.t.Helper()
	v, err := ReviewByID(context.Background(), f.Road.Store.Reader(), id)
	if err != nil || v == nil {
		f.t.Fatalf("%s: %+v, %v", id, v, err)
	}
	return v
}

func (f *firm) grantNow(id core.Ref) *Grant {
	f.t.Helper()
	g, err := GrantByID(context.Background(), f.Road.Store.Reader(), id)
	if err != nil || g == nil {
		f.t.Fatalf("%s: %+v, %v", id, g, err)
	}
	return g
}

func reviewOf(entity core.Ref) OpenReview {
	return OpenReview{Entity: entity, Scope: ScopeAll, Cause: CauseAsked, Words: "The auditor asks who still needs what."}
}

const checked = "Compared with the duty list."

func keep(x ReviewItem) DecideReview {
	return DecideReview{Item: x.ID, Decision: KeepRole, Words: checked}
}

func revoke(x ReviewItem) DecideReview {
	return DecideReview{Item: x.ID, Decision: RevokeRole, Words: checked}
}

// Nobody decides about a role of their own; what is taken away ends at once;
// what nobody decides is revoked at the close, and the past tells all of it.
func TestAReviewRevokesWhatNobodyKeeps(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		nia := reviewFirm(f)
		ana, ben := f.grant(f.ana, Support, "en_cy", 60*day), f.grant(f.ben, Dealing, "en_cy", 60*day)
		cara := f.grant(f.hire("cara", "en_cy"), Payments, "en_cy", 60*day)
		id := f.Do(f.senior, reviewOf("en_cy")).Subject
		items := f.items(id)
		if v := f.review(id); len(items) != 4 || v.Items != 4 || v.Due.Sub(v.Opened) != reviewDue || v.Policies == "" {
			t.Fatalf("%+v with items %+v", v, items)
		}
		f.refused(f.senior, keep(items[f.senior.Ref]), "own-item")
		f.refused(f.ana, keep(items[f.ben.Ref]), "not-allowed")
		f.refused(f.root, keep(items[f.ben.Ref]), "no-such-record")
		f.Do(f.senior, keep(items[f.ana.Ref]))
		f.refused(f.senior, revoke(items[f.ana.Ref]), "item-decided")
		f.Do(f.senior, revoke(items[f.ben.Ref]))
		f.Do(nia, keep(items[f.senior.Ref]))
		if now := f.grantNow(ben.ID); now.State != Revoked || now.ClosedReason != "review" || f.may(f.ben, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Errorf("taken away: %+v", now)
		}
		f.sweep()
		f.refused(clock, CloseReview{Review: id}, "review-not-done")
		f.Clock.Advance(reviewDue)
		f.sweep()
		if f.review(id).State != ReviewOpen {
			t.Fatal("closed when due: what is late could not be decided any more")
		}
		f.Clock.Advance(reviewGrace)
		f.refused(f.senior, keep(items[cara.Holder]), "review-over")
		f.sweep()
		if v, x := f.review(id), f.items(id)[cara.Holder]; v.State != ReviewClosed || x.Decision != UndecidedRole || x.Effect != EffectRevoked {
			t.Fatalf("closed: %+v, %+v", v, x)
		}
		f.refused(clock, CloseReview{Review: id}, "review-over")
		for id, want := range map[core.Ref]GrantState{ana.ID: Granted, ben.ID: Revoked, cara.ID: Revoked} {
			if now := f.grantNow(id); now.State != want {
				t.Errorf("%s is %s, want %s", id, now.State, want)
			}
		}
		for who, holds := range map[core.Ref]bool{f.ana.Ref: true, f.ben.Ref: false, cara.Holder: false} {
			f.tick()
			var p *past
			err := f.Road.Store.Snapshot(t.Context(), func(r store.Reader) (err error) {
				p, err = pastOf(t.Context(), r, f.Road.Log, who, f.Clock.Now())
				return err
			})
			if err != nil || len(p.principal(who, true).roles["en_cy"]) > 0 != holds {
				t.Errorf("the log tells of %s: %+v, %v", who, p, err)
			}
		}
		if got := f.types(cara.ID); !slices.Equal(got, []string{"access.grant.granted", "access.review.lapsed"}) {
			t.Errorf("the grant's story is %v", got)
		}
	})
}

// Who asked for a role or agreed to it decides about it only when nobody else
// is there, in the entity or the group.
func TestWhoGaveARoleDoesNotReviewIt(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		nia := reviewFirm(f)
		p := f.Do(f.root, f.request(f.ana, Support, "en_cy", 60*day))
		if _, err := f.decide(f.senior, p.Proposal); err != nil {
			t.Fatal(err)
		}
		f.tick()
		items := f.items(f.Do(f.senior, reviewOf("en_cy")).Subject)
		if x := items[f.ana.Ref]; x.Agreed != string(f.senior.Ref) || x.Asked != string(f.root.Ref) {
			t.Fatalf("%+v", x)
		}
		f.refused(f.senior, keep(items[f.ana.Ref]), "not-the-reviewer")
		f.Do(nia, keep(items[f.ana.Ref]))
		f.Clock.Advance(time.Minute)
		f.Do(f.root, DeactivateStaff{Staff: nia.Ref, Words: "Left the firm."})
		items = f.items(f.Do(f.senior, reviewOf("en_cy")).Subject)
		f.Do(f.senior, keep(items[f.ana.Ref])) // better than nobody
		f.refused(f.senior, keep(items[f.senior.Ref]), "own-item")
	})
}

// A reassigned item is its new reviewer's alone, for as long as they can
// decide it.
func TestAnItemIsHandedOn(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		nia := reviewFirm(f)
		f.grant(f.ana, Support, "en_cy", 60*day)
		mate := f.hire("mate", "en_cy")
		f.grant(mate, SeniorCompliance, "en_cy", 20*day)
		items := f.items(f.Do(f.senior, reviewOf("en_cy")).Subject)
		in := DecideReview{Item: items[f.ana.Ref].ID, Decision: Reassign, To: mate.Ref, Words: "Knows the desk better."}
		for _, bad := range []core.Ref{f.ana.Ref, f.senior.Ref, f.root.Ref, "st_06zzzzzzzzzzzzzzzzzz1"} {
			wrong := in
			wrong.To = bad
			f.refused(f.senior, wrong, "bad-reviewer")
		}
		f.refused(nia, keep(items[f.ana.Ref]), "not-the-reviewer") // the entity's own come first
		f.Do(f.senior, in)
		f.refused(f.senior, keep(items[f.ana.Ref]), "not-the-reviewer")
		f.Do(f.root, DeactivateStaff{Staff: mate.Ref, Words: "Left the firm."})
		f.Do(f.senior, keep(items[f.ana.Ref]))
		f.Do(nia, keep(items[f.senior.Ref])) // the group stands in where the entity has nobody else
	})
}

// What ended otherwise is decided all the same, and says so.
func TestARoleThatEndedMeanwhileSaysSo(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		g := f.grant(f.ana, Support, "en_cy", 60*day)
		id := f.Do(f.senior, reviewOf("en_cy")).Subject
		f.Do(f.senior, RevokeGrant{Grant: g.ID, Reason: "mover", Words: "Moves to another desk."})
		again := f.grant(f.ben, Support, "en_cy", 60*day) // not in the review
		f.Do(f.senior, revoke(f.items(id)[f.ana.Ref]))
		if x := f.items(id)[f.ana.Ref]; x.Effect != EffectEnded || f.grantNow(g.ID).ClosedReason != "mover" {
			t.Errorf("%+v", x)
		}
		if f.grantNow(again.ID).State != Granted {
			t.Error("a grant of somebody else went too")
		}
	})
}

// To take a role away is to take all of it: also what was given since.
func TestARenewalDuringTheReviewGoesToo(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		id := f.Do(f.senior, reviewOf("en_cy")).Subject
		next := f.request(f.ana, Support, "en_cy", 90*day)
		next.From = g.Ends
		p := f.Do(f.root, next)
		out, err := f.decide(f.second, p.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		f.Do(f.senior, revoke(f.items(id)[f.ana.Ref]))
		if f.grantNow(g.ID).State != Revoked || f.grantNow(out.Subject).State != Revoked {
			t.Error("the role comes back by itself")
		}
	})
}

// Closing early what is undecided needs a second senior officer; closing what
// is decided needs nobody.
func TestClosingEarlyNeedsASecondPerson(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		nia := reviewFirm(f)
		g := f.grant(f.ana, Support, "en_cy", 60*day)
		id := f.Do(f.senior, reviewOf("en_cy")).Subject
		f.refused(f.senior, CloseReview{Review: id}, "words-missing")
		early := CloseReview{Review: id, Words: "The auditor comes tomorrow."}
		out := f.Do(f.senior, early)
		if out.State != command.StateProposed || f.review(id).State != ReviewOpen {
			t.Fatalf("closed by one person: %+v", out)
		}
		if _, err := f.decide(f.senior, out.Proposal); err == nil {
			t.Fatal("the maker agreed to it")
		}
		f.Do(nia, keep(f.items(id)[f.senior.Ref]))
		if _, err := f.decide(nia, out.Proposal); err != nil {
			t.Fatal(err)
		}
		if f.review(id).State != ReviewClosed || f.grantNow(g.ID).State != Revoked {
			t.Fatalf("%+v, %+v", f.review(id), f.grantNow(g.ID))
		}
		id = f.Do(f.senior, OpenReview{Entity: "en_cy", Scope: ScopePerson, About: f.senior.Ref, Cause: CauseAsked, Words: "Only the senior's own."}).Subject
		f.Do(nia, keep(f.items(id)[f.senior.Ref]))
		if out := f.Do(nia, CloseReview{Review: id, Words: "All is decided."}); out.State != command.StateDone {
			t.Errorf("%+v", out)
		}
	})
}

// A review does not lock a place out: the last two by whom roles can be given
// keep their roles, and a finding tells it.
func TestAReviewLocksNobodyOut(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		RegisterReviews(f.Road, authorizer(t))
		id := f.Do(clock, OpenReview{Entity: Group, Scope: ScopeAll, Cause: CauseSchedule}).Subject
		f.Clock.Advance(reviewDue + reviewGrace)
		f.sweep()
		if f.review(id).State != ReviewClosed {
			t.Fatalf("%+v", f.review(id))
		}
		for _, x := range f.items(id) { // root asks and second agrees, or the other way round: both are needed
			if x.Effect != EffectProtected {
				t.Errorf("%+v", x)
			}
		}
		waiting, err := jobs.Waiting(t.Context(), f.Road.Store.Reader(), jobRaise)
		if err != nil || len(waiting) != 2 {
			t.Errorf("findings to raise: %+v, %v", waiting, err)
		}
		if p := f.Do(f.root, f.request(f.ana, Support, "en_cy", day)); p.State != command.StateProposed {
			t.Error("roles cannot be asked for any more")
		}
	})
}

// With a third administrator one can go, and which is decided by order: never
// all of them.
func TestALockOutIsFoundOneByOne(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		third := f.hire("third", Group)
		f.grant(third, SystemAdmin, Group, 20*day)
		id := f.Do(clock, OpenReview{Entity: Group, Scope: ScopeAll, Cause: CauseSchedule}).Subject
		f.Clock.Advance(reviewDue + reviewGrace)
		f.sweep()
		kept := 0
		for _, x := range f.items(id) {
			if x.Effect == EffectProtected {
				kept++
			}
		}
		if kept == 0 || kept > 2 {
			t.Errorf("%d of 4 were kept: %+v", kept, f.items(id))
		}
	})
}

// Reminders are given at 14, 7, 2 and 0 days, each once, and only while
// something is undecided.
func TestReviewersAreReminded(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		nia := reviewFirm(f)
		f.grant(f.ana, Support, "en_cy", 60*day)
		id := f.Do(f.senior, reviewOf("en_cy")).Subject
		count := func() (n int) {
			for _, e := range f.types(id) {
				if e == EventReviewReminded.Name {
					n++
				}
			}
			return n
		}
		begin := f.review(id).Opened
		for _, x := range []struct {
			day, want int
			left      string
		}{{0, 1, "14"}, {6, 1, "14"}, {7, 2, "7"}, {12, 3, "2"}, {14, 4, "0"}} {
			f.Clock.Set(begin.Add(time.Duration(x.day)*day + time.Minute))
			f.sweep()
			f.sweep()
			if n := count(); n != x.want || f.review(id).Reminded != x.left {
				t.Errorf("day %d: %d reminders, want %d (%+v)", x.day, n, x.want, f.review(id))
			}
		}
		f.refused(clock, RemindReview{Review: id}, "reminder-not-due")
		late := f.Do(f.senior, reviewOf("en_cy")).Subject
		items := f.items(late)
		f.Do(f.senior, keep(items[f.ana.Ref]))
		f.Do(nia, keep(items[f.senior.Ref]))
		f.refused(clock, RemindReview{Review: late}, "reminder-not-due") // nothing is undecided
	})
}

// The clock opens each entity's review when its turn has come, once; where an
// entity's interval is longer than the law's for critical functions, those are
// reviewed in between.
func TestReviewsComeByThemselves(t *testing.T) {
	e := func(every ReviewEvery) *Entity {
		return &Entity{Reviews: every, Created: core.At(time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC))}
	}
	on := func(m time.Month, d int) core.Instant { return core.At(time.Date(2026, m, d, 9, 0, 0, 0, time.UTC)) }
	for _, x := range []struct {
		every              ReviewEvery
		all, critical, now core.Instant
		want               ReviewScope
	}{
		{"", 0, 0, on(4, 30), ""},
		{"", 0, 0, on(5, 1), ScopeAll},
		{"1", 0, 0, on(3, 3), ScopeAll},
		{"", on(5, 1), 0, on(7, 31), ""},
		{"", on(5, 1), 0, on(8, 1), ScopeAll},
		{"6", on(1, 31), 0, on(7, 30), ""},
		{"6", on(1, 31), 0, on(7, 31), ScopeAll},
		{"12", on(1, 31), 0, on(7, 31), ScopeCritical},
		{"12", on(1, 31), on(7, 31), on(12, 31), ""},
	} {
		if got := e(x.every).reviewTurn(x.all, x.critical, x.now); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
	for _, every := range ReviewIntervals {
		if every.Months() > reviewLaw.Months {
			t.Errorf("an entity may review every %s months, which %s does not allow", every, reviewLaw.Source)
		}
	}
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		count := func() (n int) {
			for _, e := range f.Events("en_cy") {
				if e.Type == EventReviewOpened.Name {
					n++
				}
			}
			return n
		}
		g := f.grant(f.ana, Support, "en_cy", 200*day)
		f.sweep()
		if count() != 0 {
			t.Fatal("a review was opened before its turn")
		}
		f.Clock.Advance(93 * day)
		f.sweep()
		f.sweep()
		if count() != 1 {
			t.Errorf("%d reviews were opened", count())
		}
		f.Clock.Advance(reviewDue + reviewGrace)
		f.sweep()
		if now := f.grantNow(g.ID); now.State != Revoked || now.ClosedBy != SysClock {
			t.Errorf("%+v", now)
		}
	})
}

// An entity chooses how often, within the law; rarer is for two people.
func TestHowOftenIsTheEntitysRule(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		change := func(every ReviewEvery) ChangeEntity {
			return ChangeEntity{Entity: "en_cy", ReviewMonths: every, Words: "The board decided so."}
		}
		f.refused(f.root, change("24"), "bad-review-interval")
		f.refused(f.root, change("none"), "bad-review-interval")
		if out := f.Do(f.root, change("1")); out.State != command.StateDone {
			t.Errorf("more often is a proposal: %+v", out)
		}
		out := f.Do(f.root, change("12"))
		if out.State != command.StateProposed {
			t.Fatalf("rarer needs nobody: %+v", out)
		}
		if _, err := f.decide(f.senior, out.Proposal); err != nil {
			t.Fatal(err)
		}
		if e, err := EntityByID(t.Context(), f.Road.Store.Reader(), "en_cy"); err != nil || e.Reviews != "12" {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

// The snapshot tells when a role last let its holder do something, and what
// else they hold.
func TestAnItemTellsWhenARoleWasUsed(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		reviewFirm(f)
		gone := f.grant(f.ben, Support, "en_cy", 30*day)
		f.grant(f.ana, Support, "en_cy", 30*day)
		f.grant(f.ana, Dealing, "en_uk", 30*day)
		out := f.Do(f.senior, RevokeGrant{Grant: gone.ID, Reason: "error", Words: "Given by mistake."}) // acts in the role
		f.refused(f.senior, RevokeGrant{Grant: gone.ID, Reason: "error", Words: "Once more."}, "grant-over")
		f.tick()
		items := f.items(f.Do(f.senior, reviewOf("en_cy")).Subject)
		if x := items[f.senior.Ref]; x.Used == 0 || x.UsedEvent != out.Event {
			t.Errorf("used: %+v, want event %s", x, out.Event)
		}
		if x := items[f.ana.Ref]; x.Used != 0 || x.Beside != "dealing@en_uk" || x.Conflicts != noConflicts {
			t.Errorf("%+v", x)
		}
	})
}
