package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// collision is what PostgreSQL answers a reading that lost against another
// transaction; scanning into it stands in for the server's answer.
type collision struct{ once *bool }

func (c collision) Scan(any) error {
	if *c.once {
		return nil
	}
	*c.once = true
	return &pgconn.PgError{Code: "40001"}
}

// A collision is tried again whatever the function made of it: a policy that
// could not be read is no denial.
func TestACollisionIsNeverTakenForAVerdict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var once bool
		tries := 0
		denied := core.NewFault(core.Denied, "not-allowed", "No.")
		err := s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			tries++
			if err := tx.QueryRow(ctx, "SELECT 1").Scan(collision{&once}); err != nil {
				return denied
			}
			return nil
		})
		if err != nil || tries != 2 {
			t.Fatalf("%d tries, %v", tries, err)
		}
		if err := s.Write(context.Background(), func(context.Context, *store.Tx) error { return denied }); !errors.Is(err, denied) {
			t.Fatal(err)
		}
	})
}

// PostgreSQL can answer some rows and then an error: neither is that one a
// verdict, whoever read the rows.
func TestAnErrorAmongRowsIsNeverTakenForAVerdict(t *testing.T) {
	s := storetest.Open(t, store.Postgres)
	tries := 0
	err := s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		if tries++; tries > 1 {
			return nil
		}
		rows, err := tx.Query(ctx, "SELECT 1 / (3 - n) FROM generate_series(1, 5) n")
		if err != nil {
			t.Fatalf("the error came before the first row: %v", err)
		}
		defer rows.Close()
		for rows.Next() {
		}
		if rows.Err() == nil {
			t.Fatal("no error among the rows")
		}
		return core.NewFault(core.Denied, "not-allowed", "No.")
	})
	if err != nil || tries != 2 {
		t.Fatalf("%d tries, %v", tries, err)
	}
}
