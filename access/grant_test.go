package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

const day = 24 * time.Hour

// firm is an installation with two entities and some staff, on the real road
// with the real policies.
type firm struct {
	*commandtest.Rig
	t *testing.T

	root, second, senior, ana, ben evidence.Actor
}

func actor(ref core.Ref) evidence.Actor { return evidence.Actor{Ref: ref, StepUp: true} }

var installer, clock = actor(SysInstall), actor(SysClock)

func newFirm(t *testing.T, s *store.Store) *firm {
	t.Helper()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	Register(reg, nil, authorizer(t))
	RegisterLifecycle(reg, nil)
	f := &firm{Rig: commandtest.New(t, s, reg), t: t}
	f.Road.Policy = authorizer(t)
	RegisterBreakReview(f.Road, authorizer(t))
	f.Do(installer, CreateEntity{Code: "cy", Name: "Example (CY) Ltd", Jurisdiction: "CY", Regulator: "CySEC", Currency: "EUR"})
	f.Do(installer, CreateEntity{Code: "uk", Name: "Example UK Ltd", Jurisdiction: "GB", Regulator: "FCA", Currency: "GBP", PrivilegedDays: 30})
	f.root = f.hire("root", Group)
	f.second = f.hire("second", Group)
	f.senior = f.hire("senior", "en_cy")
	f.ana = f.hire("ana", "en_cy")
	f.ben = f.hire("ben", "en_uk")
	f.bootstrap(f.root, SystemAdmin, Group)
	f.bootstrap(f.second, SystemAdmin, Group)
	f.bootstrap(f.senior, SeniorCompliance, "en_cy")
	f.tick()
	return f
}

// tick passes the few microseconds by which the road keeps events apart.
func (f *firm) tick() { f.Clock.Advance(time.Second) }

func (f *firm) hire(name string, employer core.Ref) evidence.Actor {
	f.t.Helper()
	out := f.Do(installer, CreateStaff{Entity: employer, Name: name + " Example", Email: name + "@Example.com", Line: FirstLine})
	return actor(out.Subject)
}

func (f *firm) bootstrap(who evidence.Actor, role Role, entity core.Ref) {
	f.t.Helper()
	f.Do(installer, BootstrapGrant{Holder: who.Ref, Role: role, Entity: entity, Until: f.Clock.Now().Add(20 * day)})
}

func (f *firm) request(holder evidence.Actor, role Role, entity core.Ref, length time.Duration) RequestGrant {
	return RequestGrant{Holder: holder.Ref, Role: role, Entity: entity, Until: f.Clock.Now().Add(length), Reason: "joiner", Words: "Joins the team today."}
}

// refused runs a command that must end in a fault of the code.
func (f *firm) refused(a evidence.Actor, in command.Input, code string) *core.Fault {
	f.t.Helper()
	_, err := f.Road.Run(context.Background(), a, "", in)
	var fault *core.Fault
	if !errors.As(err, &fault) || fault.Code != code {
		f.t.Fatalf("%s: got %v, want %s", in.Action(), err, code)
	}
	return fault
}

func (f *firm) decide(a evidence.Actor, proposal core.Ref) (command.Outcome, error) {
	f.t.Helper()
	p, err := command.GetProposal(context.Background(), f.Road.Store.Reader(), proposal)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.Road.Approve(context.Background(), a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."})
}

// grant has a role asked for by root and agreed to by second.
func (f *firm) grant(holder evidence.Actor, role Role, entity core.Ref, length time.Duration) *Grant {
	f.t.Helper()
	p := f.Do(f.root, f.request(holder, role, entity, length))
	out, err := f.decide(f.second, p.Proposal)
	if err != nil {
		f.t.Fatal(err)
	}
	g, err := GrantByID(context.Background(), f.Road.Store.Reader(), out.Subject)
	if err != nil || g == nil {
		f.t.Fatalf("no grant after approval: %+v, %v", out, err)
	}
	f.tick()
	return g
}

// may asks the authorizer about a record in an entity.
func (f *firm) may(a evidence.Actor, act command.Action, kind core.Kind, entity core.Ref) command.Ruling {
	f.t.Helper()
	res := record(kind)
	res.Entity = entity
	ruling, err := f.Road.Policy.Authorize(context.Background(), f.Road.Store.Reader(), a, act, res, f.Clock.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return ruling
}

func (f *firm) types(subject core.Ref) []string {
	f.t.Helper()
	var out []string
	for _, e := range f.Events(subject) {
		if strings.HasPrefix(e.Type, "access.") {
			out = append(out, e.Type)
		}
	}
	return out
}

func eachFirm(t *testing.T, fn func(t *testing.T, f *firm)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(t, newFirm(t, s)) })
}

func TestARoleIsAskedForByOneAndAgreedToByAnother(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		p := f.Do(f.root, f.request(f.ana, Compliance, "en_cy", 100*day))
		if p.State != command.StateProposed || f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatalf("a request alone gave the role: %+v", p)
		}
		if _, err := f.decide(f.root, p.Proposal); err == nil {
			t.Fatal("the maker approved")
		}
		if _, err := f.decide(f.ben, p.Proposal); !core.IsFault(err, command.ErrHidden.Code) {
			t.Fatalf("somebody without a role learnt of the proposal: %v", err)
		}
		out, err := f.decide(f.senior, p.Proposal)
		if err != nil || out.State != command.StateDone {
			t.Fatalf("%+v, %v", out, err)
		}
		g, err := GrantByID(context.Background(), f.Road.Store.Reader(), out.Subject)
		if err != nil || g.Maker != f.root.Ref || g.Proposal != p.Proposal || g.Origin != Requested || g.Starts.Sub(f.Clock.Now()) > time.Second {
			t.Fatalf("grant %+v, %v", g, err)
		}
		f.tick()
		ruling := f.may(f.ana, "clients.client.view", core.KindClient, "en_cy")
		if !ruling.Allow || !slices.Equal(ruling.Roles, []string{"compliance"}) {
			t.Fatalf("ruling %+v", ruling)
		}
		if wall := f.may(f.ana, "clients.client.view", core.KindClient, "en_uk"); wall.Allow || !wall.Hidden {
			t.Fatalf("the role crossed the wall: %+v", wall)
		}
		if got := f.types(g.ID); !slices.Equal(got, []string{"access.grant.granted"}) {
			t.Fatalf("events %v", got)
		}
	})
}

func TestTheGroupsAdministratorsFillTheSeatInAnyEntity(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ben, Support, "en_uk", 10*day)
		if g.Entity != "en_uk" || !f.may(f.ben, "clients.client.list", core.KindClient, "en_uk").Allow {
			t.Fatalf("grant %+v", g)
		}
		inGroup := f.grant(f.ana, Auditor, Group, 10*day)
		recs := f.Events(inGroup.ID)
		if len(recs) != 1 || recs[0].Log != evidence.GroupLog {
			t.Fatalf("a role in the group is not in the group's log: %+v", recs)
		}
	})
}

func TestNobodyAsksForOrAgreesToTheirOwnRole(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.refused(f.root, f.request(f.root, Compliance, "en_cy", 10*day), "own-grant")
		p := f.Do(f.root, f.request(f.second, Auditor, "en_cy", 10*day))
		out, err := f.decide(f.second, p.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		closed, err := command.GetProposal(context.Background(), f.Road.Store.Reader(), p.Proposal)
		if err != nil || closed.State != command.Closed || closed.Outcome != "holder-is-not-approver" {
			t.Fatalf("the holder's approval left the proposal %+v (%+v, %v)", closed, out, err)
		}
		if f.may(f.second, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatal("the holder gave themselves a role")
		}
	})
}

func TestAGrantEndsByTheClock(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		f.refused(clock, ExpireGrant{Grant: g.ID}, "grant-not-due")
		f.Clock.Set(g.Ends - 1)
		if !f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatal("the role ended early")
		}
		f.Clock.Set(g.Ends)
		if r := f.may(f.ana, "clients.client.view", core.KindClient, "en_cy"); r.Allow || !r.Hidden {
			t.Fatalf("the role outlived its end: %+v", r)
		}
		due, err := DueGrants(context.Background(), f.Road.Store.Reader(), f.Clock.Now())
		if err != nil || !slices.Contains(due, g.ID) {
			t.Fatalf("due %v, %v", due, err)
		}
		f.refused(f.root, ExpireGrant{Grant: g.ID}, command.ErrHidden.Code)
		f.Do(clock, ExpireGrant{Grant: g.ID})
		now, _ := GrantByID(context.Background(), f.Road.Store.Reader(), g.ID)
		if now.State != Expired || now.ClosedReason != reasonEnded || now.Ends != g.Ends {
			t.Fatalf("grant %+v", now)
		}
		f.refused(clock, ExpireGrant{Grant: g.ID}, "grant-not-due")
	})
}

func TestAGrantBeginsWhenAskedAndNeverBeforeApproval(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		later := f.request(f.ana, Support, "en_cy", 10*day)
		later.From = f.Clock.Now().Add(2 * day)
		p := f.Do(f.root, later)
		if _, err := f.decide(f.second, p.Proposal); err != nil {
			t.Fatal(err)
		}
		if f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatal("the role began early")
		}
		f.Clock.Advance(2 * day)
		if !f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatal("the role did not begin")
		}
		slow := f.request(f.ana, Payments, "en_cy", 4*day)
		p = f.Do(f.root, slow)
		f.Clock.Advance(day)
		out, err := f.decide(f.second, p.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := GrantByID(context.Background(), f.Road.Store.Reader(), out.Subject)
		if g.Starts < f.Clock.Now() || g.Ends != slow.Until {
			t.Fatalf("the window moved: %+v", g)
		}
		stale := f.Do(f.root, f.request(f.ana, Auditor, "en_cy", day))
		f.Clock.Advance(day)
		if _, err := f.decide(f.second, stale.Proposal); err != nil {
			t.Fatal(err)
		}
		if pr, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), stale.Proposal); pr.Outcome != "already-over" {
			t.Fatalf("a grant that was over at approval: %+v", pr)
		}
	})
}

func TestPrivilegedRolesAreShort(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		for _, role := range Roles {
			if role.Privileged() {
				f.refused(f.root, f.request(f.ana, role, "en_cy", 91*day), "too-long")
				f.refused(f.root, f.request(f.ana, role, "en_uk", 31*day), "too-long") // its own rule
				f.Do(f.root, f.request(f.ana, role, "en_uk", 30*day))
			} else {
				f.Do(f.root, f.request(f.ana, role, "en_uk", 300*day))
				f.refused(f.root, f.request(f.ana, role, "en_uk", 367*day), "too-long")
			}
		}
	})
}

func TestOverlapsInactivePeopleAndBadInputAreRefused(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		f.refused(f.root, f.request(f.ana, Support, "en_cy", 5*day), "already-held")
		renewal := f.request(f.ana, Support, "en_cy", 20*day)
		renewal.From = g.Ends
		f.Do(f.root, renewal)
		f.Do(f.root, DeactivateStaff{Staff: f.ben.Ref, Words: "Left the firm."})
		f.refused(f.root, f.request(f.ben, Support, "en_uk", 5*day), "staff-not-active")
		f.refused(f.root, f.request(actor("st_nobody"), Support, "en_uk", 5*day), command.ErrHidden.Code)
		f.refused(f.root, f.request(f.ana, Support, "en_atlantis", 5*day), command.ErrHidden.Code)
		f.refused(f.root, f.request(f.ana, "emperor", "en_cy", 5*day), "invalid-input")
		f.refused(f.ana, f.request(f.ben, Support, "en_cy", 5*day), "not-allowed")
		f.refused(f.ana, f.request(f.ben, Support, "en_uk", 5*day), command.ErrHidden.Code)
		wordless := f.request(f.ana, Dealing, "en_cy", 5*day)
		wordless.Words = " "
		f.refused(f.root, wordless, "invalid-input")
	})
}

func TestRevokingIsImmediateAndNeedsNobody(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		f.refused(f.ben, RevokeGrant{Grant: g.ID, Reason: "risk", Words: "No longer needed."}, command.ErrHidden.Code)
		out := f.Do(f.senior, RevokeGrant{Grant: g.ID, Reason: "risk", Words: "Unusual downloads."})
		if out.State != command.StateDone || f.may(f.ana, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatalf("revoked, and still in force: %+v", out)
		}
		f.refused(f.senior, RevokeGrant{Grant: g.ID, Reason: "risk", Words: "Once more."}, "grant-over")
		if got := f.types(g.ID); !slices.Equal(got, []string{"access.grant.granted", "access.grant.revoked"}) {
			t.Fatalf("events %v", got)
		}
		f.grant(f.ana, Support, "en_cy", 10*day) // may be given again
	})
}

func TestBootstrapEndsWithTheFirstRequestedGrant(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		first := BootstrapGrant{Holder: f.ana.Ref, Role: Support, Entity: "en_cy", Until: f.Clock.Now().Add(5 * day)}
		f.refused(f.senior, first, "not-allowed")
		f.Do(installer, first)
		f.grant(f.ana, Compliance, "en_cy", 10*day)
		over := first
		over.Role = Dealing
		f.refused(installer, over, "bootstrap-over")
		over.Entity = "en_uk" // another entity's bootstrap is its own
		f.Do(installer, over)
		rows, err := GrantsOf(context.Background(), f.Road.Store.Reader(), f.ana.Ref)
		if err != nil || rows[0].Origin != Bootstrapped || rows[0].Maker != SysInstall {
			t.Fatalf("%+v, %v", rows, err)
		}
	})
}

func TestWhoLeavesLosesEverythingAtOnce(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		f.refused(f.root, DeactivateStaff{Staff: f.root.Ref, Words: "By mistake."}, "own-account")
		f.Do(f.root, DeactivateStaff{Staff: f.ana.Ref, Words: "Left the firm."})
		r := f.may(f.ana, "clients.client.view", core.KindClient, "en_cy")
		if r.Allow || !r.Hidden || !slices.Equal(r.Errors, []string{"staff-not-active"}) {
			t.Fatalf("after leaving: %+v", r)
		}
		if own := f.may(f.ana, "access.entity.list", core.KindEntity, "en_cy"); own.Allow {
			t.Fatal("who left may still do what everybody may")
		}
		f.refused(clock, ExpireGrant{Grant: g.ID}, "grant-not-due")
		now, _ := GrantByID(context.Background(), f.Road.Store.Reader(), g.ID)
		if now.State != Expired || now.ClosedReason != reasonLeft {
			t.Fatalf("grant %+v", now)
		}
		f.refused(f.root, DeactivateStaff{Staff: f.ana.Ref, Words: "Once more."}, "staff-not-active")
	})
}

func TestLosingTheRoleClosesWhatWasProposed(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, SystemAdmin, "en_cy", 5*day)
		p := f.Do(f.ana, f.request(f.ben, Support, "en_cy", 50*day))
		f.Clock.Advance(6 * day)
		if _, err := f.decide(f.second, p.Proposal); err != nil {
			t.Fatal(err)
		}
		pr, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), p.Proposal)
		if pr.State != command.Closed || f.may(f.ben, "clients.client.view", core.KindClient, "en_cy").Allow {
			t.Fatalf("a request of somebody whose role ended was executed: %+v", pr)
		}
	})
}
