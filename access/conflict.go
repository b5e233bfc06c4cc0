package access

import (
	"context"
	"slices"
	"sort"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Conflict is a toxic combination that one person holds: what gives them each
// side, and where.
type Conflict struct {
	Combination string   `json:"combination"`
	OneIn       core.Ref `json:"one_in"`
	OtherIn     core.Ref `json:"other_in"` // the same, unless it reaches across legal entities
	// One and Other are the grants that give each side.
	One   []core.Ref `json:"one" nullable:"false"`
	Other []core.Ref `json:"other" nullable:"false"`
}

// Across reports whether the sides are held in two legal entities.
func (c Conflict) Across() bool { return c.OneIn != c.OtherIn }

// Grants names the grants that it is made of, each once.
func (c Conflict) Grants() []core.Ref {
	out := append(slices.Clone(c.One), c.Other...)
	slices.Sort(out)
	return slices.Compact(out)
}

// same reports whether two are the same combination in the same places.
func (c Conflict) same(x Conflict) bool {
	return c.Combination == x.Combination && c.OneIn == x.OneIn && c.OtherIn == x.OtherIn
}

// Everywhere stands for every legal entity in which somebody holds nothing
// themselves: roles of the group may reach there.
const Everywhere core.Ref = "en_any"

// ConflictsOf finds the toxic combinations that a person holds at a moment.
// It is asked of the policies, over the grants in force then; whoever left, or
// is kept out, holds none.
func (a *Authorizer) ConflictsOf(ctx context.Context, r store.Reader, who core.Ref, at core.Instant) ([]Conflict, error) {
	active, _, err := rolesInForce(ctx, r, who, at)
	if err != nil || !active {
		return nil, err
	}
	theirs, err := GrantsOf(ctx, r, who)
	if err != nil {
		return nil, err
	}
	now, err := a.InForce(ctx, r)
	if err != nil {
		return nil, err
	}
	return now.conflicts(slices.DeleteFunc(theirs, func(g Grant) bool { return !g.Live(at) })), nil
}

// conflicts finds the combinations in a set of grants of one person, taken as
// all in force together.
func (a *Authorizer) conflicts(gs []Grant) []Conflict {
	return a.conflictsIn(a.toxic.all, gs, placesOf(gs))
}

func (a *Authorizer) conflictsIn(list []Combination, gs []Grant, places []core.Ref) (out []Conflict) {
	for _, c := range list {
		for _, one := range places {
			if !a.side(c.One, rolesIn(gs, one), rolesIn(gs, Group)) {
				continue
			}
			for _, other := range places {
				if one != other && !c.Anywhere || !a.side(c.Other, rolesIn(gs, other), rolesIn(gs, Group)) {
					continue
				}
				out = append(out, Conflict{c.ID, one, other, a.giving(c.One, one, gs), a.giving(c.Other, other, gs)})
			}
		}
	}
	return narrowest(out)
}

// narrowest leaves out what only says again what is held in one place: a
// combination within an entity is not told once more across, nor everywhere.
func narrowest(all []Conflict) (out []Conflict) {
	for _, c := range all {
		wider := func(x Conflict) bool {
			return x.Combination == c.Combination && !x.same(c) && slices.Equal(x.Grants(), c.Grants()) &&
				(c.Across() && !x.Across() || c.Across() == x.Across() && c.hasEverywhere() && !x.hasEverywhere())
		}
		if !slices.ContainsFunc(all, wider) {
			out = append(out, c)
		}
	}
	return out
}

func (c Conflict) hasEverywhere() bool { return c.OneIn == Everywhere || c.OtherIn == Everywhere }

// giving names the grants without which a side would not be held: those whose
// role alone, or alone in the group, is enough for it.
func (a *Authorizer) giving(deeds []Deed, place core.Ref, gs []Grant) []core.Ref {
	out := []core.Ref{}
	for _, g := range gs {
		alone := []Grant{g}
		if (g.Entity == place || g.Entity == Group) && a.side(deeds, rolesIn(alone, place), rolesIn(alone, Group)) {
			out = append(out, g.ID)
		}
	}
	return out
}

// placesOf are where the grants give something: their entities, and with roles
// of the group every other one.
func placesOf(gs []Grant) (out []core.Ref) {
	for _, g := range gs {
		out = append(out, g.Entity)
		if g.Entity == Group {
			out = append(out, Everywhere)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rolesIn are the roles held in one place, sorted.
func rolesIn(gs []Grant, place core.Ref) (out []Role) {
	for _, g := range gs {
		if g.Entity == place {
			out = append(out, g.Role)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// holder is an invented person with roles, as policy sees one.
func holder(roles map[core.Ref][]Role) *principal {
	return &principal{uid: types.NewEntityUID(typeStaff, "st_holder"), roles: roles, stepUp: true, now: 1}
}

// conflictsOver finds the combinations that a person holds at any moment from
// one until another: grants come and go in between.
func (a *Authorizer) conflictsOver(gs []Grant, from, to core.Instant) (out []Conflict) {
	moments := []core.Instant{from}
	for _, g := range gs {
		for _, at := range []core.Instant{g.Starts, g.Ends} {
			if at > from && at < to {
				moments = append(moments, at)
			}
		}
	}
	sort.Slice(moments, func(i, j int) bool { return moments[i] < moments[j] })
	for _, at := range slices.Compact(moments) {
		live := slices.DeleteFunc(slices.Clone(gs), func(g Grant) bool { return !g.Live(at) })
		for _, c := range a.conflicts(live) {
			if !slices.ContainsFunc(out, c.same) {
				out = append(out, c)
			}
		}
	}
	return out
}
