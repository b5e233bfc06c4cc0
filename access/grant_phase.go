package access

import (
	"strconv"
	"time"

	"vouchsafe/core"
)

// Phase is where a grant, or a request for one, stands at a moment. It is
// worked out from what is recorded and the clock, and never stored: what the
// clock has ended is over whether or not that is recorded yet.
type Phase string

// The phases. The first five are of requests that gave nothing.
const (
	PhaseRequested Phase = "requested" // waits for somebody to agree
	PhaseWithdrawn Phase = "withdrawn" // its maker took it back
	PhaseRefused   Phase = "refused"   // somebody said no
	PhaseLapsed    Phase = "lapsed"    // nobody answered in time
	PhaseStopped   Phase = "stopped"   // agreed to, and then a rule said no

	PhaseScheduled Phase = "scheduled" // agreed to, and yet to begin
	PhaseActive    Phase = "active"    // in force
	PhaseExpired   Phase = "expired"   // its time is over, or its holder left
	PhaseRevoked   Phase = "revoked"   // taken away before
	PhaseEnded     Phase = "ended"     // given back by its holder
)

// Phase is where the grant stands at a moment; left is when its holder stopped
// working here, if they did.
func (g *Grant) Phase(at, left core.Instant) Phase {
	closed := g.State != Granted && at >= g.Closed
	switch {
	case closed && g.State == Revoked:
		return PhaseRevoked
	case closed && g.State == Ended:
		return PhaseEnded
	case closed || at >= g.Ends || left != 0 && at >= left:
		return PhaseExpired
	case at < g.Starts:
		return PhaseScheduled
	}
	return PhaseActive
}

// longest is how long a grant of a role may last in the entity.
func (e *Entity) longest(role Role) time.Duration {
	switch {
	case role.Privileged():
		return e.privileged()
	case e.OrdinaryDays > 0:
		return time.Duration(e.OrdinaryDays) * 24 * time.Hour
	}
	return maxGrant
}

// lengthText says a length as people do: in days, or in hours where it is not
// made of whole ones.
func lengthText(d time.Duration) string {
	n, unit := int(d.Hours()), "hour"
	if n%24 == 0 {
		n, unit = n/24, "day"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}
