package access

import (
	"context"
	"slices"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewRole asks what a role may do, by the policies of a set, and what is
// different about another role or under another set.
type ViewRole struct {
	Role  Role   `json:"role"`
	Set   string `json:"set,omitempty" doc:"the hash of a set of policies; the program's own when absent"`
	Other Role   `json:"other,omitempty" doc:"a role to compare with; the same when absent"`
	// OtherSet is the set that the other role is read in; Set when empty.
	OtherSet string `json:"other_set,omitempty" doc:"a set of policies to compare with"`
}

// Action is access.policy.view: what roles may do is what the policies say,
// and they are no secret from those who are held to them.
func (ViewRole) Action() command.Action { return "access.policy.view" }

// Subject is the set; the program's own has no need of a name.
func (v ViewRole) Subject() core.Ref {
	if v.Set == "" {
		return ""
	}
	return PolicySetRef(v.Set)
}

// RoleView is a role in plain words.
type RoleView struct {
	Role       Role   `json:"role"`
	Title      string `json:"title"`
	Privileged bool   `json:"privileged"`
	Set        string `json:"set"`
	// Why says that the policies cannot be asked by this program; nothing is
	// said about rights then.
	Why    string      `json:"why,omitempty"`
	Rights *RoleRights `json:"rights,omitempty"`
	// Holders are the grants in force now that the reader may see; others may
	// hold the role where they may not look.
	Holders []GrantRow `json:"holders" nullable:"false"`
	Sets    []SetRow   `json:"sets" nullable:"false"` // those that decided here, newest first
	Compare *RoleDiff  `json:"compare,omitempty"`
}

// RoleRights is what a role alone gives in the entity where it is held.
type RoleRights struct {
	May  []Right `json:"may" nullable:"false"`
	Sees []Right `json:"sees" nullable:"false"`
	// Forbidden is what a policy expressly forbids to who holds it, also when
	// another role of theirs would allow it.
	Forbidden []Right `json:"forbidden" nullable:"false"`
	// Reaches is what holding it in the group gives in every entity.
	Reaches []Right `json:"reaches" nullable:"false"`
}

// SetRow is one set of policies that decided here.
type SetRow struct {
	Hash    string       `json:"hash"`
	Adopted core.Instant `json:"adopted"`
	Now     bool         `json:"now"`
}

// RoleDiff is what another role, or the same under other policies, has more
// and less.
type RoleDiff struct {
	Role Role    `json:"role"`
	Set  string  `json:"set"`
	Why  string  `json:"why,omitempty"`
	More []Right `json:"more" nullable:"false"` // the other has, this has not
	Less []Right `json:"less" nullable:"false"` // this has, the other has not
}

// ViewRoleQuery answers ViewRole.
func ViewRoleQuery(rd *command.Road, a *Authorizer) command.Query[ViewRole, RoleView] {
	return viewRole{rd, a}
}

type viewRole struct {
	rd       *command.Road
	policies *Authorizer
}

// Target is the set of policies.
func (q viewRole) Target(ctx context.Context, r store.Reader, in ViewRole) (command.Resource, error) {
	if !in.Role.Valid() || in.Other != "" && !in.Other.Valid() {
		return command.Resource{}, command.ErrHidden
	}
	return q.policies.setTarget(ctx, r, in.Set)
}

func first[T ~string](a, b T) T {
	if a != "" {
		return a
	}
	return b
}

// Read tells the role.
func (q viewRole) Read(ctx context.Context, r store.Reader, in ViewRole, see *command.Sight) (RoleView, error) {
	now, err := q.policies.InForce(ctx, r)
	if err != nil {
		return RoleView{}, err
	}
	v := RoleView{
		Role: in.Role, Title: in.Role.Title(), Privileged: in.Role.Privileged(),
		Set: first(in.Set, now.SetHash()), Holders: []GrantRow{}, Sets: []SetRow{},
	}
	rights, why, err := q.rights(ctx, r, in.Role, v.Set, see.Now)
	if err != nil {
		return RoleView{}, err
	}
	v.Rights, v.Why = rights, why
	if in.Other != "" || in.OtherSet != "" {
		if v.Compare, err = q.compare(ctx, r, in, &v, see.Now); err != nil {
			return RoleView{}, err
		}
	}
	if v.Sets, err = setRows(ctx, r, now.SetHash()); err != nil {
		return RoleView{}, err
	}
	v.Holders, err = holdersOf(ctx, r, see, in.Role)
	see.Counted(len(v.Holders))
	return v, err
}

// rights asks the policies of a set about who holds one role and nothing else.
func (q viewRole) rights(ctx context.Context, r store.Reader, role Role, set string, now core.Instant) (*RoleRights, string, error) {
	a, why, err := q.policies.kept(ctx, r, set, "")
	if err != nil || why != "" {
		return nil, why, err
	}
	if !slices.Contains(a.set.schema.Enums[typeRole].Values, types.NewEntityUID(typeRole, types.String(role))) {
		return nil, "These policies do not know the role " + role.Title() + ".", nil
	}
	return a.roleRights(q.rd.Registry, role, now), "", nil
}

// roleRights tells what a role alone gives: in its entity, and from the group.
// What everybody on the staff may do for themselves is left out.
func (a *Authorizer) roleRights(titles *command.Registry, role Role, now core.Instant) *RoleRights {
	const somewhere core.Ref = "en_any"
	ask := func(where core.Ref) Rights {
		who := &principal{uid: types.NewEntityUID(typeStaff, "st_holder"), roles: map[core.Ref][]Role{where: {role}}, stepUp: true, now: now}
		return asking{a, titles, who, somewhere}.rights()
	}
	home := ask(somewhere)
	out := &RoleRights{May: ofRole(home.May), Sees: ofRole(home.Sees), Forbidden: []Right{}, Reaches: []Right{}}
	for _, x := range append(home.MayNot, home.Masked...) {
		if len(x.Policies) > 0 {
			out.Forbidden = append(out.Forbidden, x)
		}
	}
	if slices.Contains(a.set.schema.Enums[typeGroup].Values, types.NewEntityUID(typeGroup, types.String(role))) {
		far := ask(Group)
		out.Reaches = append(ofRole(far.May), ofRole(far.Sees)...)
	}
	return out
}

func ofRole(rights []Right) []Right {
	out := []Right{}
	for _, x := range rights {
		if len(x.Roles) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// compare sets the role against another one, or against itself under other
// policies.
func (q viewRole) compare(ctx context.Context, r store.Reader, in ViewRole, v *RoleView, now core.Instant) (*RoleDiff, error) {
	d := &RoleDiff{Role: first(in.Other, in.Role), Set: first(in.OtherSet, v.Set), More: []Right{}, Less: []Right{}}
	other, why, err := q.rights(ctx, r, d.Role, d.Set, now)
	if d.Why = first(why, v.Why); err != nil || d.Why != "" {
		return d, err
	}
	d.More, d.Less = lacking(other, v.Rights), lacking(v.Rights, other)
	return d, nil
}

// lacking lists what one has and the other has not: an act on a kind of
// records, or the same under another condition.
func lacking(of, in *RoleRights) []Right {
	key := func(x Right, on string) string { return string(x.Action) + "|" + on + "|" + x.When }
	all := func(r *RoleRights) []Right {
		return slices.Concat(r.May, r.Sees)
	}
	has := map[string]bool{}
	for _, x := range all(in) {
		for _, on := range x.On {
			has[key(x, on)] = true
		}
	}
	out := []Right{}
	for _, x := range all(of) {
		on := slices.DeleteFunc(slices.Clone(x.On), func(on string) bool { return has[key(x, on)] })
		if x.On = on; len(on) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// setRows lists the sets that decided here, and the program's own where it has
// not been recorded.
func setRows(ctx context.Context, r store.Reader, now string) ([]SetRow, error) {
	rows, err := policySets.Select(ctx, r, "ORDER BY adopted DESC, id LIMIT 100")
	out := make([]SetRow, 0, len(rows)+1)
	for _, p := range rows {
		out = append(out, SetRow{p.Hash, p.Adopted, p.Hash == now})
	}
	if !slices.ContainsFunc(out, func(s SetRow) bool { return s.Now }) {
		out = slices.Insert(out, 0, SetRow{Hash: now, Now: true})
	}
	return out, err
}

// holdersOf lists the grants of a role that are in force and that the reader may
// see; of a person who left, none is.
func holdersOf(ctx context.Context, r store.Reader, see *command.Sight, role Role) ([]GrantRow, error) {
	where := store.And(see.Filter(ListGrants{}.Action(), core.KindGrant), ListGrants{Role: role, At: see.Now}.where())
	rows, err := grants.Filter(ctx, r, "WHERE {where} ORDER BY entity, starts, id LIMIT 500", where)
	if err != nil {
		return nil, err
	}
	people, err := holders(ctx, r, rows)
	out := []GrantRow{}
	for i := range rows {
		if holder := people[rows[i].Holder]; holder.worksAt(see.Now) && rows[i].Live(see.Now) {
			out = append(out, grantRow(see, &rows[i], holder.Name, see.Now))
		}
	}
	return out, err
}

// ListRoles asks for the firm's roles.
type ListRoles struct{}

// Action is access.policy.view.
func (ListRoles) Action() command.Action { return "access.policy.view" }

// Subject is nothing in particular.
func (ListRoles) Subject() core.Ref { return "" }

// RoleRow is one role, with how many hold it where the reader may look.
type RoleRow struct {
	Role       Role   `json:"role"`
	Title      string `json:"title"`
	Privileged bool   `json:"privileged"`
	Held       int    `json:"held"`
}

// ListRolesQuery answers ListRoles.
func ListRolesQuery(a *Authorizer) command.Query[ListRoles, []RoleRow] { return listRoles{a} }

type listRoles struct{ policies *Authorizer }

// Target is the program's set of policies.
func (q listRoles) Target(ctx context.Context, r store.Reader, _ ListRoles) (command.Resource, error) {
	return q.policies.setTarget(ctx, r, "")
}

// Read counts who holds each.
func (listRoles) Read(ctx context.Context, r store.Reader, _ ListRoles, see *command.Sight) ([]RoleRow, error) {
	where := store.And(see.Filter(ListGrants{}.Action(), core.KindGrant), ListGrants{At: see.Now}.where(), store.Eq("state", string(Granted)))
	rows, err := grants.Filter(ctx, r, "WHERE {where} ORDER BY id", where)
	if err != nil {
		return nil, err
	}
	people, err := holders(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	count := map[Role]int{}
	for _, g := range rows {
		if people[g.Holder].worksAt(see.Now) {
			count[g.Role]++
		}
	}
	out := make([]RoleRow, 0, len(Roles))
	for _, role := range Roles {
		out = append(out, RoleRow{role, role.Title(), role.Privileged(), count[role]})
	}
	see.Counted(len(out))
	return out, nil
}
