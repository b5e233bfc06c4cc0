package access

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"vouchsafe/command"
)

// sound remembers policies that were found sound under a schema, by the digest
// of both texts. The engine takes every action that a condition lists through
// the whole catalogue, for every request that there could be: a second of work
// for a set of which a draft changes one policy, in the transaction that judges
// the draft. Faults are not remembered: they name lines.
var sound sync.Map // [sha256.Size]byte

// check validates one policy, unless the same was found sound before.
func (s *policySet) check(p *policy) []error {
	h := sha256.New()
	h.Write(s.digest[:])
	h.Write(p.cedar.MarshalCedar())
	key := [sha256.Size]byte(h.Sum(nil))
	if _, known := sound.Load(key); known {
		return nil
	}
	faults := s.faults(p)
	if len(faults) == 0 {
		sound.Store(key, struct{}{})
	}
	return faults
}

// faults validates one policy: strictly by the engine, and for what the engine
// does not look at: misspelt roles and action names, acts that cannot meet the
// records of the scope, and conditions that no list could be filtered by.
func (s *policySet) faults(p *policy) []error {
	var faults []error
	fault := func(err error) {
		pos := p.cedar.Position()
		faults = append(faults, fmt.Errorf("access: %s line %d, policy %q: %w", pos.Filename, pos.Line, p.id, err))
	}
	if err := s.validate.Policy(string(p.id), p.ast); err != nil {
		fault(err)
	}
	for _, uid := range named(p.ast) {
		if err := s.checkName(uid); err != nil {
			fault(err)
		}
	}
	if err := s.checkScope(p.ast); err != nil {
		fault(err)
	}
	for _, c := range p.ast.Conditions {
		if err := translatable(c.Body); err != nil {
			fault(err)
		}
		for _, act := range actionLiterals(c.Body) {
			if s.actions[act] == nil {
				fault(fmt.Errorf("resource.action is never %q: the catalogue has no such action", act))
			}
		}
		if p.group == "" && mentions(c.Body, func(uid types.EntityUID) bool { return uid.Type == typeGroup }) {
			fault(errors.New("a GroupRole may stand only in the scope, so that the decision can name the role it came from"))
		}
	}
	return faults
}

func (s *policySet) checkName(uid types.EntityUID) error {
	if uid.Type == typeAction {
		if _, ok := s.schema.Actions[uid]; !ok {
			return fmt.Errorf("there is no action %q", uid.ID)
		}
		return nil
	}
	enum, ok := s.schema.Enums[uid.Type]
	if !ok {
		return fmt.Errorf("policies name no single %s (%q)", uid.Type, uid.ID)
	}
	if !slices.Contains(enum.Values, uid) {
		return fmt.Errorf("there is no %s %q", uid.Type, uid.ID)
	}
	return nil
}

// checkScope demands that every action that the scope lists can be done to a
// record of the scope's type: else that line of the policy is dead.
func (s *policySet) checkScope(p *ast.Policy) error {
	var listed []types.EntityUID
	switch sc := p.Action.(type) {
	case ast.ScopeTypeEq:
		listed = []types.EntityUID{sc.Entity}
	case ast.ScopeTypeInSet:
		listed = sc.Entities
	}
	is, ok := p.Resource.(ast.ScopeTypeIs)
	if !ok {
		if _, all := p.Resource.(ast.ScopeTypeAll); !all {
			return errors.New("the resource of a policy is any, or any of one type")
		}
		return nil
	}
	for _, uid := range listed {
		if a := s.actions[command.Action(uid.ID)]; a != nil && !slices.Contains(a.types, is.Type) {
			return fmt.Errorf("%s is not an act on a %s", uid.ID, is.Type)
		}
	}
	return nil
}

// named lists the entities that a policy names.
func named(p *ast.Policy) []types.EntityUID {
	var out []types.EntityUID
	for _, scope := range []ast.IsScopeNode{p.Principal, p.Action, p.Resource} {
		switch sc := scope.(type) {
		case ast.ScopeTypeEq:
			out = append(out, sc.Entity)
		case ast.ScopeTypeIn:
			out = append(out, sc.Entity)
		case ast.ScopeTypeInSet:
			out = append(out, sc.Entities...)
		case ast.ScopeTypeIsIn:
			out = append(out, sc.Entity)
		}
	}
	for _, c := range p.Conditions {
		mentions(c.Body, func(uid types.EntityUID) bool {
			out = append(out, uid)
			return false
		})
	}
	return out
}

// mentions reports whether a node names an entity that match accepts.
func mentions(n ast.IsNode, match func(types.EntityUID) bool) bool {
	found := false
	ast.Inspect(ast.NewNode(n), func(n ast.IsNode) bool {
		if v, ok := n.(ast.NodeValue); ok {
			if uid, ok := v.Value.(types.EntityUID); ok && match(uid) {
				found = true
			}
		}
		return true
	})
	return found
}

// actionLiterals lists the texts that a condition compares with
// resource.action.
func actionLiterals(n ast.IsNode) []command.Action {
	var out []command.Action
	ast.Inspect(ast.NewNode(n), func(n ast.IsNode) bool {
		if eq, ok := n.(ast.NodeTypeEquals); ok {
			for _, side := range [][2]ast.IsNode{{eq.Left, eq.Right}, {eq.Right, eq.Left}} {
				attr, isAttr := rowAttribute(side[0])
				text, isText := literal(side[1]).(types.String)
				if isAttr && attr == "action" && isText {
					out = append(out, command.Action(text))
				}
			}
		}
		return true
	})
	return out
}

// translatable reports why a condition could not become a filter of rows: what
// touches the row may only be ==, has, is, &&, || and ! over its attributes.
func translatable(n ast.IsNode) error {
	if !touchesRow(n) {
		return nil
	}
	var parts []ast.IsNode
	switch v := n.(type) {
	case ast.NodeTypeAnd:
		parts = []ast.IsNode{v.Left, v.Right}
	case ast.NodeTypeOr:
		parts = []ast.IsNode{v.Left, v.Right}
	case ast.NodeTypeNot:
		parts = []ast.IsNode{v.Arg}
	case ast.NodeTypeEquals:
		_, left := rowAttribute(v.Left)
		_, right := rowAttribute(v.Right)
		if left && !touchesRow(v.Right) || right && !touchesRow(v.Left) {
			return nil
		}
		return errors.New("only resource.attribute == something known can filter rows")
	case ast.NodeTypeHas:
		if isRow(v.Arg) {
			return nil
		}
		return errors.New("only resource has attribute can filter rows")
	case ast.NodeTypeIs:
		if isRow(v.Left) {
			return nil
		}
		return errors.New("only resource is Type can filter rows")
	case ast.NodeTypeAccess:
		if _, ok := rowAttribute(v); ok {
			return nil
		}
		return errors.New("only direct attributes of the resource can filter rows")
	default:
		return fmt.Errorf("a condition on the resource uses %T, which cannot filter rows: use ==, has, is, !, && and ||", n)
	}
	var faults []error
	for _, part := range parts {
		faults = append(faults, translatable(part))
	}
	return errors.Join(faults...)
}

func touchesRow(n ast.IsNode) bool {
	found := false
	ast.Inspect(ast.NewNode(n), func(n ast.IsNode) bool {
		found = found || isRow(n)
		return !found
	})
	return found
}

// isRow reports whether a node is the resource itself.
func isRow(n ast.IsNode) bool {
	v, ok := n.(ast.NodeTypeVariable)
	return ok && v.Name == "resource"
}

// rowAttribute returns the attribute when a node is resource.attribute.
func rowAttribute(n ast.IsNode) (string, bool) {
	a, ok := n.(ast.NodeTypeAccess)
	if !ok || !isRow(a.Arg) {
		return "", false
	}
	return string(a.Value), true
}

func literal(n ast.IsNode) types.Value {
	if v, ok := n.(ast.NodeValue); ok {
		return v.Value
	}
	return nil
}
