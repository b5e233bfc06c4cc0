package mt5test

import (
	"context"
	"testing"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
)

// exerciseFaults posts under every fault that can hit a posting, on a session
// that has been used before, and compares the adapter's word with the truth.
func exerciseFaults(t *testing.T, build func(*testing.T) Rig) {
	t.Helper()
	for _, c := range []struct {
		fault mt5sim.Fault
		late  bool // delay beyond the adapter's patience
		want  command.Certainty
		truth int // how many deals come of it
	}{
		{mt5sim.DropBeforeApply, false, command.Uncertain, 0},
		{mt5sim.DropAfterApply, false, command.Uncertain, 1},
		{mt5sim.ApplyLate, false, command.Uncertain, 1},
		{mt5sim.ApplyLate, true, command.Uncertain, 1},
		{mt5sim.Slow, false, command.Applied, 1},
		{mt5sim.Slow, true, command.Uncertain, 1},
		{mt5sim.ServerError, false, command.Uncertain, 1},
		{mt5sim.SessionExpiry, false, command.Uncertain, 0},
		{mt5sim.RightMissing, false, command.Rejected, 0},
		{mt5sim.CommentCut, false, command.Applied, 1},
		{mt5sim.WrongAmount, false, command.Uncertain, 1},
	} {
		name := "faults/" + string(c.fault)
		if c.late {
			name += " beyond patience"
		}
		t.Run(name, func(t *testing.T) {
			rig := build(t)
			warm := NewOp()
			_, certainty, err := rig.Platform.Post(context.Background(), warm, Login, deposit(warm, 1))
			check(t, command.Applied, certainty, err)

			arming := mt5sim.Arming{Fault: c.fault, Keep: 31}
			if c.late {
				arming.Delay = 2 * rig.Patience
			}
			rig.Sim.Arm(arming)
			op := NewOp()
			_, certainty, err = rig.Platform.Post(context.Background(), op, Login, deposit(op, 55))
			check(t, c.want, certainty, err)
			rig.Sim.ReleaseLate()
			settle(t, rig, op, c.truth)
			if n := rig.Sim.ArrivalsOf(op.Tag); n != 1 {
				t.Fatalf("%d requests on the wire", n)
			}

			// The adapter must be well again.
			next := NewOp()
			_, certainty, err = rig.Platform.Post(context.Background(), next, Login, deposit(next, 2))
			check(t, command.Applied, certainty, err)
		})
	}
}
