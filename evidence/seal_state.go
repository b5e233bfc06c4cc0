package evidence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// EventSeal is how far one event is sealed.
type EventSeal struct {
	Event, Log string
	Sealed     bool  // it has a place
	Index      int64 // its place; meaningful when Sealed
	// Checkpoint is the size of the first checkpoint that covers the event, 0
	// when none does yet; SignedAt is when that one was signed (wall clock).
	Checkpoint int64
	SignedAt   core.Instant

	hash tlog.Hash
}

// SealState tells how far an event is sealed; a core.Unknown fault when there
// is no such event.
func SealState(ctx context.Context, r store.Reader, event string) (EventSeal, error) {
	out := EventSeal{Event: event}
	leaf, err := leafTable.One(ctx, r, "WHERE event = $1", event)
	if err != nil {
		return out, err
	}
	if leaf == nil {
		err := r.QueryRow(ctx, "SELECT log FROM event WHERE id = $1", event).Scan(&out.Log)
		if errors.Is(err, sql.ErrNoRows) {
			return out, core.NewFault(core.Unknown, "no-event", "There is no such entry in the log.")
		}
		return out, err
	}
	if len(leaf.Hash) != tlog.HashSize {
		return out, fmt.Errorf("evidence: leaf %d of log %s has no hash", leaf.Index, leaf.Log)
	}
	out.Log, out.Sealed, out.Index, out.hash = leaf.Log, true, leaf.Index, tlog.Hash(leaf.Hash)
	row, err := checkpointTable.One(ctx, r, "WHERE log = $1 AND size > $2 ORDER BY size LIMIT 1", leaf.Log, leaf.Index)
	if err == nil && row != nil {
		out.Checkpoint, out.SignedAt = row.Size, row.At
	}
	return out, err
}

// LogState is how far one log is sealed: what the product shows about its own
// unproven tail.
type LogState struct {
	Log            string
	Size           int64        // sealed events
	CheckpointSize int64        // events covered by the newest checkpoint
	CheckpointAt   core.Instant // when it was signed (wall clock); zero without one
	Witnessed      int64        // events covered by the newest checkpoint that a witness cosigned
	Witnesses      int          // who cosigned that one
	Unsealed       int64        // appended, without a place yet
	OldestUnsealed core.Instant // when the oldest of these was logged (business clock)
}

// Unwitnessed is how many sealed events no witness vouches for yet.
func (s LogState) Unwitnessed() int64 { return max(0, s.Size-s.Witnessed) }

// Unsigned is how many sealed events no checkpoint covers yet.
func (s LogState) Unsigned() int64 { return max(0, s.Size-s.CheckpointSize) }

// LogStates returns the state of every log that has an event, by name. r
// should be a snapshot.
func LogStates(ctx context.Context, r store.Reader) ([]LogState, error) {
	sizes, err := sealedLogs(ctx, r)
	if err != nil {
		return nil, err
	}
	states := map[string]*LogState{}
	for log, size := range sizes {
		s := &LogState{Log: log, Size: size}
		states[log] = s
		row, err := lastCheckpoint(ctx, r, log)
		if err != nil {
			return nil, err
		}
		if row != nil {
			s.CheckpointSize, s.CheckpointAt = row.Size, row.At
		}
		if s.Witnessed, s.Witnesses, err = cosignedSize(ctx, r, log); err != nil {
			return nil, err
		}
	}
	if err := queueStates(ctx, r, states); err != nil {
		return nil, err
	}
	out := make([]LogState, 0, len(states))
	for _, log := range slices.Sorted(maps.Keys(states)) {
		out = append(out, *states[log])
	}
	return out, nil
}

func queueStates(ctx context.Context, r store.Reader, states map[string]*LogState) error {
	// Event ids are UUIDv7: the smallest is the oldest.
	rows, err := r.Query(ctx, "SELECT log, count(*), min(event) FROM unsealed GROUP BY log")
	if err != nil {
		return err
	}
	defer rows.Close()
	oldest := map[string]string{}
	for rows.Next() {
		var log, event string
		var n int64
		if err := rows.Scan(&log, &n, &event); err != nil {
			return err
		}
		if states[log] == nil {
			states[log] = &LogState{Log: log}
		}
		states[log].Unsealed, oldest[log] = n, event
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close() // PostgreSQL allows one open result per connection
	for log, event := range oldest {
		var at int64
		err := r.QueryRow(ctx, "SELECT at FROM event WHERE id = $1", event).Scan(&at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		states[log].OldestUnsealed = core.Instant(at)
	}
	return nil
}
