package evidence

import (
	"context"
	"fmt"
	"hash/fnv"

	"vouchsafe/store"
)

func entryHash(ref, event string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(ref + "\x00" + event))
	return h.Sum64()
}

func (v *foldVerifier) expect(row *eventRow) {
	for _, e := range indexRefs(row, &Event{Outcome: Outcome(row.Outcome), Subjects: recordOf(*row).Subjects}) {
		v.expected += entryHash(e.Ref, e.Event)
	}
}

// index compares the subject index as a sum of hashes, since its order is not
// that of the events. The sum finds mistakes and careless hands; who forges
// entries to keep a 64-bit sum hides a row from search, not from the log.
// Events that are gone and still stand in the index are named.
func (v *foldVerifier) index(ctx context.Context, r store.Reader) error {
	have, err := eachEntry(ctx, r, "SELECT ref, event FROM event_ref", nil)
	if err != nil || have == v.expected {
		return err
	}
	left := map[string]int{}
	dangling, err := eachEntry(ctx, r, `SELECT ref, event FROM event_ref x
		WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.id = x.event)`, func(_, event string) { left[event]++ })
	for event, n := range left {
		v.found(Problem{Code: "index-differs", Event: event, Table: "event_ref", Key: event, Text: fmt.Sprintf("%d entries of the subject index lead to this event, which is gone", n)})
	}
	if err == nil && have-dangling != v.expected {
		v.found(Problem{Code: "index-differs", Table: "event_ref", Key: "(several)", Text: "the subject index has entries missing or added: searches may be incomplete; the log is not affected"})
	}
	return err
}

func eachEntry(ctx context.Context, r store.Reader, query string, each func(ref, event string)) (sum uint64, err error) {
	rows, err := r.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var ref, event string
		if err := rows.Scan(&ref, &event); err != nil {
			return 0, err
		}
		if sum += entryHash(ref, event); each != nil {
			each(ref, event)
		}
	}
	return sum, rows.Err()
}
