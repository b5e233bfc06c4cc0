package onboarding

import (
	"context"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// orphanAge is how long stored content is kept without a document that names
// it: an upload whose command did not follow by then never will, and a copy of
// the database as old as this can be restored without losing documents.
const orphanAge = 30 * 24 * time.Hour

// SweepOrphans removes the contents that no document names, of orphanAge or
// more by the wall clock, and returns how many there were: uploads that were
// never recorded, and documents whose digest was erased.
func SweepOrphans(ctx context.Context, r store.Reader, v *FileVault, wall core.Instant) (int, error) {
	rows, err := r.Query(ctx, "SELECT client, sha256 FROM document WHERE sha256 IS NOT NULL")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	keep := map[string]bool{}
	for rows.Next() {
		var client core.Ref
		var sha string
		if err := rows.Scan(store.Scan(&client, &sha)...); err != nil {
			return 0, err
		}
		keep[v.path(client, sha)] = true
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return v.sweep(ctx, keep, wall.Add(-orphanAge))
}
