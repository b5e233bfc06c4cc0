package access

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// principal is who acts, with the roles in force now, by entity.
type principal struct {
	uid    types.EntityUID
	roles  map[core.Ref][]Role
	stepUp bool
	now    core.Instant
	fault  string // why whatever they ask is denied
}

// identify reads who acts. Its error is the reader's; somebody who may not act
// at all is a principal with a fault.
func (a *Authorizer) identify(ctx context.Context, r store.Reader, by evidence.Actor, at core.Instant) (*principal, error) {
	p := &principal{stepUp: by.StepUp, now: at}
	switch by.Ref.Kind() {
	case core.KindStaff:
		p.uid = types.NewEntityUID(typeStaff, types.String(by.Ref))
		// A page asks for each of its records: one view needs one answer.
		held, err := store.Once(r, "access.roles|"+string(by.Ref)+"|"+at.String(), func() (inForce, error) {
			active, roles, err := rolesInForce(ctx, r, by.Ref, at)
			if err != nil || active {
				return inForce{active: active, roles: roles}, err
			}
			lock, err := lockOf(ctx, r, by.Ref, at)
			return inForce{locked: lock != nil}, err
		})
		if err != nil {
			return nil, err
		}
		p.roles = held.roles
		switch {
		case held.locked:
			p.fault = faultLocked
		case !held.active:
			p.fault = "staff-not-active"
		}
	case core.KindClient:
		p.uid = types.NewEntityUID(typeClient, types.String(by.Ref))
	case core.KindSystem:
		p.uid = types.NewEntityUID(typeSystem, types.String(by.Ref))
		if !a.set.parts[p.uid] {
			p.fault = "unknown-part " + string(by.Ref)
		}
	default:
		p.fault = "unknown-actor"
	}
	return p, nil
}

// inForce is whether a person is active, and their roles by entity; nobody
// changes it.
type inForce struct {
	active bool
	locked bool // kept out until emergency access is reviewed
	roles  map[core.Ref][]Role
}

// faultLocked is why who is kept out is denied everything.
const faultLocked = "account-locked"

// rolesInForce reads whether a person is active and which roles they hold
// where. It is one statement, so that no grant can slip between two. Who is
// kept out is not active.
func rolesInForce(ctx context.Context, r store.Reader, holder core.Ref, at core.Instant) (bool, map[core.Ref][]Role, error) {
	rows, err := r.Query(ctx, `SELECT g.entity, g.role FROM staff s
		LEFT JOIN role_grant g ON g.holder = s.id AND g.state = 'granted' AND g.starts <= $1 AND g.ends > $1
		WHERE s.id = $2 AND s.status = 'active'
		AND NOT EXISTS (SELECT 1 FROM break_review b WHERE b.holder = s.id AND b.reviewed IS NULL AND b.due <= $1)
		ORDER BY g.entity, g.role`, at, holder)
	if err != nil {
		return false, nil, err
	}
	defer rows.Close()
	active, roles := false, map[core.Ref][]Role{}
	for rows.Next() {
		var entity core.Ref
		var role string
		if err := rows.Scan(store.Scan(&entity, &role)...); err != nil {
			return false, nil, err
		}
		active = true
		if held := roles[entity]; entity != "" && (len(held) == 0 || held[len(held)-1] != Role(role)) {
			roles[entity] = append(held, Role(role))
		}
	}
	return active, roles, rows.Err()
}

// entity is the principal as policies see it: with the roles held where the
// record lives, and those held in the group.
func (p *principal) entity(roles []Role) types.Entity {
	e := types.Entity{UID: p.uid}
	if p.uid.Type == typeSystem {
		return e
	}
	e.Attributes = types.NewRecord(types.RecordMap{"id": p.uid.ID})
	group := p.roles[Group]
	if len(roles)+len(group) > 0 {
		parents := make([]types.EntityUID, 0, len(roles)+len(group))
		for _, r := range roles {
			parents = append(parents, types.NewEntityUID(typeRole, types.String(r)))
		}
		for _, r := range group {
			parents = append(parents, types.NewEntityUID(typeGroup, types.String(r)))
		}
		e.Parents = types.NewEntityUIDSet(parents...)
	}
	return e
}

// moment is the context of a request. The time is the server's business clock.
func (p *principal) moment(hasCase bool) types.Record {
	return types.NewRecord(types.RecordMap{
		"now":      types.NewDatetime(p.now.Time().Truncate(time.Millisecond)),
		"step_up":  types.Boolean(p.stepUp),
		"has_case": types.Boolean(hasCase),
	})
}

// entities lists where somebody holds a role, in order.
func (p *principal) entities() []core.Ref {
	out := make([]core.Ref, 0, len(p.roles))
	for e := range p.roles {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// attrHasCase is the one attribute of a resource that is not the record's: it
// says that the act names an open case, and goes into the context.
const attrHasCase = "has_case"

// attributes converts the columns that policy sees. An empty text is no
// attribute, as it is NULL in the table, so that decisions and filters agree.
func attributes(res command.Resource) (types.Record, bool, error) {
	m := types.RecordMap{"id": types.String(res.Ref)}
	hasCase := false
	for name, value := range res.Attrs {
		v, err := attribute(value)
		switch {
		case err != nil:
			return types.Record{}, false, fmt.Errorf("bad-attribute %s: %w", name, err)
		case name == attrHasCase:
			hasCase = v == types.Boolean(true)
		case v != nil:
			m[types.String(name)] = v
		}
	}
	return types.NewRecord(m), hasCase, nil
}

func attribute(value any) (types.Value, error) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return nil, nil
		}
		return types.String(v), nil
	case core.Ref:
		return attribute(string(v))
	case bool:
		return types.Boolean(v), nil
	case int64:
		return types.Long(v), nil
	case int:
		return types.Long(v), nil
	case []string:
		list := make([]types.Value, len(v))
		for i, s := range v {
			list[i] = types.String(s)
		}
		return types.NewSet(list...), nil
	}
	return nil, fmt.Errorf("policy cannot see a %T", value)
}
