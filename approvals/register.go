package approvals

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Deps are what this package needs of the others.
type Deps struct {
	// Known says whether there is such a legal entity.
	Known func(ctx context.Context, r store.Reader, entity core.Ref) (bool, error)
	// Builtin are the rules that hold in an entity until it adopts its own; nil
	// where the program alone decides. Weigh draws the inputs of an act on a
	// record of the entity, as they are now; an Unknown fault where there is no
	// such record.
	Builtin  func(ctx context.Context, r store.Reader, entity core.Ref, act command.Action) (*command.RuleSet, error)
	Weigh    func(ctx context.Context, r store.Reader, entity core.Ref, act command.Action, about core.Ref) (*command.Inputs, error)
	Registry *command.Registry
	Log      *evidence.Log
}

// ruled returns the description of an action that can have rules.
func (d Deps) ruled(act command.Action) (command.Doc, bool) {
	doc, ok := d.Registry.Doc(act)
	return doc, ok && len(doc.Approvers) > 0
}

// Register adds the domain's commands.
func Register(reg *command.Registry, d Deps) {
	command.Handle[ChangeRules, draft](reg, changeRules{d}, command.Doc{
		Title: "Change approval rules", Kind: core.KindRules, StepUp: true, Floor: "A senior compliance officer agrees.", Approvers: senior.Roles,
	})
}
