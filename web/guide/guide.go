// Package guide turns the guide's Markdown into pages. It knows the pages'
// order and nothing of how they are framed.
package guide

import (
	"bytes"
	"io/fs"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"vouchsafe/docs"
)

// Page is one page of the guide. HTML is made from our own text, without raw
// HTML in it.
type Page struct {
	Name  string // in addresses: /docs/trace
	Title string
	HTML  string
}

// order is how the guide is read.
var order = []string{"index", "signin", "trace", "search", "approvals", "rules", "payments", "interventions", "roles", "reviews", "staff", "permissions", "policies", "manuals", "verify", "witness", "streams", "api", "operate", "problems"}

// Pages are all pages in their order. They are made once.
var Pages = sync.OnceValue(func() []Page {
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var out []Page
	for _, name := range order {
		text, err := fs.ReadFile(docs.Guide, "guide/"+name+".md")
		if err != nil {
			panic("guide: " + err.Error()) // embedded: a page that is missing is a broken build
		}
		title, body, _ := strings.Cut(string(text), "\n")
		var html bytes.Buffer
		if err := md.Convert([]byte(body), &html); err != nil {
			panic("guide: " + name + ": " + err.Error())
		}
		out = append(out, Page{Name: name, Title: strings.TrimPrefix(title, "# "), HTML: html.String()})
	}
	return out
})

// Find returns a page by its name.
func Find(name string) (Page, bool) {
	for _, p := range Pages() {
		if p.Name == name {
			return p, true
		}
	}
	return Page{}, false
}
