package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RequireTraining says that a role demands a training in an entity, or, with
// Drop, that it does so no more. Either way a second person agrees.
type RequireTraining struct {
	Entity   core.Ref `json:"entity"`
	Role     Role     `json:"role"`
	Training string   `json:"training"`
	Ends     bool     `json:"grants_end,omitempty"` // with the certificate the role ends too
	Drop     bool     `json:"drop,omitempty"`
	Words    string   `json:"words"`
}

// Action is access.training.require.
func (RequireTraining) Action() command.Action { return "access.training.require" }

// Subject is the entity.
func (in RequireTraining) Subject() core.Ref { return in.Entity }

// Reasons are the maker's own words.
func (in RequireTraining) Reasons() (code, words string) { return "", in.Words }

// Facts are what an approver must see.
func (in RequireTraining) Facts() []evidence.Detail {
	what, end := "demanded", "the role stays, marked"
	if in.Drop {
		what = "no longer demanded"
	}
	if in.Ends {
		end = "the role ends"
	}
	return []evidence.Detail{{Name: "role", Value: string(in.Role)}, {Name: "training", Value: in.Training}, {Name: "becomes", Value: what}, {Name: "when_it_expires", Value: end}}
}

// Validate checks the form.
func (in RequireTraining) Validate() error {
	switch {
	case !in.Role.Valid():
		return core.InvalidField("role", "Choose one of the roles.")
	case len(strings.TrimSpace(in.Training)) < 2:
		return core.InvalidField("training", "Name the training, as certificates name it.")
	}
	return needWords(in.Words)
}

type requireTraining struct{}

type requireFacts struct {
	entity *Entity
	rule   *TrainingRule // the one in force, if any
}

// Load reads the entity and the rule in force.
func (requireTraining) Load(ctx context.Context, r store.Reader, in RequireTraining) (f requireFacts, res command.Resource, err error) {
	res = command.Resource{Kind: core.KindEntity, Ref: in.Entity, Entity: within(in.Entity)}
	if f.entity, err = EntityByID(ctx, r, in.Entity); err == nil && f.entity == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	rules, err := TrainingRulesOf(ctx, r, in.Entity)
	for i := range rules {
		if rules[i].Role == in.Role && sameTraining(rules[i].Training, in.Training) {
			f.rule = &rules[i]
		}
	}
	return f, res, err
}

// Check refuses a change of nothing, and asks for a second person.
func (requireTraining) Check(in RequireTraining, f requireFacts, _ command.Moment) command.Verdict {
	same := f.rule == nil
	if !in.Drop {
		same = f.rule != nil && f.rule.Ends == in.Ends
	}
	if same {
		return command.Refuse(command.Refusal{Code: "nothing-changed", Text: "This is what the record says already."})
	}
	return command.Needs(command.Need{Rule: "access.training.require/1", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}})
}

// Apply ends the rule in force, and begins the new one.
func (requireTraining) Apply(ctx context.Context, tx *command.Tx, in RequireTraining, f requireFacts) ([]evidence.Event, error) {
	if f.rule != nil {
		now := *f.rule
		now.Dropped = tx.Now
		if err := trainingRules.Update(ctx, tx.Tx, f.rule, &now); err != nil {
			return nil, err
		}
	}
	if !in.Drop {
		rule := &TrainingRule{ID: tx.NewRef(KindTrainingRule), Entity: in.Entity, Role: in.Role, Training: strings.TrimSpace(in.Training), Ends: in.Ends, Since: tx.Now, Maker: tx.Actor.Ref}
		if err := trainingRules.Insert(ctx, tx.Tx, rule); err != nil {
			return nil, err
		}
	}
	return []evidence.Event{{Type: EventTrainingRequired, Entity: within(in.Entity), Subjects: []core.Ref{in.Entity}, Text: in.Words, Details: in.Facts()}}, nil
}
