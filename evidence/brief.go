package evidence

import (
	"context"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Brief is who did something, where, and to whom, without what it was.
type Brief struct {
	Actor, Entity core.Ref
	Subjects      []core.Ref
}

// Briefs tells of every event of some types from one instant to another, oldest
// first; actor narrows it to one person unless empty. It reads nothing but the
// beginnings of events, so that a watch can afford it.
func Briefs(ctx context.Context, r store.Reader, types []Type, actor core.Ref, from, to core.Instant, tell func(Brief)) error {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	where := store.And(store.In("type", names), store.Compare("id", ">=", core.EventIDFloor(from)), store.Compare("id", "<", core.EventIDFloor(to)))
	if actor != "" {
		where = store.And(where, store.Eq("actor", string(actor)))
	}
	q, args := store.Slot("SELECT actor, coalesce(entity, ''), coalesce(refs, '') FROM event WHERE {where} ORDER BY id", where)
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var who, entity, refs string
		if err := rows.Scan(&who, &entity, &refs); err != nil {
			return err
		}
		b := Brief{Actor: core.Ref(who), Entity: core.Ref(entity)}
		for _, ref := range strings.Fields(refs) {
			b.Subjects = append(b.Subjects, core.Ref(ref))
		}
		tell(b)
	}
	return rows.Err()
}
