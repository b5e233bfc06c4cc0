package access

import (
	"context"
	"slices"
	"sort"

	"github.com/cedar-policy/cedar-go/x/exp/eval"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Filter is the condition over the columns of kind's table under which the
// actor may act: for each entity in which they hold roles, what the policies
// leave open there; and for all other entities, what anybody may do without a
// role. It selects exactly the rows that Authorize would allow one by one; a
// test holds the two against each other.
func (a *Authorizer) Filter(ctx context.Context, r store.Reader, by evidence.Actor, act command.Action, kind core.Kind, at core.Instant) (store.Where, command.Ruling, error) {
	now, err := a.InForce(ctx, r)
	if err != nil {
		return store.False, a.deny("policies-do-not-load"), err
	}
	who, err := now.identify(ctx, r, by, at)
	if err != nil {
		return store.False, now.deny(err.Error()), err
	}
	if who.fault != "" {
		return store.False, now.deny(who.fault), nil
	}
	where, ruling, err := now.filter(who, act, kind)
	if err != nil { // what cannot be translated exactly is refused, never widened
		return store.False, now.deny(err.Error()), nil
	}
	return where, ruling, nil
}

// filtering collects the parts of one filter.
type filtering struct {
	who    *principal
	action *catalogued
	t      translation
	parts  []store.Where
	used   []string
	roles  []string
}

func (a *Authorizer) filter(who *principal, act command.Action, kind core.Kind) (store.Where, command.Ruling, error) {
	out := a.deny()
	typ := kinds[kind]
	action, err := a.set.known(act, typ)
	if err != nil {
		return store.False, out, err
	}
	cols, err := columnsOf(kind)
	if err != nil {
		return store.False, out, err
	}
	required, err := a.set.required(typ, cols)
	if err != nil {
		return store.False, out, err
	}
	f := &filtering{who: who, action: action, t: translation{typ, cols}}
	if err := f.everywhere(); err != nil {
		return store.False, out, err
	}
	if len(f.parts) == 0 {
		return store.False, out, nil
	}
	out.Allow, out.Policies, out.Roles = true, f.used, f.roles
	sort.Strings(out.Policies)
	all := []store.Where{store.Or(f.parts...)}
	for _, col := range required {
		all = append(all, store.NotNull(col))
	}
	return store.And(all...), out, nil
}

// everywhere adds a part for each entity with roles and one for the rest.
func (f *filtering) everywhere() error {
	with := f.who.entities()
	if f.t.cols.entity == "" { // every row is a group matter
		return f.add(store.True, f.who.roles[Group])
	}
	for _, entity := range with {
		if err := f.add(f.in(entity), f.who.roles[entity]); err != nil {
			return err
		}
	}
	return f.add(f.elsewhere(with), nil)
}

func (f *filtering) add(scope store.Where, roles []Role) error {
	env := eval.Env{Principal: f.who.uid, Action: f.action.uid, Context: f.who.moment(false)}
	env.Entities = &request{action: f.action, principal: f.who.entity(roles)}
	rest, used, err := f.t.residualOf(f.action.index, env)
	if err != nil || rest.never() {
		return err
	}
	f.parts = append(f.parts, store.And(scope, rest.condition()))
	for _, p := range used {
		if id := string(p.id); !slices.Contains(f.used, id) {
			f.used = append(f.used, id)
		}
		if p.group != "" {
			f.role(p.group)
		}
	}
	for _, r := range roles {
		f.role(r)
	}
	return nil
}

func (f *filtering) role(r Role) {
	if !slices.Contains(f.roles, string(r)) {
		f.roles = append(f.roles, string(r))
	}
}

// in selects the rows of one entity; a row without one is the group's.
func (f *filtering) in(entity core.Ref) store.Where {
	col := f.t.cols.entity
	if entity == Group {
		return store.Or(store.Eq(col, entity), store.Not(store.NotNull(col)))
	}
	return store.Eq(col, entity)
}

// elsewhere selects the rows of all other entities.
func (f *filtering) elsewhere(with []core.Ref) store.Where {
	if len(with) == 0 {
		return store.True
	}
	col := f.t.cols.entity
	others := store.And(store.NotNull(col), store.Not(store.In(col, with)))
	if slices.Contains(with, Group) {
		return others
	}
	return store.Or(store.Not(store.NotNull(col)), others)
}
