package evidence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Witness is somebody else who cosigns our checkpoints.
type Witness interface {
	Key() WitnessKey
	// Add hands over a signed checkpoint and the proof that it extends the one
	// of the old size, and returns the cosignature as a checked line. The errors
	// WitnessConflict and ErrWitnessUnproven are the witness's own; any other
	// says that there was no answer to be used.
	Add(ctx context.Context, old int64, proof []tlog.Hash, signed string) (line string, err error)
}

// WitnessConflict says that the witness cosigned another size last than we
// thought.
type WitnessConflict struct{ Size int64 }

// Error says it.
func (e *WitnessConflict) Error() string {
	return fmt.Sprintf("the witness cosigned %d entries last", e.Size)
}

// ErrWitnessUnproven says that a witness does not accept our proof: it holds
// another history than ours.
var ErrWitnessUnproven = errors.New("the witness does not accept the proof that our log extends what it cosigned")

// Contest is a witness's finding that our history is not the one it cosigned.
type Contest struct {
	Log     string
	Witness string // key name and hash
	Size    int64  // of our checkpoint
	Theirs  int64  // what the witness cosigned last; -1 where it did not say
}

type cosignatureRow struct {
	Log     string
	Size    int64
	Witness string
	At      core.Instant
	Line    string
}

var cosignatureTable = store.Declare(store.Table[cosignatureRow]{
	Name: "cosignature", Kind: store.Evidence,
	Columns: []store.Column[cosignatureRow]{
		pub("log", func(r *cosignatureRow) any { return &r.Log }),
		pub("size", func(r *cosignatureRow) any { return &r.Size }),
		pub("witness", func(r *cosignatureRow) any { return &r.Witness }),
		pub("at", func(r *cosignatureRow) any { return &r.At }),
		pub("line", func(r *cosignatureRow) any { return &r.Line }),
	},
})

type witnessRow struct {
	ID    string
	Tried core.Instant
	Error string
	rev   int64
}

var witnessTable = store.Declare(store.Table[witnessRow]{
	Name: "witness_state", Kind: store.Operational, Rev: func(r *witnessRow) *int64 { return &r.rev },
	Columns: []store.Column[witnessRow]{
		pub("id", func(r *witnessRow) any { return &r.ID }),
		pub("tried", func(r *witnessRow) any { return &r.Tried }),
		pub("error", func(r *witnessRow) any { return &r.Error }),
	},
})

// Witnessing sends new checkpoints to witnesses and keeps what they sign. It
// works beside sealing and never holds it up.
type Witnessing struct {
	Store     *store.Store
	Witnesses []Witness
	Wall      core.Clock
	// Contested is told when a witness holds another history. It is told again
	// with every try until somebody found out why.
	Contested func(context.Context, Contest) error
}

// Step sends the newest checkpoint of every log to every witness that has not
// cosigned it. A witness that fails does not keep the others from theirs; what
// went wrong is noted beside it, and the next Step tries again. The same trouble
// twice in a row is an error once.
func (w *Witnessing) Step(ctx context.Context) error {
	sizes, err := sealedLogs(ctx, w.Store.Reader())
	if err != nil {
		return err
	}
	errs := make([]error, len(w.Witnesses))
	var wg sync.WaitGroup
	for i, one := range w.Witnesses {
		wg.Go(func() {
			for _, log := range slices.Sorted(maps.Keys(sizes)) {
				errs[i] = errors.Join(errs[i], w.submit(ctx, one, log))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// submit brings one witness up to date with one log.
func (w *Witnessing) submit(ctx context.Context, one Witness, log string) error {
	row, err := lastCheckpoint(ctx, w.Store.Reader(), log)
	if err != nil || row == nil {
		return err
	}
	id := one.Key().id()
	old, err := witnessedBy(ctx, w.Store.Reader(), log, id)
	if err != nil || old >= row.Size {
		return err
	}
	line, contest, failure := w.ask(ctx, one, row, old)
	if contest != nil && w.Contested != nil {
		failure = errors.Join(failure, w.Contested(ctx, *contest))
	}
	news, err := w.keep(ctx, row, id, one, line, failure)
	if !news {
		failure = nil
	}
	return errors.Join(failure, err)
}

// ask asks from the size that we believe the witness to hold, and once more
// from the size that it says it holds.
func (w *Witnessing) ask(ctx context.Context, one Witness, row *checkpointRow, old int64) (string, *Contest, error) {
	contest := &Contest{Log: row.Log, Witness: one.Key().id(), Size: row.Size, Theirs: -1}
	for range 2 {
		var proof []tlog.Hash
		if old > 0 && old < row.Size {
			p, err := Consistency(ctx, w.Store.Reader(), row.Log, old, row.Size)
			if err != nil {
				return "", nil, err
			}
			proof = p.Hashes
		}
		line, err := one.Add(ctx, old, proof, row.Note)
		conflict, stale := errors.AsType[*WitnessConflict](err)
		switch {
		case err == nil:
			return line, nil, nil
		case errors.Is(err, ErrWitnessUnproven):
			contest.Theirs = old
			return "", contest, err
		case !stale:
			return "", nil, err
		case conflict.Size > row.Size:
			if newer, err := logSize(ctx, w.Store.Reader(), row.Log); err != nil || newer >= conflict.Size {
				return "", nil, err // another node of ours was faster
			}
			contest.Theirs = conflict.Size
			return "", contest, fmt.Errorf("%w; this log has %d: it was set back, or another one is signed with its key", err, row.Size)
		case conflict.Size == old:
			contest.Theirs = conflict.Size
			return "", contest, fmt.Errorf("%w, with another root than ours", err)
		}
		old = conflict.Size
	}
	return "", nil, errors.New("the witness names another size each time; it is asked again")
}

// keep stores a cosignature and how it went, and tells whether it went
// otherwise than the last time. Another node may have been there first: one
// cosignature of a witness under a checkpoint is enough.
func (w *Witnessing) keep(ctx context.Context, row *checkpointRow, id string, one Witness, line string, failure error) (news bool, err error) {
	var found []Cosignature
	if line != "" {
		if found, err = Cosignatures(row.Note+line, []WitnessKey{one.Key()}); err != nil || len(found) != 1 {
			return false, errors.Join(fmt.Errorf("evidence: the line of %s is no cosignature of it", id), err)
		}
	}
	state := witnessRow{ID: row.Log + " " + id, Tried: w.Wall.Now()}
	if failure != nil {
		state.Error = printable(clip(failure.Error()))
	}
	err = w.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		had, err := cosignatureTable.One(ctx, tx, "WHERE log = $1 AND size = $2 AND witness = $3", row.Log, row.Size, id)
		if err != nil {
			return err
		}
		if had == nil && len(found) == 1 {
			if err := cosignatureTable.Insert(ctx, tx, &cosignatureRow{row.Log, row.Size, id, found[0].At, found[0].Line}); err != nil {
				return err
			}
		}
		was, err := witnessTable.Get(ctx, tx, state.ID)
		if err != nil {
			return err
		}
		if news = was == nil || was.Error != state.Error; was == nil {
			return witnessTable.Insert(ctx, tx, &state)
		}
		return witnessTable.Update(ctx, tx, was, &state)
	})
	return news, err
}

// witnessedBy is the largest size of a log that a witness cosigned, 0 when
// none.
func witnessedBy(ctx context.Context, r store.Reader, log, witness string) (int64, error) {
	var size int64
	err := r.QueryRow(ctx, "SELECT coalesce(max(size), 0) FROM cosignature WHERE witness = $1 AND log = $2", witness, log).Scan(&size)
	return size, err
}

// cosignedSize is the size of the newest checkpoint that a witness cosigned,
// and how many did.
func cosignedSize(ctx context.Context, r store.Reader, log string) (size int64, n int, err error) {
	err = r.QueryRow(ctx, "SELECT size, count(*) FROM cosignature WHERE log = $1 GROUP BY size ORDER BY size DESC LIMIT 1", log).Scan(&size, &n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return size, n, err
}

// newestCosigned is the newest checkpoint of a log that a witness
// cosigned; nil when there is none.
func newestCosigned(ctx context.Context, r store.Reader, log string) (*checkpointRow, error) {
	last, err := cosignatureTable.One(ctx, r, "WHERE log = $1 ORDER BY size DESC LIMIT 1", log)
	if err != nil || last == nil {
		return nil, err
	}
	return checkpointTable.One(ctx, r, "WHERE log = $1 AND size = $2", log, last.Size)
}

// cosignedNote is a checkpoint's note with every cosignature that is stored
// for it, in the order of the witnesses' names.
func cosignedNote(ctx context.Context, r store.Reader, row *checkpointRow) (string, error) {
	rows, err := cosignatureTable.Select(ctx, r, "WHERE log = $1 AND size = $2 ORDER BY witness", row.Log, row.Size)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(row.Note)
	for _, c := range rows {
		b.WriteString(c.Line)
	}
	return b.String(), nil
}
