package access

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"vouchsafe/command"
)

// engine names what evaluates the policies; it stands on every decision. It
// changes with the version in go.mod.
const engine = "cedar-go/1.9.0"

//go:embed policies/*.cedar policies/schema.cedarschema
var policyFiles embed.FS

// policy is one policy with what the program needs to know of it.
type policy struct {
	id     types.PolicyID
	cedar  *cedar.Policy
	ast    *ast.Policy
	forbid bool
	group  Role // the group role that its scope names, if any
}

// policySet is a validated set, indexed by action. It never changes.
type policySet struct {
	schema   *resolved.Schema
	digest   [sha256.Size]byte // of the schema's text
	validate *validate.Validator
	policies []*policy // by id
	actions  map[command.Action]*catalogued
	parts    map[types.EntityUID]bool // the system parts
	text     []byte
	hash     string // SHA-256 of text, hex
}

// catalogued is one action with the policies whose scope it is in.
type catalogued struct {
	uid     types.EntityUID
	entity  types.Entity // with all its groups
	types   []types.EntityType
	context resolved.RecordType
	index   index
}

// index is a list of policies as the engine takes them.
type index []*policy

// All yields the policies; it makes an index a cedar.PolicyIterator.
func (x index) All() iter.Seq2[types.PolicyID, *cedar.Policy] {
	return func(yield func(types.PolicyID, *cedar.Policy) bool) {
		for _, p := range x {
			if !yield(p.id, p.cedar) {
				return
			}
		}
	}
}

// loadPolicies reads, validates and indexes a folder of policies. Every fault
// is reported, not only the first.
func loadPolicies(files fs.FS) (*policySet, error) {
	set := &policySet{actions: map[command.Action]*catalogued{}, parts: map[types.EntityUID]bool{}}
	if err := set.loadSchema(files); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.cedar")
	if err != nil {
		return nil, err
	}
	all := cedar.NewPolicySet()
	for _, name := range names {
		if err := set.loadFile(files, name, all); err != nil {
			return nil, err
		}
	}
	sort.Slice(set.policies, func(i, j int) bool { return set.policies[i].id < set.policies[j].id })
	var faults []error
	for _, p := range set.policies {
		faults = append(faults, set.check(p)...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	set.indexActions()
	if set.text, err = setText(files, append(names, schemaFile)); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(set.text)
	set.hash = hex.EncodeToString(sum[:])
	return set, nil
}

func (s *policySet) loadSchema(files fs.FS) error {
	text, err := fs.ReadFile(files, schemaFile)
	if err != nil {
		return err
	}
	s.digest = sha256.Sum256(text)
	var sch schema.Schema
	sch.SetFilename(schemaFile)
	if err := sch.UnmarshalCedar(text); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	if s.schema, err = sch.Resolve(); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	s.validate = validate.New(s.schema, validate.WithStrict())
	for uid, a := range s.schema.Actions {
		if a.AppliesTo == nil {
			continue // a group of actions, not an act
		}
		s.actions[command.Action(uid.ID)] = &catalogued{
			uid: uid, types: a.AppliesTo.Resources, context: a.AppliesTo.Context,
			entity: types.Entity{UID: uid, Parents: types.NewEntityUIDSet(s.groupsOf(uid)...)},
		}
	}
	for _, part := range s.schema.Enums[typeSystem].Values {
		s.parts[part] = true
	}
	return nil
}

// groupsOf lists every group that an action is in, directly or through others.
func (s *policySet) groupsOf(uid types.EntityUID) []types.EntityUID {
	var out []types.EntityUID
	for parent := range s.schema.Actions[uid].Entity.Parents.All() {
		out = append(append(out, parent), s.groupsOf(parent)...)
	}
	return out
}

func (s *policySet) loadFile(files fs.FS, name string, all *cedar.PolicySet) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	list, err := cedar.NewPolicyListFromBytes(name, text)
	if err != nil {
		return fmt.Errorf("access: %s: %w", name, err)
	}
	for _, c := range list {
		id := types.PolicyID(c.Annotations()["id"])
		if id == "" {
			return fmt.Errorf("access: %s line %d: the policy has no @id: a decision could not name it", name, c.Position().Line)
		}
		if !all.Add(id, c) {
			return fmt.Errorf("access: %s line %d: another policy has the @id %q too", name, c.Position().Line, id)
		}
		p := &policy{id: id, cedar: c, ast: (*ast.Policy)(c.AST()), forbid: c.Effect() == cedar.Forbid}
		if in, ok := p.ast.Principal.(ast.ScopeTypeIn); ok && in.Entity.Type == typeGroup {
			p.group = Role(in.Entity.ID)
		}
		s.policies = append(s.policies, p)
	}
	return nil
}

// indexActions gives every action the policies whose scope it is in: the
// engine is linear in the policies it is given.
func (s *policySet) indexActions() {
	for _, a := range s.actions {
		for _, p := range s.policies {
			if inScope(p.ast.Action, a.entity) {
				a.index = append(a.index, p)
			}
		}
	}
}

func inScope(scope ast.IsActionScopeNode, action types.Entity) bool {
	is := func(uid types.EntityUID) bool { return uid == action.UID || action.Parents.Contains(uid) }
	switch sc := scope.(type) {
	case ast.ScopeTypeEq:
		return sc.Entity == action.UID
	case ast.ScopeTypeIn:
		return is(sc.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(sc.Entities, is)
	}
	return true
}

const schemaFile = "schema.cedarschema"

// fileMark begins each file in the text of a set.
const fileMark = "// FILE "

// setText is the text of a set, whose SHA-256 names the set in every decision:
// the files one after another in the order of their names, the schema last,
// each under a line with its name. It is what people wrote, with what they
// said about it: a reader of a pack needs no program to read it, and
// sha256sum to check it.
func setText(files fs.FS, names []string) ([]byte, error) {
	var b bytes.Buffer
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		b.WriteString(fileMark + name + "\n")
		b.Write(bytes.TrimSpace(text))
		b.WriteString("\n\n")
	}
	return b.Bytes(), nil
}

// known returns the action for a kind of record, or why there is none.
func (s *policySet) known(act command.Action, typ types.EntityType) (*catalogued, error) {
	a := s.actions[act]
	switch {
	case a == nil:
		return nil, fmt.Errorf("unknown-action %s", strings.ToValidUTF8(string(act), "?"))
	case !slices.Contains(a.types, typ):
		return nil, fmt.Errorf("%s is not an act on a %s", act, typ)
	}
	return a, nil
}
