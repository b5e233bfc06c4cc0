package repotest

import (
	"fmt"
	"go/ast"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tiers lists the top-level packages from the bottom up: imports point down.
// Those of one tier do not know each other.
var tiers = [][]string{
	{"core", "docs"},
	{"store"},
	{"evidence"},
	{"jobs"},
	{"command"},
	{"ledger"},
	domains,
	{"api", "web", "adapters", "bench"},
	{"app"},
	{"cmd"},
}

var domains = []string{
	"access", "approvals", "manuals", "cases", "elsewhere", "clients", "onboarding", "screening", "risk",
	"platform", "payments", "partners", "oversight", "rates",
}

// tier is the index in tiers of the package's top-level folder, or -1.
func tier(pkg string) int {
	return slices.IndexFunc(tiers, func(tops []string) bool { return slices.Contains(tops, top(pkg)) })
}

// imports yields what f imports from the main module, as folders.
func (r *repo) imports(f *file) iter.Seq2[*ast.ImportSpec, string] {
	return func(yield func(*ast.ImportSpec, string) bool) {
		for _, spec := range f.syntax.Imports {
			full, _ := strconv.Unquote(spec.Path.Value)
			if pkg, ours := strings.CutPrefix(full, r.module+"/"); ours && !yield(spec, pkg) {
				return
			}
		}
	}
}

// misdirected says what is wrong with pkg importing what, or "".
func misdirected(pkg, what string) string {
	same := top(pkg) == top(what)
	switch from, to := tier(pkg), tier(what); {
	case testFolder(what):
		return "the product imports test code: move what it needs into a package that ships"
	case from < 0 || to < 0:
		return fmt.Sprintf("%s or %s has no tier: give the folder its place in repotest/imports_test.go and ARCHITECTURE.md", top(pkg), top(what))
	case drawing(pkg) && top(what) != "core" && !drawing(what):
		return "web/ui and web/static draw what they are given and import at most core"
	case same:
		return ""
	case from == to && slices.Contains(domains, top(pkg)):
		return "a domain never imports another: declare the small interface that it reads in ports.go, app introduces them"
	case from <= to:
		return "imports point downward only (see ARCHITECTURE.md): declare a port here, or move the code down"
	case (top(pkg) == "web" || top(pkg) == "api") && top(what) == "store":
		return "handlers hold no store: go by the road (command.Run) or its sibling (command.Ask)"
	}
	return ""
}

// drawing reports whether pkg holds the components and files that pages share.
func drawing(pkg string) bool {
	return strings.HasPrefix(pkg+"/", "web/ui/") || strings.HasPrefix(pkg+"/", "web/static/")
}

func misdirections(r *repo) (found []finding) {
	for f := range r.code(all) {
		for spec, what := range r.imports(f) {
			problem := ""
			switch inDomain := slices.Contains(domains, top(f.path)); {
			case !f.test():
				problem = misdirected(f.pkg(), what)
			case inDomain && slices.Contains(domains, top(what)) && top(what) != top(f.path):
				problem = "a domain's tests do not know another domain either: fake its port"
			}
			if problem != "" {
				found = append(found, r.at(spec.Pos(), "imports %s: %s", what, problem))
			}
		}
	}
	return found
}

func TestImportsPointDownward(t *testing.T) {
	rule{check: misdirections, planted: map[string]string{
		"core/a.go":                    "package core\n\nimport _ \"vouchsafe/store\"",
		"store/a.go":                   "package store\n\nimport _ \"vouchsafe/core\"",
		"payments/a.go":                "package payments\n\nimport _ \"vouchsafe/clients\"",
		"payments/b.go":                "package payments\n\nimport _ \"vouchsafe/store/storetest\"",
		"payments/a_test.go":           "package payments\n\nimport _ \"vouchsafe/clients\"",
		"payments/b_test.go":           "package payments\n\nimport _ \"vouchsafe/app\"",
		"payments/paymentstest/a.go":   "package paymentstest\n\nimport _ \"vouchsafe/risk\"",
		"payments/fees/a.go":           "package fees\n\nimport _ \"vouchsafe/payments\"",
		"web/ui/a.go":                  "package ui\n\nimport _ \"vouchsafe/payments\"",
		"web/ui/b.go":                  "package ui\n\nimport _ \"vouchsafe/web/static\"",
		"web/ui/c.go":                  "package ui\n\nimport _ \"vouchsafe/web/console\"",
		"web/console/a.go":             "package console\n\nimport _ \"vouchsafe/store\"",
		"web/console/b.go":             "package console\n\nimport _ \"vouchsafe/api/v1\"",
		"web/console/c.go":             "package console\n\nimport _ \"vouchsafe/web/ui\"",
		"web/console/console_test.go":  "package console\n\nimport _ \"vouchsafe/store\"",
		"utils/a.go":                   "package utils\n\nimport _ \"vouchsafe/core\"",
		"app/a.go":                     "package app\n\nimport (\n_ \"vouchsafe/web/console\"\n_ \"vouchsafe/cmd/vouchsafe\"\n)",
		"cmd/vouchsafe/main.go":        "package main\n\nimport _ \"vouchsafe/app\"",
		"judges/go.mod":                "module judges",
		"judges/a.go":                  "package judges\n\nimport _ \"vouchsafe/app\"",
		"core/testdata/broken/main.go": "not Go",
	}, want: []string{
		"core/a.go:3", "payments/a.go:3", "payments/b.go:3", "payments/a_test.go:3", "payments/paymentstest/a.go:3",
		"web/ui/a.go:3", "web/ui/c.go:3", "web/console/a.go:3", "web/console/b.go:3", "utils/a.go:3", "app/a.go:5",
	}}.enforce(t)
}

// overreaching finds adapters that know more than the port they serve.
func overreaching(r *repo) (found []finding) {
	serves := map[string]string{} // package to the one domain it may import
	for f := range r.code(product) {
		if top(f.path) != "adapters" {
			continue
		}
		for spec, what := range r.imports(f) {
			switch first := serves[f.pkg()]; {
			case slices.Contains([]string{"adapters", "core", "command"}, top(what)):
			case !slices.Contains(domains, top(what)):
				found = append(found, r.at(spec.Pos(), "an adapter imports %s: it may know core, command and the domain whose port it serves", what))
			case first == "" || first == top(what):
				serves[f.pkg()] = top(what)
			default:
				found = append(found, r.at(spec.Pos(), "an adapter of %s imports %s: one adapter serves one domain's port", first, what))
			}
		}
	}
	return found
}

func TestAdaptersServeOneDomain(t *testing.T) {
	rule{check: overreaching, planted: map[string]string{
		"adapters/mt5/a.go":      "package mt5\n\nimport (\n_ \"vouchsafe/core\"\n_ \"vouchsafe/platform\"\n_ \"vouchsafe/payments\"\n)",
		"adapters/mt5/b.go":      "package mt5\n\nimport _ \"vouchsafe/store\"",
		"adapters/mt5/a_test.go": "package mt5\n\nimport _ \"vouchsafe/store\"",
		"adapters/psp/a.go":      "package psp\n\nimport _ \"vouchsafe/payments\"",
	}, want: []string{"adapters/mt5/a.go:6", "adapters/mt5/b.go:3"}}.enforce(t)
}

// graph maps each package that ships to what it imports from the module.
func (r *repo) graph() map[string]map[string]bool {
	g := map[string]map[string]bool{}
	for f := range r.code(product) {
		if g[f.pkg()] == nil {
			g[f.pkg()] = map[string]bool{}
		}
		for _, what := range r.imports(f) {
			g[f.pkg()][what] = true
		}
	}
	return g
}

// maxDepth is how many imports may follow one another within the module.
const maxDepth = 8

func tooDeep(r *repo) (found []finding) {
	g, chains := r.graph(), map[string][]string{}
	var chain func(pkg string) []string
	chain = func(pkg string) []string {
		if known, ok := chains[pkg]; ok {
			return known
		}
		chains[pkg] = []string{pkg} // a cycle, which does not compile, ends here
		var longest []string
		for what := range g[pkg] {
			if c := chain(what); len(c) > len(longest) {
				longest = c
			}
		}
		chains[pkg] = append([]string{pkg}, longest...)
		return chains[pkg]
	}
	for _, pkg := range slices.Sorted(maps.Keys(g)) {
		if c := chain(pkg); len(c)-1 == maxDepth+1 {
			found = append(found, finding{pkg, fmt.Sprintf("%d imports deep, allowed %d: break %s", len(c)-1, maxDepth, strings.Join(c, " → "))})
		}
	}
	return found
}

func TestImportDepth(t *testing.T) {
	planted := map[string]string{"p0/a.go": "package p"}
	for i := range 11 {
		planted[fmt.Sprintf("p%d/a.go", i+1)] = fmt.Sprintf("package p\n\nimport _ \"vouchsafe/p%d\"", i)
	}
	rule{check: tooDeep, planted: planted, want: []string{"p9"}}.enforce(t)
}

// maxFanOut is how many packages of the module nine packages in ten may import.
const maxFanOut = 8

func tooWide(r *repo) (found []finding) {
	g := r.graph()
	maps.DeleteFunc(g, func(pkg string, _ map[string]bool) bool { return top(pkg) == "app" || top(pkg) == "cmd" })
	width := func(pkg string) int { return len(g[pkg]) }
	pkgs := slices.Sorted(maps.Keys(g))
	if p90(pkgs, width) <= maxFanOut {
		return nil
	}
	for _, pkg := range pkgs {
		if width(pkg) > maxFanOut {
			found = append(found, finding{pkg, fmt.Sprintf("imports %d packages of ours; only one package in ten may import more than %d: split it or use ports", width(pkg), maxFanOut)})
		}
	}
	return found
}

func TestImportFanOut(t *testing.T) {
	wide := "package wide\n\nimport (\n"
	for i := range 9 {
		wide += fmt.Sprintf("_ \"vouchsafe/p%d\"\n", i)
	}
	rule{check: tooWide, planted: map[string]string{
		"web/wide/a.go": wide + ")", "app/a.go": wide + ")", "core/a.go": "package core",
	}, want: []string{"web/wide"}}.enforce(t)
}
