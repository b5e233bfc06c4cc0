package v1

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vouchsafe/core"
)

// bearer is the name of the one way to sign in.
const bearer = "token"

const about = `The commands and queries of the console, for programs.

**Signing in.** Send an API token as ` + "`Authorization: Bearer vs_…`" + `. A token is made in person, for named actions (the scope that each operation names here) and at most 90 days; it never does what its owner may not do. Values of a sensitive class are shown where the owner may see them *and* the token's scope names ` + "`see.personal`, `see.identity` or `see.bank`" + `; otherwise they come masked. No token fills an approval's seat, changes who may do what, or passes for a second factor.

**Writing.** Every write takes an ` + "`Idempotency-Key`" + ` and is done once, however often it arrives. 200 says that it is done; 202 that it became a proposal, which waits for other people. Both name the evidence.

**Reading.** Lists come by pages: put ` + "`next`" + ` into ` + "`after`" + `. Reads of personal values are evidence.

**Forms.** References are prefixed ids. Moments are RFC 3339 in UTC. Money is a decimal string with its currency. Unknown fields and parameters are refused. Answers may gain fields. A record that does not exist and one that is not yours to see have the same answer.`

// describing is the frame of the description.
func describing() huma.Config {
	huma.ValidateStrictCasing = true
	reg := huma.NewMapRegistry("#/components/schemas/", schemaName)
	reg.RegisterTypeAlias(reflect.TypeFor[core.Instant](), reflect.TypeFor[time.Time]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Vouchsafe", Version: "1", Description: about,
			},
			Servers:  []*huma.Server{{URL: Prefix}},
			Security: []map[string][]string{{bearer: {}}},
			Components: &huma.Components{
				Schemas: reg,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearer: {Type: "http", Scheme: "bearer", BearerFormat: "vs_…", Description: "An API token. The scopes are the actions for which it was made."},
				},
			},
		},
		Formats: map[string]huma.Format{"application/json": huma.DefaultJSONFormat},
	}
}

var generic = regexp.MustCompile(`^(\w+)\[(?:.*/)?([\w.]+)\]$`)

// schemaName names a type by its domain: clients.ClientRow. Ours stand bare.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return hint
	}
	if m := generic.FindStringSubmatch(name); m != nil {
		return strings.TrimPrefix(m[2], "v1.") + m[1]
	}
	domain := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	if domain == "v1" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return domain + "." + name
}

// operation describes an endpoint, and makes the schema and the parameters by
// which its requests are read: what is described is what is held.
func (s *Server) operation(e *endpoint) *huma.Operation {
	reg := s.api.OpenAPI().Components.Schemas
	op := &huma.Operation{
		Method: e.method, Path: e.path, OperationID: e.id, Summary: e.summary, Description: e.description(), Tags: []string{e.tag()},
		Security:   []map[string][]string{{bearer: {string(e.action)}}},
		Responses:  map[string]*huma.Response{},
		Extensions: map[string]any{"x-action": string(e.action)},
	}
	source := e.query
	if e.body != nil {
		source = e.body
		e.schema = bodySchema(reg, e.body, e.inPath())
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: e.schema}}}
	}
	e.params = paramsOf(source, e.inPath(), e.query != nil)
	s.describeParams(op, e, source)
	if e.upload {
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself: PDF, JPEG or PNG, at most 20 MB.", Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	s.describeAnswers(op, e)
	return op
}

func (e *endpoint) description() string {
	out := []string{}
	if e.note != "" {
		out = append(out, e.note)
	}
	out = append(out, "Scope: `"+string(e.action)+"`.")
	if e.stepUp {
		out = append(out, "Wants a fresh second factor, which only a person at the console has: tokens are answered 403 `step-up-needed`.")
	}
	return strings.Join(out, "\n\n")
}

// bodySchema is the schema of a body: closed, and without what the path says.
func bodySchema(reg huma.Registry, t reflect.Type, inPath []string) *huma.Schema {
	var kept []reflect.StructField
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !slices.Contains(inPath, name) {
			kept = append(kept, f)
		}
	}
	return huma.SchemaFromType(reg, reflect.StructOf(kept))
}

func (s *Server) describeParams(op *huma.Operation, e *endpoint, t reflect.Type) {
	reg := s.api.OpenAPI().Components.Schemas
	for _, p := range e.params {
		in := map[bool]string{true: "path", false: "query"}[p.path]
		sch := reg.Schema(t.FieldByIndex(p.index).Type, false, p.name)
		if p.name == "limit" {
			low, high := 1.0, float64(core.MaxPage)
			sch = &huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high, Default: core.DefaultPage}
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: p.name, In: in, Required: p.path, Schema: sch})
	}
	if e.writes {
		low, high := 8, 128
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Required: true, Description: "Drawn anew for each request, and the same when it is sent again.",
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: &low, MaxLength: &high},
		})
	}
}

func (s *Server) describeAnswers(op *huma.Operation, e *endpoint) {
	reg := s.api.OpenAPI().Components.Schemas
	good := &huma.Response{Description: "The answer."}
	if e.answer != nil {
		good.Content = map[string]*huma.MediaType{"application/json": {Schema: reg.Schema(e.answer, true, "")}}
	} else {
		good.Content = map[string]*huma.MediaType{e.media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	}
	op.Responses["200"] = good
	codes := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests}
	if e.writes {
		good.Description = "Done."
		op.Responses["202"] = &huma.Response{Description: "It waits for the approval of other people.", Content: good.Content}
		codes = append(codes, http.StatusBadRequest, http.StatusConflict)
	}
	if len(e.inPath()) > 0 || e.writes {
		codes = append(codes, http.StatusNotFound)
	}
	for _, c := range codes {
		op.Responses[strconv.Itoa(c)] = &huma.Response{Ref: "#/components/responses/Problem"}
	}
	op.Responses["default"] = &huma.Response{Ref: "#/components/responses/Problem"}
}

// finishDescription opens the schemas of answers: programs must bear fields
// that they do not know yet.
func (s *Server) finishDescription() {
	c := s.api.OpenAPI().Components
	c.Responses = map[string]*huma.Response{"Problem": {
		Description: "What is wrong and what to do (RFC 9457).",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: c.Schemas.Schema(reflect.TypeFor[Problem](), true, "")}},
	}}
	for _, sch := range s.api.OpenAPI().Components.Schemas.Map() {
		if sch.AdditionalProperties == false {
			sch.AdditionalProperties = nil
		}
	}
}

// Description is the OpenAPI document, indented.
func (s *Server) Description() ([]byte, error) {
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}

func (s *Server) openapi(w http.ResponseWriter, r *http.Request) {
	b, err := s.Description()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = w.Write(b)
}
