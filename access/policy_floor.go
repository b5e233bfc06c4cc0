package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// The program's floor: the catalogue of acts, what its own parts may do, and
// the prohibitions. A firm's set always stands on the floor of the program that
// runs. It can forbid more; it can take nothing away.
// What the program's parts may do stands in system.cedar and in files whose
// names begin with "system-".
func isFloor(name string) bool {
	return name == schemaFile || name == "walls.cedar" || name == "system.cedar" || strings.HasPrefix(name, "system-")
}

// onFloor is the firm's files on the program's floor.
func onFloor(program, firm textFiles) textFiles {
	out := textFiles{}
	for name, text := range firm {
		if !isFloor(name) {
			out[name] = text
		}
	}
	for name, text := range program {
		if isFloor(name) {
			out[name] = text
		}
	}
	return out
}

// loadFirm loads a firm's set on the program's floor. Every policy of the firm
// must say for which people it is: what the program's own parts may do is the
// program's.
func loadFirm(program, firm textFiles) (*policySet, error) {
	set, err := loadPolicies(onFloor(program, firm))
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, p := range set.policies {
		pos := p.cedar.Position()
		if !isFloor(pos.Filename) && !forPeople(p.ast) {
			faults = append(faults, fmt.Errorf("access: %s line %d, policy %q: %w", pos.Filename, pos.Line, p.id, errForPeople))
		}
	}
	return set, errors.Join(faults...)
}

var errForPeople = errors.New(`it could reach the program's own parts: say for whom it is, as principal in Role::"support", principal is Staff or principal is Client, or begin its condition with principal in [Role::"support"] &&`)

// forPeople reports whether a policy can never apply to a part of the program:
// its scope names a role or a type of people, or its condition asks for a role
// before it looks at anything that could fail. Parts of the program hold none.
func forPeople(p *ast.Policy) bool {
	switch sc := p.Principal.(type) {
	case ast.ScopeTypeIs:
		return sc.Type != typeSystem
	case ast.ScopeTypeIsIn:
		return sc.Type != typeSystem
	case ast.ScopeTypeIn:
		return sc.Entity.Type == typeRole || sc.Entity.Type == typeGroup
	}
	return len(p.Conditions) > 0 && bool(p.Conditions[0].Condition) && asksPeople(p.Conditions[0].Body)
}

// asksPeople reports whether a condition is false for whoever holds no role.
func asksPeople(n ast.IsNode) bool {
	switch v := n.(type) {
	case ast.NodeTypeAnd:
		return asksPeople(v.Left)
	case ast.NodeTypeOr:
		return asksPeople(v.Left) && asksPeople(v.Right)
	case ast.NodeTypeIs:
		return isPrincipal(v.Left) && v.EntityType != typeSystem
	case ast.NodeTypeIn:
		return isPrincipal(v.Left) && onlyRoles(v.Right)
	}
	return false
}

func isPrincipal(n ast.IsNode) bool {
	v, ok := n.(ast.NodeTypeVariable)
	return ok && v.Name == "principal"
}

// onlyRoles reports whether a node is a role, or a list of roles.
func onlyRoles(n ast.IsNode) bool {
	if list, ok := n.(ast.NodeTypeSet); ok {
		return len(list.Elements) > 0 && !slices.ContainsFunc(list.Elements, func(x ast.IsNode) bool { return !onlyRoles(x) })
	}
	uid, ok := literal(n).(types.EntityUID)
	return ok && (uid.Type == typeRole || uid.Type == typeGroup)
}
