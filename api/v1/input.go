package v1

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"vouchsafe/command"
	"vouchsafe/core"
)

// key is the request's idempotency key.
func (c *call) key() (command.Key, error) {
	k := c.r.Header.Get("Idempotency-Key")
	if k == "" {
		return "", errNoKey
	}
	if len(k) < 8 || len(k) > 128 || strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errKeyForm
	}
	return command.Key(k), nil
}

// decode reads the JSON body into a struct, holds it against the schema that
// the description shows, and fills in what the path names.
func (c *call) decode(into any) error {
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return errNotJSON
	}
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return bodyFault(err)
	}
	if !utf8.Valid(body) {
		return malformed("The body is not UTF-8.")
	}
	var any any
	if err := json.Unmarshal(body, &any); err != nil {
		return malformed("The body is not JSON: " + err.Error() + ".")
	}
	if err := c.check(any); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return core.NewFault(core.Invalid, "invalid-input", "The body does not fit: "+plainly(err)+".")
	}
	if err := c.noQuery(); err != nil {
		return err
	}
	return c.fromPath(reflect.ValueOf(into).Elem())
}

func bodyFault(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errTooSlow
	}
	return malformed("The body broke off.")
}

// plainly tells a decoding error without the names of our types.
func plainly(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return t.Field + " cannot be a " + t.Value
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// check holds a body against its schema.
func (c *call) check(body any) error {
	if hasNUL(body) {
		return core.NewFault(core.Invalid, "invalid-input", "Text must not hold NUL characters.")
	}
	var res huma.ValidateResult
	huma.Validate(c.s.api.OpenAPI().Components.Schemas, c.e.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, body, &res)
	if len(res.Errors) == 0 {
		return nil
	}
	f := &core.Fault{Kind: core.Invalid, Code: "invalid-input", Text: "The body does not fit this address; see fields."}
	for _, err := range res.Errors {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			f.Fields = append(f.Fields, fieldFault(d.Location, d.Message))
		}
	}
	return f
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// fieldFault tells what a schema says about a field in words for people, and
// names a missing field where it should be.
func fieldFault(where, what string) core.FieldFault {
	switch m := missing.FindStringSubmatch(what); {
	case m != nil && where != "":
		return core.FieldFault{Field: where + "." + m[1], Text: "This field is required."}
	case m != nil:
		return core.FieldFault{Field: m[1], Text: "This field is required."}
	case what == validation.MsgUnexpectedProperty:
		return core.FieldFault{Field: where, Text: "This address takes no field of this name."}
	}
	return core.FieldFault{Field: where, Text: strings.ToUpper(what[:1]) + what[1:] + "."}
}

// hasNUL finds the one character that databases treat differently.
func hasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		return slices.ContainsFunc(v, hasNUL)
	case map[string]any:
		for k, x := range v {
			if hasNUL(k) || hasNUL(x) {
				return true
			}
		}
	}
	return false
}

// param is one field that the path or the query gives.
type param struct {
	name  string
	index []int
	path  bool
}

// paramsOf are the fields of t that an address can give: the path's names, and
// for reads all the others.
func paramsOf(t reflect.Type, inPath []string, withQuery bool) (out []param) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() || name == "" || name == "-":
		case slices.Contains(inPath, name):
			out = append(out, param{name, f.Index, true})
		case !withQuery:
		case f.Type == reflect.TypeFor[core.PageRequest]():
			out = append(out, param{"limit", append(slices.Clone(f.Index), 0), false}, param{"after", append(slices.Clone(f.Index), 1), false})
		default:
			out = append(out, param{name, f.Index, false})
		}
	}
	return out
}

// bind fills a question from the address. A parameter that is not known is
// refused: a filter that was misspelt must not show everything.
func (c *call) bind(into any) error {
	v := reflect.ValueOf(into).Elem()
	if err := c.fromPath(v); err != nil {
		return err
	}
	q := c.r.URL.Query()
	for name, values := range q {
		i := slices.IndexFunc(c.e.params, func(p param) bool { return p.name == name && !p.path })
		if i < 0 {
			return core.InvalidField(name, "This address takes no parameter of this name.")
		}
		if len(values) != 1 {
			return core.InvalidField(name, "Give this parameter once.")
		}
		if err := set(v.FieldByIndex(c.e.params[i].index), name, values[0]); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) noQuery() error {
	for name := range c.r.URL.Query() {
		return core.InvalidField(name, "This address takes no parameters.")
	}
	return nil
}

// fromPath fills in the references that the path names. What cannot be a
// reference is no record.
func (c *call) fromPath(v reflect.Value) error {
	for _, p := range c.e.params {
		if !p.path {
			continue
		}
		text := c.r.PathValue(p.name)
		f := v.FieldByIndex(p.index)
		if f.Type() == reflect.TypeFor[core.Ref]() && !core.Ref(text).Valid() || !plain(text) {
			return command.ErrHidden
		}
		if err := set(f, p.name, text); err != nil {
			return err
		}
	}
	return nil
}

func plain(text string) bool {
	return len(text) <= 4096 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// set reads a parameter into a field of the few types that questions have.
func set(f reflect.Value, name, text string) error {
	if !plain(text) {
		return core.InvalidField(name, "This cannot be read: it is too long, or holds control characters.")
	}
	if at, ok := f.Addr().Interface().(*core.Instant); ok {
		if err := at.UnmarshalText([]byte(text)); err != nil {
			return core.InvalidField(name, "Write a moment as 2026-11-21T07:30:00Z.")
		}
		return nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return core.InvalidField(name, "Write true or false.")
		}
		f.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || name == "limit" && (n < 1 || n > core.MaxPage) {
			return core.InvalidField(name, "Write a whole number"+map[bool]string{true: " from 1 to " + strconv.Itoa(core.MaxPage)}[name == "limit"]+".")
		}
		f.SetInt(n)
	default:
		return fmt.Errorf("api: %s has a type that no parameter can have: %s", name, f.Type())
	}
	return nil
}
