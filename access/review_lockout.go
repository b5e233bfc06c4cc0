package access

import (
	"context"
	"slices"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// What raises the finding that a review could not take a role away. The job
// is one of cases, which this package does not import; app holds both together.
const (
	jobRaise       = "cases.raise"
	findingLockout = "review-lockout"
)

// givers are the grants in force by which roles can be asked for and agreed
// to, everywhere; what a review would take away is tried on them first.
type givers struct {
	held   []Grant
	powers map[place]power
	places []core.Ref // every legal entity, and the group
}

// place is a role held in the group, or in an entity.
type place struct {
	role  Role
	group bool
}

// power is what holding it means for the giving of roles.
type power struct{ asks, agrees bool }

// givers reads them, with what the policies of today make of each role.
func (h reviewing) givers(ctx context.Context, r store.Reader, now core.Instant) (*givers, error) {
	g := &givers{powers: map[place]power{}, places: []core.Ref{Group}}
	inForce, err := h.policies.InForce(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, role := range Roles {
		for _, group := range []bool{false, true} {
			if p := inForce.gives(role, group); p != (power{}) {
				g.powers[place{role, group}] = p
			}
		}
	}
	list, err := Entities(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		g.places = append(g.places, e.ID)
	}
	g.held, err = grants.Select(ctx, r, `WHERE state = 'granted' AND starts <= $1 AND ends > $1
		AND holder IN (SELECT id FROM staff WHERE status = 'active') ORDER BY id`, now)
	g.held = slices.DeleteFunc(g.held, func(x Grant) bool {
		return g.powers[place{x.Role, false}] == power{} && g.powers[place{x.Role, true}] == power{}
	})
	return g, err
}

// gives asks the policies whether a role lets its holder ask for roles in an
// entity, or agree to what others ask for.
func (a *Authorizer) gives(role Role, group bool) power {
	const entity core.Ref = "en_any"
	at := entity
	if group {
		at = Group
	}
	who := &principal{uid: types.NewEntityUID(typeStaff, "st_holder"), roles: map[core.Ref][]Role{at: {role}}, now: 1, stepUp: true}
	ask := RequestGrant{}.Action()
	proposal := command.Resource{
		Kind: core.KindProposal, Ref: "pr_any", Entity: entity, Attrs: map[string]any{"action": string(ask), "maker": "st_maker"},
	}
	return power{
		asks:   a.rule(who, ask, grantResource("", "st_other", Support, entity)).Allow,
		agrees: a.rule(who, command.ActApprove, proposal).Allow,
	}
}

// open reports whether roles can be given in a place: one person asks, another
// agrees.
func (g *givers) open(where core.Ref) bool {
	var asks, agrees []core.Ref
	for _, x := range g.held {
		var p power
		if x.Entity == where {
			p = g.powers[place{x.Role, false}]
		}
		if x.Entity == Group {
			far := g.powers[place{x.Role, true}]
			p.asks, p.agrees = p.asks || far.asks, p.agrees || far.agrees
		}
		if p.asks && !slices.Contains(asks, x.Holder) {
			asks = append(asks, x.Holder)
		}
		if p.agrees && !slices.Contains(agrees, x.Holder) {
			agrees = append(agrees, x.Holder)
		}
	}
	for _, a := range asks {
		if slices.ContainsFunc(agrees, func(b core.Ref) bool { return b != a }) {
			return true
		}
	}
	return false
}

// take takes the grants of an item away, unless nobody could give roles any
// more in some place where they can now, or this is one of the last roles for
// that in a place where nobody can: then it changes nothing and says no.
func (g *givers) take(x *ReviewItem) bool {
	mine := func(y Grant) bool { return y.Holder == x.Holder && y.Role == x.Role && y.Entity == x.Entity }
	if !slices.ContainsFunc(g.held, mine) {
		return true // it gives nobody anything
	}
	then := &givers{powers: g.powers, places: g.places}
	for _, y := range g.held {
		if !mine(y) {
			then.held = append(then.held, y)
		}
	}
	for _, where := range g.places {
		if !then.open(where) && (g.open(where) || where == x.Entity) {
			return false
		}
	}
	g.held = then.held
	return true
}
