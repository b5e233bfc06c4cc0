package cases

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Finding is something that a sweep, a control or a rule turned up.
type Finding struct {
	ID         core.Ref
	Entity     core.Ref
	Kind       string   // kebab-case: rogue-deal, payout-without-decision, catch-all-case
	Subject    core.Ref // the account, withdrawal, client or case concerned; may be empty
	External   string   // reference at the outside system
	Text       string
	Severity   string // info, warning, critical
	State      string
	Case       core.Ref
	Raised     core.Instant
	Resolved   core.Instant
	ResolvedBy core.Ref
	Dedupe     string // one thing found twice is one finding
	rev        int64
}

// The states of a finding.
const (
	FindingOpen      = "open"
	FindingExplained = "explained"
	FindingReversed  = "reversed"
	FindingEscalated = "escalated"
)

func (f *Finding) owner() core.Ref {
	if f.Subject != "" {
		return f.Subject
	}
	return f.ID
}

// Resource is the finding as policy sees it.
func (f *Finding) Resource() command.Resource {
	return command.Resource{Kind: core.KindFinding, Ref: f.ID, Entity: f.Entity, Attrs: map[string]any{"kind": f.Kind}}
}
