package access

import (
	"context"
	"net/mail"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CreateStaff enters a person. It gives them no role and no way to sign in.
type CreateStaff struct {
	Entity core.Ref `json:"entity"` // the employer; Group for group functions
	Name   string   `json:"name"`
	Email  string   `json:"email"`
	Line   Line     `json:"line"`

	Manager  core.Ref     `json:"manager,omitempty"`
	Function Function     `json:"function,omitempty"`
	From     core.Instant `json:"from,omitempty"`  // the first day of employment
	Until    core.Instant `json:"until,omitempty"` // the last, where it is known
}

// Action is access.staff.create.
func (CreateStaff) Action() command.Action { return "access.staff.create" }

// Subject is the employer: the person has no record yet.
func (c CreateStaff) Subject() core.Ref { return c.Entity }

// Validate checks the form of every field.
func (c CreateStaff) Validate() error {
	if len(strings.TrimSpace(c.Name)) < 2 {
		return core.InvalidField("name", "Write the person's full name.")
	}
	if a, err := mail.ParseAddress(normalEmail(c.Email)); err != nil || a.Address != normalEmail(c.Email) {
		return core.InvalidField("email", "Write the person's work e-mail address, such as ana@example.com.")
	}
	return validPlace("", c.Manager, c.Function, c.Line, c.From, c.Until)
}

type createStaff struct{}

type createStaffFacts struct {
	entity  *Entity
	manager *Staff
	taken   bool
}

// Load reads the employer and whether the address is taken.
func (createStaff) Load(ctx context.Context, r store.Reader, in CreateStaff) (createStaffFacts, command.Resource, error) {
	res := command.Resource{Kind: core.KindStaff, Entity: within(in.Entity)}
	e, err := EntityByID(ctx, r, in.Entity)
	if err == nil && e == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return createStaffFacts{}, res, err
	}
	manager, err := managerToBe(ctx, r, in.Manager)
	if err != nil {
		return createStaffFacts{}, res, err
	}
	other, err := StaffByEmail(ctx, r, in.Email)
	return createStaffFacts{e, manager, other != nil}, res, err
}

// Check refuses an address that somebody has, or ever had: sign-in names are
// not passed on.
func (createStaff) Check(_ CreateStaff, f createStaffFacts, _ command.Moment) command.Verdict {
	if f.taken {
		return command.Refuse(command.Refusal{Code: "email-taken", Text: "Somebody on the staff has, or had, this e-mail address."})
	}
	if f.manager != nil && f.manager.Status != Active {
		return command.Refuse(command.Refusal{Code: "manager-not-active", Text: "The manager that you chose no longer works here."})
	}
	return command.Proceed()
}

// Apply enters the person.
func (createStaff) Apply(ctx context.Context, tx *command.Tx, in CreateStaff, f createStaffFacts) ([]evidence.Event, error) {
	s := &Staff{
		ID: tx.NewRef(core.KindStaff), Entity: f.entity.ID, Name: strings.TrimSpace(in.Name), Email: normalEmail(in.Email),
		Line: in.Line, Status: Active, Created: tx.Now, Manager: in.Manager, Function: in.Function, From: in.From, Until: in.Until,
	}
	if err := staffs.Insert(ctx, tx.Tx, s); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventStaffCreated, Entity: within(s.Entity), Subjects: []core.Ref{s.ID}}}, nil
}
