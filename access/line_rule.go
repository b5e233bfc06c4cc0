package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SetLineRule says whether in an entity somebody may approve what was asked by
// a person whom they manage, or who manages them, however far up. Either way it
// is a proposal: it decides who can be second eyes at all.
type SetLineRule struct {
	Entity core.Ref `json:"entity"`
	Apart  bool     `json:"apart"` // nobody approves for their own line
	Words  string   `json:"words"`
}

// Action is access.line.rule.
func (SetLineRule) Action() command.Action { return "access.line.rule" }

// Subject is the entity.
func (in SetLineRule) Subject() core.Ref { return in.Entity }

// Reasons are the maker's own words.
func (in SetLineRule) Reasons() (code, words string) { return "", in.Words }

// Facts are what an approver must see.
func (in SetLineRule) Facts() []evidence.Detail {
	text := "allowed"
	if in.Apart {
		text = "refused"
	}
	return []evidence.Detail{{Name: "approving_for_own_line", Value: text}}
}

// Validate asks for a reason.
func (in SetLineRule) Validate() error { return needWords(in.Words) }

type setLineRule struct{}

// Load reads the entity.
func (setLineRule) Load(ctx context.Context, r store.Reader, in SetLineRule) (*Entity, command.Resource, error) {
	return changeEntity{}.Load(ctx, r, ChangeEntity{Entity: in.Entity})
}

// Check refuses a change of nothing.
func (setLineRule) Check(in SetLineRule, e *Entity, _ command.Moment) command.Verdict {
	if e.LineApart == in.Apart {
		return command.Refuse(command.Refusal{Code: "nothing-changed", Text: "This is what the record says already."})
	}
	return command.Needs(command.Need{Rule: "access.line.rule/1", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}})
}

// Apply changes the record.
func (setLineRule) Apply(ctx context.Context, tx *command.Tx, in SetLineRule, e *Entity) ([]evidence.Event, error) {
	now := *e
	now.LineApart = in.Apart
	if err := entities.Update(ctx, tx.Tx, e, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventLineRuleSet, Entity: e.ID, Subjects: []core.Ref{e.ID}, Text: in.Words, Details: in.Facts()}}, nil
}

// Apart says why one person may not approve what another asked for, as far as
// the line of managers goes; nil when they may. The road asks it for every
// approval.
func Apart(ctx context.Context, r store.Reader, entity, maker, approver core.Ref) (*command.Refusal, error) {
	e, err := EntityByID(ctx, r, held(entity))
	if err != nil || e == nil || !e.LineApart || maker.Kind() != core.KindStaff {
		return nil, err
	}
	near, err := inLine(ctx, r, maker, approver)
	if err != nil || !near {
		return nil, err
	}
	return &command.Refusal{
		Code: "own-line",
		Text: "You and the person who asked for this stand in one line of managers, and in " + e.Name + " nobody approves for their own line. Somebody outside it must decide.",
	}, nil
}
