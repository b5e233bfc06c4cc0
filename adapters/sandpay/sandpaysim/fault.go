package sandpaysim

import (
	"slices"

	"vouchsafe/core"
)

// FaultKind names one way in which SandPay can misbehave.
type FaultKind string

// The request faults, which strike POST /v1/payouts. "Books" means: as the same
// request without the fault would have; magic destinations still refuse.
const (
	DropAfterApply  FaultKind = "drop-after-apply"    // books, then closes the connection unanswered
	DropBeforeApply FaultKind = "drop-before-apply"   // closes the connection, books nothing
	Slow            FaultKind = "slow"                // books, then keeps the answer back for SlowBy
	ApplyLate       FaultKind = "apply-late"          // closes the connection, books LateBy later
	Answer500       FaultKind = "answer-500"          // books nothing, answers 500, for this key for ever
	Answer500Then   FaultKind = "answer-500-then-200" // books, answers 500 once, the truth afterwards
	ChangedAmount   FaultKind = "changed-amount"      // books, but the answer shows another amount
)

// The webhook faults.
const (
	WebhookDuplicate FaultKind = "webhook-duplicate" // delivers an event twice
	WebhookReorder   FaultKind = "webhook-reorder"   // delivers the due events of one Step backwards
	WebhookForged    FaultKind = "webhook-forged"    // delivers a lie signed with a stranger's key first
	WebhookOff       FaultKind = "webhook-off"       // loses the event
)

// RequestFaults and WebhookFaults list the kinds, for menus and for tests.
var (
	RequestFaults = []FaultKind{DropAfterApply, DropBeforeApply, Slow, ApplyLate, Answer500, Answer500Then, ChangedAmount}
	WebhookFaults = []FaultKind{WebhookDuplicate, WebhookReorder, WebhookForged, WebhookOff}
)

// Fault arms a kind for a number of strikes. A negative number strikes until
// cleared; zero clears the kind.
type Fault struct {
	Kind  FaultKind `json:"kind"`
	Times int       `json:"times"`
}

// Inject arms or clears a fault. Counted faults strike in the order in which
// they were armed, and before those that last. Faults are not saved.
func (s *Server) Inject(f Fault) error {
	if !slices.Contains(RequestFaults, f.Kind) && !slices.Contains(WebhookFaults, f.Kind) {
		return core.InvalidField("kind", "There is no such fault.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times <= 0 {
		s.faults = slices.DeleteFunc(s.faults, func(armed Fault) bool { return armed.Kind == f.Kind })
	}
	if f.Times != 0 {
		s.faults = append(s.faults, f)
	}
	return nil
}

// Faults returns the armed faults.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// take uses up one strike of the first armed fault among kinds and returns its
// kind, or "". The lock must be held.
func (s *Server) take(kinds ...FaultKind) FaultKind {
	counted := func(f Fault) bool { return f.Times > 0 && slices.Contains(kinds, f.Kind) }
	if i := slices.IndexFunc(s.faults, counted); i >= 0 {
		kind := s.faults[i].Kind
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return kind
	}
	lasting := func(f Fault) bool { return slices.Contains(kinds, f.Kind) }
	if i := slices.IndexFunc(s.faults, lasting); i >= 0 {
		return s.faults[i].Kind
	}
	return ""
}
