package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListEntities asks for the firm's legal entities.
type ListEntities struct{}

// Action is access.entity.list.
func (ListEntities) Action() command.Action { return "access.entity.list" }

// Subject is nothing in particular.
func (ListEntities) Subject() core.Ref { return "" }

// EntityRow is one legal entity with what the reader may do about it.
type EntityRow struct {
	Entity
	MayChange bool `json:"may_change"`
	// Roles are those that the reader holds there now.
	Roles []Role `json:"roles"`
	// Trainings are what roles demand there.
	Trainings []TrainingRule `json:"trainings"`
}

type listEntities struct{}

// ListEntitiesQuery answers ListEntities.
var ListEntitiesQuery command.Query[ListEntities, []EntityRow] = listEntities{}

// Target leaves the choice of rows to policy.
func (listEntities) Target(context.Context, store.Reader, ListEntities) (command.Resource, error) {
	return command.Resource{Kind: core.KindEntity}, nil
}

// Read lists them by id. They are few, so there are no pages.
func (listEntities) Read(ctx context.Context, r store.Reader, _ ListEntities, see *command.Sight) ([]EntityRow, error) {
	rows, err := entities.Filter(ctx, r, "WHERE {where} ORDER BY id", see.Where)
	if err != nil {
		return nil, err
	}
	_, roles, err := rolesInForce(ctx, r, see.Actor.Ref, see.Now)
	if err != nil {
		return nil, err
	}
	out := make([]EntityRow, 0, len(rows))
	for _, e := range rows {
		res := command.Resource{Kind: core.KindEntity, Ref: e.ID, Entity: e.ID}
		rules, err := TrainingRulesOf(ctx, r, e.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, EntityRow{e, see.Allowed("access.entity.change", res), roles[e.ID], rules})
	}
	see.Counted(len(out))
	return out, nil
}
