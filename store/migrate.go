package store

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrationFiles embed.FS

// MigrationSet names a folder of migrations.
type MigrationSet string

// The two databases of an installation: everything, and the subject keys,
// which live apart so that backups of one never hold the other.
const (
	MainMigrations MigrationSet = "main"
	KeyMigrations  MigrationSet = "keys"
)

// tokens are what differs between the engines; the texts are otherwise one.
var tokens = map[Engine]*strings.Replacer{
	SQLite:   strings.NewReplacer("{{int}}", "INTEGER", "{{bytes}}", "BLOB", "{{strict}}", " STRICT", "{{clustered}}", " STRICT, WITHOUT ROWID"),
	Postgres: strings.NewReplacer("{{int}}", "BIGINT", "{{bytes}}", "BYTEA", "{{strict}}", "", "{{clustered}}", ""),
}

var appendOnly = regexp.MustCompile(`\{\{append_only (\w+)\}\}`)

// guards are the triggers that refuse UPDATE and DELETE (and TRUNCATE where
// it exists) on evidence tables, against mistakes and casual hands; who owns
// the database can drop them, and is found by verification.
var guards = map[Engine]string{
	SQLite: `-- +goose StatementBegin
CREATE TRIGGER ${1}_no_update BEFORE UPDATE ON ${1} BEGIN SELECT RAISE(ABORT, 'evidence is not rewritten'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ${1}_no_delete BEFORE DELETE ON ${1} BEGIN SELECT RAISE(ABORT, 'evidence is not deleted'); END;
-- +goose StatementEnd`,
	Postgres: `CREATE TRIGGER ${1}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${1} EXECUTE FUNCTION refuse_change();`,
}

func render1(engine Engine, text []byte) []byte {
	out := appendOnly.ReplaceAllString(string(text), guards[engine])
	return []byte(tokens[engine].Replace(out))
}

// rendered is the migration folder for one engine. A file named
// NNNN_name.postgres.sql or .sqlite.sql is for that engine alone.
func rendered(engine Engine, set MigrationSet) (fs.FS, error) {
	out := fstest.MapFS{}
	dir := "migrations/" + string(set)
	entries, err := migrationFiles.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if only, ok := strings.CutSuffix(name, "."+string(engine)+".sql"); ok {
			name = only + ".sql"
		} else if strings.Count(name, ".") > 1 {
			continue
		}
		text, err := migrationFiles.ReadFile(dir + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(text, []byte("-- +goose Up")) {
			text = append([]byte("-- +goose Up\n"), text...)
		}
		out[name] = &fstest.MapFile{Data: render1(engine, text)}
	}
	return out, nil
}

func (s *Store) provider(set MigrationSet) (*goose.Provider, error) {
	files, err := rendered(s.engine, set)
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectPostgres
	db := s.write
	if s.engine == SQLite {
		dialect = goose.DialectSQLite3
	}
	return goose.NewProvider(dialect, db, files)
}

// Migrate brings the database to this program's shape. It takes the single
// write connection for as long as it runs.
func (s *Store) Migrate(ctx context.Context, set MigrationSet, report io.Writer) error {
	if s.single != nil {
		if err := s.single.close(); err != nil {
			return err
		}
		defer func() {
			if fresh, err := newSingle(context.WithoutCancel(ctx), s.write); err == nil {
				s.single = fresh
			}
		}()
	}
	p, err := s.provider(set)
	if err != nil {
		return err
	}
	results, err := p.Up(ctx)
	for _, r := range results {
		fmt.Fprintf(report, "applied %s in %s\n", r.Source.Path, r.Duration)
	}
	return err
}
