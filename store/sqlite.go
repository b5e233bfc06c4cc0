package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"modernc.org/sqlite" // the only driver known to bind $2,$1 in written order
)

// minSQLite is the first release without the WAL-reset fault, which could
// corrupt a database when a write met a checkpoint (3.7.0 to 3.51.2).
const minSQLite = "3.51.3"

func sqliteDSN(path string, query bool) string {
	v := url.Values{}
	for _, p := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-65536)", "wal_autocheckpoint(16000)", "temp_store(MEMORY)",
	} {
		v.Add("_pragma", p)
	}
	if query {
		v.Add("_pragma", "query_only(1)")
	} else {
		v.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("store: SQLite needs a file: evidence in memory is not evidence")
	}
	var err error
	if s.write, err = sql.Open("sqlite", sqliteDSN(path, false)); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	s.write.SetMaxIdleConns(1)
	if err := checkSQLite(ctx, s.write, "0"); err != nil {
		return err
	}
	if s.single, err = newSingle(ctx, s.write); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", sqliteDSN(path, true)); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	return checkSQLite(ctx, s.read, "1")
}

// checkSQLite reads the settings back: a pragma that did not take effect is
// silent, and the promise of durability hangs on them.
func checkSQLite(ctx context.Context, db *sql.DB, queryOnly string) error {
	want := []struct{ q, v string }{
		{"PRAGMA journal_mode", "wal"},
		{"PRAGMA synchronous", "2"},
		{"PRAGMA foreign_keys", "1"},
		{"PRAGMA query_only", queryOnly},
		{"SELECT $2 || $1", "ba"},
	}
	for _, w := range want {
		var got string
		args := []any{}
		if strings.Contains(w.q, "$") {
			args = []any{"a", "b"}
		}
		if err := db.QueryRowContext(ctx, w.q, args...).Scan(&got); err != nil {
			return fmt.Errorf("store: %s: %w", w.q, err)
		}
		if got != w.v {
			return fmt.Errorf("store: %s is %q, must be %q: refusing to run", w.q, got, w.v)
		}
	}
	var version string
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if versionLess(version, minSQLite) {
		return fmt.Errorf("store: SQLite %s is older than %s, which can corrupt a database: refusing to run", version, minSQLite)
	}
	return nil
}

func versionLess(a, b string) bool {
	var x, y [3]int
	fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2])
	fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

// single is the one write connection of SQLite, taken in turn, with the
// statements prepared on it. Waiting for the turn obeys the caller's context;
// SQLite's own busy handler would sleep and starve.
type single struct {
	conn  *sql.Conn
	turn  chan struct{}
	stmts map[string]*sql.Stmt // guarded by turn
}

const maxPrepared = 400

func newSingle(ctx context.Context, db *sql.DB) (*single, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &single{conn: conn, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}, nil
}

func (s *single) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *single) give() { <-s.turn }

// prepared returns a statement on the write connection; it runs inside
// whatever transaction is open there.
func (s *single) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	if st := s.stmts[q]; st != nil {
		return st, nil
	}
	if len(s.stmts) >= maxPrepared {
		for _, st := range s.stmts {
			st.Close()
		}
		clear(s.stmts)
	}
	st, err := s.conn.PrepareContext(context.WithoutCancel(ctx), q)
	if err == nil {
		s.stmts[q] = st
	}
	return st, err
}

func (s *single) close() error {
	s.turn <- struct{}{}
	defer s.give()
	for _, st := range s.stmts {
		st.Close()
	}
	clear(s.stmts)
	return s.conn.Close()
}

// SQLite result codes, https://sqlite.org/rescode.html.
const (
	sqliteBusy       = 5
	sqliteFsync      = 1034
	sqliteUnique     = 2067
	sqlitePrimaryKey = 1555
)

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}
