package store

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouchsafe/core"
)

// Value is one column value as evidence knows it: NULL, or a text. Integers
// are decimal (never JSON numbers: canonical JSON rounds them above 2^53),
// booleans "true" or "false", instants RFC 3339 UTC with microseconds, bytes
// base64url.
type Value struct {
	Set  bool
	Text string
}

// Text makes a value; an empty string is NULL.
func Text(s string) Value { return Value{s != "", s} }

// render is the value of a field as evidence records it.
func render(field any) Value {
	switch f := field.(type) {
	case *string:
		return Text(*f)
	case *core.Ref:
		return Text(string(*f))
	case *int64:
		return Value{true, strconv.FormatInt(*f, 10)}
	case *int:
		return Value{true, strconv.Itoa(*f)}
	case *bool:
		return Value{true, strconv.FormatBool(*f)}
	case *core.Instant:
		return Text(f.String())
	case *[]byte:
		return Text(base64.RawURLEncoding.EncodeToString(*f))
	}
	panic(fmt.Sprintf("store: no column can hold a %T", field))
}

// encode is the value of a field as the engine stores it.
func encode(field any) (any, error) {
	switch f := field.(type) {
	case *string:
		return encodeText(*f)
	case *core.Ref:
		return encodeText(string(*f))
	case *int64:
		return *f, nil
	case *int:
		return int64(*f), nil
	case *bool:
		if *f {
			return int64(1), nil
		}
		return int64(0), nil
	case *core.Instant:
		if *f == 0 {
			return nil, nil
		}
		return int64(*f), nil
	case *[]byte:
		if len(*f) == 0 {
			return nil, nil
		}
		return *f, nil
	}
	panic(fmt.Sprintf("store: no column can hold a %T", field))
}

var errText = core.NewFault(core.Invalid, "bad-text",
	"This text holds a character that cannot be stored (a zero byte or broken UTF-8). Remove it and try again.")

func encodeText(s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return nil, errText // SQLite would cut at the NUL where PostgreSQL refuses
	}
	return s, nil
}

// encodeArgs prepares query arguments: domain types become what drivers take.
func encodeArgs(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case core.Ref:
			args[i] = string(v)
		case core.Instant:
			args[i] = int64(v)
		case bool:
			args[i] = int64(0)
			if v {
				args[i] = int64(1)
			}
		case int:
			args[i] = int64(v)
		}
	}
	return args
}

// scanner reads a database value into a field, NULL as the zero value.
type scanner struct{ field any }

// Scan implements sql.Scanner.
func (s scanner) Scan(src any) error {
	switch f := s.field.(type) {
	case *string:
		*f = textOf(src)
	case *core.Ref:
		*f = core.Ref(textOf(src))
	case *int64:
		return intInto(src, func(n int64) { *f = n })
	case *int:
		return intInto(src, func(n int64) { *f = int(n) })
	case *bool:
		return intInto(src, func(n int64) { *f = n != 0 })
	case *core.Instant:
		return intInto(src, func(n int64) { *f = core.Instant(n) })
	case *[]byte:
		b, _ := src.([]byte)
		*f = append([]byte(nil), b...)
	default:
		return fmt.Errorf("store: no column can hold a %T", s.field)
	}
	return nil
}

func textOf(src any) string {
	switch v := src.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func intInto(src any, set func(int64)) error {
	switch v := src.(type) {
	case nil:
		set(0)
	case int64:
		set(v)
	default:
		return fmt.Errorf("store: expected an integer, found %T", src)
	}
	return nil
}

// Scan wraps fields of domain types for sql.Rows.Scan in hand-written reading
// SQL: rows.Scan(store.Scan(&ref, &at, &name)...).
func Scan(fields ...any) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = scanner{f}
	}
	return out
}
