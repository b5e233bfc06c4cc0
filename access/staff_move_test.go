package access

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

// place is the record of somebody as a move would leave it.
func (f *firm) place(who core.Ref) MoveStaff {
	f.t.Helper()
	s, err := StaffByID(context.Background(), f.Road.Store.Reader(), who)
	if err != nil || s == nil {
		f.t.Fatal(s, err)
	}
	return MoveStaff{Staff: who, Entity: s.Entity, Manager: s.Manager, Function: s.Function, Line: s.Line, From: s.From, Until: s.Until, Words: "The teams are put together anew."}
}

// manage makes somebody another's manager, asked by root and agreed by second.
func (f *firm) manage(manager, of core.Ref) {
	f.t.Helper()
	in := f.place(of)
	in.Manager = manager
	f.agreed(in)
}

func (f *firm) agreed(in command.Input) command.Outcome {
	f.t.Helper()
	out := f.Do(f.root, in)
	if out.State != command.StateProposed {
		f.t.Fatalf("%s applied at once", in.Action())
	}
	done, err := f.decide(f.second, out.Proposal)
	if err != nil {
		f.t.Fatal(err)
	}
	f.tick()
	return done
}

func TestAMoveIsAgreedToByAnotherAndTellsOldAndNew(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		ctx, r := context.Background(), f.Road.Store.Reader()
		f.manage(f.senior.Ref, f.ana.Ref)
		s, _ := StaffByID(ctx, r, f.ana.Ref)
		if s.Manager != f.senior.Ref {
			t.Fatalf("the manager is %q", s.Manager)
		}
		in := f.place(f.ana.Ref)
		f.refused(f.root, in, "nothing-changed")
		own := f.place(f.root.Ref)
		own.Line = SecondLine
		f.refused(f.root, own, "own-record")
		circle := f.place(f.senior.Ref)
		circle.Manager = f.ana.Ref
		f.refused(f.root, circle, "manager-circle")
		self := f.place(f.senior.Ref)
		self.Manager = f.senior.Ref
		f.refused(f.root, self, "invalid-input")
		for _, bad := range []func(*MoveStaff){
			func(m *MoveStaff) { m.Function = "wizardry" }, func(m *MoveStaff) { m.Line = "fourth" },
			func(m *MoveStaff) { m.Manager = "cl_x" }, func(m *MoveStaff) { m.From, m.Until = 10, 9 }, func(m *MoveStaff) { m.Words = "" },
		} {
			x := f.place(f.ana.Ref)
			bad(&x)
			f.refused(f.root, x, "invalid-input")
		}
		f.refused(f.ana, circle, command404) // no role here: not even that there is such a person
		// Between employers it is the group's matter, and both logs tell of it.
		away := f.place(f.ana.Ref)
		away.Entity, away.Manager, away.Function = "en_uk", f.ben.Ref, "payments"
		f.agreed(away)
		if got := f.types(f.ana.Ref); !contains(got, "access.staff.moved") || !contains(got, "access.staff.arrived") {
			t.Errorf("events %v", got)
		}
		if problems, err := f.Road.Log.VerifyFold(ctx, r); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
	})
}

func contains(list []string, want string) bool {
	for _, x := range list {
		if x == want {
			return true
		}
	}
	return false
}

// Who is to be moved agrees to nothing; a circle that arose meanwhile closes
// the proposal.
func TestAMoveIsCheckedAgainWhenItIsAgreedTo(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		one, two := f.place(f.ana.Ref), f.place(f.senior.Ref)
		one.Manager, two.Manager = f.senior.Ref, f.ana.Ref
		p1, p2 := f.Do(f.root, one).Proposal, f.Do(f.root, two).Proposal
		if _, err := f.decide(f.second, p1); err != nil {
			t.Fatal(err)
		}
		f.tick()
		if _, err := f.decide(f.second, p2); err != nil {
			t.Fatal(err)
		}
		p, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), p2)
		if p.State != command.Closed || p.Outcome != "manager-circle" {
			t.Errorf("the second half of a circle is %s, %s", p.State, p.Outcome)
		}
		move := f.place(f.second.Ref)
		move.Line = ThirdLine
		own := f.Do(f.root, move).Proposal
		f.tick()
		if _, err := f.decide(f.second, own); err != nil {
			t.Fatal(err)
		}
		if p, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), own); p.State != command.Closed {
			t.Errorf("the person agreed to their own move: %s", p.State)
		}
	})
}

// Whose employment has ended leaves by the clock, and not a moment before.
func TestEmploymentEndsByTheClock(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		in := f.place(f.ana.Ref)
		in.From, in.Until = f.Clock.Now(), f.Clock.Now().Add(3*day)
		f.agreed(in)
		leave := DeactivateStaff{Staff: f.ana.Ref, Words: "The employment has ended."}
		due := func() int {
			list, err := DueLeavers(context.Background(), f.Road.Store.Reader(), f.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if due() != 0 {
			t.Error("due before the end")
		}
		f.refused(clock, leave, "employment-goes-on")
		f.refused(clock, DeactivateStaff{Staff: f.ben.Ref, Words: "The employment has ended."}, "employment-goes-on")
		f.Clock.Advance(3 * day)
		if due() != 1 {
			t.Error("not due at the end")
		}
		f.Do(clock, leave)
		if due() != 0 {
			t.Error("due after leaving")
		}
	})
}
