package store

import (
	"context"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Rows to one statement. PostgreSQL pays for each round trip, so a full batch of
// the sequencer is one. SQLite's driver searches all arguments for each
// parameter, so the cost of a statement grows with the square of their number.
const (
	rowsPostgres = 256
	rowsSQLite   = 16
	maxParams    = 30000 // under PostgreSQL's 65,535
)

// perStatement is how many of n rows go into the next statement. On SQLite it
// is a power of two, so that a table has at most five texts to prepare and keep.
func (t *Table[R]) perStatement(tx *Tx, n int) int {
	if tx.s.engine != SQLite {
		return min(n, rowsPostgres, maxParams/(len(t.Columns)+1))
	}
	return min(rowsSQLite, 1<<(bits.Len(uint(n))-1))
}

// InsertAll adds many rows of an evidence, imported or operational table with
// few statements. Recorded rows go one by one through Insert.
func (t *Table[R]) InsertAll(ctx context.Context, tx *Tx, rows []R) error {
	if t.Kind == Recorded || t.Kind == Derived {
		return fmt.Errorf("store: %s rows of %s are inserted one by one", t.Kind, t.Name)
	}
	for len(rows) > 0 {
		part := rows[:t.perStatement(tx, len(rows))]
		rows = rows[len(part):]
		var args []any
		for i := range part {
			if t.Rev != nil {
				*t.Rev(&part[i]) = 1
			}
			a, err := t.args(&part[i])
			if err != nil {
				return err
			}
			args = append(args, a...)
		}
		if _, err := tx.exec(ctx, t.multiInsert(len(part), len(args)/len(part)), args); err != nil {
			return fmt.Errorf("store: insert %s: %w", t.Name, err)
		}
	}
	return nil
}

func (t *Table[R]) multiInsert(rows, width int) string {
	if rows == 1 {
		return t.insertSQL
	}
	var b strings.Builder
	b.WriteString(t.insertSQL)
	n := width + 1
	for range rows - 1 {
		b.WriteString(", (")
		for c := range width {
			if c > 0 {
				b.WriteString(", ")
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			n++
		}
		b.WriteByte(')')
	}
	return b.String()
}
