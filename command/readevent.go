package command

import (
	"context"
	"sort"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

func sortedKeys[K ~string](m map[K]bool) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// readEvents writes one read event, or several correlated ones when more
// people were shown than one leaf can tag.
func (rd *Road) readEvents(ctx context.Context, r *run, ev evidence.Event, subjects []core.Ref) error {
	const most = evidence.MaxSubjects - 1 // the actor is tagged too
	var seed [32]byte
	rd.Entropy.Read(seed[:])
	err := rd.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		t := &Tx{Tx: tx, Entropy: core.Replay(seed)}
		correlation := ""
		for {
			part := subjects[:min(most, len(subjects))]
			s, e := r.stamp(t), ev
			s.Correlation, e.Subjects = correlation, part
			id, err := rd.Log.Append(ctx, tx, s, e)
			if err != nil {
				return err
			}
			if correlation == "" {
				correlation = id
			}
			if len(part) == len(subjects) {
				return nil
			}
			subjects = subjects[len(part):]
		}
	})
	rd.nudge()
	return err
}
