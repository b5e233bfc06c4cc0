package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

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
	conn    *sql.Conn
	tx      *sql.Tx
	begun   bool       // a statement has run: the view of the rows is fixed
	queue   *pgx.Batch // statements held back by Together; PostgreSQL only
	err     error      // the first SQL error; after it the transaction can only end
	changes []Change
	after   []func()
	seq     int
}

// Write runs fn in one transaction: SERIALIZABLE with bounded retry on
// PostgreSQL, IMMEDIATE on the single write connection on SQLite. fn may run
// several times and must draw time and chance outside. When Write returns nil
// the changes are durable.
func (s *Store) Write(ctx context.Context, fn func(context.Context, *Tx) error) error {
	const tries, alone = 12, 4
	for try := 1; ; try++ {
		err := s.writeBeside(ctx, fn, try > alone)
		if err == nil || !s.retryable(err) || try == tries {
			return s.translate(err)
		}
		s.retries.Add(1)
		backoff := jitter(try)
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
			return s.translate(err)
		}
	}
}

// writeBeside tries once: beside the other transactions of this process, or
// alone when it collided too often. Among very busy writers an unlucky one
// would otherwise lose every time.
func (s *Store) writeBeside(ctx context.Context, fn func(context.Context, *Tx) error, alone bool) error {
	if s.engine == SQLite { // there is one at a time anyway
		return s.writeOnce(ctx, fn)
	}
	if alone {
		s.lane.Lock()
		defer s.lane.Unlock()
	} else {
		s.lane.RLock()
		defer s.lane.RUnlock()
	}
	return s.writeOnce(ctx, fn)
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
	tx := &Tx{s: s, conn: conn, tx: raw}
	defer raw.Rollback() // a no-op after Commit; also runs when fn panics
	if err := fn(bound, tx); err != nil {
		if tx.err != nil && s.retryable(tx.err) {
			return tx.err // a collision, whatever fn made of it: no verdict of a policy or check
		}
		if tx.err == nil && pgCode(err) == "" && s.broken(conn) {
			return ErrAgain // an error in the midst of rows, of which fn made a verdict: perhaps a collision
		}
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
	if err != nil && wordless(err) {
		return ErrCommitUnknown.Because(err)
	}
	return err
}

func (s *Store) retryable(err error) bool {
	if errors.Is(err, ErrAgain) {
		return true
	}
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

var errHeldBack = errors.New("store: nothing can be read while inserts are held back")

// Query reads inside the transaction.
func (t *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	switch {
	case t.err != nil:
		return nil, t.err
	case !readOnly(q):
		return nil, errWriting
	case t.queue != nil:
		return nil, errHeldBack
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
	case t.queue != nil:
		return failedRow{errHeldBack}
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
	t.begun = true
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
	if t.queue != nil {
		t.queue.Queue(q, args...)
		return 0, nil
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

// Together sends what fn inserts in one round trip where round trips cost:
// fn's own errors come at once, those of its statements when it has ended. fn
// may insert only; reading would not see what is held back.
func (t *Tx) Together(ctx context.Context, fn func() error) error {
	if t.s.engine != Postgres || t.queue != nil {
		return fn()
	}
	queue := &pgx.Batch{}
	t.queue = queue
	err := fn()
	t.queue = nil
	if err != nil || queue.Len() == 0 {
		return err
	}
	return t.note(t.conn.Raw(func(dc any) error { return dc.(*stdlib.Conn).Conn().SendBatch(ctx, queue).Close() }))
}

// Apart reads what is committed at this moment: never less than what the
// transaction itself sees, and without being in the way of others. Only for
// what a unique key guards besides; who loses the race returns ErrAgain. Before
// its first statement a transaction has no view of the rows yet, which could
// then become newer than what was read apart: so that reading is its own.
func (t *Tx) Apart() Reader {
	if t.s.engine == Postgres && t.begun {
		return t.s.Reader()
	}
	return t
}

// ErrAgain ends a transaction that lost a race, so that it is tried again.
var ErrAgain = errors.New("store: another transaction was first: again")

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
