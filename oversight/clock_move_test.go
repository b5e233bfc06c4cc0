package oversight_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
)

// forward moves a virtual clock as a demo's is moved.
type forward struct{ *core.VirtualClock }

// Forward moves it on.
func (f forward) Forward(d time.Duration) { f.Advance(d) }

// A move is on record, and the time that it skips is no silence of the log.
func TestADemosClockIsMovedOnAndThatIsOnRecord(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		oversight.RegisterClock(r.Road.Registry, forward{r.Clock})
		if err := oversight.Beat(ctx, r.Road); err != nil {
			t.Fatal(err)
		}
		before := r.Clock.Now()
		clock := evidence.Actor{Ref: "sys_clock", For: "st_visitor"}
		out, err := r.Road.Run(ctx, clock, "key", oversight.MoveClock{Minutes: 480})
		if err != nil || r.Clock.Now().Sub(before) < 8*time.Hour || r.Clock.Now().Sub(before) > 8*time.Hour+time.Minute {
			t.Fatalf("the clock reads %s, it read %s (%v)", r.Clock.Now(), before, err)
		}
		if _, err := r.Road.Run(ctx, clock, "key", oversight.MoveClock{Minutes: 480}); err != nil || r.Clock.Now().Sub(before) > 9*time.Hour {
			t.Errorf("pressing twice moved it twice: %s, %v", r.Clock.Now(), err)
		}
		r.Clock.Advance(20 * time.Minute)
		if err := oversight.Beat(ctx, r.Road); err != nil {
			t.Fatal(err)
		}
		evs := r.Events("sys_clock")
		if len(evs) != 3 || evs[1].ID != out.Event || evs[1].Type != oversight.EventClockMoved.Name || evs[2].Type != oversight.EventBeaten.Name {
			t.Errorf("events %+v", evs)
		}
		if _, err := r.Road.Run(ctx, r.Staff("ana", "compliance"), "", oversight.MoveClock{Minutes: 1}); !core.IsFault(err, "not-allowed") {
			t.Errorf("a person moved it: %v", err)
		}
		for _, n := range []int{0, -5, 31*24*60 + 1} {
			if _, err := r.Road.Run(ctx, clock, "", oversight.MoveClock{Minutes: n}); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Invalid {
				t.Errorf("%d minutes: %v", n, err)
			}
		}
	})
}

// A program that serves a firm knows no such command.
func TestNoFirmsClockMoves(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		if _, known := r.Road.Registry.Doc(oversight.MoveClock{}.Action()); known {
			t.Error("the command is there")
		}
		_, err := r.Road.Run(context.Background(), evidence.Actor{Ref: "sys_clock"}, "", oversight.MoveClock{Minutes: 1})
		if err == nil {
			t.Error("it was moved")
		}
	})
}
