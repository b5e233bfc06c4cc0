package store_test

import (
	"context"
	"errors"
	"testing"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// What was read once is kept within one unchanging view, and nowhere else.
func TestOnceKeepsOnlyWithinASnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, reads := context.Background(), 0
		read := func(r store.Reader, key string) int {
			t.Helper()
			n, err := store.Once(r, key, func() (int, error) { reads++; return reads, nil })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for want := 1; want <= 2; want++ { // each view reads for itself
			err := s.Snapshot(ctx, func(r store.Reader) error {
				if _, err := store.Once(r, "a", func() (int, error) { return 0, errors.New("not now") }); err == nil {
					t.Error("an error was swallowed")
				}
				if a, b := read(r, "a"), read(r, "a"); a != want || b != want {
					t.Errorf("view %d read %d and %d", want, a, b)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := s.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			if a, b := read(tx, "a"), read(tx, "a"); a == b {
				t.Error("a transaction that writes was given what it read before")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := read(s.Reader(), "a"), read(s.Reader(), "a"); a == b {
			t.Error("readers without a common view share what they read")
		}
	})
}
