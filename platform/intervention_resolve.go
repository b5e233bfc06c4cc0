package platform

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ResolveIntervention settles, by evidence from outside, an intervention whose
// outcome the look-ups could not tell. It needs a second person.
type ResolveIntervention struct {
	Intervention core.Ref `json:"intervention"`
	Applied      bool     `json:"applied"`
	Ticket       int64    `json:"ticket,omitempty"`
	Words        string   `json:"words"`
}

// Action is platform.intervention.resolve.
func (ResolveIntervention) Action() command.Action { return "platform.intervention.resolve" }

// Subject is the intervention.
func (s ResolveIntervention) Subject() core.Ref { return s.Intervention }

// Validate asks for the evidence in words.
func (s ResolveIntervention) Validate() error {
	if len(strings.TrimSpace(s.Words)) < 20 {
		return core.InvalidField("words", "Say what you looked at and what it shows (at least 20 characters).")
	}
	return nil
}

// Reasons are the words.
func (s ResolveIntervention) Reasons() (code, words string) { return "resolved_by_evidence", s.Words }

// Facts say which way it is resolved.
func (s ResolveIntervention) Facts() []evidence.Detail {
	v := "not applied"
	if s.Applied {
		v = "applied"
	}
	return []evidence.Detail{{Name: "resolution", Value: v}}
}

type resolveIntervention struct{}

// Load reads the intervention.
func (resolveIntervention) Load(ctx context.Context, r store.Reader, in ResolveIntervention) (*Intervention, command.Resource, error) {
	return loadIntervention(ctx, r, in.Intervention)
}

// Check wants an intervention that waits for a person.
func (resolveIntervention) Check(_ ResolveIntervention, i *Intervention, _ command.Moment) command.Verdict {
	if i.State != StatePerson {
		return command.Refuse(command.Refusal{Code: "not-resolvable", Text: "This intervention is " + i.State + ": only one that the look-ups gave up on is resolved by hand."})
	}
	return command.Needs(command.Need{Rule: "platform/resolve/1", Seats: []command.Seat{{Roles: []string{"head_of_dealing", "senior_compliance"}}}})
}

// Apply records it.
func (resolveIntervention) Apply(ctx context.Context, tx *command.Tx, in ResolveIntervention, i *Intervention) ([]evidence.Event, error) {
	now := *i
	now.Attempt, _ = i.Attempt.Resolved(in.Applied)
	now.Ticket = in.Ticket
	now.follow()
	if err := settle(ctx, tx, &now); err != nil {
		return nil, err
	}
	if err := interventions.Update(ctx, tx.Tx, i, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventResolved)
	ev.Text = in.Words
	return []evidence.Event{ev}, nil
}
