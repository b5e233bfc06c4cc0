package repotest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Writing SQL, as it looks in upper case (a verb and what it acts on) and in
// any case (enough of a statement that no sentence is taken for one). A name
// may be quoted, qualified, a format verb or a template's hole.
const (
	sqlName   = "[\\w.\"`%$\\[\\]{}?]+"
	sqlThing  = `(TABLE|INDEX|VIEW|TRIGGER|SEQUENCE|SCHEMA|DATABASE|ROLE|USER|TYPE|FUNCTION|PROCEDURE|EXTENSION|POLICY|DOMAIN|CONSTRAINT|PUBLICATION|RULE|COLUMN)`
	sqlUpper  = `\b(INSERT (OR \w+ )?INTO|REPLACE INTO|DELETE FROM|MERGE INTO|TRUNCATE ` + sqlName + `|UPDATE ` + sqlName + ` (AS )?(\w+ )?SET|(ALTER|DROP|CREATE)( OR REPLACE)?( TEMP| TEMPORARY| UNIQUE| UNLOGGED| VIRTUAL| MATERIALIZED| CONSTRAINT| EVENT| FOREIGN)* ` + sqlThing + `)\b`
	sqlObject = `(table|(unique )?index|trigger|sequence|(materialized |temp |temporary )?view|schema|database)( if( not)? exists)? ` + sqlName
	sqlAny    = `(?i)\b(` +
		`(insert (or \w+ )?into|replace into|merge into) ` + sqlName + `( as \w+)? ?(\(|values\b|select\b|default values|using\b)` +
		`|update (only |or \w+ )?` + sqlName + ` (as )?(\w+ )?set \(?` + sqlName + ` ?[=,)]` +
		`|delete from (only )?` + sqlName + ` ?(where\b|using\b|returning\b|;|$)` +
		`|truncate (table|only) ` + sqlName +
		`|create ` + sqlObject + ` ?(\(|on |as |after |before |instead |start |;|$)` +
		`|alter ` + sqlObject + ` (add|drop|rename|alter|set|owner|enable|disable)\b` +
		`|drop ` + sqlObject + ` ?(cascade|restrict|on |;|$))`
)

var (
	writingSQL = regexp.MustCompile(sqlUpper + "|" + sqlAny)
	sqlComment = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/`)
)

// writes returns the writing statement in text, or "".
func writes(text string) string {
	plain := strings.Join(strings.Fields(sqlComment.ReplaceAllString(text, " ")), " ")
	return writingSQL.FindString(plain)
}

func strayWrites(r *repo) (found []finding) {
	const advice = "writing SQL (%q) outside store: change rows through a recorded table (store.Table), so that the change is evidence"
	for _, f := range r.files {
		if strings.HasSuffix(f.path, ".sql") && top(f.path) != "store" && !strings.Contains("/"+f.path, "/testdata/") && writes(f.text) != "" {
			found = append(found, finding{f.path + ":1", advice})
		}
	}
	known := r.constants()
	for f := range r.code(product) {
		if top(f.path) == "store" {
			continue
		}
		reported := map[int]bool{}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			line := r.fset.Position(e.Pos()).Line
			if sql := writes(known.text(f.pkg(), e, 0)); sql != "" && !reported[line] {
				reported[line] = true
				found = append(found, r.at(e.Pos(), advice, sql))
			}
			return true
		})
	}
	return found
}

// constants maps a package's folder and a name to the value it was declared with.
type constants map[[2]string]ast.Expr

func (r *repo) constants() constants {
	known := constants{}
	for f := range r.code(product) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					known[[2]string{f.pkg(), name.Name}] = spec.Values[i]
				}
			}
			return true
		})
	}
	return known
}

// text is the string that e spells out; a part that cannot be read from the
// source stands as a name.
func (known constants) text(pkg string, e ast.Expr, depth int) string {
	const unknown = "x"
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.ParenExpr:
		return known.text(pkg, e.X, depth)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return known.text(pkg, e.X, depth) + known.text(pkg, e.Y, depth)
		}
	case *ast.Ident:
		if value := known[[2]string{pkg, e.Name}]; value != nil && depth < 8 {
			return known.text(pkg, value, depth+1)
		}
	}
	return unknown
}

func TestOnlyStoreWritesSQL(t *testing.T) {
	rule{check: strayWrites, planted: map[string]string{
		"payments/store.go": `package payments

const verb = "INSERT"

var fine = []string{
	"SELECT id FROM withdrawal WHERE state = $1 FOR UPDATE",
	"Update the client, then delete from the list", "create a table of values", "Create user", "drop it", "DELETE",
	"Insert into the case a reason", "alter ego", "The update sets the address",
}

var bad = []string{
	"INSERT INTO t VALUES (1)",
	` + "`with gone as (delete from \"t\" where id = $1 returning *) select 1 from gone`" + `,
	"update /* quietly */ t\n\tset a = 1",
	verb + " " + "INTO " + fine[0],
	"merge into t using s on true",
	"UPDATE %s SET a = 1",
	"TRUNCATE t",
	"Alter -- this\n table t add column c",
	"DROP TRIGGER t_guard",
	"create unique index i on t (a)",
	"REPLACE INTO t VALUES (1)",
	"UPDATE " + fine[0] + " SET a = 1",
}
`,
		"store/a.go":              "package store\n\nconst q = `DELETE FROM t`",
		"store/storetest/a.go":    "package storetest\n\nconst q = `DELETE FROM t`",
		"payments/a_test.go":      "package payments\n\nconst q = `DELETE FROM t`",
		"store/migrations/1.sql":  "CREATE TABLE t (id text);",
		"payments/migrations.sql": "CREATE TABLE t (id text);",
	}, want: []string{
		"payments/store.go:12", "payments/store.go:13", "payments/store.go:14", "payments/store.go:15",
		"payments/store.go:16", "payments/store.go:17", "payments/store.go:18", "payments/store.go:19",
		"payments/store.go:20", "payments/store.go:21", "payments/store.go:22", "payments/store.go:23",
		"payments/migrations.sql:1",
	}}.enforce(t)
}
