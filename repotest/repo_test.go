package repotest

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// repo is what a rule sees: the files of one checkout, real or planted.
type repo struct {
	module string // the main module's path
	files  []*file
	fset   *token.FileSet
}

// file is one file of the repository; syntax is nil unless it is Go code of
// the main module.
type file struct {
	path   string
	text   string
	syntax *ast.File
}

// finding is one violation: where it is and what to do about it.
type finding struct{ where, what string }

// rule is one promise about the repository and the proof that it can be broken.
type rule struct {
	check   func(*repo) []finding
	planted map[string]string // a small repository, path to text
	want    []string          // the places of exactly the findings in it
}

// enforce proves that the rule can fail, then demands that it holds here.
func (r rule) enforce(t *testing.T) {
	t.Run("can fail", func(t *testing.T) {
		planted, err := newRepo(r.planted)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.check(planted) {
			got = append(got, f.where)
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(r.want)); !slices.Equal(got, want) {
			t.Errorf("planted violations found at\n\t%q, want\n\t%q", got, want)
		}
	})
	t.Run("holds", func(t *testing.T) {
		here, err := checkout()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.check(here) {
			t.Errorf("%s: %s", f.where, f.what)
		}
	})
}

// checkout is this repository, read once.
var checkout = sync.OnceValues(func() (*repo, error) {
	texts := map[string]string{}
	for _, p := range listing() {
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(p)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, not yet committed
		}
		if err != nil {
			return nil, err
		}
		texts[p] = string(text)
	}
	return newRepo(texts)
})

// listing names the files of the checkout: from git, or, in an exported tree
// without one, every file there is.
func listing() (paths []string) {
	git := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard")
	git.Dir = ".."
	if out, err := git.Output(); err == nil {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	_ = fs.WalkDir(os.DirFS(".."), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, p)
		}
		return err
	})
	return paths
}

// newRepo parses the Go code of the main module among texts.
func newRepo(texts map[string]string) (*repo, error) {
	r := &repo{module: "vouchsafe", fset: token.NewFileSet()}
	for _, p := range slices.Sorted(maps.Keys(texts)) {
		f := &file{path: p, text: texts[p]}
		if strings.HasSuffix(p, ".go") && !strings.Contains("/"+p, "/testdata/") && !otherModule(texts, p) {
			syntax, err := parser.ParseFile(r.fset, p, f.text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			f.syntax = syntax
		}
		r.files = append(r.files, f)
	}
	return r, nil
}

// otherModule reports whether a go.mod below the root governs p.
func otherModule(texts map[string]string, p string) bool {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if _, ok := texts[dir+"/go.mod"]; ok {
			return true
		}
	}
	return false
}

// code yields the main module's Go files that keep passes.
func (r *repo) code(keep func(*file) bool) iter.Seq[*file] {
	return func(yield func(*file) bool) {
		for _, f := range r.files {
			if f.syntax != nil && keep(f) && !yield(f) {
				return
			}
		}
	}
}

// find returns the file at p, or nil.
func (r *repo) find(p string) *file {
	for _, f := range r.files {
		if f.path == p {
			return f
		}
	}
	return nil
}

// at makes a finding about the code at pos.
func (r *repo) at(pos token.Pos, format string, args ...any) finding {
	p := r.fset.Position(pos)
	return finding{fmt.Sprintf("%s:%d", p.Filename, p.Line), fmt.Sprintf(format, args...)}
}

// all keeps every file.
func all(*file) bool { return true }

// product keeps what ships: everything but tests.
func product(f *file) bool { return !f.test() }

// written keeps what ships and a person wrote.
func written(f *file) bool { return !f.test() && !ast.IsGenerated(f.syntax) }

// pkg is the folder of f, which is its import path within the module.
func (f *file) pkg() string { return path.Dir(f.path) }

// test reports whether f only serves tests: a test file, or anything in a
// folder whose name ends in "test" or in a folder of end-to-end tests.
func (f *file) test() bool { return strings.HasSuffix(f.path, "_test.go") || testFolder(f.pkg()) }

func testFolder(dir string) bool {
	return top(dir) == "e2e" || slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool {
		return strings.HasSuffix(name, "test")
	})
}

// top is the first folder of a path.
func top(p string) string {
	first, _, _ := strings.Cut(p, "/")
	return first
}

// lines is the number of lines of f.
func (f *file) lines() int { return strings.Count(f.text, "\n") }

// p90 is the ninetieth percentile of the sizes (nearest rank).
func p90[S any](sizes []S, size func(S) int) int {
	if len(sizes) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(sizes), func(a, b S) int { return cmp.Compare(size(a), size(b)) })
	return size(sorted[(len(sorted)*9+9)/10-1])
}

func TestP90IsTheNearestRank(t *testing.T) {
	itself := func(n int) int { return n }
	if got := p90([]int{1, 2, 3, 4, 5, 6, 7, 8, 90, 100}, itself); got != 90 {
		t.Errorf("p90 of ten is %d, want the ninth", got)
	}
	if got := p90([]int{7}, itself); got != 7 {
		t.Errorf("p90 of one is %d, want it", got)
	}
}
