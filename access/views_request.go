package access

import (
	"context"
	"encoding/json"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// RequestRow is a request for a role that gave nothing, or nothing yet.
type RequestRow struct {
	Proposal core.Ref     `json:"proposal"`
	Role     Role         `json:"role"`
	Entity   core.Ref     `json:"entity"`
	From     core.Instant `json:"from,omitempty"` // empty is when it is agreed to
	Until    core.Instant `json:"until,omitempty"`
	Hours    int          `json:"hours,omitempty"`
	Maker    core.Ref     `json:"maker"`
	Phase    Phase        `json:"phase"`
	Asked    core.Instant `json:"asked"`
	Closed   core.Instant `json:"closed,omitempty"`
	Outcome  string       `json:"outcome,omitempty"` // of one that was stopped, the rule that said no
}

// requestPhases are the phases of requests by the states of their proposals.
// An executed one is a grant.
var requestPhases = map[command.ProposalState]Phase{
	command.Open: PhaseRequested, command.Withdrawn: PhaseWithdrawn, command.Declined: PhaseRefused,
	command.Expired: PhaseLapsed, command.Closed: PhaseStopped,
}

// requestsFor are the requests about a person that the reader may see, as they
// may see the grants that would come of them.
func requestsFor(ctx context.Context, r store.Reader, see *command.Sight, holder core.Ref) ([]RequestRow, error) {
	all, err := command.ProposalsAbout(ctx, r, RequestGrant{}.Action(), holder)
	if err != nil {
		return nil, err
	}
	out := []RequestRow{}
	for i := range all {
		p := &all[i]
		phase, ok := requestPhases[p.State]
		if !ok {
			continue
		}
		var in RequestGrant
		if err := json.Unmarshal([]byte(p.Payload), &in); err != nil { // erased, or not a request any more
			continue
		}
		if !see.Allowed(ListGrants{}.Action(), grantResource("", in.Holder, in.Role, in.Entity)) {
			continue
		}
		if phase == PhaseRequested && see.Now >= p.Expires {
			phase = PhaseLapsed
		}
		row := RequestRow{
			Proposal: p.ID, Role: in.Role, Entity: in.Entity, From: in.From, Until: in.Until, Hours: in.Hours,
			Maker: p.Maker, Phase: phase, Asked: p.Created, Closed: p.Closed,
		}
		if phase == PhaseStopped {
			row.Outcome = p.Outcome
		}
		out = append(out, row)
	}
	slices.Reverse(out)
	return out, nil
}
