package guide_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"vouchsafe/docs"
	"vouchsafe/web/guide"
)

// Every file is a page, every link leads somewhere, and nothing is raw HTML.
func TestGuide(t *testing.T) {
	files, err := fs.Glob(docs.Guide, "guide/*.md")
	if err != nil || len(files) != len(guide.Pages()) {
		t.Fatalf("%d files, %d pages: %v", len(files), len(guide.Pages()), err)
	}
	link := regexp.MustCompile(`href="(/docs/([a-z]*)[^"]*)"`)
	for _, p := range guide.Pages() {
		if p.Title == "" || strings.Contains(p.Title, "#") || strings.Contains(p.HTML, "raw HTML omitted") && p.Name != "problems" {
			t.Errorf("%s: %q", p.Name, p.Title)
		}
		for _, m := range link.FindAllStringSubmatch(p.HTML, -1) {
			if _, ok := guide.Find(m[2]); !ok {
				t.Errorf("%s links to %s, which is no page", p.Name, m[1])
			}
		}
	}
	if _, ok := guide.Find("../secrets"); ok {
		t.Error("a page that is not in the guide was found")
	}
	if p, _ := guide.Find("problems"); !strings.Contains(p.HTML, `id="not-allowed"`) {
		t.Error("the problems have no anchors")
	}
}
