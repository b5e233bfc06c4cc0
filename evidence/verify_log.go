package evidence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/store"
)

// Problem is one thing that verification found wrong, with its place.
type Problem struct {
	Code   string // kebab-case, stable
	Log    string
	Event  string // id of the event concerned, where there is one
	Table  string // stored table, or "outside" for the checkpoint kept outside
	Key    string // key of the row: log/idx, log/level/n, log/size or event id
	Column string // where one column is to blame
	Text   string // for people
}

// String is the problem on one line.
func (p Problem) String() string {
	at := p.Table + " " + p.Key
	if p.Column != "" {
		at += " " + p.Column
	}
	return p.Code + " (" + at + "): " + p.Text
}

// VerifyLog rebuilds the tree of a log from the texts of its events and
// compares everything stored with it: leaf hashes and their order, tiles,
// every checkpoint with its signature, the checkpoint kept outside (nil to
// leave it out), and that every event of the log has a place or waits for one.
// It goes on after a problem and returns all it finds; an error of reading is
// the problem "unreadable", so an empty result always means that the whole log
// was read and is sound. r must be a snapshot: between two views an event
// moves from the queue into the tree.
//
// It does not prove what nobody signed: the tail after the last checkpoint is
// only consistent in itself. The time in a checkpoint row is not covered by
// its signature, and the other columns of an event row are compared with its
// leaf elsewhere.
func VerifyLog(ctx context.Context, r store.Reader, log string, keys Verifiers, outside OutsideStore) []Problem {
	v := &logCheck{ctx: ctx, r: r, log: log, keys: keys}
	if err := v.run(outside); err != nil {
		v.add(Problem{Code: "unreadable", Text: err.Error()})
	}
	return v.problems
}

// logCheck is one run of VerifyLog.
type logCheck struct {
	ctx      context.Context
	r        store.Reader
	log      string
	keys     Verifiers
	problems []Problem

	tree    logTree
	broken  bool        // a leaf is lost for good: no root after it can be compared
	next    int64       // the index expected next
	matched int64       // leaves whose event is there and belongs to this log
	outside *Checkpoint // expected besides the stored ones; nil once compared
	differs int64       // checkpoints in a row whose root is not the tree's
	buf     []byte      // 0x00 and the leaf text, the input of the leaf hash
	chunk   chunk
}

func (v *logCheck) add(p Problem) {
	p.Log = v.log
	v.problems = append(v.problems, p)
}

func (v *logCheck) key(parts ...int64) string {
	key := v.log
	for _, p := range parts {
		key += "/" + strconv.FormatInt(p, 10)
	}
	return key
}

func (v *logCheck) run(outside OutsideStore) error {
	v.openOutside(outside)
	size, err := logSize(v.ctx, v.r, v.log)
	if err != nil {
		return err
	}
	if err := v.negative(); err != nil {
		return err
	}
	for from := int64(0); from < size; {
		if err := v.verifyChunk(from, min(size, from+chunkLeaves)); err != nil {
			return err
		}
		from += chunkLeaves
		if v.next < from && from < size { // far gap: go on where there is something
			if from, err = v.skip(from); err != nil {
				return err
			}
		}
	}
	v.manyDiffer(0)
	if v.outside != nil {
		v.add(Problem{
			Code: "outside-beyond", Table: "outside", Key: v.key(v.outside.Size),
			Text: fmt.Sprintf("The checkpoint kept outside covers %d events; the database has %d. It was set back or cut.", v.outside.Size, size),
		})
	}
	return errors.Join(v.beyond(size), v.places(size))
}

// skip is the beginning of the chunk in which the next leaf at or after from
// is.
func (v *logCheck) skip(from int64) (int64, error) {
	var at int64
	err := v.r.QueryRow(v.ctx, "SELECT idx FROM leaf WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT 1", v.log, from).Scan(&at)
	if at -= at % chunkLeaves; at > from {
		v.broken = true
	}
	return max(from, at), err
}

func (v *logCheck) openOutside(outside OutsideStore) {
	if outside == nil {
		return
	}
	c, err := openOutside(outside, v.log, v.keys)
	if err != nil {
		v.add(Problem{Code: "outside-unreadable", Table: "outside", Key: v.log, Text: err.Error()})
		return
	}
	if c != nil && c.Size > 0 {
		v.outside = c
	}
	if c != nil {
		return
	}
	if row, err := lastCheckpoint(v.ctx, v.r, v.log); err != nil || row != nil { // it was kept outside before it was stored
		v.add(Problem{
			Code: "outside-missing", Table: "outside", Key: v.log,
			Text: "The database has signed checkpoints of this log, and none is kept outside: the last one was taken away there.",
		})
	}
}

// negative finds leaves before the first.
func (v *logCheck) negative() error {
	rows, err := leafTable.Select(v.ctx, v.r, "WHERE log = $1 AND idx < 0 ORDER BY idx", v.log)
	for _, row := range rows {
		v.add(Problem{Code: "leaf-order", Event: row.Event, Table: "leaf", Key: v.key(row.Index), Column: "idx", Text: "An index is negative."})
	}
	return err
}

// checkpointRoot compares a checkpoint of the present size with the tree. Of
// several in a row that differ it names the first, and counts the rest.
func (v *logCheck) checkpointRoot(table string, c Checkpoint) {
	if v.broken {
		return
	}
	if c.Root == v.tree.root() {
		v.manyDiffer(c.Size)
		return
	}
	if table != "outside" {
		v.differs++
	}
	if v.differs <= 1 || table == "outside" {
		v.add(Problem{
			Code: "checkpoint-root", Table: table, Key: v.key(c.Size), Column: "root",
			Text: fmt.Sprintf("The first %d events do not give the root that was signed.", c.Size),
		})
	}
}

// manyDiffer ends a row of differing checkpoints.
func (v *logCheck) manyDiffer(at int64) {
	if v.differs > 1 {
		v.add(Problem{
			Code: "checkpoint-root", Table: "checkpoint", Key: v.key(at), Column: "root",
			Text: fmt.Sprintf("Nor do %d later checkpoints agree with the events.", v.differs-1),
		})
	}
	v.differs = 0
}

// storedCheckpoint checks what a checkpoint row says by itself.
func (v *logCheck) storedCheckpoint(row *checkpointRow) (Checkpoint, bool) {
	p := Problem{Table: "checkpoint", Key: v.key(row.Size)}
	c, err := OpenCheckpoint(row.Note, v.log, v.keys)
	if err != nil {
		p.Code, p.Column, p.Text = "checkpoint-signature", "note", err.Error()
		v.add(p)
		return c, false
	}
	if c.Size != row.Size {
		p.Code, p.Column, p.Text = "checkpoint-row", "size", fmt.Sprintf("The row says %d events, its note %d.", row.Size, c.Size)
		v.add(p)
		return c, false
	}
	if string(row.Root) != string(c.Root[:]) {
		p.Code, p.Column, p.Text = "checkpoint-row", "root", "The row says another root than its note."
		v.add(p)
	}
	return c, true
}

// beyond finds checkpoints and tiles of a longer log than the stored one.
func (v *logCheck) beyond(size int64) error {
	rows, err := checkpointTable.Select(v.ctx, v.r, "WHERE log = $1 AND (size > $2 OR size < 1) ORDER BY size", v.log, size)
	if err != nil {
		return err
	}
	for i := range rows {
		if c, ok := v.storedCheckpoint(&rows[i]); ok && c.Size > size {
			v.add(Problem{
				Code: "checkpoint-beyond", Table: "checkpoint", Key: v.key(c.Size),
				Text: fmt.Sprintf("It was signed over %d events; the database has %d.", c.Size, size),
			})
		}
	}
	found, err := v.r.Query(v.ctx, "SELECT level, n FROM tile WHERE log = $1 ORDER BY level, n", v.log)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var level, n int64
		if err := found.Scan(&level, &n); err != nil {
			return err
		}
		if level < 0 || level > 6 || n < 0 || n >= size>>(tileHeight*(level+1)) {
			v.add(Problem{Code: "tile-excess", Table: "tile", Key: v.key(level, n), Text: "There are not enough events for this tile."})
		}
	}
	return found.Err()
}

// places checks that every event of the log is in the tree or in the queue.
func (v *logCheck) places(size int64) error {
	if err := v.queue(); err != nil {
		return err
	}
	var events, waiting int64
	if err := v.r.QueryRow(v.ctx, "SELECT count(*) FROM event WHERE log = $1", v.log).Scan(&events); err != nil {
		return err
	}
	if err := v.r.QueryRow(v.ctx, `SELECT count(*) FROM unsealed u CROSS JOIN event e
		WHERE e.id = u.event AND e.log = $1 AND NOT EXISTS (SELECT 1 FROM leaf l WHERE l.event = u.event)`, v.log).Scan(&waiting); err != nil {
		return err
	}
	if events == v.matched+waiting { // each event has at most one leaf, so nothing is left over
		return nil
	}
	return v.list("event-unplaced", "event", "It is recorded, but has no place in the log and is not in the queue: it was taken out of one of them.",
		`SELECT e.id FROM event e WHERE e.log = $1 AND NOT EXISTS (SELECT 1 FROM leaf l WHERE l.event = e.id AND l.log = e.log)
		AND NOT EXISTS (SELECT 1 FROM unsealed u WHERE u.event = e.id) ORDER BY e.id`)
}

// queue checks the queue. CROSS JOIN has SQLite walk the queue, which is short,
// and look up the rest; it would otherwise walk the whole log.
func (v *logCheck) queue() error {
	return errors.Join(
		v.list("queue-nowhere", "unsealed", "The queue names an event that does not exist.",
			`SELECT u.event FROM unsealed u WHERE u.log = $1 AND NOT EXISTS (SELECT 1 FROM event e WHERE e.id = u.event) ORDER BY u.event`),
		v.list("queue-log", "unsealed", "The queue names another log than the event.",
			`SELECT u.event FROM unsealed u CROSS JOIN event e WHERE e.id = u.event AND e.log = $1 AND u.log <> e.log ORDER BY u.event`),
		v.list("queue-sealed", "unsealed", "The queue names an event that already has a place.",
			`SELECT u.event FROM unsealed u CROSS JOIN leaf l WHERE l.event = u.event AND l.log = $1 ORDER BY u.event`))
}

// list makes a problem of every event id that a query about the log finds.
func (v *logCheck) list(code, table, text, q string) error {
	rows, err := v.r.Query(v.ctx, q, v.log)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var event string
		if err := rows.Scan(&event); err != nil {
			return err
		}
		v.add(Problem{Code: code, Event: event, Table: table, Key: event, Text: text})
	}
	return rows.Err()
}

// asHash is a stored hash, and whether it is one at all.
func asHash(raw sql.RawBytes) (tlog.Hash, bool) {
	if len(raw) != tlog.HashSize {
		return tlog.Hash{}, false
	}
	return tlog.Hash(raw), true
}
