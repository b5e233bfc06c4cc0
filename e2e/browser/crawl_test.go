package browser

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// perWay bounds how many pages of one shape are opened from pages of another:
// every kind of link on every kind of page is followed, not every client.
const perWay = 3

var (
	anchor = regexp.MustCompile(`<a\s[^>]*?href="([^"]*)"`)
	record = regexp.MustCompile(`\b[a-z]{2,3}_[0-9a-z-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}`)
)

// named are pages whose addresses hold a name and no reference: roles, the
// guide's pages, and the rules of an act.
var named = regexp.MustCompile(`^/(roles|docs|docs/problems|rules/\{\})/[a-z_.-]+`)

// shape is a path with its records left out: /clients/{}/timeline.
func shape(path string) string {
	if path == "/roles/matrix" {
		return path
	}
	return named.ReplaceAllString(record.ReplaceAllString(path, "{}"), "/$1/{}")
}

// walk is one persona's way through the console.
type walk struct {
	*demo
	who    string
	client *http.Client
	seen   map[string]string // path: the page that led there first
	ways   map[string]int
	todo   []string
	trace  func(format string, args ...any)
}

// follow opens every link that is reachable from the home page.
func (w *walk) follow() {
	w.seen["/"], w.todo = "", []string{"/"}
	for len(w.todo) > 0 {
		at := w.todo[0]
		w.todo = w.todo[1:]
		page, status, err := w.get(w.client, at)
		w.must(err)
		w.trace("%s %d %s <- %s", w.who, status, at, w.seen[at])
		if status != http.StatusOK {
			w.t.Errorf("%s is led from %s to %s, which answers %d", w.who, w.seen[at], at, status)
			continue
		}
		for _, m := range anchor.FindAllStringSubmatch(page, -1) {
			w.found(at, html.UnescapeString(m[1]))
		}
	}
}

// found notes a link, unless it leads nowhere new.
func (w *walk) found(at, href string) {
	u, err := url.Parse(href)
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "/static/") || strings.HasSuffix(u.Path, "/content") {
		if err != nil {
			w.t.Errorf("%s has a broken link: %q", at, href)
		}
		return
	}
	u.Fragment = ""
	to, from := u.String(), shape(strings.SplitN(at, "?", 2)[0])
	way := from + " -> " + shape(u.Path)
	if _, was := w.seen[to]; was || w.ways[way] >= perWay {
		return
	}
	w.ways[way]++
	w.seen[to] = at
	w.todo = append(w.todo, to)
}

// Nobody is led to a page that is not for them: each link on each page that a
// persona can reach opens, and all that walking leaves no denial in the log.
func TestEveryLinkOpensForWhomItIsOffered(t *testing.T) {
	d := startDemo(t)
	trace := func(string, ...any) {}
	if file := os.Getenv("VOUCHSAFE_CRAWL"); file != "" { // every step, for reading over
		f, err := os.Create(file)
		d.must(err)
		defer f.Close()
		trace = func(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }
	}
	var names []string
	for name := range d.people {
		names = append(names, name)
	}
	slices.Sort(names)
	before := d.denials()
	total := 0
	for _, name := range names {
		w := &walk{demo: d, who: name, client: d.as(name), seen: map[string]string{}, ways: map[string]int{}, trace: trace}
		w.follow()
		if len(w.seen) < 15 {
			t.Errorf("%s reaches %d pages only: is the walk right?", name, len(w.seen))
		}
		total += len(w.seen)
	}
	t.Logf("%d pages as %d people", total, len(names))
	for id, told := range d.denials() {
		if before[id] == "" {
			t.Errorf("walking left a denial: %s", told)
		}
	}
}

// denials are the denials in the log, told in words.
func (d *demo) denials() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	cmd := program(d.t.Context(), "events", "outcome:denied", "--data", d.dir, "--json", "--limit", "5000")
	text, err := cmd.Output()
	d.must(err)
	for line := range strings.Lines(string(text)) {
		var e struct{ ID string }
		d.must(json.Unmarshal([]byte(line), &e))
		out[e.ID] = line
	}
	return out
}
