package storetest

import (
	"database/sql"
	"strings"
	"testing"

	"vouchsafe/store"
)

// Create adds a table of a test's own to the store's database.
func Create(tb testing.TB, s *store.Store, ddl string) {
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
	if _, err := db.Exec(ddl); err != nil {
		tb.Fatal(err)
	}
}
