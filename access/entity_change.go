package access

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeEntity changes the particulars of a legal entity. Empty fields stay as
// they are. The base currency cannot change: the books are kept in it. That
// roles may last longer, or that they are reviewed more rarely, is a proposal:
// who asks for roles must not loosen their limits alone.
type ChangeEntity struct {
	Entity         core.Ref `json:"entity"`
	Name           string   `json:"name"`
	Jurisdiction   string   `json:"jurisdiction"`
	Regulator      string   `json:"regulator"`
	Licence        string   `json:"licence"`
	PrivilegedDays int      `json:"privileged_days"`
	// PrivilegedHours is the limit in hours, where days are too long; -1 takes it
	// away, so that the limit in days holds again.
	PrivilegedHours int `json:"privileged_hours,omitempty"`
	OrdinaryDays    int `json:"ordinary_days,omitempty"`
	// Breakable are the roles that one person may take in an emergency, with
	// commas between; "none" lists none.
	Breakable string `json:"breakable,omitempty"`
	// ReviewMonths is how often access is reviewed.
	ReviewMonths ReviewEvery `json:"review_months,omitempty"`
	Words        string      `json:"words"`
}

// Action is access.entity.change.
func (ChangeEntity) Action() command.Action { return "access.entity.change" }

// Subject is the entity.
func (c ChangeEntity) Subject() core.Ref { return c.Entity }

// Validate checks the limits and asks for a reason.
func (c ChangeEntity) Validate() error {
	switch {
	case c.PrivilegedHours < -1 || c.PrivilegedHours > 365*24:
		return core.InvalidField("privileged_hours", "Write a number of hours, at most a year of them, or -1 to go by days again.")
	case c.OrdinaryDays < 0 || c.OrdinaryDays > 366:
		return core.InvalidField("ordinary_days", "Roles that are not privileged last between 1 and 366 days.")
	}
	if c.Breakable != "" && c.Breakable != noRoles {
		if _, err := breakableText(c.Breakable); err != nil {
			return err
		}
	}
	return needWords(c.Words)
}

const noRoles = "none"

// needWords asks for the person's own reason.
func needWords(words string) error {
	if len(strings.TrimSpace(words)) < 5 {
		return core.InvalidField("words", "Say in your own words why (at least five characters).")
	}
	return nil
}

type changeEntity struct{}

// Load reads the entity.
func (changeEntity) Load(ctx context.Context, r store.Reader, in ChangeEntity) (*Entity, command.Resource, error) {
	e, err := entities.Get(ctx, r, string(in.Entity))
	if err == nil && e == nil {
		err = command.ErrHidden
	}
	return e, command.Resource{Kind: core.KindEntity, Ref: in.Entity, Entity: in.Entity}, err
}

// Check refuses particulars that are wrong in form, and a change of nothing.
func (changeEntity) Check(in ChangeEntity, e *Entity, _ command.Moment) command.Verdict {
	now := in.over(*e)
	if err := particulars(now.Name, now.Jurisdiction, now.Regulator, now.Currency, now.PrivilegedDays); err != nil {
		return command.Refuse(command.Refusal{Code: "bad-particulars", Text: core.AsFault(err).Text})
	}
	if !in.ReviewMonths.Valid() {
		return command.Refuse(command.Refusal{Code: "bad-review-interval", Text: "Access is reviewed every 1, 3, 6 or 12 months; the law allows nothing rarer."})
	}
	if now == *e {
		return command.Refuse(command.Refusal{Code: "nothing-changed", Text: "This is what the record says already."})
	}
	if now.looser(e) {
		return command.Needs(command.Need{Rule: "access.entity.change/1#longer-privileges", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}})
	}
	if now.Reviews.Months() > e.Reviews.Months() {
		return command.Needs(command.Need{Rule: "access.entity.change/1#rarer-reviews", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}})
	}
	return command.Proceed()
}

// Reasons are the maker's own words.
func (c ChangeEntity) Reasons() (code, words string) { return "", c.Words }

// Facts are what an approver must see.
func (c ChangeEntity) Facts() []evidence.Detail {
	var out []evidence.Detail
	for _, x := range []struct {
		name string
		n    int
	}{{"privileged_days", c.PrivilegedDays}, {"privileged_hours", c.PrivilegedHours}, {"ordinary_days", c.OrdinaryDays}} {
		if x.n != 0 {
			out = append(out, evidence.Detail{Name: x.name, Value: strconv.Itoa(x.n)})
		}
	}
	if c.ReviewMonths != "" {
		out = append(out, evidence.Detail{Name: "review_months", Value: string(c.ReviewMonths)})
	}
	if c.Breakable != "" {
		out = append(out, evidence.Detail{Name: "breakable", Value: c.Breakable})
	}
	return out
}

// looser reports whether some role may be held for longer than before, or taken
// in an emergency that could not.
func (e *Entity) looser(than *Entity) bool {
	for _, role := range e.Breakables() {
		if !slices.Contains(than.Breakables(), role) {
			return true
		}
	}
	return e.privileged() > than.privileged() || e.longest(Support) > than.longest(Support)
}

// over is e with the changes.
func (c ChangeEntity) over(e Entity) Entity {
	for _, f := range []struct {
		to   *string
		text string
	}{{&e.Name, c.Name}, {&e.Jurisdiction, c.Jurisdiction}, {&e.Regulator, c.Regulator}, {&e.Licence, c.Licence}} {
		if text := strings.TrimSpace(f.text); text != "" {
			*f.to = text
		}
	}
	if c.PrivilegedDays != 0 {
		e.PrivilegedDays = c.PrivilegedDays
	}
	if c.OrdinaryDays != 0 {
		e.OrdinaryDays = c.OrdinaryDays
	}
	if c.ReviewMonths != "" && c.ReviewMonths != e.Reviews.Choice() {
		e.Reviews = c.ReviewMonths
	}
	if c.Breakable == noRoles {
		e.Breakable = ""
	} else if text, err := breakableText(c.Breakable); err == nil && text != "" {
		e.Breakable = text
	}
	switch {
	case c.PrivilegedHours > 0:
		e.PrivilegedHours = c.PrivilegedHours
	case c.PrivilegedHours < 0:
		e.PrivilegedHours = 0
	}
	return e
}

// Apply changes the record.
func (changeEntity) Apply(ctx context.Context, tx *command.Tx, in ChangeEntity, e *Entity) ([]evidence.Event, error) {
	now := in.over(*e)
	if err := entities.Update(ctx, tx.Tx, e, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventEntityChanged, Entity: e.ID, Subjects: []core.Ref{e.ID}, Text: in.Words}}, nil
}
