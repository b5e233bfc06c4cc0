package access

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Authorizer decides by the policies; it is the command.Authorizer of the
// program. It holds no state besides the policies: who holds which role, and
// which policies are in force, is read anew for every decision, in the reader's
// own transaction.
type Authorizer struct {
	set   *policySet
	toxic combinations
	ables sync.Map  // answers of able; it only saves time
	firm  *firmSets // nil where the set is fixed
}

// NewAuthorizer loads the policies that the program was built with. A policy
// that does not validate is an error here: the program must not start.
func NewAuthorizer() (*Authorizer, error) {
	files, err := fs.Sub(policyFiles, "policies")
	if err != nil {
		return nil, err
	}
	set, err := loadPolicies(files)
	if err != nil {
		return nil, err
	}
	a := &Authorizer{set: set, firm: &firmSets{by: map[core.Ref]*Authorizer{}}}
	if a.toxic, err = parseCombinations(combinationsText); err != nil {
		return nil, err
	}
	return a, a.checkCombinations()
}

// SetHash is the SHA-256 that names the policies and the schema in every
// decision of this set. Asked of the program's Authorizer it names the
// program's own; InForce has what decides now.
func (a *Authorizer) SetHash() string { return a.set.hash }

// Actions lists the catalogue: every act that the policies know.
func (a *Authorizer) Actions() []command.Action {
	out := make([]command.Action, 0, len(a.set.actions))
	for act := range a.set.actions {
		out = append(out, act)
	}
	slices.Sort(out)
	return out
}

// CheckCommands reports registered commands that the catalogue does not know,
// or knows for other kinds of records, and those whose rules ask roles to
// approve that the policies do not let answer. The program must not start with
// one: it could never be allowed, or never be approved.
func (a *Authorizer) CheckCommands(list []command.Listed) error {
	for _, l := range list {
		typ, ok := kinds[l.Doc.Kind]
		if !ok {
			return fmt.Errorf("access: %s acts on kind %q, which the policies do not know", l.Action, l.Doc.Kind)
		}
		if _, err := a.set.known(l.Action, typ); err != nil {
			return fmt.Errorf("access: %w: add it to schema.cedarschema and to a policy", err)
		}
		for _, role := range l.Doc.Approvers {
			if !a.answers(Role(role), l.Action) {
				return fmt.Errorf("access: a rule of %s asks %s, whom the policies do not let approve it: see approvals.cedar", l.Action, role)
			}
		}
	}
	return nil
}

// answers reports whether who holds only this role in an entity may approve
// and refuse the proposals of a command there that others made.
func (a *Authorizer) answers(role Role, proposed command.Action) bool {
	const entity core.Ref = "en_any"
	who := &principal{uid: types.NewEntityUID(typeStaff, "st_holder"), roles: map[core.Ref][]Role{entity: {role}}, now: 1}
	res := command.Resource{
		Kind: core.KindProposal, Ref: "pr_any", Entity: entity,
		Attrs: map[string]any{"action": string(proposed), "maker": "st_maker"},
	}
	return a.rule(who, command.ActApprove, res).Allow && a.rule(who, command.ActDecline, res).Allow
}

// Authorize rules on one act on one resource.
func (a *Authorizer) Authorize(ctx context.Context, r store.Reader, by evidence.Actor, act command.Action, res command.Resource, at core.Instant) (command.Ruling, error) {
	now, err := a.InForce(ctx, r)
	if err != nil {
		return a.deny("policies-do-not-load"), err
	}
	who, err := now.identify(ctx, r, by, at)
	if err != nil {
		return now.deny(err.Error()), err
	}
	return now.rule(who, act, res), nil
}

func (a *Authorizer) deny(errs ...string) command.Ruling {
	return command.Ruling{Decision: evidence.Decision{Set: a.set.hash, Engine: engine, Errors: errs}}
}

// rule decides without reading anything.
func (a *Authorizer) rule(who *principal, act command.Action, res command.Resource) command.Ruling {
	out := a.deny()
	roles := who.roles[held(res.Entity)]
	for _, role := range roles {
		out.Roles = append(out.Roles, string(role))
	}
	// Who holds no role where the record lives must not learn that it exists,
	// except by what they may do with it all the same.
	out.Hidden = len(roles) == 0 && who.uid.Type != typeSystem
	if who.fault != "" {
		out.Errors = []string{who.fault}
		return out
	}
	req, err := a.request(who, roles, act, res)
	if err != nil {
		out.Errors = []string{err.Error()}
		return out
	}
	decision, diag := cedar.Authorize(req.action.index, req, req.Request)
	for _, e := range diag.Errors {
		// A policy that fails is skipped by the engine: a failing prohibition
		// would open the door. The message may name people, the id does not.
		out.Errors = append(out.Errors, "policy "+string(e.PolicyID)+" failed")
	}
	for _, reason := range diag.Reasons {
		out.Policies = append(out.Policies, string(reason.PolicyID))
	}
	sort.Strings(out.Policies)
	out.Allow = decision == cedar.Allow && len(out.Errors) == 0
	if out.Allow {
		out.Hidden = false
		out.Roles = withGroupRoles(out.Roles, req.action.index, out.Policies)
	}
	return out
}

// withGroupRoles adds the group roles through which an act was allowed: a seat
// in an approval can be filled by them.
func withGroupRoles(roles []string, x index, determining []string) []string {
	for _, p := range x {
		if p.group != "" && !p.forbid && slices.Contains(determining, string(p.id)) && !slices.Contains(roles, string(p.group)) {
			roles = append(roles, string(p.group))
		}
	}
	return roles
}

// request is one question to the engine, with the three entities it needs.
type request struct {
	cedar.Request
	action              *catalogued
	principal, resource types.Entity
}

// Get makes a request the store of its own entities.
func (q *request) Get(uid types.EntityUID) (types.Entity, bool) {
	switch uid {
	case q.principal.UID:
		return q.principal, true
	case q.resource.UID:
		return q.resource, true
	case q.action.uid:
		return q.action.entity, true
	}
	return types.Entity{}, false
}

// request builds and validates one question.
func (a *Authorizer) request(who *principal, roles []Role, act command.Action, res command.Resource) (*request, error) {
	typ, ok := kinds[res.Kind]
	if !ok {
		return nil, fmt.Errorf("unknown-kind %q", res.Kind)
	}
	action, err := a.set.known(act, typ)
	if err != nil {
		return nil, err
	}
	attrs, hasCase, err := attributes(res)
	if err != nil {
		return nil, err
	}
	q := &request{
		action: action, principal: who.entity(roles),
		resource: types.Entity{UID: types.NewEntityUID(typ, types.String(res.Ref)), Attributes: attrs},
	}
	if q.resource.UID == q.principal.UID { // somebody acts on their own record: one entity is both
		q.resource.Parents = q.principal.Parents
		q.principal = q.resource
	}
	q.Request = cedar.Request{Principal: q.principal.UID, Action: action.uid, Resource: q.resource.UID, Context: who.moment(hasCase)}
	if err := a.set.validate.Request(q.Request); err != nil {
		return nil, fmt.Errorf("bad-request: %w", err)
	}
	if err := a.set.validate.Entity(q.resource); err != nil {
		return nil, fmt.Errorf("bad-resource %s: %w", typ, err)
	}
	return q, nil
}
