package storetest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/repotest/need"
	"vouchsafe/store"
)

// doubted is a row of this test's own.
type doubted struct{ ID string }

var doubtTable = store.Declare(store.Table[doubted]{
	Name: "storetest_doubt", Kind: store.Operational,
	Columns: []store.Column[doubted]{{Name: "id", Class: core.Public, Field: func(d *doubted) any { return &d.ID }}},
})

// A COMMIT that waits for a standby and is cancelled is answered "success" by
// PostgreSQL, though the row may vanish at a failover; one whose connection
// breaks is not answered at all. Both are unknown: neither done nor failed. The
// next COMMIT of the same store is an ordinary one again.
func TestACancelledCommitIsUnknown(t *testing.T) {
	t.Parallel()
	if Bin() == "" || os.Getenv("VOUCHSAFE_PG_URL") != "" {
		need.Missing(t, "pg", "no PostgreSQL server programs for a server of this test's own")
	}
	s := privateServer(t)
	admin, err := s.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer s.letGo(t)
	fresh, err := createDatabase(admin, "template0")
	if err != nil {
		t.Fatal(err)
	}
	if err := adminExec(fresh, "CREATE TABLE storetest_doubt (id text PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), store.Options{DSN: fresh.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := insertDoubted(st, "sure"); err != nil {
		t.Fatal(err)
	}

	standby(t, admin.String(), "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "nobody")
	for _, end := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
		done := make(chan error, 1)
		go func() { done <- insertDoubted(st, end) }()
		waiting(t, admin.String(), "SELECT "+end+"(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
		select {
		case err := <-done:
			if !errors.Is(err, store.ErrCommitUnknown) && !core.IsFault(err, store.ErrCommitUnknown.Code) {
				t.Errorf("after %s the commit is %v, want unknown", end, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("after %s the commit never ended", end)
		}
	}
	standby(t, admin.String(), "ALTER SYSTEM RESET synchronous_standby_names", "")
	if err := insertDoubted(st, "sure again"); err != nil {
		t.Errorf("the doubt about one commit was laid on another: %v", err)
	}
	var n int
	if err := st.Reader().QueryRow(t.Context(), "SELECT count(*) FROM storetest_doubt").Scan(&n); err != nil || n != 4 {
		t.Errorf("%d rows (%v): a commit in doubt had happened here, so it was no failure", n, err)
	}
}

func insertDoubted(st *store.Store, id string) error {
	return st.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		return doubtTable.Insert(ctx, tx, &doubted{id})
	})
}

// standby changes which standby commits wait for, and waits until it holds.
func standby(t *testing.T, admin, statement, want string) {
	t.Helper()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{statement, "SELECT pg_reload_conf()"} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for got := "?"; got != want; time.Sleep(10 * time.Millisecond) {
		if err := db.QueryRowContext(t.Context(), "SHOW synchronous_standby_names").Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond) // for the backends that are idle
}

// waiting runs a query until it finds a backend.
func waiting(t *testing.T, admin, query string) {
	t.Helper()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		var ended bool
		switch err := db.QueryRowContext(t.Context(), query).Scan(&ended); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			t.Fatal(err)
		default:
			return
		}
	}
	t.Fatal("no commit waited for a standby")
}
