package static

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// get asks the handler for a path, with optional headers.
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

func TestVendoredFilesMatchTheirChecksums(t *testing.T) {
	listed := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(read("SHA256SUMS")))
	for lines.Scan() {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("bad line %q", lines.Text())
		}
		sum := sha256.Sum256(read(name))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: sha256 %s, SHA256SUMS says %s", name, got, want)
		}
		listed[name] = true
	}
	for _, pattern := range []string{"vendor/*.js", "fonts/*.woff2", "icons/lucide.svg"} {
		for _, name := range glob(pattern) {
			if !listed[name] {
				t.Errorf("%s is vendored but not in SHA256SUMS", name)
			}
		}
	}
}

func TestEveryPathIsServedImmutable(t *testing.T) {
	kinds := map[string]string{
		Stylesheet: "text/css; charset=utf-8", Script: "text/javascript; charset=utf-8", HTMX: "text/javascript; charset=utf-8",
		Sprite: "image/svg+xml", Favicon: "image/svg+xml", "fonts/inter-latin-wght-normal.woff2": "font/woff2",
	}
	for name := range load().byName {
		w := get(t, Path(name))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d, %d bytes", Path(name), w.Code, w.Body.Len())
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if want, ok := kinds[name]; ok && w.Header().Get("Content-Type") != want {
			t.Errorf("%s: Content-Type %q, want %q", name, w.Header().Get("Content-Type"), want)
		}
	}
}

func TestNamesWithoutTheHashAreNotServed(t *testing.T) {
	for _, path := range []string{"/static/app.css", "/static/SHA256SUMS", "/static/../go.mod", "/static/", "/static/app.000000000000.css"} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, Path(Stylesheet), nil)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d, want 405", w.Code)
	}
}

func TestGzipAnswersCarryTheSameBytes(t *testing.T) {
	plain := get(t, Path(Stylesheet)).Body.Bytes()
	w := get(t, Path(Stylesheet), "Accept-Encoding", "gzip, br")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("gzipped answer differs (%v)", err)
	}
	if w := get(t, Path("fonts/inter-latin-wght-normal.woff2"), "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("fonts are compressed already")
	}
}

func TestReferencesResolve(t *testing.T) {
	url := regexp.MustCompile(`(?:url\("|from "|import ")([^"]+)"`)
	for _, name := range append(glob("js/*.js"), Stylesheet) {
		body := load().byName[name].body
		for _, m := range url.FindAllSubmatch(body, -1) {
			if w := get(t, string(m[1])); w.Code != http.StatusOK {
				t.Errorf("%s refers to %s: %d", name, m[1], w.Code)
			}
		}
	}
}

// Scripts that would need a looser policy, or reach outside, are refused here
// rather than by a browser.
func TestOwnFilesKeepThePolicy(t *testing.T) {
	for _, pattern := range []string{"js/*.js", "css/*.css"} {
		for _, name := range glob(pattern) {
			for _, bad := range []string{"eval(", "new Function", ".style.", "setAttribute(\"style", "http://", "https://", "@import", "data:"} {
				if bytes.Contains(read(name), []byte(bad)) {
					t.Errorf("%s contains %q", name, bad)
				}
			}
		}
	}
}

func TestPathPanicsOnATypingMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Path("nothing.css")
}

// Code is read letter by letter: the font that joins // and -> into one sign
// must not do so where code, hashes and references stand.
func TestCodeHasNoLigatures(t *testing.T) {
	rule := regexp.MustCompile(`[^{}]*\{[^{}]*var\(--mono\)[^{}]*`)
	n := 0
	for _, name := range glob("css/*.css") {
		for _, block := range rule.FindAllString(string(read(name)), -1) {
			if strings.Contains(block, "--mono:") {
				continue
			}
			n++
			at := strings.LastIndex(block, "var(--mono)") // a font shorthand sets them anew
			if !strings.Contains(block[at:], "font-variant-ligatures: none") {
				t.Errorf("%s joins letters: %s", name, strings.TrimSpace(block))
			}
		}
	}
	if n < 3 {
		t.Errorf("%d rules only: are they read right?", n)
	}
}
