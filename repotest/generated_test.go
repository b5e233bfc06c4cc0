package repotest

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouchsafe/repotest/need"
)

// drift writes texts into dir, without what templ generated, lets generate
// write there, and returns every file that then differs.
func drift(dir string, texts map[string]string, generate func(dir string) error) (found []finding, err error) {
	for p, text := range texts {
		to := filepath.Join(dir, filepath.FromSlash(p))
		if strings.HasSuffix(p, "_templ.go") {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(to, []byte(text), 0o755); err != nil {
			return nil, err
		}
	}
	if err := generate(dir); err != nil {
		return nil, err
	}
	after, err := tree(dir)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Sorted(maps.Keys(texts)) {
		if now, ok := after[p]; !ok {
			found = append(found, finding{p, "is generated from nothing any more: delete it"})
		} else if now != texts[p] {
			found = append(found, finding{p, "is stale: run `make generate` and commit the result"})
		}
		delete(after, p)
	}
	for _, p := range slices.Sorted(maps.Keys(after)) {
		found = append(found, finding{p, "is generated but not committed: run `make generate` and commit it"})
	}
	return found, nil
}

// tree reads every file below dir.
func tree(dir string) (map[string]string, error) {
	texts := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		texts[filepath.ToSlash(rel)] = string(text)
		return err
	})
	return texts, err
}

// makeGenerate runs the repository's own generators on the copy in dir.
func makeGenerate(t *testing.T) func(dir string) error {
	return func(dir string) error {
		generate := exec.Command(need.Program(t, "tools", "make"), "--no-print-directory", "generate")
		generate.Dir, generate.Env = dir, append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
		out, err := generate.CombinedOutput()
		if err != nil {
			t.Logf("make generate:\n%s", out)
		}
		return err
	}
}

// TestGeneratedFilesAreCurrent generates in a copy, so that a working tree with
// unfinished work is neither touched nor mistaken for drift.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Run("can fail", func(t *testing.T) {
		found, err := drift(t.TempDir(), map[string]string{
			"a_templ.go": "old", "docs/map.md": "old", "orphan_templ.go": "old", "core/a.go": "package core",
		}, func(dir string) error {
			for p, text := range map[string]string{"a_templ.go": "old", "docs/map.md": "new", "new_templ.go": "new"} {
				if err := os.WriteFile(filepath.Join(dir, p), []byte(text), 0o600); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.where)
		}
		if want := []string{"docs/map.md", "orphan_templ.go", "new_templ.go"}; !slices.Equal(got, want) {
			t.Errorf("drift found in %q, want %q", got, want)
		}
	})
	t.Run("holds", func(t *testing.T) {
		tool := exec.Command("go", "tool", "-modfile=tools/go.mod", "templ", "version")
		tool.Dir = ".."
		if out, err := tool.CombinedOutput(); err != nil {
			need.Missing(t, "tools", "templ cannot be built: "+string(out))
		}
		here, err := checkout()
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for _, f := range here.files {
			texts[f.path] = f.text
		}
		found, err := drift(t.TempDir(), texts, makeGenerate(t))
		if err != nil {
			t.Fatalf("generate in a copy: %v", err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", f.where, f.what)
		}
	})
}
