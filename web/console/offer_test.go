package console

import (
	"net/http"
	"strings"
	"testing"

	"vouchsafe/core"
)

// Every page that may refuse says what it asks, and nothing else does: a page
// without its line would be offered to everybody.
func TestEveryPageSaysWhatItAsks(t *testing.T) {
	pages := map[string]bool{}
	for _, rt := range routes {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if method != http.MethodGet || rt.kind == open {
			continue
		}
		pages[path] = true
		if _, ok := asks[path]; !ok {
			t.Errorf("%s has no line in asks", path)
		}
	}
	for path := range asks {
		if !pages[path] {
			t.Errorf("asks has a line for %s, which is no page", path)
		}
	}
}

// A record's address gives the question its record.
func TestQuestionsAreAboutTheRecordInTheAddress(t *testing.T) {
	for path, want := range map[string]struct {
		pattern, name string
		id            core.Ref
	}{
		"/clients/cl_1/bank-details/bd_2": {"/clients/{id}/bank-details/{detail}", "detail", "bd_2"},
		"/clients/cl_1/timeline":          {"/clients/{id}/timeline", "id", "cl_1"},
		"/clients/new":                    {"/clients/new", "id", ""},
		"/docs":                           {"", "id", ""},
	} {
		r, _ := http.NewRequest(http.MethodGet, path, nil)
		_, pattern := addresses().Handler(r)
		if pattern != want.pattern || segment(pattern, path, want.name) != want.id {
			t.Errorf("%s is taken for %q about %q", path, pattern, segment(pattern, path, want.name))
		}
	}
}
