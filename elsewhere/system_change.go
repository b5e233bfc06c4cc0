package elsewhere

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeSystem changes a system's name or who answers for it, or retires it.
// Empty fields stay as they are.
type ChangeSystem struct {
	System core.Ref `json:"system"`
	Name   string   `json:"name,omitempty"`
	Owner  core.Ref `json:"owner,omitempty"`
	Retire bool     `json:"retire,omitempty"` // it is used no more
	Words  string   `json:"words"`
}

// Action is elsewhere.system.change.
func (ChangeSystem) Action() command.Action { return "elsewhere.system.change" }

// Subject is the system.
func (in ChangeSystem) Subject() core.Ref { return in.System }

// Validate asks for a reason.
func (in ChangeSystem) Validate() error {
	return needWords("words", in.Words, "Say in your own words why (at least five characters).")
}

type changeSystem struct{ people People }

type systemFacts struct {
	system *System
	owner  Person
	open   int // accounts in it that are not closed
}

// Load reads the system, its accounts and its owner to be.
func (h changeSystem) Load(ctx context.Context, r store.Reader, in ChangeSystem) (f systemFacts, res command.Resource, err error) {
	if f.system, err = SystemByID(ctx, r, in.System); err == nil && f.system == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	owner := f.system.Owner
	if in.Owner != "" {
		owner = in.Owner
	}
	if f.owner, err = h.people.Person(ctx, r, owner); err != nil {
		return f, res, err
	}
	open, err := accounts.Select(ctx, r, "WHERE system = $1 AND closed IS NULL ORDER BY id LIMIT 1000", in.System)
	f.open = len(open)
	return f, f.system.Resource(), err
}

func (in ChangeSystem) over(s System, now core.Instant) System {
	if name := strings.TrimSpace(in.Name); name != "" {
		s.Name = name
	}
	if in.Owner != "" {
		s.Owner = in.Owner
	}
	if in.Retire && s.Retired == 0 {
		s.Retired = now
	}
	return s
}

// Check refuses a change of nothing, and to retire what still has accounts.
func (changeSystem) Check(in ChangeSystem, f systemFacts, m command.Moment) command.Verdict {
	switch {
	case in.over(*f.system, m.Now) == *f.system:
		return refuse("nothing-changed", "This is what the record says already.")
	case in.Retire && f.open > 0:
		return refuse("accounts-open", "People still have accounts in this system. Close each of them first.")
	case in.Retire:
		return command.Proceed()
	}
	return ownable(f.owner)
}

// Apply changes it.
func (changeSystem) Apply(ctx context.Context, tx *command.Tx, in ChangeSystem, f systemFacts) ([]evidence.Event, error) {
	now := in.over(*f.system, tx.Now)
	if err := systems.Update(ctx, tx.Tx, f.system, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventSystemChanged, Entity: now.Entity, Subjects: []core.Ref{now.ID}, Text: in.Words}}, nil
}
