// Package bare writes rows with nothing around them: no capture, no evidence,
// no checks. It is the limit that the benchmarks hold the road against, and
// works only on a twin that it makes itself: tables and indexes like those of
// an installation, in a SQLite file or a PostgreSQL schema of their own. It
// never writes an installation's rows.
package bare

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"net/url"
	"strconv"
	"strings"

	"vouchsafe/store"
)

// Rows are rows of one table, as they are stored.
type Rows struct {
	Table   string
	Columns []string
	Values  [][]any
}

// Schema is the PostgreSQL schema of a twin.
const Schema = "vouchsafe_bare"

// Twin holds tables of the same columns and indexes as a store's, without
// triggers and foreign keys.
type Twin struct {
	db     *sql.DB
	engine store.Engine
	turn   chan *writer // the free connections
}

// writer is a connection with its prepared statements.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// Open makes a new twin of a store's tables: in a new file for SQLite, in
// Schema for PostgreSQL, with so many connections (one on SQLite, as in the
// store). The durability settings are the store's.
func Open(ctx context.Context, s *store.Store, file, dsn string, conns int) (t *Twin, err error) {
	t = &Twin{engine: s.Engine()}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	if t.engine == store.SQLite {
		conns = 1
		err = t.sqlite(ctx, s, file)
	} else {
		err = t.postgres(ctx, s, dsn)
	}
	if err != nil {
		return t, fmt.Errorf("bare: %w", err)
	}
	t.turn = make(chan *writer, conns)
	for range conns {
		c, err := t.db.Conn(ctx)
		if err != nil {
			return t, err
		}
		t.turn <- &writer{c, map[string]*sql.Stmt{}}
	}
	return t, nil
}

func (t *Twin) sqlite(ctx context.Context, s *store.Store, file string) (err error) {
	v := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
		"cache_size(-65536)", "wal_autocheckpoint(16000)", "temp_store(MEMORY)",
	}}
	if t.db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+v.Encode()); err != nil {
		return err
	}
	t.db.SetMaxOpenConns(1)
	ddl, err := texts(ctx, s, "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC")
	if err != nil {
		return err
	}
	for _, one := range ddl {
		if _, err := t.db.ExecContext(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (t *Twin) postgres(ctx context.Context, s *store.Store, dsn string) (err error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read")
	}
	q := u.Query()
	q.Set("search_path", Schema)
	u.RawQuery = q.Encode()
	if t.db, err = sql.Open("pgx", u.String()); err != nil {
		return err
	}
	tables, err := texts(ctx, s, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
	if err != nil {
		return err
	}
	ddl := []string{"DROP SCHEMA IF EXISTS " + Schema + " CASCADE", "CREATE SCHEMA " + Schema}
	for _, name := range tables {
		ddl = append(ddl, "CREATE TABLE "+name+" (LIKE public."+name+" INCLUDING ALL)")
	}
	for _, one := range ddl {
		if _, err := t.db.ExecContext(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func texts(ctx context.Context, s *store.Store, q string) (out []string, err error) {
	rows, err := s.Reader().Query(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// Insert writes the rows in one durable transaction, with prepared statements
// of several rows each: the fastest way that the drivers offer for them.
func (t *Twin) Insert(ctx context.Context, group []Rows) error {
	w := <-t.turn
	defer func() { t.turn <- w }()
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, rows := range group {
		for left := rows.Values; len(left) > 0; {
			n := t.perStatement(len(left))
			st, err := w.statement(ctx, rows, n)
			if err != nil {
				return err
			}
			var args []any
			for _, v := range left[:n] {
				args = append(args, v...)
			}
			if _, err := st.ExecContext(ctx, args...); err != nil {
				return fmt.Errorf("bare: %s: %w", rows.Table, err)
			}
			left = left[n:]
		}
	}
	return tx.Commit()
}

func (t *Twin) perStatement(n int) int {
	if t.engine == store.SQLite {
		return min(16, 1<<(bits.Len(uint(n))-1))
	}
	return min(256, n)
}

func (w *writer) statement(ctx context.Context, rows Rows, n int) (*sql.Stmt, error) {
	key := rows.Table + "/" + strconv.Itoa(n)
	if st := w.stmts[key]; st != nil {
		return st, nil
	}
	var b strings.Builder
	b.WriteString("INSERT INTO " + rows.Table + " (" + strings.Join(rows.Columns, ", ") + ") VALUES ")
	for i := range n * len(rows.Columns) {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%len(rows.Columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	st, err := w.conn.PrepareContext(ctx, b.String()+")")
	if err == nil {
		w.stmts[key] = st
	}
	return st, err
}

// Count returns how many rows a table of the twin has.
func (t *Twin) Count(ctx context.Context, table string) (n int64, err error) {
	w := <-t.turn
	defer func() { t.turn <- w }()
	return n, w.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n)
}

// Close ends the connections; a PostgreSQL twin is dropped.
func (t *Twin) Close() error {
	if t.db == nil {
		return nil
	}
	for range cap(t.turn) {
		w := <-t.turn
		for _, st := range w.stmts {
			st.Close()
		}
		w.conn.Close()
	}
	var err error
	if t.engine == store.Postgres {
		_, err = t.db.ExecContext(context.Background(), "DROP SCHEMA IF EXISTS "+Schema+" CASCADE")
	}
	return errors.Join(err, t.db.Close())
}
