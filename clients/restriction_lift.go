package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// LiftRestriction ends a restriction, once another person agrees.
type LiftRestriction struct {
	Client      core.Ref `json:"client"`
	Restriction core.Ref `json:"restriction"`
	Reason      string   `json:"reason"` // one of ReasonCodes
	Words       string   `json:"words"`
	Case        core.Ref `json:"case,omitempty"`
}

// Action is clients.restriction.lift.
func (LiftRestriction) Action() command.Action { return "clients.restriction.lift" }

// Subject is the client, whose key protects the words of the proposal.
func (in LiftRestriction) Subject() core.Ref { return in.Client }

// CaseRef is the case that the lifting belongs to, if any.
func (in LiftRestriction) CaseRef() core.Ref { return in.Case }

// Validate checks the reason.
func (in LiftRestriction) Validate() error { return invalid(why(in.Reason, in.Words)) }

// Reasons are what the proposal says.
func (in LiftRestriction) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts are what the approver's card shows.
func (in LiftRestriction) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "restriction", Value: string(in.Restriction), Search: true}}
}

type liftHandler struct{}

// Load reads the restriction, which must be the client's.
func (liftHandler) Load(ctx context.Context, r store.Reader, in LiftRestriction) (restrictFacts, command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return restrictFacts{}, command.Resource{}, err
	}
	x, err := restrictions.Get(ctx, r, string(in.Restriction))
	if err != nil {
		return restrictFacts{}, command.Resource{}, err
	}
	if x == nil || x.Client != c.ID {
		return restrictFacts{}, command.Resource{}, command.ErrHidden
	}
	return restrictFacts{client: c, mine: x}, c.Resource(), nil
}

// Check demands the second person.
func (liftHandler) Check(_ LiftRestriction, f restrictFacts, m command.Moment) command.Verdict {
	if !f.mine.InForce(m.Now) {
		return command.Refuse(command.Refusal{Code: "not-in-force", Text: "This restriction is lifted already."})
	}
	return command.Needs(liftRule)
}

// Apply ends the restriction.
func (liftHandler) Apply(ctx context.Context, tx *command.Tx, in LiftRestriction, f restrictFacts) ([]evidence.Event, error) {
	now := *f.mine
	now.LiftedBy, now.LiftedAt, now.LiftedWords = tx.Actor.Ref, tx.Now, in.Words
	if err := restrictions.Update(ctx, tx.Tx, f.mine, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventRestrictionLifted, Entity: f.client.Entity, Subjects: []core.Ref{now.ID, now.Client},
		Reason: in.Reason, Text: in.Words, Basis: []string{liftRule.Rule},
	}}, nil
}
