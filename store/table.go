package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vouchsafe/core"
)

// Kind says what may happen to a table's rows and how evidence covers them.
type Kind string

// The kinds of tables; see the package comment.
const (
	Recorded    Kind = "recorded"
	Imported    Kind = "imported"
	Derived     Kind = "derived"
	Evidence    Kind = "evidence"
	Operational Kind = "operational"
)

// Column is one column, declared once: its class drives masking, the log, the
// search terms and erasure.
type Column[R any] struct {
	Name  string
	Class core.Class
	Field func(*R) any // pointer to string, Ref, int64, int, bool, Instant or []byte
	// Search marks a value whose keyed words enter event_terms.
	Search bool
}

// Table maps R to rows by key: no relations, no hooks, no query builder. The
// first column is the key.
type Table[R any] struct {
	Name string
	Kind Kind
	// Subject is the one person whose key protects the sensitive columns of a
	// row. Required when a column is sensitive.
	Subject func(*R) core.Ref
	// Rev points at the row's revision; required for Recorded.
	Rev     func(*R) *int64
	Columns []Column[R]

	selectSQL, insertSQL, updateSQL, deleteSQL string
}

// ErrStale says that somebody else changed the row since it was read.
var ErrStale = core.NewFault(core.Conflict, "changed-meanwhile",
	"Somebody changed this record after you opened it. Nothing was saved; look at it again.")

// Declare checks a table and prepares its statements; it panics on a wrong
// declaration, since that is a mistake in the program. The table joins the
// catalogue that verification and erasure read.
func Declare[R any](t Table[R]) *Table[R] {
	if len(t.Columns) == 0 || t.Name == "" {
		panic("store: a table needs a name and columns")
	}
	if t.Kind == Recorded && t.Rev == nil {
		panic("store: recorded table " + t.Name + " needs a rev")
	}
	names := make([]string, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		if c.Class == "" {
			panic("store: column " + t.Name + "." + c.Name + " needs a class")
		}
		if c.Class.Sensitive() && t.Subject == nil && t.Kind != Operational {
			panic("store: sensitive column " + t.Name + "." + c.Name + " needs a subject")
		}
		names = append(names, c.Name)
	}
	if t.Rev != nil {
		names = append(names, "rev")
	}
	t.prepare(names)
	enlist(&t)
	return &t
}

func (t *Table[R]) prepare(names []string) {
	marks, sets := make([]string, len(names)), make([]string, 0, len(names))
	for i, n := range names {
		marks[i] = "$" + strconv.Itoa(i+1)
		if i > 0 {
			sets = append(sets, n+" = "+marks[i])
		}
	}
	cols := strings.Join(names, ", ")
	t.selectSQL = "SELECT " + cols + " FROM " + t.Name + " "
	t.insertSQL = "INSERT INTO " + t.Name + " (" + cols + ") VALUES (" + strings.Join(marks, ", ") + ")"
	t.updateSQL = "UPDATE " + t.Name + " SET " + strings.Join(sets, ", ") + " WHERE " + names[0] + " = $1"
	if t.Rev != nil {
		t.updateSQL += " AND rev = $" + strconv.Itoa(len(names)+1)
	}
	t.deleteSQL = "DELETE FROM " + t.Name + " WHERE " + names[0] + " = $1"
}

func (t *Table[R]) key(r *R) string { return render(t.Columns[0].Field(r)).Text }

func (t *Table[R]) args(r *R) ([]any, error) {
	args := make([]any, 0, len(t.Columns)+2)
	for _, c := range t.Columns {
		v, err := encode(c.Field(r))
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	if t.Rev != nil {
		args = append(args, *t.Rev(r))
	}
	return args, nil
}

// Insert adds a row. A recorded row gets rev 1. A broken unique key is an
// error for which IsDuplicate is true, and ends the transaction.
func (t *Table[R]) Insert(ctx context.Context, tx *Tx, row *R) error {
	if t.Rev != nil {
		*t.Rev(row) = 1
	}
	args, err := t.args(row)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, t.insertSQL, args); err != nil {
		return fmt.Errorf("store: insert %s: %w", t.Name, err)
	}
	t.capture(tx, nil, row)
	return nil
}

// Update writes now over was: a compare-and-swap on rev. ErrStale means that
// the row is no longer as it was read. Equal rows are not written and get no
// revision.
func (t *Table[R]) Update(ctx context.Context, tx *Tx, was, now *R) error {
	if t.Kind != Recorded && t.Kind != Operational {
		return fmt.Errorf("store: %s rows of %s cannot be updated", t.Kind, t.Name)
	}
	if t.key(was) != t.key(now) {
		return fmt.Errorf("store: update of %s changes the key", t.Name)
	}
	if t.Rev != nil {
		*t.Rev(now) = *t.Rev(was)
	}
	if t.Kind == Recorded && t.same(was, now) {
		return nil
	}
	if t.Rev != nil {
		*t.Rev(now)++
	}
	args, err := t.args(now)
	if err != nil {
		return err
	}
	if t.Rev != nil {
		args = append(args, *t.Rev(was))
	}
	n, err := tx.exec(ctx, t.updateSQL, args)
	if err != nil {
		return fmt.Errorf("store: update %s: %w", t.Name, err)
	}
	if n != 1 {
		return ErrStale
	}
	t.capture(tx, was, now)
	return nil
}

func (t *Table[R]) same(a, b *R) bool {
	for _, c := range t.Columns {
		if render(c.Field(a)) != render(c.Field(b)) {
			return false
		}
	}
	return true
}

// Delete removes an operational row by key and reports whether it was there.
func (t *Table[R]) Delete(ctx context.Context, tx *Tx, key string) (bool, error) {
	if t.Kind != Operational {
		return false, fmt.Errorf("store: %s rows of %s cannot be deleted", t.Kind, t.Name)
	}
	n, err := tx.exec(ctx, t.deleteSQL, []any{key})
	return n > 0, err
}

// DeleteAll removes the operational rows that where selects and returns how
// many there were.
func (t *Table[R]) DeleteAll(ctx context.Context, tx *Tx, where Where) (int64, error) {
	if t.Kind != Operational {
		return 0, fmt.Errorf("store: %s rows of %s cannot be deleted", t.Kind, t.Name)
	}
	frag, args := where.Render(1)
	return tx.exec(ctx, "DELETE FROM "+t.Name+" WHERE "+frag, encodeArgs(args))
}

// Get reads one row by key; nil and no error when there is none.
func (t *Table[R]) Get(ctx context.Context, r Reader, key string) (*R, error) {
	rows, err := t.Select(ctx, r, "WHERE "+t.Columns[0].Name+" = $1", key)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// Select reads rows; tail is the literal rest of the statement after FROM.
func (t *Table[R]) Select(ctx context.Context, r Reader, tail string, args ...any) ([]R, error) {
	return t.read(ctx, r, t.selectSQL+tail, args)
}

func (t *Table[R]) read(ctx context.Context, r Reader, q string, args []any) ([]R, error) {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("store: select %s: %w", t.Name, err)
	}
	defer rows.Close()
	var out []R
	for rows.Next() {
		var row R
		if err := t.scan(rows, &row); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// Filter reads rows under a Where: tail holds the slot {where} once, and its
// own placeholders come first.
func (t *Table[R]) Filter(ctx context.Context, r Reader, tail string, where Where, args ...any) ([]R, error) {
	q, all := Slot(tail, where, args...)
	return t.Select(ctx, r, q, all...)
}

// Lookup reads rows by way of another table: lead names it with its alias, and
// its rows are walked in the order that tail wants, one look-up of this table
// for each. Both engines keep to that; left to themselves they may read and
// sort all that could match. tail has the slot {where}.
func (t *Table[R]) Lookup(ctx context.Context, r Reader, lead, tail string, where Where, args ...any) ([]R, error) {
	q, all := Slot(strings.Replace(t.selectSQL, " FROM "+t.Name+" ", " FROM "+lead+" CROSS JOIN "+t.Name+" ", 1)+tail, where, args...)
	return t.read(ctx, r, q, all)
}

// One is Select for at most one row.
func (t *Table[R]) One(ctx context.Context, r Reader, tail string, args ...any) (*R, error) {
	rows, err := t.Select(ctx, r, tail, args...)
	switch {
	case err != nil || len(rows) == 0:
		return nil, err
	case len(rows) > 1:
		return nil, errors.New("store: more than one row of " + t.Name + " where one was expected")
	}
	return &rows[0], nil
}

func (t *Table[R]) scan(rows *sql.Rows, row *R) error {
	dest := make([]any, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		dest = append(dest, scanner{c.Field(row)})
	}
	if t.Rev != nil {
		dest = append(dest, t.Rev(row))
	}
	return rows.Scan(dest...)
}
