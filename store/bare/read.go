package bare

import (
	"context"
	"fmt"
	"slices"

	"vouchsafe/store"
)

// Read returns the rows that a statement of a store selects, to be inserted
// into a table of a twin.
func Read(ctx context.Context, r store.Reader, table, q string, args ...any) (Rows, error) {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return Rows{}, err
	}
	defer rows.Close()
	out := Rows{Table: table}
	if out.Columns, err = rows.Columns(); err != nil {
		return out, err
	}
	for rows.Next() {
		values, dest := make([]any, len(out.Columns)), make([]any, len(out.Columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return out, err
		}
		out.Values = append(out.Values, values)
	}
	return out, rows.Err()
}

// Split parts rows by the text in a column.
func (r Rows) Split(column string) map[string]Rows {
	at := slices.Index(r.Columns, column)
	out := map[string]Rows{}
	for _, v := range r.Values {
		name := fmt.Sprint(v[at])
		if b, ok := v[at].([]byte); ok {
			name = string(b)
		}
		part := out[name]
		part.Table, part.Columns = r.Table, r.Columns
		part.Values = append(part.Values, v)
		out[name] = part
	}
	return out
}
