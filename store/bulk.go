package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// maxParams keeps a multi-row INSERT under SQLite's 32,766 and PostgreSQL's
// 65,535 parameters.
const maxParams = 30000

// InsertAll adds many rows of an evidence, imported or operational table with
// few statements. Recorded rows go one by one through Insert.
func (t *Table[R]) InsertAll(ctx context.Context, tx *Tx, rows []R) error {
	if t.Kind == Recorded || t.Kind == Derived {
		return fmt.Errorf("store: %s rows of %s are inserted one by one", t.Kind, t.Name)
	}
	// 256 rows is the sequencer's batch: one statement text for full batches.
	per := min(256, maxParams/(len(t.Columns)+1))
	for start := 0; start < len(rows); start += per {
		part := rows[start:min(start+per, len(rows))]
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
