package cases

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Finding is something that a sweep, a control or a rule turned up.
type Finding struct {
	ID         core.Ref     `json:"id"`
	Entity     core.Ref     `json:"entity"`
	Kind       string       `json:"kind"`               // kebab-case: rogue-deal, payout-without-decision, catch-all-case
	Subject    core.Ref     `json:"subject,omitempty"`  // the account, withdrawal, client or case concerned; may be empty
	External   string       `json:"external,omitempty"` // reference at the outside system
	Text       string       `json:"text"`
	Severity   string       `json:"severity"` // info, warning, critical
	State      string       `json:"state"`
	Case       core.Ref     `json:"case,omitempty"`
	Raised     core.Instant `json:"raised"`
	Resolved   core.Instant `json:"resolved,omitempty"`
	ResolvedBy core.Ref     `json:"resolved_by,omitempty"`
	Dedupe     string       `json:"-"` // one thing found twice is one finding
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
