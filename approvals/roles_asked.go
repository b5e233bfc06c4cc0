package approvals

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// RolesAsked names the roles that a version of rules asks to approve, sorted: those
// who hold them decide from then on.
func RolesAsked(ctx context.Context, r store.Reader, version core.Ref) ([]string, error) {
	v, err := versions.Get(ctx, r, string(version))
	if err != nil || v == nil {
		return nil, err
	}
	set, err := command.ParseRules("version", v.Text)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, x := range set.Rules {
		for _, seat := range x.Seats {
			out = append(out, seat.Roles...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
