package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SetRestriction keeps a client from something, at once.
type SetRestriction struct {
	Client  core.Ref `json:"client"`
	Purpose Purpose  `json:"purpose"`
	Reason  string   `json:"reason"` // one of ReasonCodes
	Words   string   `json:"words"`
	Case    core.Ref `json:"case,omitempty"`
}

// Action is clients.restriction.set.
func (SetRestriction) Action() command.Action { return "clients.restriction.set" }

// Subject is the client.
func (in SetRestriction) Subject() core.Ref { return in.Client }

// CaseRef is the case that the restriction belongs to, if any.
func (in SetRestriction) CaseRef() core.Ref { return in.Case }

// Validate checks purpose and reason.
func (in SetRestriction) Validate() error {
	fields := why(in.Reason, in.Words)
	if !in.Purpose.valid() {
		fields = append(fields, core.FieldFault{Field: "purpose", Text: "Choose what the client is restricted from."})
	}
	return invalid(fields)
}

type restrictFacts struct {
	client *Client
	mine   *Restriction // the one to lift
	others []Restriction
}

type setHandler struct{}

// Load reads the client and the restrictions so far.
func (setHandler) Load(ctx context.Context, r store.Reader, in SetRestriction) (restrictFacts, command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return restrictFacts{}, command.Resource{}, err
	}
	xs, err := restrictionsOf(ctx, r, c.ID)
	return restrictFacts{client: c, others: xs}, c.Resource(), err
}

// Check refuses a second restriction with the same purpose and reason.
func (setHandler) Check(in SetRestriction, f restrictFacts, m command.Moment) command.Verdict {
	for _, x := range f.others {
		if x.InForce(m.Now) && x.Purpose == in.Purpose && x.Reason == in.Reason {
			return command.Refuse(command.Refusal{
				Code: "restricted-already",
				Text: "The client is restricted from this for this reason already.",
			})
		}
	}
	return command.Proceed()
}

// Apply writes the restriction.
func (setHandler) Apply(ctx context.Context, tx *command.Tx, in SetRestriction, f restrictFacts) ([]evidence.Event, error) {
	x := &Restriction{
		ID: tx.NewRef(KindRestriction), Client: in.Client, Purpose: in.Purpose, Reason: in.Reason,
		Words: in.Words, SetBy: tx.Actor.Ref, SetAt: tx.Now,
	}
	if err := restrictions.Insert(ctx, tx.Tx, x); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventRestrictionSet, Entity: f.client.Entity, Subjects: []core.Ref{x.ID, x.Client},
		Reason: in.Reason, Text: in.Words,
	}}, nil
}
