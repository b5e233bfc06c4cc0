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
	hash, before, err := successor(ctx, r, set)
	if err != nil || before == "" {
		return nil, err
	}
	is, why, err := a.kept(ctx, r, hash, "")
	if err != nil {
		return nil, err
	}
	was, whyNot, err := a.kept(ctx, r, before, "")
	if err != nil || why != "" || whyNot != "" {
		return Roles, err
	}
	return widened(was, is, now), nil
}

// successor names a set by its reference, or that of the firm's version which
// brought it into force, and the one before it.
func successor(ctx context.Context, r store.Reader, set core.Ref) (now, before string, err error) {
	v, err := policyVersions.Get(ctx, r, string(set))
	if err != nil || v != nil {
		if v != nil {
			now, before = v.Hash, v.Base
		}
		return now, before, err
	}
	rows, err := policySets.Select(ctx, r, "ORDER BY adopted DESC, id LIMIT 1000")
	i := slices.IndexFunc(rows, func(p PolicySet) bool { return PolicySetRef(p.Hash) == set })
	if err != nil || i < 0 || i+1 >= len(rows) {
		return "", "", err
	}
	return rows[i].Hash, rows[i+1].Hash, nil
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
