package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	"vouchsafe/core"
)

// ErrCommitUnknown says that COMMIT was sent and its outcome is not known. The
// caller asks by idempotency key whether the command was recorded; it never
// treats this as a failure.
var ErrCommitUnknown = core.NewFault(core.Unavailable, "commit-unknown",
	"The database did not confirm the change. It may or may not have happened: look before you try again.")

// ErrNoEvidence says that a transaction changed rows and nobody took the
// captured changes into evidence. It is a programming error and never commits.
var ErrNoEvidence = errors.New("store: rows changed without evidence: refused")

// Tx is one writing transaction. It is not safe for concurrent use.
type Tx struct {
	s       *Store
	tx      *sql.Tx
	err     error // the first SQL error; after it the transaction can only end
	changes []Change
	after   []func()
	seq     int
}

// Write runs fn in one transaction: SERIALIZABLE with bounded retry on
// PostgreSQL, IMMEDIATE on the single write connection on SQLite. fn may run
// several times and must draw time and chance outside. When Write returns nil
// the changes are durable.
func (s *Store) Write(ctx context.Context, fn func(context.Context, *Tx) error) error {
	const tries = 12
	for try := 1; ; try++ {
		err := s.writeOnce(ctx, fn)
		if err == nil || !s.retryable(err) || try == tries {
			return s.translate(err)
		}
		backoff := jitter(try)
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
			return s.translate(err)
		}
	}
}

func (s *Store) writeOnce(ctx context.Context, fn func(context.Context, *Tx) error) error {
	conn, release, err := s.writer(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer release()
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), txLimit)
	defer cancel()
	level := sql.LevelSerializable
	if s.engine == SQLite {
		level = sql.LevelDefault
	}
	raw, err := conn.BeginTx(bound, &sql.TxOptions{Isolation: level})
	if err != nil {
		return unavailable(err)
	}
	tx := &Tx{s: s, tx: raw}
	defer raw.Rollback() // a no-op after Commit; also runs when fn panics
	if err := fn(bound, tx); err != nil {
		return err
	}
	if tx.err != nil {
		return tx.err
	}
	if len(tx.changes) > 0 {
		return ErrNoEvidence
	}
	if err := s.commit(conn, raw); err != nil {
		return err
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// writer returns a connection for one transaction and how to give it back.
func (s *Store) writer(ctx context.Context) (*sql.Conn, func(), error) {
	if s.single != nil {
		if err := s.single.take(ctx); err != nil {
			return nil, nil, err
		}
		return s.single.conn, s.single.give, nil
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { conn.Close() }, nil
}

func (s *Store) commit(conn *sql.Conn, raw *sql.Tx) error {
	err := raw.Commit()
	if s.engine == SQLite {
		if sqliteCode(err) == sqliteFsync {
			s.fatal(err)
		}
		return err
	}
	if err == nil && s.doubts.take(conn) {
		return ErrCommitUnknown
	}
	if err != nil && pgCode(err) == "" { // no word from the server: the line broke on COMMIT
		return ErrCommitUnknown.Because(err)
	}
	return err
}

func (s *Store) retryable(err error) bool {
	switch pgCode(err) {
	case pgSerialization, pgDeadlock:
		return true
	}
	return sqliteCode(err)&0xff == sqliteBusy
}

// jitter spreads retries so that two colliding writers do not collide again.
func jitter(try int) time.Duration {
	var b [2]byte
	core.SystemEntropy{}.Read(b[:])
	return time.Duration(int(binary.BigEndian.Uint16(b[:]))%(1<<min(try, 6))+1) * time.Millisecond
}

// translate turns engine errors into faults that a caller can act on.
func (s *Store) translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*core.Fault](err); ok {
		return err
	}
	if s.retryable(err) {
		return core.NewFault(core.Unavailable, "too-busy", "Too many people are changing this at once. Nothing was changed; try again.").Because(err)
	}
	return err
}

// IsDuplicate reports whether err is a broken unique or primary key.
func IsDuplicate(err error) bool {
	c := sqliteCode(err)
	return c == sqliteUnique || c == sqlitePrimaryKey || pgCode(err) == pgUnique
}

// Query reads inside the transaction.
func (t *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if t.err != nil {
		return nil, t.err
	}
	if !readOnly(q) {
		return nil, errWriting
	}
	run, err := t.statement(ctx, q)
	if err != nil {
		return nil, t.note(err)
	}
	rows, err := run.QueryContext(ctx, encodeArgs(args)...)
	return rows, t.note(err)
}

// QueryRow reads one row inside the transaction.
func (t *Tx) QueryRow(ctx context.Context, q string, args ...any) Row {
	switch {
	case t.err != nil:
		return failedRow{t.err}
	case !readOnly(q):
		return failedRow{errWriting}
	}
	run, err := t.statement(ctx, q)
	if err != nil {
		return failedRow{t.note(err)}
	}
	return notedRow{t, run.QueryRowContext(ctx, encodeArgs(args)...)}
}

type statement interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
}

// statement is q ready to run in the transaction: prepared and kept on
// SQLite; by text on PostgreSQL, where pgx keeps prepared statements itself.
func (t *Tx) statement(ctx context.Context, q string) (statement, error) {
	if t.s.single != nil {
		return t.s.single.prepared(ctx, q)
	}
	return textStatement{t.tx, q}, nil
}

type textStatement struct {
	tx *sql.Tx
	q  string
}

func (s textStatement) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(ctx, s.q, args...)
}

func (s textStatement) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, s.q, args...)
}

func (s textStatement) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	return s.tx.QueryRowContext(ctx, s.q, args...)
}

type notedRow struct {
	t   *Tx
	row *sql.Row
}

func (r notedRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return r.t.note(err)
}

// exec runs one generated statement; only tables call it.
func (t *Tx) exec(ctx context.Context, q string, args []any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	run, err := t.statement(ctx, q)
	if err != nil {
		return 0, t.note(err)
	}
	res, err := run.ExecContext(ctx, args...)
	if err != nil {
		return 0, t.note(err)
	}
	return res.RowsAffected()
}

// note remembers the first SQL error: PostgreSQL refuses everything after it,
// and SQLite must behave alike.
func (t *Tx) note(err error) error {
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

// TakeChanges hands over the changes captured since the last call. The
// evidence package calls it for each event; what is left at commit is refused.
func (t *Tx) TakeChanges() []Change {
	c := t.changes
	t.changes = nil
	return c
}

// AfterCommit runs f once the transaction is durable; f must not block.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Sequence counts up from 0 within the transaction; a retry starts over. With
// it the events of one transaction keep their order at one instant.
func (t *Tx) Sequence() int {
	t.seq++
	return t.seq - 1
}

// Engine tells which database the transaction is on.
func (t *Tx) Engine() Engine { return t.s.engine }
