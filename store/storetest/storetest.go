// Package storetest gives tests a database on each engine.
package storetest

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"sync"
	"testing"

	"vouchsafe/store"
)

// Engines lists the engines in the order in which Each visits them.
var Engines = []store.Engine{store.SQLite, store.Postgres}

// dsns remembers where each opened store keeps its rows, for Tamper.
var dsns sync.Map // *store.Store to string

// Each runs fn as a subtest on a fresh, migrated database of every engine.
// The PostgreSQL subtest is skipped, or fails, as PostgresURL decides.
func Each(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, e := range Engines {
		t.Run(string(e), func(t *testing.T) { fn(t, Open(t, e)) })
	}
}

// Open returns a fresh main database on the engine, migrated with
// store.MainMigrations, that is closed when the test ends. A failed fsync
// fails the test instead of ending the process.
func Open(tb testing.TB, engine store.Engine) *store.Store {
	tb.Helper()
	return open(tb, engine, store.MainMigrations)
}

// OpenKeys is Open for the database of subject keys.
func OpenKeys(tb testing.TB, engine store.Engine) *store.Store {
	tb.Helper()
	return open(tb, engine, store.KeyMigrations)
}

func open(tb testing.TB, engine store.Engine, set store.MigrationSet) *store.Store {
	tb.Helper()
	dsn := ""
	if engine == store.Postgres {
		dsn = postgresCopy(tb, set)
	} else {
		dsn = sqliteCopy(tb, set)
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{DSN: dsn, Fatal: func(err error) { tb.Errorf("fsync failed: %v", err) }})
	if err != nil {
		tb.Fatalf("open a test database: %v", err)
	}
	dsns.Store(s, dsn)
	tb.Cleanup(func() {
		dsns.Delete(s)
		if err := s.Close(); err != nil {
			tb.Errorf("close the test database: %v", err)
		}
	})
	return s
}

// DSN returns the data source of a store that Open made, for a second Store on
// the same rows.
func DSN(tb testing.TB, s *store.Store) string {
	tb.Helper()
	dsn, ok := dsns.Load(s)
	if !ok {
		tb.Fatal("this store was not opened by storetest")
	}
	return dsn.(string)
}

var target = regexp.MustCompile(`(?is)^\s*(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(\w+)`)

// Tamper changes rows behind the program's back, as the owner of the database
// can: it drops the append-only triggers of the statement's table for good and
// runs the statement ($1 placeholders). It returns how many rows changed and
// fails the test when there were none: a forgery that changed nothing proves
// nothing.
func Tamper(tb testing.TB, s *store.Store, statement string, args ...any) int64 {
	tb.Helper()
	driver, dsn := "sqlite", "file:"+strings.TrimPrefix(DSN(tb, s), "sqlite:")+"?_pragma=busy_timeout(10000)"
	if s.Engine() == store.Postgres {
		driver, dsn = "pgx", DSN(tb, s)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	m := target.FindStringSubmatch(statement)
	if m == nil {
		tb.Fatalf("Tamper takes one INSERT, UPDATE or DELETE, not %q", statement)
	}
	guards := []string{"_no_update", "_no_delete"}
	on := ""
	if s.Engine() == store.Postgres {
		guards, on = []string{"_no_change"}, " ON "+m[1]
	}
	for _, g := range guards {
		if _, err := db.Exec("DROP TRIGGER IF EXISTS " + m[1] + g + on); err != nil {
			tb.Fatalf("drop the guard of %s: %v", m[1], err)
		}
	}
	res, err := db.Exec(statement, args...)
	if err != nil {
		tb.Fatalf("tamper: %v", err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		tb.Fatalf("tampering changed %d rows (%v): %s", n, err, statement)
	}
	return n
}
