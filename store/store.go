package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vouchsafe/core"
)

// Engine names the database behind a Store.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say where the rows live.
type Options struct {
	// DSN is "sqlite:PATH" or a postgres:// URL.
	DSN string
	// Fatal is called once when the engine reports that an fsync failed. It
	// must not return; the default prints the error and exits with status 70.
	Fatal func(error)
}

// Store is one open database.
type Store struct {
	engine Engine
	dsn    string
	write  *sql.DB // one connection on SQLite
	read   *sql.DB // query_only on SQLite
	fatal  func(error)
	doubts *doubts
	single *single // the write connection and its statements; SQLite only

	lane    sync.RWMutex // see writeBeside; PostgreSQL only
	retries atomic.Int64
}

// txLimit bounds every transaction from Begin to the end of Commit.
const txLimit = 30 * time.Second

// Open opens the database, checks that its settings keep the package's
// promises, and refuses to run otherwise.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{dsn: o.DSN, fatal: o.Fatal, doubts: newDoubts()}
	if s.fatal == nil {
		s.fatal = func(err error) {
			fmt.Fprintln(os.Stderr, "vouchsafe: the disk refused to make a commit durable; stopping:", err)
			os.Exit(70)
		}
	}
	var err error
	switch {
	case strings.HasPrefix(o.DSN, "sqlite:"):
		s.engine = SQLite
		err = s.openSQLite(ctx, strings.TrimPrefix(o.DSN, "sqlite:"))
	case strings.HasPrefix(o.DSN, "postgres:"), strings.HasPrefix(o.DSN, "postgresql:"):
		s.engine = Postgres
		err = s.openPostgres(ctx, o.DSN)
	default:
		err = errors.New(`store: the data source must begin with "sqlite:" or "postgres:"`)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Retries is how often a transaction was begun again because it collided with
// another one: a number to watch, since each costs its work once more.
func (s *Store) Retries() int64 { return s.retries.Load() }

// Engine tells which database this is.
func (s *Store) Engine() Engine { return s.engine }

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	if s.single != nil {
		errs = append(errs, s.single.close())
	}
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Reader reads. Both a Store snapshot and a Tx are Readers; neither lets a
// statement through that is not a SELECT or a WITH.
type Reader interface {
	Query(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, q string, args ...any) Row
}

// Row is the result of QueryRow.
type Row interface{ Scan(dest ...any) error }

type failedRow struct{ err error }

func (f failedRow) Scan(...any) error { return f.err }

var errWriting = errors.New("store: only SELECT and WITH may be sent through a Reader")

func readOnly(q string) bool {
	t := strings.TrimLeft(q, " \t\r\n(")
	return len(t) >= 5 && (strings.EqualFold(t[:5], "SELEC") || strings.EqualFold(t[:4], "WITH"))
}

// Snapshot runs fn over one unchanging view of the database. On PostgreSQL it
// is a REPEATABLE READ, READ ONLY transaction, on SQLite a read transaction on
// a query_only connection.
func (s *Store) Snapshot(ctx context.Context, fn func(Reader) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{Isolation: s.snapshotLevel(), ReadOnly: true})
	if err != nil {
		return unavailable(err)
	}
	defer tx.Rollback()
	return fn(&snapshot{reader: reader{tx}, kept: map[string]any{}})
}

func (s *Store) snapshotLevel() sql.IsolationLevel {
	if s.engine == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Reader returns a Reader without a common snapshot, for single statements.
func (s *Store) Reader() Reader { return reader{s.read} }

type querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row
}

type reader struct{ q querier }

func (r reader) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if !readOnly(q) {
		return nil, errWriting
	}
	return r.q.QueryContext(ctx, q, encodeArgs(args)...)
}

func (r reader) QueryRow(ctx context.Context, q string, args ...any) Row {
	if !readOnly(q) {
		return failedRow{errWriting}
	}
	return r.q.QueryRowContext(ctx, q, encodeArgs(args)...)
}

func unavailable(err error) error {
	return core.NewFault(core.Unavailable, "database-unavailable", "The database does not answer. Nothing was changed; try again.").Because(err)
}
