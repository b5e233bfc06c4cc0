package access

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

// notActors are references of kind sys under which nobody acts: the names of
// keys that belong to no person.
var notActors = []string{"sys_master", "sys_terms", "sys_inputs", "sys_tags", "sys_vault"}

// invented are parts that tests of refusals make up.
var invented = []string{"sys_everything", "sys_clocks"}

// partNames are the names of this package's constants.
var partNames = map[string]core.Ref{
	"SysInstall": SysInstall, "SysClock": SysClock, "SysSignin": SysSignin, "SysPayments": SysPayments,
	"SysPlatform": SysPlatform, "SysFindings": SysFindings, "SysRates": SysRates, "SysDirectory": SysDirectory, "SysCLI": SysCLI,
}

// The parts of the program that act, wherever in the code they are named, and
// those that the policies know are the same: one that the policies do not know
// is denied everything, and one that nobody is holds rights for nothing.
func TestTheSystemActorsOfTheCodeAreThoseOfThePolicies(t *testing.T) {
	a := authorizer(t)
	known := map[string]bool{}
	for uid := range a.set.parts {
		known[string(uid.ID)] = true
	}
	acting := map[string]bool{}
	for path, file := range sources(t) {
		if !strings.HasSuffix(path, "_test.go") {
			for _, actor := range actorsNamed(file) {
				acting[actor] = true
			}
		}
		for _, literal := range literals(file, regexp.MustCompile(`^sys_[a-z]+$`)) {
			if !known[literal] && !slices.Contains(notActors, literal) && !slices.Contains(invented, literal) {
				t.Errorf("%s names %s, which the policies do not know", path, literal)
			}
		}
	}
	if len(acting) < 3 {
		t.Fatalf("only %v were found: the search is broken", acting)
	}
	for _, actor := range slices.Sorted(maps.Keys(acting)) {
		if !known[actor] {
			t.Errorf("the program acts as %s, which the policies do not know", actor)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(known)) {
		if !acting[part] {
			t.Errorf("the policies know %s, and nothing acts as it: take it out", part)
		}
	}
	if len(partNames) != len(known) {
		t.Errorf("%d parts have constants, the policies know %d", len(partNames), len(known))
	}
}

// sources parses every Go file of the module.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (d.Name()[0] == '.' || d.Name() == "judges" || d.Name() == "tools"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_templ.go"):
			return nil
		}
		out[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// actorsNamed lists who acts in a file: the Ref of each evidence.Actor that is
// written out there, where it is a part of the program.
func actorsNamed(file *ast.File) (out []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Actor" {
			return true
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := kv.Key.(*ast.Ident); !ok || key.Name != "Ref" {
				continue
			}
			switch v := kv.Value.(type) {
			case *ast.BasicLit:
				if s, _ := strconv.Unquote(v.Value); strings.HasPrefix(s, "sys_") {
					out = append(out, s)
				}
			case *ast.Ident:
				out = appendPart(out, v.Name)
			case *ast.SelectorExpr:
				out = appendPart(out, v.Sel.Name)
			}
		}
		return true
	})
	return out
}

func appendPart(out []string, name string) []string {
	if ref, ok := partNames[name]; ok {
		return append(out, string(ref))
	}
	return out
}

// literals lists the text literals of a file that match.
func literals(file *ast.File, match *regexp.Regexp) (out []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && match.MatchString(s) {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}

// Who is asked to approve can answer: a rule that asked a role which the
// policies do not let decide would leave its proposals open until they expire.
func TestARuleThatAsksWhoMayNotAnswerIsRefusedAtStart(t *testing.T) {
	a := authorizer(t)
	lift := listed("clients.restriction.lift", core.KindClient, string(SeniorCompliance))
	if err := a.CheckCommands(lift); err != nil {
		t.Error(err)
	}
	for _, role := range []Role{Compliance, Support, Auditor, "nobody"} {
		if err := a.CheckCommands(listed("clients.restriction.lift", core.KindClient, string(role))); err == nil {
			t.Errorf("a rule may ask %s, who may not answer", role)
		}
	}
}

func listed(a command.Action, k core.Kind, approvers ...string) []command.Listed {
	return []command.Listed{{Action: a, Doc: command.Doc{Kind: k, Approvers: approvers}}}
}
