package store

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"vouchsafe/core"
)

type benchRow struct{ Term, Event, Class, Subject string }

var benchTable = func() *Table[benchRow] {
	col := func(name string, field func(*benchRow) any) Column[benchRow] {
		return Column[benchRow]{Name: name, Class: core.Public, Field: field}
	}
	t := &Table[benchRow]{Name: "event_term", Kind: Operational, Columns: []Column[benchRow]{
		col("term", func(r *benchRow) any { return &r.Term }), col("event", func(r *benchRow) any { return &r.Event }),
		col("class", func(r *benchRow) any { return &r.Class }), col("subject", func(r *benchRow) any { return &r.Subject }),
	}}
	t.prepare([]string{"term", "event", "class", "subject"})
	return t
}()

// BenchmarkInsertSize inserts 256 rows of four columns in one transaction on
// SQLite, by so many rows to a statement: why rowsSQLite is 16.
func BenchmarkInsertSize(b *testing.B) {
	for _, per := range []int{1, 4, 16, 32, 64, 128, 256} {
		b.Run(fmt.Sprint(per), func(b *testing.B) {
			ctx := context.Background()
			s, err := Open(ctx, Options{DSN: "sqlite:" + filepath.Join(b.TempDir(), "main.db")})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if err := s.Migrate(ctx, MainMigrations, io.Discard); err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				if err := s.Write(ctx, func(ctx context.Context, tx *Tx) error { return insertBy(ctx, tx, per, &n) }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func insertBy(ctx context.Context, tx *Tx, per int, n *int) error {
	for range 256 / per {
		var args []any
		for range per {
			*n++
			row := benchRow{fmt.Sprintf("%024d", *n), "0192f0c1-0000-7000-8000-000000000000", "public", "-"}
			a, err := benchTable.args(&row)
			if err != nil {
				return err
			}
			args = append(args, a...)
		}
		if _, err := tx.exec(ctx, benchTable.multiInsert(per, 4), args); err != nil {
			return err
		}
	}
	return nil
}
