package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Held is a toxic combination that somebody holds at a moment.
type Held struct {
	Holder core.Ref `json:"holder"`
	Conflict
	// Exception is the one that covers it; empty when none does.
	Exception core.Ref `json:"exception,omitempty"`
}

// HeldAt finds who holds toxic combinations at a moment: one person, or with
// "" everybody who works here. It is asked of the policies in force, over the
// grants in force; whoever is kept out holds none.
func (a *Authorizer) HeldAt(ctx context.Context, r store.Reader, who core.Ref, at core.Instant) ([]Held, error) {
	rows, err := grants.Select(ctx, r, `WHERE state = 'granted' AND starts <= $1 AND ends > $1 AND ($2 = '' OR holder = $2)
		AND holder IN (SELECT id FROM staff WHERE status = 'active')
		AND NOT EXISTS (SELECT 1 FROM break_review b WHERE b.holder = role_grant.holder AND b.reviewed IS NULL AND b.due <= $1)
		ORDER BY holder, starts, id`, at, who)
	if err != nil {
		return nil, err
	}
	now, err := a.InForce(ctx, r)
	if err != nil {
		return nil, err
	}
	var out []Held
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(g Grant) bool { return g.Holder != rows[0].Holder })
		if n < 0 {
			n = len(rows)
		}
		found, err := now.heldBy(ctx, r, rows[:n], at)
		if err != nil {
			return nil, err
		}
		out, rows = append(out, found...), rows[n:]
	}
	return out, nil
}

// heldBy are the combinations in the grants of one person.
func (a *Authorizer) heldBy(ctx context.Context, r store.Reader, theirs []Grant, at core.Instant) (out []Held, err error) {
	found := a.conflicts(theirs)
	if len(found) == 0 {
		return nil, nil
	}
	list, err := ExceptionsOf(ctx, r, theirs[0].Holder)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		x := Held{Holder: theirs[0].Holder, Conflict: c}
		if i := slices.IndexFunc(list, func(x Exception) bool { return x.covers(c, at, at) }); i >= 0 {
			x.Exception = list[i].ID
		}
		out = append(out, x)
	}
	return out, nil
}

// Home is the legal entity whose matter the combination is: the group's when it
// reaches across entities.
func (c Conflict) Home() core.Ref {
	if c.Across() {
		return Group
	}
	return exceptionHome(c.OneIn)
}

// Place names the combination and where it is held, for the reference of what
// was found: one person holds it there once at a time.
func (c Conflict) Place() string {
	place := c.Combination + "@" + string(c.OneIn)
	if c.Across() {
		place += "+" + string(c.OtherIn)
	}
	return place
}

// ListHeld asks who holds toxic combinations now.
type ListHeld struct{}

// Action is access.grant.list: it tells what follows from people's grants.
func (ListHeld) Action() command.Action { return "access.grant.list" }

// Subject is nobody in particular.
func (ListHeld) Subject() core.Ref { return "" }

// HeldRow is one of them as its reader may see it.
type HeldRow struct {
	Held
	Name Field `json:"name"`
}

type listHeld struct{ policies *Authorizer }

// ListHeldQuery answers ListHeld by the policies in force.
func ListHeldQuery(a *Authorizer) command.Query[ListHeld, []HeldRow] { return listHeld{a} }

// Target leaves the choice of rows to policy.
func (listHeld) Target(context.Context, store.Reader, ListHeld) (command.Resource, error) {
	return command.Resource{Kind: core.KindGrant}, nil
}

// Read tells those whose every grant the reader may list.
func (q listHeld) Read(ctx context.Context, r store.Reader, _ ListHeld, see *command.Sight) ([]HeldRow, error) {
	found, err := q.policies.HeldAt(ctx, r, "", see.Now)
	out := []HeldRow{}
	for _, x := range found {
		s, err := StaffByID(ctx, r, x.Holder)
		if err != nil || s == nil {
			return nil, err
		}
		mine, err := seesAll(ctx, r, see, x.Grants())
		if err != nil {
			return nil, err
		}
		if mine {
			out = append(out, HeldRow{x, show(see, s.Resource(), "name", s.Name)})
		}
	}
	see.Counted(len(out))
	return out, err
}

// seesAll reports whether the reader may list every one of the grants.
func seesAll(ctx context.Context, r store.Reader, see *command.Sight, ids []core.Ref) (bool, error) {
	for _, id := range ids {
		g, err := GrantByID(ctx, r, id)
		if err != nil || g == nil || !see.Allowed(ListGrants{}.Action(), g.Resource()) {
			return false, err
		}
	}
	return true, nil
}
