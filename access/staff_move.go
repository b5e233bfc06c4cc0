package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// MoveStaff changes for whom somebody works: manager, function, line of
// defence, employer, dates. It says how all of them are to be; an empty manager
// is none. It gives and takes no role: that every role of a person who moves is
// reviewed follows from the event.
type MoveStaff struct {
	Staff    core.Ref     `json:"staff"`
	Entity   core.Ref     `json:"entity"` // the employer
	Manager  core.Ref     `json:"manager,omitempty"`
	Function Function     `json:"function,omitempty"`
	Line     Line         `json:"line"`
	From     core.Instant `json:"from,omitempty"`
	Until    core.Instant `json:"until,omitempty"`
	Words    string       `json:"words"`
}

// Action is access.staff.move.
func (MoveStaff) Action() command.Action { return "access.staff.move" }

// Subject is the person.
func (m MoveStaff) Subject() core.Ref { return m.Staff }

// Reasons are the maker's own words.
func (m MoveStaff) Reasons() (code, words string) { return "mover", m.Words }

// Facts are what an approver must see: how it is to be.
func (m MoveStaff) Facts() []evidence.Detail {
	s := Staff{Entity: m.Entity, Manager: m.Manager, Function: m.Function, Line: m.Line, From: m.From, Until: m.Until}
	return s.place("new_")
}

// place is where somebody stands in the firm, for the approver's card.
func (s *Staff) place(prefix string) []evidence.Detail {
	out := []evidence.Detail{
		{Name: prefix + "entity", Value: string(s.Entity)},
		{Name: prefix + "manager", Value: string(s.Manager)},
		{Name: prefix + "function", Value: string(s.Function)},
		{Name: prefix + "line", Value: string(s.Line)},
	}
	if s.From != 0 {
		out = append(out, evidence.Detail{Name: prefix + "from", Value: s.From.String()})
	}
	if s.Until != 0 {
		out = append(out, evidence.Detail{Name: prefix + "until", Value: s.Until.String()})
	}
	return out
}

// Validate checks the form of every field.
func (m MoveStaff) Validate() error {
	if err := validPlace(m.Staff, m.Manager, m.Function, m.Line, m.From, m.Until); err != nil {
		return err
	}
	return needWords(m.Words)
}

func validPlace(staff, manager core.Ref, function Function, line Line, from, until core.Instant) error {
	switch {
	case line != FirstLine && line != SecondLine && line != ThirdLine:
		return core.InvalidField("line", "Choose the line of defence: first, second or third.")
	case function != "" && !slices.Contains(Functions, function):
		return core.InvalidField("function", "Choose one of the functions, or leave it empty.")
	case manager != "" && manager.Kind() != core.KindStaff:
		return core.InvalidField("manager", "Choose a member of staff as manager, or nobody.")
	case manager != "" && manager == staff:
		return core.InvalidField("manager", "Nobody is their own manager.")
	case until != 0 && until <= from:
		return core.InvalidField("until", "Employment ends after it begins.")
	}
	return nil
}

type moveStaff struct{}

// moveFacts are what a rule about a move needs.
type moveFacts struct {
	staff   *Staff
	entity  *Entity
	manager *Staff
	above   []Staff // the managers of the new manager
}

// Load reads the person, the employer and the new manager with those above
// them. A change of employer is a matter of the group: neither entity's people
// push somebody out or pull them in alone.
func (moveStaff) Load(ctx context.Context, r store.Reader, in MoveStaff) (f moveFacts, res command.Resource, err error) {
	if f.staff, err = loadStaff(ctx, r, in.Staff); err != nil {
		return f, res, err
	}
	if f.entity, err = EntityByID(ctx, r, in.Entity); err == nil && f.entity == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	if f.manager, err = managerToBe(ctx, r, in.Manager); err != nil {
		return f, res, err
	}
	if f.manager != nil {
		f.above, err = ManagersOf(ctx, r, f.manager.ID)
	}
	res = f.staff.Resource()
	if f.staff.Entity != in.Entity {
		res.Entity = ""
	}
	return f, res, err
}

func managerToBe(ctx context.Context, r store.Reader, manager core.Ref) (*Staff, error) {
	if manager == "" {
		return nil, nil
	}
	return loadStaff(ctx, r, manager)
}

// Check refuses circles, managers who left and moves of oneself, and asks for
// somebody else's agreement, who is not the person either.
func (moveStaff) Check(in MoveStaff, f moveFacts, m command.Moment) command.Verdict {
	refuse := func(code, text string) command.Verdict {
		return command.Refuse(command.Refusal{Code: code, Text: text})
	}
	now := in.over(f.staff)
	switch {
	case f.staff.Status != Active:
		return refuse("staff-not-active", "This person no longer works here.")
	case m.Actor.Ref == in.Staff:
		return refuse("own-record", "You cannot move yourself; a colleague must.")
	case slices.ContainsFunc(m.Approvals, func(a command.Approver) bool { return a.Ref == in.Staff }):
		return refuse("holder-is-not-approver", "The person who is to be moved cannot approve it.")
	case now == *f.staff:
		return refuse("nothing-changed", "This is what the record says already.")
	case f.manager != nil && f.manager.Status != Active:
		return refuse("manager-not-active", "The manager that you chose no longer works here.")
	case slices.ContainsFunc(f.above, func(s Staff) bool { return s.ID == in.Staff }):
		return refuse("manager-circle", "The manager that you chose works for this person already, directly or through others.")
	}
	return command.Needs(command.Need{
		Rule: "access.staff.move/1", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance), string(SystemAdmin)}}},
		Facts: f.staff.place("old_"),
	})
}

// over is the record with the changes.
func (m MoveStaff) over(s *Staff) Staff {
	now := *s
	now.Entity, now.Manager, now.Function, now.Line, now.From, now.Until = m.Entity, m.Manager, m.Function, m.Line, m.From, m.Until
	return now
}

// Apply changes the record. Both employers' logs tell of a move between them.
func (moveStaff) Apply(ctx context.Context, tx *command.Tx, in MoveStaff, f moveFacts) ([]evidence.Event, error) {
	now := in.over(f.staff)
	if err := staffs.Update(ctx, tx.Tx, f.staff, &now); err != nil {
		return nil, err
	}
	ev := evidence.Event{
		Type: EventStaffMoved, Entity: within(f.staff.Entity), Subjects: []core.Ref{now.ID}, Reason: "mover", Text: in.Words,
		Details: append(f.staff.place("old_"), now.place("new_")...),
	}
	out := []evidence.Event{ev}
	if within(now.Entity) != ev.Entity {
		arrived := ev
		arrived.Type, arrived.Entity = EventStaffArrived, within(now.Entity)
		out = append(out, arrived)
	}
	return out, nil
}
