package access

import (
	"context"
	"slices"

	"vouchsafe/core"
	"vouchsafe/store"
)

// RolesWidened names the roles that may do or see more under a set of policies
// than under the one that was recorded before it. Where the two cannot be
// compared, every role counts; the first set widens none.
func (a *Authorizer) RolesWidened(ctx context.Context, r store.Reader, set core.Ref, now core.Instant) ([]Role, error) {
	rows, err := policySets.Select(ctx, r, "ORDER BY adopted DESC, id LIMIT 1000")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(p PolicySet) bool { return PolicySetRef(p.Hash) == set })
	if i < 0 || i+1 >= len(rows) {
		return nil, nil
	}
	is, why, err := a.kept(ctx, r, rows[i].Hash, "")
	if err != nil {
		return nil, err
	}
	was, whyNot, err := a.kept(ctx, r, rows[i+1].Hash, "")
	if err != nil || why != "" || whyNot != "" {
		return Roles, err
	}
	return widened(was, is, now), nil
}

// widened compares two sets role by role.
func widened(was, is *Authorizer, now core.Instant) (out []Role) {
	for _, role := range Roles {
		before, after := was.roleRights(nil, role, now), is.roleRights(nil, role, now)
		after.May, before.May = slices.Concat(after.May, after.Reaches), slices.Concat(before.May, before.Reaches)
		if len(lacking(after, before)) > 0 {
			out = append(out, role)
		}
	}
	return out
}
