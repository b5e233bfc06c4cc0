package store

import (
	"context"
	"fmt"
	"sort"

	"vouchsafe/core"
)

// Cell is one column of a change: old and new. For an insert Old is NULL and
// HasOld false. Subject is set when the class is sensitive.
type Cell struct {
	Column   string
	Class    core.Class
	Subject  core.Ref
	HasOld   bool
	Old, New Value
	Search   bool
}

// Change is what happened to one row: every column of an insert, the differing
// columns of an update. For imported tables it is one per batch, see batch.go.
type Change struct {
	Table, Key string
	Kind       Kind
	Rev        int64
	Cells      []Cell
}

func (t *Table[R]) capture(tx *Tx, was, now *R) {
	if t.Kind != Recorded && t.Kind != Derived {
		return
	}
	ch := Change{Table: t.Name, Key: t.key(now), Kind: t.Kind}
	if t.Rev != nil {
		ch.Rev = *t.Rev(now)
	}
	for _, c := range t.Columns {
		cell := Cell{Column: c.Name, Class: c.Class, New: render(c.Field(now)), Search: c.Search}
		if was != nil {
			cell.HasOld, cell.Old = true, render(c.Field(was))
			if cell.Old == cell.New {
				continue
			}
		}
		if c.Class.Sensitive() {
			cell.Subject = t.Subject(now)
		}
		ch.Cells = append(ch.Cells, cell)
	}
	tx.changes = append(tx.changes, ch)
}

// Shape is a declared table as verification, erasure and documentation see it.
type Shape interface {
	TableName() string
	TableKind() Kind
	ColumnShapes() []ColumnShape
	// Walk streams the rows in key order as rendered values.
	Walk(ctx context.Context, r Reader, fn func(RowImage) error) error
}

// ColumnShape is the declaration of one column without its row type.
type ColumnShape struct {
	Name  string
	Class core.Class
}

// RowImage is one stored row as evidence would record it.
type RowImage struct {
	Table, Key string
	Rev        int64
	Subject    core.Ref
	Values     []Value // in the order of ColumnShapes
}

var catalogue = map[string]Shape{}

func enlist(s Shape) {
	if catalogue[s.TableName()] != nil {
		panic("store: table " + s.TableName() + " is declared twice")
	}
	catalogue[s.TableName()] = s
}

// Tables returns every declared table by name.
func Tables() []Shape {
	out := make([]Shape, 0, len(catalogue))
	for _, s := range catalogue {
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].TableName() < out[j].TableName() })
	return out
}

// TableName returns the table's name.
func (t *Table[R]) TableName() string { return t.Name }

// TableKind returns the table's kind.
func (t *Table[R]) TableKind() Kind { return t.Kind }

// ColumnShapes returns the columns in declared order.
func (t *Table[R]) ColumnShapes() []ColumnShape {
	out := make([]ColumnShape, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = ColumnShape{c.Name, c.Class}
	}
	return out
}

// Walk streams every row in key order.
func (t *Table[R]) Walk(ctx context.Context, r Reader, fn func(RowImage) error) error {
	rows, err := r.Query(ctx, t.selectSQL+"ORDER BY "+t.Columns[0].Name)
	if err != nil {
		return fmt.Errorf("store: walk %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var row R
		if err := t.scan(rows, &row); err != nil {
			return err
		}
		img := RowImage{Table: t.Name, Key: t.key(&row), Values: make([]Value, len(t.Columns))}
		for i, c := range t.Columns {
			img.Values[i] = render(c.Field(&row))
		}
		if t.Rev != nil {
			img.Rev = *t.Rev(&row)
		}
		if t.Subject != nil {
			img.Subject = t.Subject(&row)
		}
		if err := fn(img); err != nil {
			return err
		}
	}
	return rows.Err()
}
