package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errors.New("store: the PostgreSQL address cannot be read") // the cause would print the password
	}
	read := cfg.Copy()
	cfg.OnNotice = s.doubts.notice
	narrow(cfg)
	s.write = stdlib.OpenDB(*cfg)
	s.write.SetMaxOpenConns(32)
	s.write.SetMaxIdleConns(32)
	s.read = stdlib.OpenDB(*read)
	s.read.SetMaxOpenConns(32)
	s.read.SetMaxIdleConns(16)
	return s.checkPostgres(ctx)
}

// narrow keeps the scans of writing transactions narrow: what one of them reads
// is locked against what others write, and a scan of a whole table, which
// PostgreSQL prefers while tables are small, would make every two collide.
func narrow(cfg *pgx.ConnConfig) { cfg.RuntimeParams["enable_seqscan"] = "off" }

// checkPostgres refuses a server that would order text or make commits durable
// differently from what the package promises.
func (s *Store) checkPostgres(ctx context.Context) error {
	var version int
	var collate, encoding, commit, fsync string
	err := s.write.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, datcollate,
		pg_encoding_to_char(encoding), current_setting('synchronous_commit'), current_setting('fsync')
		FROM pg_database WHERE datname = current_database()`).Scan(&version, &collate, &encoding, &commit, &fsync)
	switch {
	case err != nil:
		return fmt.Errorf("store: PostgreSQL does not answer: %w", err)
	case version < 150000:
		return fmt.Errorf("store: PostgreSQL %d is older than 15: refusing to run", version/10000)
	case collate != "C" && collate != "C.UTF-8" && collate != "POSIX":
		return fmt.Errorf("store: the database collates %q; create it with LOCALE 'C' so that both engines order text alike", collate)
	case encoding != "UTF8":
		return fmt.Errorf("store: the database encodes %s; create it with ENCODING 'UTF8'", encoding)
	case commit == "off" || fsync == "off":
		return errors.New("store: synchronous_commit and fsync must be on: acknowledged means durable")
	}
	return nil
}

// PostgreSQL error codes, appendix A of its manual.
const (
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgUnique        = "23505"
)

func pgCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// wordless reports whether a failed COMMIT leaves open what became of it: the
// line broke, or the server broke it off while it was busy (classes 08 and 57).
func wordless(err error) bool {
	code := pgCode(err)
	return code == "" || strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57")
}

// broken reports whether the server holds the transaction for failed.
func (s *Store) broken(conn *sql.Conn) (failed bool) {
	if s.engine != Postgres {
		return false
	}
	_ = conn.Raw(func(dc any) error {
		if c, ok := dc.(*stdlib.Conn); ok {
			failed = !c.Conn().PgConn().IsClosed() && c.Conn().PgConn().TxStatus() == 'E'
		}
		return nil
	})
	return failed
}

// doubts remembers connections whose last COMMIT the server acknowledged with
// a warning: cancelling a commit that waits for its synchronous standby
// answers "success", though the row may vanish at failover.
type doubts struct {
	mu   sync.Mutex
	seen map[*pgconn.PgConn]bool
}

func newDoubts() *doubts { return &doubts{seen: map[*pgconn.PgConn]bool{}} }

func (d *doubts) notice(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Severity == "WARNING" && strings.Contains(n.Message, "synchronous replication") {
		d.mu.Lock()
		d.seen[c] = true
		d.mu.Unlock()
	}
}

// take reports and forgets a doubt about the connection under conn.
func (d *doubts) take(conn *sql.Conn) bool {
	var doubt bool
	_ = conn.Raw(func(dc any) error {
		if c, ok := dc.(*stdlib.Conn); ok {
			d.mu.Lock()
			doubt = d.seen[c.Conn().PgConn()]
			delete(d.seen, c.Conn().PgConn())
			d.mu.Unlock()
		}
		return nil
	})
	return doubt
}
