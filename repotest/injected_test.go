package repotest

import (
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// uses yields the selections pkg.Name that f makes from the imported package,
// whatever name it is imported under.
func (f *file) uses(imported string, report func(*ast.SelectorExpr)) {
	name := ""
	for _, spec := range f.syntax.Imports {
		if full, _ := strconv.Unquote(spec.Path.Value); full == imported {
			if name = full[strings.LastIndex(full, "/")+1:]; spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && name != "" {
				report(sel)
			}
		}
		return true
	})
}

func strayPrints(r *repo) (found []finding) {
	const advice = "%s prints past whoever runs us: return an error, write to an io.Writer or use the injected slog.Logger; only cmd prints"
	for f := range r.code(product) {
		if top(f.path) == "cmd" {
			continue
		}
		f.uses("log", func(sel *ast.SelectorExpr) { found = append(found, r.at(sel.Pos(), advice, "log."+sel.Sel.Name)) })
		f.uses("fmt", func(sel *ast.SelectorExpr) {
			if strings.HasPrefix(sel.Sel.Name, "Print") {
				found = append(found, r.at(sel.Pos(), advice, "fmt."+sel.Sel.Name))
			}
		})
	}
	return found
}

func TestOnlyCommandsPrint(t *testing.T) {
	rule{check: strayPrints, planted: map[string]string{
		"core/a.go":             "package core\n\nimport (\n\"fmt\"\nl \"log\"\n)\n\nfunc f() {\nfmt.Println()\n_ = fmt.Sprint()\nl.Printf(\"\")\n}",
		"cmd/vouchsafe/main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }",
		"core/a_test.go":        "package core\n\nimport \"fmt\"\n\nfunc Example() { fmt.Println() }",
	}, want: []string{"core/a.go:9", "core/a.go:11"}}.enforce(t)
}

// simulator matches a file or folder of an adapter that plays the outside:
// sim.go, sim_orders.go, simulator.go, sim/, mt5sim/.
var simulator = regexp.MustCompile(`^adapters/.*\b(\w*sim|sim_\w+|simulator)(/|\.go$)`)

// owner reports whether f may reach for the machine's clock and chance itself:
// where they are defined, where they are injected, in simulators, and where time
// is measured.
func owner(f *file) bool {
	return simulator.MatchString(f.path) || slices.Contains([]string{"core", "app", "cmd", "bench"}, top(f.path))
}

func strayClocks(r *repo) (found []finding) {
	for f := range r.code(product) {
		if owner(f) {
			continue
		}
		f.uses("time", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				found = append(found, r.at(sel.Pos(), "time.%s reads the machine's clock: take a core.Clock (say which: business or wall)", sel.Sel.Name))
			}
		})
		for _, spec := range f.syntax.Imports {
			if full, _ := strconv.Unquote(spec.Path.Value); slices.Contains([]string{"math/rand", "math/rand/v2", "crypto/rand"}, full) {
				found = append(found, r.at(spec.Pos(), "%s is chance of its own: take the injected core.Entropy", full))
			}
		}
	}
	return found
}

func TestClocksAndChanceAreInjected(t *testing.T) {
	rule{check: strayClocks, planted: map[string]string{
		"core/a.go":                 "package core\n\nimport \"time\"\n\nvar now = time.Now",
		"risk/a.go":                 "package risk\n\nimport wall \"time\"\n\nvar now = wall.Now\n\nfunc f(t wall.Time) wall.Duration { return wall.Since(t) }",
		"risk/b.go":                 "package risk\n\nimport (\n_ \"crypto/rand\"\n_ \"math/rand/v2\"\n)",
		"risk/a_test.go":            "package risk\n\nimport \"time\"\n\nvar now = time.Now",
		"adapters/mt5/sim.go":       "package mt5\n\nimport \"time\"\n\nvar now = time.Now",
		"adapters/mt5/mt5sim/a.go":  "package mt5sim\n\nimport \"time\"\n\nvar now = time.Now",
		"adapters/lists/similar.go": "package lists\n\nimport \"time\"\n\nvar now = time.Now",
		"adapters/mt5/live.go":      "package mt5\n\nimport \"time\"\n\nvar now = time.Now",
	}, want: []string{"risk/a.go:5", "risk/a.go:7", "risk/b.go:4", "risk/b.go:5", "adapters/mt5/live.go:5", "adapters/lists/similar.go:5"}}.enforce(t)
}

func bareSkips(r *repo) (found []finding) {
	const advice = "a skip that nobody sees: call need.Missing (vouchsafe/repotest/need), which fails where VOUCHSAFE_REQUIRE demands it"
	for f := range r.code(func(f *file) bool { return f.pkg() != "repotest/need" }) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Skip") && isTB(sel.X) {
				found = append(found, r.at(sel.Pos(), advice))
			}
			return true
		})
	}
	return append(found, scriptSkips(r)...)
}

// isTB reports whether e is what tests call their testing.TB.
func isTB(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return slices.Contains([]string{"t", "tb", "b", "f"}, strings.ToLower(name))
}

// scriptSkips finds the skip command in test scripts.
func scriptSkips(r *repo) (found []finding) {
	for _, f := range r.files {
		if !strings.HasSuffix(f.path, ".txtar") {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			if words := strings.Fields(line); len(words) > 0 && (words[0] == "skip" || strings.HasPrefix(words[0], "[") && slices.Contains(words, "skip")) {
				found = append(found, finding{f.path + ":" + strconv.Itoa(i+1), "a script that skips unseen: let the harness call need.Missing before it runs"})
			}
		}
	}
	return found
}

func TestNothingIsSkippedUnseen(t *testing.T) {
	rule{check: bareSkips, planted: map[string]string{
		"core/a_test.go":        "package core\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\nt.Skip()\n(bundle{t}).tb.Skipf(\"\")\nscanner.Skip()\n}",
		"core/coretest/a.go":    "package coretest\n\nimport \"testing\"\n\nfunc Need(tb testing.TB) { tb.SkipNow() }",
		"repotest/need/need.go": "package need\n\nimport \"testing\"\n\nfunc Missing(tb testing.TB) { tb.Skipf(\"\") }",
		"e2e/scripts/a.txtar":   "as maria\n[!exec:psql] skip\n\tskip later\nevent skipped",
	}, want: []string{"core/a_test.go:6", "core/a_test.go:7", "core/coretest/a.go:5", "e2e/scripts/a.txtar:2", "e2e/scripts/a.txtar:3"}}.enforce(t)
}
