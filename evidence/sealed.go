package evidence

import (
	"context"
	"strconv"

	"vouchsafe/store"
)

// Placed is an event with its place in its log.
type Placed struct {
	Record
	Index int64
}

// Sealed reads the events of a log from a place on, in their order: what an
// outside cursor goes by. next is the place after the last. No event ever takes
// a place before one that was read.
func Sealed(ctx context.Context, r store.Reader, log string, from int64, most int) (out []Placed, next int64, err error) {
	leaves, err := leafTable.Select(ctx, r, "WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT "+strconv.Itoa(most), log, from)
	if err != nil || len(leaves) == 0 {
		return nil, from, err
	}
	ids, at := make([]string, len(leaves)), map[string]int64{}
	for i, l := range leaves {
		ids[i], at[l.Event] = l.Event, l.Index
	}
	found := map[string]eventRow{}
	for part := ids; len(part) > 0; {
		n := min(len(part), sealBatch)
		rows, err := eventTable.Filter(ctx, r, "WHERE {where}", store.In("id", part[:n]))
		if err != nil {
			return nil, from, err
		}
		for _, row := range rows {
			found[row.ID] = row
		}
		part = part[n:]
	}
	for _, id := range ids {
		if row, ok := found[id]; ok { // one that is gone is what verification names
			out = append(out, Placed{recordOf(row), at[id]})
		}
	}
	return out, leaves[len(leaves)-1].Index + 1, nil
}

// Sizes are the numbers of sealed events of all logs.
func Sizes(ctx context.Context, r store.Reader) (map[string]int64, error) { return sealedLogs(ctx, r) }
