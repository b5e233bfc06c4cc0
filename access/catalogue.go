package access

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Permission is one act of the catalogue with the roles that may do it.
type Permission struct {
	Action command.Action `json:"action"`
	Title  string         `json:"title"`
	// Held is what a role gives in the legal entity where it is held; Group what
	// it gives in every entity when it is held in the group.
	Held  []Permitted `json:"held" nullable:"false"`
	Group []Permitted `json:"group" nullable:"false"`
	// Forbidden are the roles to which a policy expressly forbids it, whatever
	// other role the person holds.
	Forbidden []Role `json:"forbidden" nullable:"false"`
	// Everybody says that whoever works here may do it on records of their own.
	Everybody bool `json:"everybody"`
}

// Permitted is one role that may do an act, and under which conditions.
type Permitted struct {
	Role Role `json:"role"`
	// Ways are the conditions, one for each sort of records that differs; an
	// empty one is always.
	Ways []string `json:"ways" nullable:"false"`
}

// In is the role's entry of a list, nil when it is not there.
func In(list []Permitted, role Role) *Permitted {
	if i := slices.IndexFunc(list, func(p Permitted) bool { return p.Role == role }); i >= 0 {
		return &list[i]
	}
	return nil
}

// Catalogue is every act that a person can do, by action, as the policies have
// it: the roles are asked one by one, nothing is read out of policies.
func (a *Authorizer) Catalogue(titles *command.Registry) []Permission {
	rows := map[command.Action]*Permission{}
	for _, act := range a.Actions() {
		if titles == nil || !titles.OnlySystem(act) {
			rows[act] = &Permission{Action: act, Title: asking{Authorizer: a, titles: titles}.title(act), Held: []Permitted{}, Group: []Permitted{}, Forbidden: []Role{}}
		}
	}
	for _, role := range Roles {
		r := a.roleRights(titles, role, 1)
		for _, x := range slices.Concat(r.May, r.Sees) {
			rows[x.Action].Held = joinWay(rows[x.Action].Held, role, x)
		}
		for _, x := range r.Reaches {
			rows[x.Action].Group = joinWay(rows[x.Action].Group, role, x)
		}
		for _, x := range r.Forbidden {
			if p := rows[x.Action]; In(p.Held, role) == nil && !slices.Contains(p.Forbidden, role) {
				p.Forbidden = append(p.Forbidden, role)
			}
		}
	}
	for _, x := range a.ofEverybody(titles) {
		rows[x].Everybody = true
	}
	out := make([]Permission, 0, len(rows))
	for _, act := range a.Actions() {
		if rows[act] != nil {
			out = append(out, *rows[act])
		}
	}
	return out
}

// ofEverybody are the acts that need no role.
func (a *Authorizer) ofEverybody(titles *command.Registry) (out []command.Action) {
	rights := asking{a, titles, &principal{uid: staffUID("st_holder"), stepUp: true, now: 1}, "en_any"}.rights()
	for _, x := range slices.Concat(rights.May, rights.Sees) {
		out = append(out, x.Action)
	}
	return out
}

// joinWay adds a right of a role to its entry.
func joinWay(list []Permitted, role Role, x Right) []Permitted {
	p := In(list, role)
	if p == nil {
		list = append(list, Permitted{Role: role})
		p = &list[len(list)-1]
	}
	if way := strings.TrimSpace(x.When); !slices.Contains(p.Ways, way) {
		p.Ways = append(p.Ways, way)
	}
	return list
}

// ListPermissions asks for the catalogue by the policies that decide now, or
// by a set that decided once.
type ListPermissions struct {
	Set string `json:"set,omitempty" doc:"the hash of a set of policies; the one in force when absent"`
}

// Action is access.policy.view.
func (ListPermissions) Action() command.Action { return "access.policy.view" }

// Subject is the set, where one is named.
func (in ListPermissions) Subject() core.Ref { return ViewRole{Set: in.Set}.Subject() }

// PermissionsView is the catalogue under one set of policies.
type PermissionsView struct {
	Set  string       `json:"set"`
	Why  string       `json:"why,omitempty"` // why this program cannot ask those policies
	Rows []Permission `json:"rows" nullable:"false"`
}

// ListPermissionsQuery answers ListPermissions.
func ListPermissionsQuery(rd *command.Road, a *Authorizer) command.Query[ListPermissions, PermissionsView] {
	return listPermissions{rd, a}
}

type listPermissions struct {
	rd       *command.Road
	policies *Authorizer
}

// Target is the set of policies.
func (q listPermissions) Target(ctx context.Context, r store.Reader, in ListPermissions) (command.Resource, error) {
	return q.policies.setTarget(ctx, r, in.Set)
}

// Read asks each role about each act.
func (q listPermissions) Read(ctx context.Context, r store.Reader, in ListPermissions, _ *command.Sight) (PermissionsView, error) {
	now, err := q.policies.InForce(ctx, r)
	if err != nil {
		return PermissionsView{}, err
	}
	v := PermissionsView{Set: first(in.Set, now.SetHash()), Rows: []Permission{}}
	a, why, err := q.policies.kept(ctx, r, v.Set, "")
	if v.Why = why; err == nil && why == "" {
		v.Rows = a.Catalogue(q.rd.Registry)
	}
	return v, err
}
