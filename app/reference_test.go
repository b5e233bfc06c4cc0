package app

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// root is the repository, from this folder.
const root = ".."

// The reference pages are made from the program itself. VOUCHSAFE_UPDATE=reference
// writes them; without it, a page that is not current fails.
func TestReferenceIsCurrent(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	cfg := Config{Data: dir, Host: "reference.example"}
	cfg, err := cfg.complete()
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(ctx, cfg, t.Output()); err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctx, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	src := readSource(t)
	for file, text := range map[string]string{
		"docs/map.md":            src.mapPage(t, a.Road.Registry.List()) + permissionsTable(a.Domains.Policy.Catalogue(a.Road.Registry)),
		"docs/guide/problems.md": src.problemsPage(),
	} {
		path := filepath.Join(root, filepath.FromSlash(file))
		if os.Getenv("VOUCHSAFE_UPDATE") == "reference" {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != text {
			t.Errorf("%s is not current: run `make generate` (%v)", file, err)
		}
	}
}

// source is what the pages need of the program's text.
type source struct {
	acts     map[string]string   // action to the file that declares it
	policies map[string][]string // action to the policies that name it
	problems map[string]problem
}

type problem struct {
	kind  string
	api   string // the status that the API answers, where it says more than the kind does
	texts []string
	pkgs  []string
}

var (
	actionLine = regexp.MustCompile(`Action\(\) (?:command\.)?Action\s+\{ return "([a-z.]+)" \}`)
	policyHead = regexp.MustCompile(`@id\("([^"]+)"\)`)
	policyAct  = regexp.MustCompile(`Action::"([^"]+)"`)
)

func readSource(t *testing.T) *source {
	t.Helper()
	s := &source{acts: map[string]string{}, policies: map[string][]string{}, problems: map[string]problem{}}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || slices.Contains([]string{"tools", "judges", "adapters", "repotest", "e2e"}, path)):
			return cmp.Or(err, map[bool]error{true: fs.SkipDir}[err == nil])
		case strings.HasSuffix(path, ".cedar"):
			return s.policyFile(path)
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go"):
			return s.goFile(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *source) policyFile(path string) error {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return err
	}
	heads := policyHead.FindAllStringSubmatchIndex(string(text), -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		id := string(text[h[2]:h[3]])
		for _, m := range policyAct.FindAllStringSubmatch(string(text[h[0]:end]), -1) {
			if !slices.Contains(s.policies[m[1]], id) {
				s.policies[m[1]] = append(s.policies[m[1]], id)
			}
		}
	}
	return nil
}

func (s *source) goFile(path string) error {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return err
	}
	for _, m := range actionLine.FindAllStringSubmatch(string(text), -1) {
		s.acts[m[1]] = path
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	pkg, _, _ := strings.Cut(path, "/")
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s.call(pkg, n)
		case *ast.CompositeLit:
			s.literal(pkg, n)
		}
		return true
	})
	return nil
}

// call takes what makes a fault, and what gives one a status of its own:
// status(http.StatusBadRequest, core.NewFault(…)).
func (s *source) call(pkg string, n *ast.CallExpr) {
	switch name := calledName(n); {
	case (name == "NewFault" || name == "Faultf") && len(n.Args) >= 3:
		s.add(pkg, kindOf(n.Args[0]), textOf(n.Args[1]), textOf(n.Args[2]))
	case name == "status" && len(n.Args) == 2:
		fault, ok := n.Args[1].(*ast.CallExpr)
		if !ok || calledName(fault) != "NewFault" {
			return
		}
		s.call(pkg, fault)
		p := s.problems[textOf(fault.Args[1])]
		p.api = kindOf(n.Args[0])
		s.problems[textOf(fault.Args[1])] = p
	}
}

// literal takes a Refusal{Code: …, Text: …}, with or without its type's name.
func (s *source) literal(pkg string, n *ast.CompositeLit) {
	if id, ok := n.Type.(*ast.Ident); n.Type != nil && !(ok && id.Name == "Refusal") {
		if sel, ok := n.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Refusal" {
			return
		}
	}
	var code, text string
	for _, e := range n.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		switch key, _ := kv.Key.(*ast.Ident); {
		case key == nil:
			return
		case key.Name == "Code":
			code = textOf(kv.Value)
		case key.Name == "Text":
			text = textOf(kv.Value)
		}
	}
	s.add(pkg, "Refused", code, text)
}

func (s *source) add(pkg, kind, code, text string) {
	if code == "" || text == "" || strings.ContainsAny(code, " …") {
		return
	}
	p := s.problems[code]
	if p.kind == "" {
		p.kind = kind
	}
	if !slices.Contains(p.texts, text) {
		p.texts = append(p.texts, text)
	}
	if !slices.Contains(p.pkgs, pkg) {
		p.pkgs = append(p.pkgs, pkg)
	}
	s.problems[code] = p
}

func calledName(n *ast.CallExpr) string {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// textOf is a string as written; what is put in while the program runs is an
// ellipsis.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return formatVerb.ReplaceAllString(s, "…")
	case *ast.BinaryExpr:
		return strings.ReplaceAll(textOf(e.X)+textOf(e.Y), "……", "…")
	}
	return "…"
}

var formatVerb = regexp.MustCompile(`%[a-zA-Z]`)

func (s *source) problemsPage() string {
	var b strings.Builder
	b.WriteString("# Problems\n\nEvery refusal has a code that does not change. An answer of the API names it; a page links here. `…` stands for what the message fills in.\n\n")
	b.WriteString("")
	for _, code := range slices.Sorted(maps.Keys(s.problems)) {
		p := s.problems[code]
		fmt.Fprintf(&b, "\n### %s\n\n*%s*\n\n", code, p.says())
		for _, text := range p.texts {
			fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(strings.ReplaceAll(text, "|", "\\|"), "\n", " "))
		}
	}
	return b.String()
}

// says is what sort of refusal it is, with the status that a program gets.
func (p problem) says() string {
	if p.api == "" {
		return kindWords[p.kind]
	}
	status := statusWords[p.api]
	if status == "" {
		panic("say in statusWords what " + p.api + " is")
	}
	return status
}

// statusWords are the statuses that the API gives to what it cannot read.
var statusWords = map[string]string{
	"StatusBadRequest": "the request cannot be read (400)", "StatusMethodNotAllowed": "the address does not take this method (405)",
	"StatusRequestTimeout": "the request took too long (408)", "StatusRequestEntityTooLarge": "the request is too large (413)",
	"StatusUnsupportedMediaType": "the body is of another type (415)",
}

// kindWords say what sort of refusal a fault's kind is, and its HTTP status.
var kindWords = map[string]string{
	"Invalid": "the input is wrong (422)", "Unknown": "no such record, or not yours to see (404)", "Unsignedin": "nobody is signed in (401)",
	"Denied": "policy does not allow it (403)", "Refused": "a rule of the firm says no (409)", "Conflict": "somebody else was first (409)",
	"Throttled": "too many tries (429)", "Unavailable": "a system that is needed does not answer (503)", "Internal": "our mistake (500)", "": "refused",
}

func (s *source) mapPage(t *testing.T, commands []command.Listed) string {
	var b strings.Builder
	b.WriteString("# Map\n\nEvery act of the program, where it stands, and which policies name it: the inventory of controls. Made by `make generate`; a test fails when it is not current.\n\n")
	b.WriteString("## Commands\n\n| Act | Action | File | Record | Runs it | Policies |\n|---|---|---|---|---|---|\n")
	for _, c := range commands {
		who := "people"
		switch {
		case c.Doc.System:
			who = "the system"
		case c.Doc.StepUp:
			who = "people, with a fresh second factor"
		case c.Doc.ApproveStepUp:
			who = "people; its approvers with a fresh second factor"
		}
		file := s.acts[string(c.Action)]
		if file == "" {
			t.Errorf("%s: no file declares this action in one line", c.Action)
		}
		delete(s.acts, string(c.Action))
		fmt.Fprintf(&b, "| %s | `%s` | [%s](../%s) | %s | %s | %s |\n", c.Doc.Title, c.Action, file, file, kindName(c.Doc.Kind), who, s.named(string(c.Action)))
	}
	b.WriteString("\n## Reads\n\n| Action | File | Policies |\n|---|---|---|\n")
	for _, act := range slices.Sorted(maps.Keys(s.acts)) {
		fmt.Fprintf(&b, "| `%s` | [%s](../%s) | %s |\n", act, s.acts[act], s.acts[act], s.named(act))
	}
	b.WriteString("\n## Events\n\n| Event | Class | Meaning |\n|---|---|---|\n")
	for _, e := range evidence.Types() {
		if !strings.HasPrefix(e.Name, "test.") && !strings.HasPrefix(e.Name, "toy.") {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, strconv.Itoa(int(e.Class)), e.Meaning)
		}
	}
	return b.String()
}

func (s *source) named(act string) string {
	var out []string
	for _, id := range s.policies[act] {
		out = append(out, "`"+id+"`")
	}
	if len(out) == 0 {
		return "—"
	}
	return strings.Join(out, " ")
}

func kindName(k core.Kind) string { return "`" + string(k) + "`" }

// The page of problems tells the status that a program gets, also where the
// API says more than the kind of the fault does.
func TestProblemsTellTheStatusOfTheAPI(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/guide/problems.md"))
	if err != nil {
		t.Fatal(err)
	}
	for code, status := range map[string]string{
		"key-missing": "400", "malformed": "400", "method-not-allowed": "405", "body-too-slow": "408", "body-too-large": "413", "not-json": "415", "bad-cursor": "422",
	} {
		_, after, _ := strings.Cut(string(text), "\n### "+code+"\n\n")
		line, _, _ := strings.Cut(after, "\n")
		if !strings.HasSuffix(line, "("+status+")*") {
			t.Errorf("%s is told as %q, the API answers %s", code, line, status)
		}
	}
}
