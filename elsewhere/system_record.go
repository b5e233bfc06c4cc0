package elsewhere

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordSystem puts a system on record.
type RecordSystem struct {
	Entity  core.Ref `json:"entity"` // whose it is; the group's own is en_group
	Kind    string   `json:"kind"`
	Name    string   `json:"name"`
	Outside string   `json:"outside,omitempty"`
	Owner   core.Ref `json:"owner"`
}

// Action is elsewhere.system.record.
func (RecordSystem) Action() command.Action { return "elsewhere.system.record" }

// Subject is the entity: the system has no record yet.
func (in RecordSystem) Subject() core.Ref { return in.Entity }

// Validate checks the form.
func (in RecordSystem) Validate() error {
	if in.Entity.Kind() != core.KindEntity {
		return core.InvalidField("entity", "Choose whose system it is.")
	}
	return validSystem(in.Kind, in.Name, in.Owner)
}

type recordSystem struct{ people People }

// Load reads who is to answer for it.
func (h recordSystem) Load(ctx context.Context, r store.Reader, in RecordSystem) (Person, command.Resource, error) {
	p, err := h.people.Person(ctx, r, in.Owner)
	return p, command.Resource{Kind: KindSystem, Entity: within(in.Entity)}, err
}

// within is how an entity stands in records: group matters have none.
func within(entity core.Ref) core.Ref {
	if entity == core.Group {
		return ""
	}
	return entity
}

// Check refuses an owner who does not work here.
func (recordSystem) Check(_ RecordSystem, owner Person, _ command.Moment) command.Verdict {
	return ownable(owner)
}

func ownable(owner Person) command.Verdict {
	if !owner.Active {
		return refuse("owner-not-active", "Who answers for a system must work here. Choose somebody else.")
	}
	return command.Proceed()
}

// Apply enters it.
func (recordSystem) Apply(ctx context.Context, tx *command.Tx, in RecordSystem, _ Person) ([]evidence.Event, error) {
	s := &System{
		ID: tx.NewRef(KindSystem), Entity: within(in.Entity), Kind: in.Kind, Name: strings.TrimSpace(in.Name),
		Outside: strings.TrimSpace(in.Outside), Owner: in.Owner, Created: tx.Now,
	}
	if err := systems.Insert(ctx, tx.Tx, s); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventSystemRecorded, Entity: s.Entity, Subjects: []core.Ref{s.ID}}}, nil
}
