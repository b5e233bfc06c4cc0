package command

import "vouchsafe/core"

// Certainty is how sure we are of an outside effect. There is no fourth value:
// a lost answer is Uncertain, never a failure.
type Certainty string

// The three outcomes of an attempt.
const (
	Applied   Certainty = "applied"   // the other side did it, and said so or showed it
	Rejected  Certainty = "rejected"  // certainly not done: refused, or no byte left this process
	Uncertain Certainty = "uncertain" // sent, outcome unknown
)

// Op names one attempt at one outside effect. It is what an adapter needs in
// order to send exactly once and to find the effect again later; an adapter
// refuses an Op that lacks any of them.
type Op struct {
	ID       core.Ref     // the operation: an intervention, a withdrawal, a deposit credit
	Attempt  int          // 1 for the first; a new attempt needs proof that the earlier is dead
	Tag      string       // short keyed tag, unique to ID, first in comments and references
	Case     core.Ref     // the open case behind it; may be empty for client-requested payments
	Maker    core.Ref     // who asked
	Approver core.Ref     // who approved last; empty where no rule asked for approval
	Operator core.Ref     // the person who triggered execution, never an API login
	Reason   string       // reason code
	Deadline core.Instant // wall time after which the transport is certainly dead
}

// Complete reports what an Op lacks, or "".
func (o Op) Complete() string {
	switch {
	case o.ID == "":
		return "operation id"
	case o.Attempt < 1:
		return "attempt number"
	case o.Tag == "":
		return "tag"
	case o.Operator == "":
		return "operator"
	case o.Reason == "":
		return "reason code"
	case o.Deadline == 0:
		return "deadline"
	}
	return ""
}
