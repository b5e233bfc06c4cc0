package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// WhoMay names the colleagues whom policy would allow an act on a record by a
// role that they hold in its entity, by reference: for lists from which one is
// chosen. It permits nothing.
func (a *Authorizer) WhoMay(ctx context.Context, r store.Reader, act command.Action, res command.Resource, at core.Instant) ([]core.Ref, error) {
	rows, err := r.Query(ctx, `SELECT DISTINCT g.holder FROM role_grant g JOIN staff s ON s.id = g.holder
		WHERE g.entity = $1 AND g.state = 'granted' AND g.starts <= $2 AND g.ends > $2 AND s.status = 'active'
		AND NOT EXISTS (SELECT 1 FROM break_review b WHERE b.holder = s.id AND b.reviewed IS NULL AND b.due <= $2) ORDER BY g.holder`, res.Entity, at)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var peers, out []core.Ref
	for rows.Next() {
		var ref core.Ref
		if err := rows.Scan(store.Scan(&ref)...); err != nil {
			return nil, err
		}
		peers = append(peers, ref)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, ref := range peers {
		ruling, err := a.Authorize(ctx, r, evidence.Actor{Ref: ref}, act, res, at)
		if err != nil {
			return nil, err
		}
		if ruling.Allow {
			out = append(out, ref)
		}
	}
	return out, nil
}
