package cases

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CloseCase ends a case with an outcome. What comes later needs a new case.
type CloseCase struct {
	Case    core.Ref `json:"case"`
	Outcome string   `json:"outcome"` // resolved, rejected, no-action, referred
	Words   string   `json:"words"`
}

// Outcomes are the ways in which a case can end.
var Outcomes = []string{"resolved", "rejected", "no-action", "referred"}

// Action is cases.case.close.
func (CloseCase) Action() command.Action { return "cases.case.close" }

// Subject is the case.
func (c CloseCase) Subject() core.Ref { return c.Case }

// CaseRef is the case itself.
func (c CloseCase) CaseRef() core.Ref { return c.Case }

// Validate asks for an outcome and words.
func (c CloseCase) Validate() error {
	if !contains(Outcomes, c.Outcome) {
		return core.InvalidField("outcome", "Choose how the case ended: "+strings.Join(Outcomes, ", ")+".")
	}
	if len(strings.TrimSpace(c.Words)) < 5 {
		return core.InvalidField("words", "Say what came of it (at least five characters).")
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func loadCase(ctx context.Context, r store.Reader, id core.Ref) (*Case, command.Resource, error) {
	c, err := CaseByID(ctx, r, id)
	if err != nil {
		return nil, command.Resource{}, err
	}
	if c == nil {
		return nil, command.Resource{}, command.ErrHidden
	}
	return c, c.Resource(), nil
}

type closeCase struct{}

// Load reads the case.
func (closeCase) Load(ctx context.Context, r store.Reader, in CloseCase) (*Case, command.Resource, error) {
	return loadCase(ctx, r, in.Case)
}

// Check refuses a second closing.
func (closeCase) Check(_ CloseCase, c *Case, _ command.Moment) command.Verdict {
	if c.State != StateOpen {
		return command.Refuse(command.Refusal{Code: "case-closed", Text: "This case is closed already."})
	}
	return command.Proceed()
}

// Apply closes it.
func (closeCase) Apply(ctx context.Context, tx *command.Tx, in CloseCase, c *Case) ([]evidence.Event, error) {
	now := *c
	now.State, now.Outcome, now.Closed = StateClosed, in.Outcome, tx.Now
	if err := caseTable.Update(ctx, tx.Tx, c, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventClosed, Entity: c.Entity, Case: c.ID, Reason: in.Outcome, Text: in.Words, Subjects: []core.Ref{c.ID, c.Subject}}}, nil
}

// AssignCase gives a case another owner.
type AssignCase struct {
	Case  core.Ref `json:"case"`
	Owner core.Ref `json:"owner"`
}

// Action is cases.case.assign.
func (AssignCase) Action() command.Action { return "cases.case.assign" }

// Subject is the case.
func (a AssignCase) Subject() core.Ref { return a.Case }

// CaseRef is the case itself.
func (a AssignCase) CaseRef() core.Ref { return a.Case }

type assignCase struct{ owners Owners }

// assignFacts are the case, and whether the new owner may have it.
type assignFacts struct {
	file *Case
	may  bool
}

// Load reads the case, and asks about the new owner.
func (h assignCase) Load(ctx context.Context, r store.Reader, in AssignCase) (assignFacts, command.Resource, error) {
	c, res, err := loadCase(ctx, r, in.Case)
	f := assignFacts{file: c}
	if err == nil && in.Owner.Kind() == core.KindStaff {
		f.may, err = h.owners.MayOwn(ctx, r, in.Owner, res)
	}
	return f, res, err
}

// Check wants an open case and a colleague who may see it.
func (assignCase) Check(in AssignCase, f assignFacts, _ command.Moment) command.Verdict {
	switch {
	case f.file.State != StateOpen:
		return command.Refuse(command.Refusal{Code: "case-closed", Text: "This case is closed."})
	case in.Owner.Kind() != core.KindStaff:
		return command.Refuse(command.Refusal{Code: "owner-not-staff", Text: "A case belongs to a member of staff."})
	case !f.may:
		return command.Refuse(command.Refusal{Code: "owner-may-not-see", Text: "Nobody can own a case that they may not see. Choose an active colleague with a role in this entity that sees cases."})
	}
	return command.Proceed()
}

// Apply changes the owner.
func (assignCase) Apply(ctx context.Context, tx *command.Tx, in AssignCase, f assignFacts) ([]evidence.Event, error) {
	c := f.file
	now := *c
	now.Owner = in.Owner
	if err := caseTable.Update(ctx, tx.Tx, c, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventAssigned, Entity: c.Entity, Case: c.ID, Subjects: []core.Ref{c.ID, c.Subject, in.Owner}}}, nil
}
