package storetest

import (
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"vouchsafe/store"
)

// A database is migrated once and then copied for each test: migrating takes
// ten times as long.

// sqliteFiles holds one migrated, closed SQLite database of each set.
var sqliteFiles = map[store.MigrationSet]func() ([]byte, error){
	store.MainMigrations: sync.OnceValues(func() ([]byte, error) { return sqliteFile(store.MainMigrations) }),
	store.KeyMigrations:  sync.OnceValues(func() ([]byte, error) { return sqliteFile(store.KeyMigrations) }),
}

func sqliteFile(set store.MigrationSet) ([]byte, error) {
	dir, err := os.MkdirTemp(quickDir(), "vouchsafe-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "main.db")
	if err := migrate("sqlite:"+path, set); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing has brought the WAL home
}

func migrate(dsn string, set store.MigrationSet) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{DSN: dsn})
	if err != nil {
		return err
	}
	err = s.Migrate(ctx, set, io.Discard)
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	return err
}

// sqliteCopy writes a migrated database and returns its data source.
func sqliteCopy(tb testing.TB, set store.MigrationSet) string {
	tb.Helper()
	text, err := sqliteFiles[set]()
	if err != nil {
		tb.Fatalf("migrate a test database: %v", err)
	}
	dir, err := os.MkdirTemp(quickDir(), "vouchsafe-test-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	path := filepath.Join(dir, "main.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
	return "sqlite:" + path
}

// postgresCopy makes a migrated database. The one that is copied belongs to
// this process and goes with the server; a server that is not ours is left as
// it was, so there each database is migrated.
func postgresCopy(tb testing.TB, set store.MigrationSet) string {
	tb.Helper()
	if os.Getenv("VOUCHSAFE_PG_URL") != "" {
		dsn := PostgresURL(tb)
		if err := migrate(dsn, set); err != nil {
			tb.Fatalf("migrate a test database: %v", err)
		}
		return dsn
	}
	return fresh(tb, sharedServer, func(admin *url.URL) (string, error) { return postgresTemplate(admin, set) })
}

var (
	templates   = map[store.MigrationSet]string{}
	templatesMu sync.Mutex
)

func postgresTemplate(admin *url.URL, set store.MigrationSet) (string, error) {
	templatesMu.Lock()
	defer templatesMu.Unlock()
	if name := templates[set]; name != "" {
		return name, nil
	}
	u, err := createDatabase(admin, "template0")
	if err != nil {
		return "", err
	}
	if err := migrate(u.String(), set); err != nil {
		return "", err
	}
	templates[set] = u.Path[1:]
	return templates[set], nil
}
