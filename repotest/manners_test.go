package repotest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// workplace finds what belongs to somebody's desk and not to the product:
// where they keep files, what they download through, what helps them type.
// The words are spelt in pieces so that this file does not find itself.
var workplace = map[string]*regexp.Regexp{
	"an absolute local path: make it relative": regexp.MustCompile(
		`(^|[^\w./~-])/(wo` + `rk|ro` + `ot|Us` + `ers|home/[a-z]+)/`),
	"a registry's host: the tools know where they download from": regexp.MustCompile(
		`\b(pro` + `xy|s` + `um)\.golang\.org|registry\.np` + `mjs\.org|(d` + `eb|snapshot|security)\.debian\.org|\bgopr` + `oxy\.(io|cn)|(index\.)?py` + `pi\.org|crat` + `es\.io`),
	"the author's tools: write about the product": regexp.MustCompile(
		`(?i)\b(cla` + `ude|anthr` + `opic|open` + `ai|chat` + `gpt|gp` + `t-\d|copi` + `lot|ll` + `ms?|language mod` + `els?|(ai|coding|sub)[- ]?age` + `nts?|(ai|coding)[- ]assis` + `tants?|ai[- ]gener` + `ated)\b`),
}

// deskFiles are instructions to tools of the desk.
var deskFiles = regexp.MustCompile(`(?i)(^|/)(cla` + `ude\.md|age` + `nts\.md|gem` + `ini\.md|\.cur` + `sor(rules)?|\.cla` + `ude)(/|$)`)

func workplaceWords(r *repo) (found []finding) {
	for _, f := range r.files {
		if deskFiles.MatchString(f.path) {
			found = append(found, finding{f.path + ":1", "instructs a tool of somebody's desk: keep it out of the repository"})
		}
		if strings.ContainsRune(f.text, 0) || path.Base(f.path) == "go.sum" {
			continue // binary, or names that others chose
		}
		for i, line := range strings.Split(f.text, "\n") {
			for what, words := range workplace {
				if m := words.FindString(line); m != "" {
					found = append(found, finding{fmt.Sprintf("%s:%d", f.path, i+1), fmt.Sprintf("%q is %s", strings.TrimSpace(m), what)})
				}
			}
		}
	}
	return found
}

func TestNoWorkplaceWords(t *testing.T) {
	rule{check: workplaceWords, planted: map[string]string{
		"docs/a.md": "see /wo" + "rk/main/core\nGET /v1/wo" + "rk/items\nfrom https://pro" + "xy.golang.org\nasked an A" + "I agent\n" +
			"the introducing agent and the user agent\nby Cla" + "ude\n$(HOME)/x, ./ro" + "ot/x\n`/ro" + "ot/.cache`",
		"AGE" + "NTS.md": "Do this.",
		"go.sum":         "github.com/cla" + "ude/x v1.0.0 h1:",
		"web/a.png":      "\x89PNG\x00 /ro" + "ot/",
	}, want: []string{"docs/a.md:1", "docs/a.md:3", "docs/a.md:4", "docs/a.md:6", "docs/a.md:8", "AGE" + "NTS.md:1"}}.enforce(t)
}

// pages are what a newcomer, a contributor and a researcher look for first.
var pages = []string{"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"}

// missingPages demands all pages as soon as there is one to link them.
func missingPages(r *repo) (found []finding) {
	if r.find("README.md") == nil {
		return nil
	}
	for _, p := range pages {
		if f := r.find(p); f == nil || strings.TrimSpace(f.text) == "" {
			found = append(found, finding{p, "is missing or empty: README.md exists, so the others are due"})
		}
	}
	return found
}

func TestFirstPagesExist(t *testing.T) {
	rule{check: missingPages, planted: map[string]string{
		"README.md": "# Vouchsafe", "SECURITY.md": "\n", "CHANGELOG.md": "# Changes", "ARCHITECTURE.md": "# Architecture",
	}, want: []string{"CONTRIBUTING.md", "SECURITY.md"}}.enforce(t)
	if none := missingPages(&repo{}); !slices.Equal(none, nil) {
		t.Errorf("without README.md the pages are not due yet, but got %v", none)
	}
}
