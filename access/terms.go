package access

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Terms are from when until when people who work here hold a role in an entity.
func Terms(ctx context.Context, r store.Reader, role Role, entity core.Ref) (out [][2]core.Instant, err error) {
	held, err := grants.Select(ctx, r, "WHERE entity = $1 AND role = $2 AND state = 'granted' AND holder IN (SELECT id FROM staff WHERE status = 'active') ORDER BY id", entity, string(role))
	for _, g := range held {
		out = append(out, [2]core.Instant{g.Starts, g.Ends})
	}
	return out, err
}
