package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vouchsafe/web/ui"
)

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

// forbidden is what the policy would block or what needs eval: inline style,
// inline script, event handlers, hx-on, js: and javascript: expressions.
var forbidden = []*regexp.Regexp{
	regexp.MustCompile(`(?i)<[^>]*\sstyle\s*=`),
	regexp.MustCompile(`(?i)<style`),
	regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]`),
	regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`),
	regexp.MustCompile(`(?i)\shx-on`),
	regexp.MustCompile(`(?i)="\s*(js|javascript):`),
	regexp.MustCompile(`(?i)(src|href)="(https?:)?//`),
}

func TestPagesNeedNothingInline(t *testing.T) {
	for _, page := range Pages {
		w := get(t, page)
		if w.Code != http.StatusOK || w.Header().Get("Content-Security-Policy") != ui.CSP {
			t.Errorf("%s: %d, policy %q", page, w.Code, w.Header().Get("Content-Security-Policy"))
		}
		for _, re := range forbidden {
			if m := re.FindString(w.Body.String()); m != "" {
				t.Errorf("%s: %q (%s)", page, m, re)
			}
		}
	}
}

// Components that no page of the gallery renders must not slip through: the
// sources are read too.
func TestSourcesNeedNothingInline(t *testing.T) {
	names, err := filepath.Glob("../*.templ")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	for _, name := range append(names, "pages.templ") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{" style=", "<style", " hx-on", " onclick", " onchange", " onsubmit", "js:", "templ.Raw", "@templ.JSON", "\nscript ", "\ncss "} {
			if strings.Contains(string(b), bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}

func TestEveryComponentIsInTheGallery(t *testing.T) {
	var all strings.Builder
	for _, page := range append(Pages, "/approvals?open=own") {
		all.WriteString(get(t, page).Body.String())
	}
	for _, class := range []string{
		"timeline", "event", "event-panel", "diff", "diff-table", "defs", "table", "masked", "money", "when", "when-short", "ref", "badge", "status",
		"block", "approval", "form", "field", "money-field", "notice", "query", "chips", "pager", "empty", "stats", "strip", "bars", "dialog",
		"seal-box", "seal-badge", "seal-card", "proof", "tabs", "signin-card", "palette-page", "print-cover", "split", "kind", "case",
	} {
		if !regexp.MustCompile(`class="(?:[^"]* )?` + class + `[" ]`).MatchString(all.String()) {
			t.Errorf("no element of class %q in the gallery", class)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	id := regexp.MustCompile(`\sid="([^"]*)"`)
	for _, page := range Pages {
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(get(t, page).Body.String(), -1) {
			if m[1] == "" {
				continue
			}
			if seen[m[1]] {
				t.Errorf("%s: id %q twice", page, m[1])
			}
			seen[m[1]] = true
		}
	}
}

func TestHTMXGetsOnlyThePanel(t *testing.T) {
	body := get(t, "/?event=e-accept", "HX-Request", "true", "HX-Target", "aside#panel").Body.String()
	if strings.Contains(body, "<html") || !strings.Contains(body, "event-panel") {
		t.Error(body[:min(len(body), 200)])
	}
	if !strings.Contains(get(t, "/?event=e-accept").Body.String(), "<html") {
		t.Error("without htmx the same URL is a page")
	}
}

func TestTheThemeIsRememberedAndStaysOnTheSite(t *testing.T) {
	for back, want := range map[string]string{"/approvals": "/approvals", "//evil.example": "/", "https://evil.example": "/"} {
		r := httptest.NewRequest(http.MethodPost, "/theme", strings.NewReader(url.Values{"theme": {"dark"}, "back": {back}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q", back, w.Code, w.Header().Get("Location"))
		}
		page := get(t, "/", "Cookie", w.Result().Cookies()[0].String())
		if !strings.Contains(page.Body.String(), `data-theme="dark"`) {
			t.Error("the cookie does not set the theme")
		}
	}
}
