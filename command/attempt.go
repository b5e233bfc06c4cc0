package command

import (
	"time"

	"vouchsafe/core"
)

// Phase is where an outside effect stands.
type Phase string

// The phases of an attempt.
//
//	ready ──begin──▶ sending ──answer──▶ applied | rejected
//	                    │ no answer, or the process died
//	                    ▼
//	                uncertain ──look, found──▶ applied
//	                    │ quiet period over, never found
//	                    ▼
//	                 person ──resolved by evidence──▶ applied | rejected
//
// There is no way from uncertain back to sending: nothing is ever sent again
// by a machine. A model of this state machine (attempt.pml beside this file)
// shows that a look-up before the request is certainly dead pays twice.
const (
	PhaseNone      Phase = ""
	PhaseReady     Phase = "ready"
	PhaseSending   Phase = "sending"
	PhaseUncertain Phase = "uncertain"
	PhaseApplied   Phase = "applied"
	PhaseRejected  Phase = "rejected"
	PhasePerson    Phase = "person"
)

// Attempt is the recorded state of one outside effect. It is a value: every
// transition returns the next one, and a domain stores it in its own row.
type Attempt struct {
	Phase    Phase
	Number   int
	Deadline core.Instant // wall time at which the request is certainly dead
	Looks    int          // look-ups that found nothing
	LookAt   core.Instant // wall time of the next look-up
}

// The timing of attempts: how long a request may travel, and how long and how
// often we look before a person must.
const (
	SendLimit   = 30 * time.Second // transport deadline of one request
	DeadMargin  = 15 * time.Second // beyond it, before the first look-up
	QuietPeriod = 2 * time.Minute  // between look-ups
	QuietLooks  = 4                // look-ups that must all find nothing
)

// Move is what to do next with an attempt.
type Move string

// The moves.
const (
	MoveSend  Move = "send"  // commit Begin, then send once
	MoveDoubt Move = "doubt" // the process died while sending: record Uncertain
	MoveLook  Move = "look"  // look the effect up by its tag
	MoveWait  Move = "wait"  // nothing to do before the returned wait is over
	MoveStop  Move = "stop"  // final, or a person's turn
)

// Next says what to do at wall time now. A job that finds an attempt in
// sending did not begin it in this life: it waits for the request to be dead
// and then doubts, it never sends.
func (a Attempt) Next(now core.Instant) (Move, time.Duration) {
	switch a.Phase {
	case PhaseReady:
		return MoveSend, 0
	case PhaseSending:
		if dead := a.Deadline.Add(DeadMargin); now < dead {
			return MoveWait, dead.Sub(now)
		}
		return MoveDoubt, 0
	case PhaseUncertain:
		if now < a.LookAt {
			return MoveWait, a.LookAt.Sub(now)
		}
		return MoveLook, 0
	}
	return MoveStop, 0
}

// Begin starts the next attempt; only a ready one can begin.
func (a Attempt) Begin(now core.Instant) (Attempt, bool) {
	if a.Phase != PhaseReady {
		return a, false
	}
	return Attempt{Phase: PhaseSending, Number: a.Number + 1, Deadline: now.Add(SendLimit)}, true
}

// Answered records the outcome of sending.
func (a Attempt) Answered(c Certainty) (Attempt, bool) {
	if a.Phase != PhaseSending {
		return a, false
	}
	switch c {
	case Applied:
		a.Phase = PhaseApplied
	case Rejected:
		a.Phase = PhaseRejected
	default:
		a.Phase, a.LookAt = PhaseUncertain, a.Deadline.Add(DeadMargin)
	}
	return a, true
}

// Looked records a look-up that was made at wall time now.
func (a Attempt) Looked(found bool, now core.Instant) (Attempt, bool) {
	if a.Phase != PhaseUncertain || now < a.LookAt {
		return a, false
	}
	if found {
		a.Phase = PhaseApplied
		return a, true
	}
	a.Looks++
	a.LookAt = now.Add(QuietPeriod)
	if a.Looks >= QuietLooks {
		a.Phase = PhasePerson
	}
	return a, true
}

// Resolved records what a person found out by evidence.
func (a Attempt) Resolved(applied bool) (Attempt, bool) {
	if a.Phase != PhasePerson {
		return a, false
	}
	a.Phase = PhaseRejected
	if applied {
		a.Phase = PhaseApplied
	}
	return a, true
}

// Final reports whether nothing more can happen.
func (a Attempt) Final() bool { return a.Phase == PhaseApplied || a.Phase == PhaseRejected }
