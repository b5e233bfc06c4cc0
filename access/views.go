package access

import (
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Field is a value as one reader may see it: the text, or only that there is
// one.
type Field struct {
	Text   string `json:"text"`
	Masked bool   `json:"masked,omitempty"`
}

func show(see *command.Sight, res command.Resource, name, value string) Field {
	text, masked := see.Show(core.Personal, res, name, value)
	return Field{text, masked}
}

// StaffRow is one line of the list of staff.
type StaffRow struct {
	ID      core.Ref     `json:"id"`
	Entity  core.Ref     `json:"entity"` // the employer
	Name    Field        `json:"name"`
	Email   Field        `json:"email"`
	Line    Line         `json:"line"`
	Status  StaffStatus  `json:"status"`
	Created core.Instant `json:"created"`
	Left    core.Instant `json:"left,omitempty"`
	Erased  string       `json:"erased_by,omitempty"`

	Manager  core.Ref     `json:"manager,omitempty"`
	Function Function     `json:"function,omitempty"`
	From     core.Instant `json:"employed_from,omitempty"`
	Until    core.Instant `json:"employed_until,omitempty"`
}

// StaffView is one person with the history of what they were allowed.
type StaffView struct {
	StaffRow
	// Grants are those that the reader may see, past and present, oldest
	// first. Elsewhere counts the others, so that nobody takes a part for the
	// whole.
	Grants    []GrantRow `json:"grants"`
	Elsewhere int        `json:"grants_elsewhere"`
	// Managers are the people above, the direct manager first, and Reports
	// those for whom the person is the direct manager. One above who left is a
	// gap that somebody has to close.
	Managers []StaffRow `json:"managers"`
	Reports  []StaffRow `json:"reports"`
	// Requests are those that gave nothing, or nothing yet, newest first.
	Requests []RequestRow `json:"requests"`
	// Certificates are the person's trainings, oldest first, and Untrained the
	// roles in force that demand one of which there is no live certificate.
	Certificates []Certificate `json:"certificates"`
	Untrained    []Untrained   `json:"untrained"`
	// May says which acts policy would allow the reader on this person; the
	// road decides again when the act comes.
	May map[command.Action]bool `json:"may"`
}

// GrantRow is one role of one person for a time.
type GrantRow struct {
	ID           core.Ref     `json:"id"`
	Holder       core.Ref     `json:"holder"`
	HolderName   Field        `json:"holder_name"`
	Role         Role         `json:"role"`
	Entity       core.Ref     `json:"entity"`
	Starts       core.Instant `json:"starts"`
	Ends         core.Instant `json:"ends"`
	Live         bool         `json:"live"` // in force at the moment asked about
	Phase        Phase        `json:"phase"`
	Privileged   bool         `json:"privileged"`
	Origin       Origin       `json:"origin"`
	Maker        core.Ref     `json:"maker"`
	Proposal     core.Ref     `json:"proposal,omitempty"`
	Reason       string       `json:"reason"`
	Words        Field        `json:"words"`
	Case         core.Ref     `json:"case,omitempty"`
	Ticket       string       `json:"ticket,omitempty"` // of emergency access
	State        GrantState   `json:"state"`
	Closed       core.Instant `json:"closed,omitempty"`
	ClosedBy     core.Ref     `json:"closed_by,omitempty"`
	ClosedReason string       `json:"closed_reason,omitempty"`
}

func staffRow(see *command.Sight, s *Staff) StaffRow {
	res := s.Resource()
	return StaffRow{
		ID: s.ID, Entity: s.Entity, Line: s.Line, Status: s.Status, Created: s.Created, Left: s.Left, Erased: s.ErasedBy,
		Manager: s.Manager, Function: s.Function, From: s.From, Until: s.Until,
		Name: show(see, res, "name", s.Name), Email: show(see, res, "email", s.Email),
	}
}

// grantRow renders a grant; name is its holder's, status theirs, and at the
// moment that is asked about.
func grantRow(see *command.Sight, g *Grant, name string, at core.Instant) GrantRow {
	res := g.Resource()
	return GrantRow{
		ID: g.ID, Holder: g.Holder, Role: g.Role, Entity: g.Entity, Starts: g.Starts, Ends: g.Ends, Live: g.liveAt(at), Phase: g.Phase(at, 0),
		Privileged: g.Role.Privileged(), Origin: g.Origin, Maker: g.Maker, Proposal: g.Proposal, Reason: g.Reason, Case: g.Case, Ticket: g.Ticket,
		State: g.State, Closed: g.Closed, ClosedBy: g.ClosedBy, ClosedReason: g.ClosedReason,
		HolderName: show(see, res, "holder_name", name), Words: show(see, res, "words", g.Words),
	}
}

// liveAt reports whether the grant was in force at a past or present moment.
func (g *Grant) liveAt(at core.Instant) bool {
	return g.Starts <= at && at < g.Ends && (g.State == Granted || at < g.Closed)
}

// afterCursor is the keyset condition of a page by one time column and id,
// newest first.
func afterCursor(c core.Cursor, col string) (store.Where, error) {
	if c == "" {
		return store.True, nil
	}
	keys, err := c.Keys(2)
	if err != nil {
		return store.False, err
	}
	at, err := strconv.ParseInt(keys[0], 10, 64)
	if err != nil {
		return store.False, core.NewFault(core.Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
	}
	return store.After(true, []string{col, "id"}, []any{at, keys[1]}), nil
}

func cursorOf(at core.Instant, id core.Ref) core.Cursor {
	return core.MakeCursor(strconv.FormatInt(int64(at), 10), string(id))
}
