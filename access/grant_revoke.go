package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RevokeGrant takes a role away at once. Taking away protects, so nobody has to
// agree; giving back is a new request.
type RevokeGrant struct {
	Grant  core.Ref `json:"grant"`
	Reason string   `json:"reason"`
	Words  string   `json:"words"`
	Case   core.Ref `json:"case,omitempty"`
}

// RevokeReasons are the reason codes of taking a role away.
var RevokeReasons = []string{"leaver", "mover", "not-needed", "review", "risk", "error"}

// Action is access.grant.revoke.
func (RevokeGrant) Action() command.Action { return "access.grant.revoke" }

// Subject is the grant.
func (g RevokeGrant) Subject() core.Ref { return g.Grant }

// CaseRef is the case that it belongs to, if any.
func (g RevokeGrant) CaseRef() core.Ref { return g.Case }

// Validate asks for a reason code and words.
func (g RevokeGrant) Validate() error {
	if !slices.Contains(RevokeReasons, g.Reason) {
		return core.InvalidField("reason", "Choose why: leaver, mover, not-needed, review, risk or error.")
	}
	return needWords(g.Words)
}

func loadGrant(ctx context.Context, r store.Reader, id core.Ref) (*Grant, command.Resource, error) {
	g, err := GrantByID(ctx, r, id)
	if err == nil && g == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return g, g.Resource(), nil
}

type revokeGrant struct{}

// Load reads the grant.
func (revokeGrant) Load(ctx context.Context, r store.Reader, in RevokeGrant) (*Grant, command.Resource, error) {
	return loadGrant(ctx, r, in.Grant)
}

// Check refuses what is over already.
func (revokeGrant) Check(_ RevokeGrant, g *Grant, m command.Moment) command.Verdict {
	if g.State != Granted || m.Now >= g.Ends {
		return command.Refuse(command.Refusal{Code: "grant-over", Text: "This grant has ended already."})
	}
	return command.Proceed()
}

// Apply ends it now.
func (revokeGrant) Apply(ctx context.Context, tx *command.Tx, in RevokeGrant, g *Grant) ([]evidence.Event, error) {
	now := g.close(Revoked, tx, in.Reason)
	if err := grants.Update(ctx, tx.Tx, g, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventGrantRevoked, in.Reason, in.Words)}, nil
}

// close is the grant as it stands after its end.
func (g *Grant) close(to GrantState, tx *command.Tx, reason string) Grant {
	now := *g
	now.State, now.Closed, now.ClosedBy, now.ClosedReason = to, tx.Now, tx.Actor.Ref, reason
	return now
}
