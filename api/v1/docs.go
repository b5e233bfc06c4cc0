package v1

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsCSS []byte

var docsTemplate = template.Must(template.New("docs").Parse(docsPage))

// chapter is one part of the reference.
type chapter struct {
	Title string
	Lines []reference
}

// reference is one endpoint as the page tells it.
type reference struct {
	ID, Method, Path, Summary string
	Notes                     []string
	Fields                    []fieldLine
	Answer                    string
}

// shape is one schema as the page tells it.
type shape struct {
	Name   string
	Fields []fieldLine
}

// fieldLine is one parameter or field.
type fieldLine struct {
	Name, In, Type, Ref, Doc string
	Required                 bool
}

// docs is the reference as a page that anybody can read: it holds nothing but
// the description.
func (s *Server) docs(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	err := docsTemplate.Execute(&b, map[string]any{
		"About": paragraphs(about), "Chapters": s.chapters(), "Shapes": s.shapes(), "Prefix": Prefix,
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func (s *Server) docsStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(docsCSS)
}

func paragraphs(text string) []string {
	return strings.Split(strings.NewReplacer("**", "", "`", "", "*", "").Replace(text), "\n\n")
}

func (s *Server) chapters() (out []chapter) {
	for i := range s.endpoints {
		e := &s.endpoints[i]
		at := slices.IndexFunc(out, func(c chapter) bool { return c.Title == e.tag() })
		if at < 0 {
			at = len(out)
			out = append(out, chapter{Title: e.tag()})
		}
		out[at].Lines = append(out[at].Lines, s.reference(e))
	}
	return out
}

func (s *Server) reference(e *endpoint) reference {
	item := s.api.OpenAPI().Paths[e.path]
	op := item.Get
	if e.method == http.MethodPost {
		op = item.Post
	}
	ref := reference{ID: e.id, Method: e.method, Path: Prefix + e.path, Summary: e.summary, Notes: paragraphs(e.description())}
	for _, p := range op.Parameters {
		ref.Fields = append(ref.Fields, fieldOf(p.Name, p.In, p.Schema, p.Required))
	}
	if e.schema != nil {
		ref.Fields = append(ref.Fields, fieldsOf(e.schema, "body")...)
	}
	if e.upload {
		ref.Fields = append(ref.Fields, fieldLine{Name: "the file", In: "body", Type: "bytes", Required: true})
	}
	for media, content := range op.Responses["200"].Content {
		if ref.Answer = bare(content.Schema.Ref); ref.Answer == "" {
			ref.Answer = media
		}
	}
	return ref
}

func (s *Server) shapes() (out []shape) {
	for name, sch := range s.api.OpenAPI().Components.Schemas.Map() {
		out = append(out, shape{name, fieldsOf(sch, "")})
	}
	slices.SortFunc(out, func(a, b shape) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func fieldsOf(sch *huma.Schema, in string) (out []fieldLine) {
	for name, f := range sch.Properties {
		out = append(out, fieldOf(name, in, f, slices.Contains(sch.Required, name)))
	}
	slices.SortFunc(out, func(a, b fieldLine) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func fieldOf(name, in string, sch *huma.Schema, required bool) fieldLine {
	l := fieldLine{Name: name, In: in, Required: required, Doc: sch.Description, Type: sch.Type, Ref: bare(sch.Ref)}
	if sch.Format != "" {
		l.Type = sch.Format
	}
	if sch.Items != nil {
		l.Type, l.Ref = "list of "+sch.Items.Type, bare(sch.Items.Ref)
	}
	return l
}

// bare is the name in a reference to a schema.
func bare(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }
