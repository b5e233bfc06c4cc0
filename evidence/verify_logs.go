package evidence

import (
	"context"
	"maps"
	"slices"

	"vouchsafe/store"
)

// LogsToVerify names every log of which the database holds anything, be it one
// event without a place, and every log of which a checkpoint is kept outside
// (nil to leave that out). One that was taken away whole is among the latter
// alone: who asks the database only which logs there are would not miss it.
func LogsToVerify(ctx context.Context, r store.Reader, outside OutsideStore) ([]string, error) {
	sizes, err := sealedLogs(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := namesOf(ctx, r, "SELECT DISTINCT log FROM event UNION SELECT log FROM unsealed", sizes); err != nil {
		return nil, err
	}
	if outside == nil {
		return slices.Sorted(maps.Keys(sizes)), nil
	}
	kept, err := outside.Logs()
	for _, log := range kept {
		sizes[log] = 0
	}
	return slices.Sorted(maps.Keys(sizes)), err
}

func namesOf(ctx context.Context, r store.Reader, q string, into map[string]int64) error {
	rows, err := r.Query(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var log string
		if err := rows.Scan(&log); err != nil {
			return err
		}
		into[log] = 0
	}
	return rows.Err()
}
