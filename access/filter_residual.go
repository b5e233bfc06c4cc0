package access

import (
	"errors"
	"fmt"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/eval"

	"vouchsafe/store"
)

// residual is what remains of the policies when everything is known but the
// row, as a condition over its columns. It is kept apart from store.Where
// while it may still turn out to be always or never.
type residual struct {
	fixed bool // the condition does not depend on the row
	value bool // its value, when fixed
	where store.Where
}

func always(v bool) residual { return residual{fixed: true, value: v} }

func (r residual) never() bool { return r.fixed && !r.value }

func (r residual) condition() store.Where {
	switch {
	case !r.fixed:
		return r.where
	case r.value:
		return store.True
	}
	return store.False
}

func both(a, b residual) residual {
	switch {
	case a.never() || b.never():
		return always(false)
	case a.fixed:
		return b
	case b.fixed:
		return a
	}
	return residual{where: store.And(a.where, b.where)}
}

func either(a, b residual) residual {
	switch {
	case a.fixed && a.value || b.fixed && b.value:
		return always(true)
	case a.fixed:
		return b
	case b.fixed:
		return a
	}
	return residual{where: store.Or(a.where, b.where)}
}

func not(a residual) residual {
	if a.fixed {
		return always(!a.value)
	}
	return residual{where: store.Not(a.where)}
}

// errUntranslatable refuses a list: widening it would show what a decision on
// the single record would hide.
var errUntranslatable = errors.New("this policy cannot filter rows")

// translation turns residual conditions into conditions over columns.
type translation struct {
	typ  types.EntityType
	cols mapping
}

// residualOf evaluates the policies of an action for a principal over an
// unknown row. It returns the condition and the policies that it rests on.
// This function is the only one that uses the engine's experimental partial
// evaluation.
func (t translation) residualOf(x index, env eval.Env) (residual, []*policy, error) {
	permit, forbid := always(false), always(false)
	var used []*policy
	env.Resource = eval.Variable("resource")
	for _, p := range x {
		rest, keep := eval.PartialPolicy(env, p.ast)
		if !keep {
			continue
		}
		r, err := t.policy(rest)
		if err != nil {
			return residual{}, nil, fmt.Errorf("%w: %s: %w", errUntranslatable, p.id, err)
		}
		if r.never() {
			continue
		}
		used = append(used, p)
		if p.forbid {
			forbid = either(forbid, r)
		} else {
			permit = either(permit, r)
		}
	}
	return both(permit, not(forbid)), used, nil
}

func (t translation) policy(p *ast.Policy) (residual, error) {
	out := always(true)
	switch sc := p.Resource.(type) {
	case ast.ScopeTypeAll:
	case ast.ScopeTypeIs:
		if sc.Type != t.typ {
			return always(false), nil
		}
	default:
		return residual{}, fmt.Errorf("a scope of %T", sc)
	}
	for _, c := range p.Conditions {
		r, err := t.node(c.Body)
		if err != nil {
			return residual{}, err
		}
		if c.Condition == ast.ConditionUnless {
			r = not(r)
		}
		out = both(out, r)
	}
	return out, nil
}

func (t translation) node(n ast.IsNode) (residual, error) {
	switch v := n.(type) {
	case ast.NodeValue:
		if b, ok := v.Value.(types.Boolean); ok {
			return always(bool(b)), nil
		}
	case ast.NodeTypeAnd:
		return t.pair(v.BinaryNode, false, both)
	case ast.NodeTypeOr:
		return t.pair(v.BinaryNode, true, either)
	case ast.NodeTypeNot:
		r, err := t.node(v.Arg)
		return not(r), err
	case ast.NodeTypeIs:
		if isRow(v.Left) {
			return always(v.EntityType == t.typ), nil
		}
	case ast.NodeTypeHas:
		if isRow(v.Arg) {
			return t.has(string(v.Value))
		}
	case ast.NodeTypeEquals:
		return t.equals(v)
	case ast.NodeTypeAccess:
		if attr, ok := rowAttribute(v); ok { // a boolean column as a condition
			return t.compare(attr, true)
		}
	}
	return residual{}, fmt.Errorf("%T", n)
}

// pair joins two sides. A left side that settles the matter is the answer, as
// in the language itself: the right one may name what this type does not have.
func (t translation) pair(n ast.BinaryNode, settles bool, join func(a, b residual) residual) (residual, error) {
	a, err := t.node(n.Left)
	if err != nil || a.fixed && a.value == settles {
		return a, err
	}
	b, err := t.node(n.Right)
	if err != nil {
		return residual{}, err
	}
	return join(a, b), nil
}

func (t translation) has(attr string) (residual, error) {
	if attr == "id" {
		return always(true), nil
	}
	col, ok := t.cols.attrs[attr]
	if !ok {
		return residual{}, fmt.Errorf("no column is declared for %s.%s", t.typ, attr)
	}
	return residual{where: store.NotNull(col)}, nil
}

func (t translation) equals(n ast.NodeTypeEquals) (residual, error) {
	attr, ok := rowAttribute(n.Left)
	value := literal(n.Right)
	if !ok {
		attr, ok = rowAttribute(n.Right)
		value = literal(n.Left)
	}
	if !ok {
		return residual{}, fmt.Errorf("%T of something else than an attribute", n)
	}
	switch v := value.(type) {
	case types.String:
		return t.compare(attr, string(v))
	case types.Boolean:
		return t.compare(attr, bool(v))
	case types.Long:
		return t.compare(attr, int64(v))
	}
	return residual{}, fmt.Errorf("a comparison with %T", value)
}

func (t translation) compare(attr string, value any) (residual, error) {
	col, ok := t.cols.attrs[attr]
	if !ok {
		return residual{}, fmt.Errorf("no column is declared for %s.%s", t.typ, attr)
	}
	return residual{where: store.Eq(col, value)}, nil
}
