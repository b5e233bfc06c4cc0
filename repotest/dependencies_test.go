package repotest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forbidden maps an import path's beginning to why we do without.
var forbidden = map[string]string{
	"C":                               "cgo ends the single static binary and cross-compilation",
	"github.com/mattn/go-sqlite3":     "it needs cgo; modernc.org/sqlite is the SQLite here",
	"github.com/lib/pq":               "one PostgreSQL driver is enough: pgx",
	"gorm.io/":                        "an ORM writes rows that no recorded table saw",
	"github.com/jinzhu/gorm":          "an ORM writes rows that no recorded table saw",
	"entgo.io/ent":                    "an ORM writes rows that no recorded table saw",
	"github.com/uptrace/bun":          "an ORM writes rows that no recorded table saw",
	"github.com/Masterminds/squirrel": "SQL is literal here, so that it can be read and searched",
	"github.com/jmoiron/sqlx":         "database/sql and a scan function are enough",
	"github.com/stretchr/testify":     "tests are written in Go, not in an assertion language",
	"github.com/onsi/":                "tests are written in Go, not in an assertion language",
	"gotest.tools/":                   "tests are written in Go, not in an assertion language",
	"github.com/smartystreets/":       "tests are written in Go, not in an assertion language",
	"github.com/golang/mock":          "fakes are written by hand and pass the port's contract suite",
	"go.uber.org/mock":                "fakes are written by hand and pass the port's contract suite",
	"github.com/sirupsen/logrus":      "log/slog logs",
	"go.uber.org/zap":                 "log/slog logs",
	"github.com/rs/zerolog":           "log/slog logs",
	"github.com/gin-gonic/":           "net/http routes and serves",
	"github.com/labstack/echo":        "net/http routes and serves",
	"github.com/gofiber/":             "net/http routes and serves",
	"github.com/gorilla/mux":          "net/http routes and serves",
	"github.com/spf13/viper":          "configuration is a struct that one function reads",
	"github.com/pkg/errors":           "errors and core.Fault wrap",
	"github.com/google/wire":          "app wires by hand, in one readable place",
	"go.uber.org/fx":                  "app wires by hand, in one readable place",
	"go.uber.org/dig":                 "app wires by hand, in one readable place",
	"github.com/samber/":              "the language has loops and the library has slices, maps and iter",
	"github.com/dgrijalva/jwt-go":     "abandoned, and sessions are server-side",
	"github.com/shopspring/decimal":   "money is integer minor units; rates use one decimal library",
	"github.com/go-rod/":              "browser tests use chromedp",
	"github.com/playwright-community": "browser tests use chromedp; this one downloads its driver",
}

// external yields each import from outside the module and the standard library.
func (r *repo) external(report func(f *file, path string, found finding)) {
	for f := range r.code(all) {
		for _, spec := range f.syntax.Imports {
			full, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(full, "/"); full == "C" || strings.Contains(first, ".") {
				report(f, full, r.at(spec.Pos(), "imports %s", full))
			}
		}
	}
}

func forbiddenImports(r *repo) (found []finding) {
	r.external(func(_ *file, full string, at finding) {
		for prefix, why := range forbidden {
			if full == prefix || prefix != "C" && strings.HasPrefix(full, prefix) {
				at.what += ", which we do without: " + why
				found = append(found, at)
			}
		}
	})
	return found
}

func TestForbiddenDependencies(t *testing.T) {
	rule{check: forbiddenImports, planted: map[string]string{
		"core/a.go":      "package core\n\nimport (\n\"C\"\n_ \"gorm.io/gorm\"\n_ \"database/sql\"\n_ \"modernc.org/sqlite\"\n)",
		"core/a_test.go": "package core\n\nimport _ \"github.com/stretchr/testify/require\"",
		"judges/go.mod":  "module judges",
		"judges/a.go":    "package judges\n\nimport _ \"github.com/mattn/go-sqlite3\"",
	}, want: []string{"core/a.go:4", "core/a.go:5", "core/a_test.go:3"}}.enforce(t)
}

var (
	requirement = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) v\S+`)
	reasonRow   = regexp.MustCompile("(?m)^\\| *`([^`]+)` *\\|.*\\|$")
)

const reasons = "docs/decisions/0002-dependencies.md"

// unreasoned compares the modules that are imported with the table of reasons.
func unreasoned(r *repo) (found []finding) {
	used, reasoned := r.directModules(), map[string]bool{}
	if table := r.find(reasons); table != nil {
		for i, line := range strings.Split(table.text, "\n") {
			if row := reasonRow.FindStringSubmatch(line); row != nil {
				reasoned[row[1]] = true
				if _, ok := used[row[1]]; !ok {
					found = append(found, finding{fmt.Sprintf("%s:%d", reasons, i+1), row[1] + " is not imported any more: remove its row"})
				}
			}
		}
	}
	for _, module := range slices.Sorted(maps.Keys(used)) {
		if !reasoned[module] {
			at := used[module]
			at.what += fmt.Sprintf(": add a row for `%s` to %s, or do without", module, reasons)
			found = append(found, at)
		}
	}
	return found
}

// directModules maps each required module that our code imports to where. (The
// go command marks them "// indirect" until go mod tidy runs, so it is the
// imports that tell.)
func (r *repo) directModules() map[string]finding {
	required := []string{}
	if mod := r.find("go.mod"); mod != nil {
		for _, m := range requirement.FindAllStringSubmatch(mod.text, -1) {
			required = append(required, m[1])
		}
	}
	used := map[string]finding{}
	r.external(func(_ *file, full string, at finding) {
		module := ""
		for _, m := range required {
			if strings.HasPrefix(full+"/", m+"/") && len(m) > len(module) {
				module = m
			}
		}
		if _, seen := used[module]; !seen && module != "" {
			used[module] = at
		}
	})
	return used
}

func TestDependenciesHaveReasons(t *testing.T) {
	rule{check: unreasoned, planted: map[string]string{
		"go.mod":       "module vouchsafe\n\nrequire example.org/one v1.0.0\n\nrequire (\n\texample.org/two v1.0.0\n\texample.org/two/v2 v2.0.0 // indirect\n\texample.org/idle v1.0.0 // indirect\n)\n",
		"core/a.go":    "package core\n\nimport (\n_ \"example.org/one/deep\"\n_ \"example.org/two/v2\"\n)",
		"core/b.go":    "package core\n\nimport _ \"example.org/two\"",
		reasons:        "| Module | Why |\n|---|---|\n| `example.org/one` | good |\n| `example.org/gone` | was good |\n",
		"tools/go.mod": "module tools\n\nrequire example.org/tool v1.0.0\n",
	}, want: []string{"core/a.go:5", "core/b.go:3", reasons + ":4"}}.enforce(t)
}

func replacements(r *repo) (found []finding) {
	mod := r.find("go.mod")
	if mod == nil {
		return []finding{{"go.mod", "is missing"}}
	}
	for i, line := range strings.Split(mod.text, "\n") {
		if code, _, _ := strings.Cut(line, "//"); strings.Contains(code, "=>") {
			found = append(found, finding{fmt.Sprintf("go.mod:%d", i+1), "replaces a module, which breaks go install and hides what is built: use a released version"})
		}
	}
	return found
}

func TestNoModuleIsReplaced(t *testing.T) {
	rule{check: replacements, planted: map[string]string{
		"go.mod": "module vouchsafe\n\nreplace example.org/a => ../a\n\nreplace (\n\texample.org/b => example.org/c v1.0.0\n)\n// a => b\n",
	}, want: []string{"go.mod:3", "go.mod:6"}}.enforce(t)
}
