package console

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"vouchsafe/core"
)

// parseForm reads the body of a form, with or without files, into memory.
func parseForm(r *http.Request) error {
	err := r.ParseMultipartForm(maxUpload)
	if errors.Is(err, http.ErrNotMultipart) {
		err = r.ParseForm()
	}
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return core.NewFault(core.Invalid, "too-large", "This is larger than what can be taken. Send a smaller file or a shorter text.")
	}
	return core.NewFault(core.Invalid, "invalid-form", "The form did not arrive whole. Go back and send it again.").Because(err)
}

// decodeForm fills the fields of a command's input from a posted form, by
// their JSON names. It knows strings, references and other named strings,
// pointers to strings (nil when the form has no such field), booleans (a box
// that is ticked), integers, money (name and name_currency) and instants (a
// date, or RFC 3339; UTC). What it cannot read is a fault that names the field.
// It decides nothing else: Validate and Check do.
func decodeForm(r *http.Request, into any) error {
	if err := parseForm(r); err != nil {
		return err
	}
	return decodeValues(r.PostForm, into)
}

func decodeValues(form url.Values, into any) error {
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" || !v.Field(i).CanSet() {
			continue
		}
		if err := decodeField(form, name, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeField(form url.Values, name string, f reflect.Value) error {
	text := strings.TrimSpace(form.Get(name))
	switch p := f.Addr().Interface().(type) {
	case *core.Money:
		return decodeMoney(form, name, p)
	case *core.Instant:
		at, err := parseInstant(text)
		if err != nil {
			return core.InvalidField(name, "Write a date as 2026-11-20, or a moment as 2026-11-20T14:30:00Z.")
		}
		*p = at
		return nil
	case **string:
		if form.Has(name) {
			*p = &text
		}
		return nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
	case reflect.Bool:
		f.SetBool(text != "" && text != "false" && text != "0")
	case reflect.Int, reflect.Int64:
		if text == "" {
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return core.InvalidField(name, "Write a whole number.")
		}
		f.SetInt(n)
	}
	return nil
}

func decodeMoney(form url.Values, name string, into *core.Money) error {
	amount := strings.TrimSpace(form.Get(name))
	if amount == "" {
		return nil
	}
	m, err := core.ParseMoney(amount, form.Get(name+"_currency"))
	if err != nil {
		return core.InvalidField(name, core.AsFault(err).Text)
	}
	*into = m
	return nil
}

func parseInstant(text string) (core.Instant, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return core.At(d), nil
	}
	if d, err := time.Parse("2006-01-02T15:04", text); err == nil { // what a datetime-local field sends; UTC here
		return core.At(d), nil
	}
	return core.ParseInstant(text)
}
