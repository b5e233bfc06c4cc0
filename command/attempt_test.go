package command_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

// world is an outside system over which requests travel: they may arrive late,
// once, or never, but never after the transport deadline.
type world struct {
	rng     *rand.Rand
	now     core.Instant
	flying  []core.Instant // arrival times of requests under way
	applied int
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	left := w.flying[:0]
	for _, at := range w.flying {
		if at <= w.now {
			w.applied++
		} else {
			left = append(left, at)
		}
	}
	w.flying = left
}

// send loses, delays or answers; a crash takes the answer with it.
func (w *world) send(deadline core.Instant) (c command.Certainty, crashed bool) {
	switch w.rng.IntN(6) {
	case 0: // refused before anything happened
		return command.Rejected, false
	case 1: // lost on the way there
		return command.Uncertain, false
	case 2: // arrives late, at worst with the deadline
		w.flying = append(w.flying, w.now.Add(time.Duration(w.rng.Int64N(int64(deadline.Sub(w.now))+1))))
		return command.Uncertain, false
	case 3: // arrives, the answer is lost with the process
		w.flying = append(w.flying, w.now.Add(time.Duration(w.rng.Int64N(int64(deadline.Sub(w.now))+1))))
		return "", true
	case 4:
		w.applied++
		return command.Uncertain, false
	}
	w.applied++
	return command.Applied, false
}

// live runs one history and returns the final attempt. early makes the wrong
// program: it looks up at once and sends again when it finds nothing.
func live(seed uint64, early bool) (command.Attempt, int) {
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), now: commandtestStart}
	a := command.Attempt{Phase: command.PhaseReady}
	for range 200 {
		if w.rng.IntN(4) == 0 {
			w.pass(time.Duration(w.rng.IntN(60)) * time.Second)
		}
		move, wait := a.Next(w.now)
		if early && a.Phase == command.PhaseUncertain {
			move = command.MoveLook
			a.LookAt = 0
		}
		switch move {
		case command.MoveStop:
			w.pass(time.Hour)
			return a, w.applied
		case command.MoveWait:
			w.pass(wait)
		case command.MoveDoubt:
			a, _ = a.Answered(command.Uncertain)
		case command.MoveSend:
			a, _ = a.Begin(w.now)
			if c, crashed := w.send(a.Deadline); !crashed {
				a, _ = a.Answered(c)
			}
		case command.MoveLook:
			a, _ = a.Looked(w.applied > 0, w.now)
			if early && a.Phase == command.PhaseUncertain {
				a.Phase = command.PhaseReady
			}
		}
	}
	return a, w.applied
}

var commandtestStart = core.At(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))

// Over many histories with lost, late and crashed requests: at most one effect
// per operation, applied exactly when we say so, and never rejected when it
// was applied.
func TestAttemptsApplyAtMostOnce(t *testing.T) {
	for seed := range uint64(20_000) {
		a, applied := live(seed, false)
		switch {
		case applied > 1:
			t.Fatalf("seed %d applied %d times", seed, applied)
		case a.Phase == command.PhaseApplied && applied != 1:
			t.Fatalf("seed %d says applied, was %d", seed, applied)
		case (a.Phase == command.PhaseRejected || a.Phase == command.PhasePerson) && applied != 0:
			t.Fatalf("seed %d ended %s although applied", seed, a.Phase)
		}
	}
}

// The negative control: looking up early and sending again pays twice, so the
// test above can fail.
func TestEarlyLookUpPaysTwice(t *testing.T) {
	for seed := range uint64(20_000) {
		if _, applied := live(seed, true); applied > 1 {
			return
		}
	}
	t.Fatal("the wrong program was never caught: the histories prove nothing")
}
