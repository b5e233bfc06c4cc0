package access

import (
	"context"
	"slices"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

func (f *firm) story(a evidence.Actor, g core.Ref) GrantStory {
	f.t.Helper()
	return ask(f, a, ViewGrantQuery(f.Road, authorizer(f.t)), ViewGrant{Grant: g})
}

// give has a role asked for by root for some hours, and agreed to by second.
func (f *firm) give(holder evidence.Actor, role Role, entity core.Ref, hours int) *Grant {
	f.t.Helper()
	p := f.Do(f.root, RequestGrant{Holder: holder.Ref, Role: role, Entity: entity, Hours: hours, Reason: "cover", Words: "Covers for a colleague."})
	f.Clock.Advance(30 * time.Minute)
	out, err := f.decide(f.second, p.Proposal)
	if err != nil {
		f.t.Fatal(err)
	}
	g, err := GrantByID(context.Background(), f.Road.Store.Reader(), out.Subject)
	if err != nil || g == nil {
		f.t.Fatalf("no grant after approval: %+v, %v", out, err)
	}
	return g
}

// Eight hours run from the moment of agreement, and what was done in them, what
// was refused after them, and who gave them stand in one story.
func TestAGrantOfHoursTellsItsStory(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.give(f.ana, SystemAdmin, "en_cy", 8)
		if got := g.Ends.Sub(g.Starts); got != 8*time.Hour || f.Clock.Now().Sub(g.Starts) > time.Second {
			t.Fatalf("it runs for %s from %s, agreed to at %s", got, g.Starts, f.Clock.Now())
		}
		f.bootstrapped(f.ana, Support, "en_cy")
		done := f.Do(f.ana, f.request(f.ben, Support, "en_cy", day))
		f.refused(f.ana, f.request(f.ana, Support, "en_cy", day), "own-grant")
		f.Clock.Set(g.Ends)
		f.refused(f.ana, f.request(f.ben, Dealing, "en_cy", day), "not-allowed")
		f.refused(f.ana, f.request(f.ben, Dealing, "en_uk", day), command.ErrHidden.Code) // another entity's matter
		f.Do(clock, ExpireGrant{Grant: g.ID})

		v := f.story(f.senior, g.ID)
		if v.Phase != PhaseExpired || v.Stopped != g.Ends || v.NotActs || v.More || len(v.Doubt) > 0 || v.MayTake || v.MayEnd {
			t.Fatalf("story %+v", v)
		}
		var types []string
		for _, s := range v.Steps {
			types = append(types, s.Type)
		}
		if want := []string{"command.proposal.opened", "command.proposal.approved", "access.grant.granted", "access.grant.expired"}; !slices.Equal(types, want) {
			t.Errorf("steps %v", types)
		}
		if len(v.Acts) != 1 || v.Acts[0].Event != done.Event || v.Acts[0].Action != (RequestGrant{}).Action() || v.Acts[0].After || len(v.Acts[0].Also) != 0 {
			t.Errorf("acts %+v", v.Acts)
		}
		if len(v.Refused) != 2 || v.Refused[0].After || !v.Refused[1].After || v.Refused[1].Outcome != evidence.Denied {
			t.Errorf("refused %+v", v.Refused)
		}
	})
}

// bootstrapped gives a role of the other kind, so that not everything was done
// under the grant in question.
func (f *firm) bootstrapped(who evidence.Actor, role Role, entity core.Ref) {
	f.t.Helper()
	p := f.Do(f.root, f.request(who, role, entity, 20*day))
	if _, err := f.decide(f.second, p.Proposal); err != nil {
		f.t.Fatal(err)
	}
	f.tick()
}

func TestTheStoryEndsAtTheWallAndBelongsToItsRole(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.give(f.ana, SystemAdmin, "en_cy", 8)
		other := f.grant(f.ana, Compliance, "en_cy", 20*day)
		f.Do(f.ana, f.request(f.ben, Support, "en_cy", day))
		v := f.story(f.root, other.ID)
		if len(v.Acts) != 0 || v.Phase != PhaseActive || v.Stopped != 0 || !v.MayTake || v.MayEnd {
			t.Errorf("an act under another role is told here: %+v", v)
		}
		if _, err := command.Ask(context.Background(), f.Road, f.ben, ViewGrantQuery(f.Road, authorizer(t)), ViewGrant{Grant: g.ID}); !core.IsFault(err, command.ErrHidden.Code) {
			t.Errorf("a stranger reads it: %v", err)
		}
		if _, err := command.Ask(context.Background(), f.Road, f.root, ViewGrantQuery(f.Road, authorizer(t)), ViewGrant{Grant: "gr_nothing"}); !core.IsFault(err, command.ErrHidden.Code) {
			t.Errorf("there is no such grant: %v", err)
		}
		own := f.story(f.ana, g.ID) // one's own, without the right to search
		if !own.MayEnd || own.MayTake && own.Holder != f.ana.Ref {
			t.Errorf("one's own: %+v", own)
		}
	})
}

// A grant is never extended: the next one is asked for and agreed to on its
// own, begins where the first ends, and both stand in the story of either.
func TestAGrantIsFollowedByAnotherAndNeverExtended(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.give(f.ana, SystemAdmin, "en_cy", 8)
		again := RequestGrant{Holder: f.ana.Ref, Role: SystemAdmin, Entity: "en_cy", Hours: 8, Reason: "renewal", Words: "Still needed for the cut-over."}
		f.refused(f.root, again, "already-held")
		again.From = g.Ends - 1
		f.refused(f.root, again, "already-held")
		again.From = g.Ends
		p := f.Do(f.root, again)
		if _, err := f.decide(f.root, p.Proposal); err == nil {
			t.Fatal("its maker agreed to it")
		}
		out, err := f.decide(f.second, p.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		next, err := GrantByID(t.Context(), f.Road.Store.Reader(), out.Subject)
		if err != nil || next.Starts != g.Ends || next.Ends != g.Ends.Add(8*time.Hour) || next.Proposal == g.Proposal {
			t.Fatalf("%+v, %v", next, err)
		}
		if first, _ := GrantByID(t.Context(), f.Road.Store.Reader(), g.ID); first.Ends != g.Ends {
			t.Errorf("the end moved to %s", first.Ends)
		}
		a, b := f.story(f.root, g.ID), f.story(f.root, next.ID)
		if len(a.Others) != 1 || a.Others[0].ID != next.ID || a.Others[0].Phase != PhaseScheduled || len(b.Others) != 1 || b.Others[0].ID != g.ID || b.Phase != PhaseScheduled {
			t.Errorf("stories %+v and %+v", a.Others, b.Others)
		}
	})
}

func TestARoleIsGivenBackByItsHolderAlone(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		in := EndGrant{Grant: g.ID, Words: "Back in my old team."}
		f.refused(f.senior, in, "not-allowed")
		f.refused(f.ben, in, command.ErrHidden.Code)
		f.refused(f.ana, EndGrant{Grant: g.ID}, "invalid-input")
		f.Do(f.ana, in)
		if f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatal("the role is still in force")
		}
		f.refused(f.ana, in, "grant-over")
		f.tick()
		now, _ := GrantByID(t.Context(), f.Road.Store.Reader(), g.ID)
		if now.State != Ended || now.Phase(f.Clock.Now(), 0) != PhaseEnded || now.Phase(g.Starts, 0) != PhaseActive || now.ClosedBy != f.ana.Ref {
			t.Errorf("grant %+v", now)
		}
		auditor := f.grant(f.ben, Auditor, "en_uk", 10*day) // who may change nothing else
		f.Do(f.ben, EndGrant{Grant: auditor.ID, Words: "The audit is over."})
		if v := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy"}); v.Grants[0].State != Ended || v.Grants[0].InForce {
			t.Errorf("the log tells %+v", v.Grants)
		}
	})
}

// Requests that gave nothing are told with the person, each as it ended.
func TestRequestsAreToldAsTheyEnded(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		open := func(role Role) core.Ref {
			f.Clock.Advance(time.Minute)
			return f.Do(f.root, f.request(f.ana, role, "en_cy", 10*day)).Proposal
		}
		withdrawn, refused, stopped := open(Support), open(Dealing), open(Auditor)
		f.Do(f.root, command.WithdrawProposal{Proposal: withdrawn, Words: "Asked by mistake."})
		p, _ := command.GetProposal(t.Context(), f.Road.Store.Reader(), refused)
		if _, err := f.Road.Approve(t.Context(), f.second, "", command.Decide{Proposal: refused, Hash: p.Hash, Words: "Not needed at all."}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.decide(f.second, f.Do(f.root, f.request(f.ana, Auditor, "en_cy", 11*day)).Proposal); err != nil {
			t.Fatal(err)
		}
		if _, err := f.decide(f.second, stopped); err != nil {
			t.Fatal(err)
		}
		lapsed := open(HeadOfDealing)
		f.Clock.Advance(8 * day)
		waiting := open(PaymentsLead)
		phases := map[core.Ref]Phase{}
		v := ask(f, f.root, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref})
		for _, x := range v.Requests {
			phases[x.Proposal] = x.Phase
		}
		want := map[core.Ref]Phase{withdrawn: PhaseWithdrawn, refused: PhaseRefused, stopped: PhaseStopped, lapsed: PhaseLapsed, waiting: PhaseRequested}
		for ref, phase := range want {
			if phases[ref] != phase {
				t.Errorf("%s is told as %q, want %s", ref, phases[ref], phase)
			}
		}
		if len(phases) != len(want) || len(v.Grants) != 1 || v.Requests[0].Proposal != waiting {
			t.Errorf("requests %+v, grants %+v", v.Requests, v.Grants)
		}
		f.grant(f.ben, Compliance, "en_uk", day)
		f.grant(f.ana, Compliance, "en_uk", day)
		if v := ask(f, f.senior, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref}); len(v.Requests) != 5 {
			t.Errorf("the senior of the entity sees %d", len(v.Requests))
		}
	})
}

func TestEachEntitySetsItsLimits(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		ask := RequestGrant{Holder: f.ana.Ref, Role: SystemAdmin, Entity: "en_cy", Hours: 9, Reason: "cover", Words: "Covers for a colleague."}
		f.Do(f.root, ask)
		change := ChangeEntity{Entity: "en_cy", PrivilegedHours: 8, OrdinaryDays: 30, Words: "Shorter from now on."}
		if out := f.Do(f.root, change); out.State != command.StateDone {
			t.Fatalf("tightening waits for somebody: %+v", out)
		}
		f.refused(f.root, ask, "too-long")
		ask.Hours = 8
		f.Do(f.root, ask)
		f.refused(f.root, f.request(f.ana, Support, "en_cy", 31*day), "too-long")
		f.Do(f.root, f.request(f.ana, Support, "en_cy", 30*day))
		f.Do(f.root, f.request(f.ana, Support, "en_uk", 366*day)) // another entity's limit is its own
		for _, looser := range []ChangeEntity{
			{Entity: "en_cy", PrivilegedHours: 9, Words: "An hour more."},
			{Entity: "en_cy", PrivilegedHours: -1, Words: "By days again."},
			{Entity: "en_cy", OrdinaryDays: 31, Words: "A day more."},
		} {
			if out := f.Do(f.root, looser); out.State != command.StateProposed {
				t.Errorf("%+v was done by one person", looser)
			}
		}
		f.refused(f.root, ChangeEntity{Entity: "en_cy", PrivilegedHours: -2, Words: "Nonsense."}, "invalid-input")
		f.refused(f.root, ChangeEntity{Entity: "en_cy", OrdinaryDays: 367, Words: "Nonsense."}, "invalid-input")
	})
}

func TestTheLengthOfARequestIsOneThing(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		base := RequestGrant{Holder: f.ana.Ref, Role: Support, Entity: "en_cy", Reason: "cover", Words: "Covers for a colleague."}
		for name, change := range map[string]func(*RequestGrant){
			"none": func(*RequestGrant) {}, "both": func(r *RequestGrant) { r.Hours, r.Until = 1, f.Clock.Now().Add(day) },
			"negative": func(r *RequestGrant) { r.Hours = -1 }, "too many": func(r *RequestGrant) { r.Hours = 9000 },
		} {
			in := base
			change(&in)
			if fault := f.refused(f.root, in, "invalid-input"); fault.Text == "" {
				t.Errorf("%s: no words", name)
			}
		}
	})
}
