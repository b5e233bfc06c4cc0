package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

// The names to ask Path for.
const (
	Stylesheet = "app.css"           // all of css/, concatenated
	Script     = "js/app.js"         // our modules; imports the others
	HTMX       = "vendor/htmx.js"    // the vendored htmx
	Sprite     = "icons/lucide.svg"  // symbols, by Lucide's names
	Favicon    = "icons/favicon.svg" // the mark
)

//go:embed css/*.css js/*.js fonts/*.woff2 icons/*.svg vendor/*.js SHA256SUMS
var files embed.FS

// asset is one served file.
type asset struct {
	body   []byte
	packed []byte // gzipped; nil where that saves nothing (fonts)
	url    string // with the hash
	kind   string // Content-Type
}

// bundle holds the assets by plain name and by the hashed path after Prefix.
type bundle struct {
	byName, byHash map[string]asset
}

var load = sync.OnceValue(build)

// Path returns the URL of a file, content hash included. It panics on a name
// that is not embedded: that is a typing mistake, and every page's test would
// meet it.
func Path(name string) string {
	a, ok := load().byName[name]
	if !ok {
		panic("static: no file " + strconv.Quote(name))
	}
	return a.url
}

// Symbol returns the URL of one symbol of the icon sprite.
func Symbol(name string) string { return Path(Sprite) + "#" + name }

// Handler serves the files under their hashed names, immutable. Any other
// path, plain names included, is not found.
func Handler() http.Handler {
	b := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		a, ok := b.byHash[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		body := a.body
		if a.packed != nil {
			h.Set("Vary", "Accept-Encoding")
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				h.Set("Content-Encoding", "gzip")
				body = a.packed
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
	})
}

// reference matches what may point at another of our files: url("../fonts/x")
// in CSS, and the imports of a module.
var reference = regexp.MustCompile(`(url\("|from "|import ")(\.[^"]+)"`)

// build files every embedded file. What a file refers to is filed before it,
// so that its own hash covers the hashes of what it loads; modules must
// therefore not import in circles.
func build() *bundle {
	b := &bundle{byName: map[string]asset{}, byHash: map[string]asset{}}
	for _, pattern := range []string{"fonts/*.woff2", "icons/*.svg", "js/*.js"} {
		for _, name := range glob(pattern) {
			b.add(name)
		}
	}
	for _, name := range glob("vendor/*.js") {
		b.file(HTMX, read(name)) // the version stands in the file's name
	}
	var css bytes.Buffer
	for _, name := range glob("css/*.css") {
		css.Write(b.rewrite(name, read(name)))
		css.WriteByte('\n')
	}
	b.file(Stylesheet, css.Bytes())
	return b
}

// add files one embedded file, unless that has been done.
func (b *bundle) add(name string) asset {
	if a, ok := b.byName[name]; ok {
		return a
	}
	body := read(name)
	if path.Ext(name) == ".js" {
		body = b.rewrite(name, body)
	}
	return b.file(name, body)
}

// file puts body under its plain and its hashed name.
func (b *bundle) file(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	url := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a := asset{body: body, url: url, kind: contentType(ext)}
	if ext != ".woff2" {
		a.packed = pack(body)
	}
	b.byName[name], b.byHash[url] = a, a
	return a
}

// rewrite replaces relative references by hashed URLs.
func (b *bundle) rewrite(name string, body []byte) []byte {
	return reference.ReplaceAllFunc(body, func(m []byte) []byte {
		part := reference.FindSubmatch(m)
		target := b.add(path.Join(path.Dir(name), string(part[2])))
		return []byte(string(part[1]) + target.url + `"`)
	})
}

// pack gzips body once, for all answers.
func pack(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // writing to memory does not fail
	}
	return b.Bytes()
}

func contentType(ext string) string {
	switch ext {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func glob(pattern string) []string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err)
	}
	return names
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}
