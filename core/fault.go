package core

import (
	"errors"
	"fmt"
)

// FaultKind says what sort of refusal a Fault is; each kind maps to one HTTP
// status, in one place, for the API (RFC 9457) and for pages.
type FaultKind string

// The kinds of faults.
const (
	Invalid     FaultKind = "invalid"     // the input is wrong; fields say where (422)
	Unknown     FaultKind = "unknown"     // no such record, or none that you may see (404)
	Unsignedin  FaultKind = "signin"      // nobody is signed in (401)
	Denied      FaultKind = "denied"      // policy says no (403)
	Refused     FaultKind = "refused"     // a rule of the firm says no (409)
	Conflict    FaultKind = "conflict"    // somebody else changed it first (409)
	Throttled   FaultKind = "throttled"   // too many tries (429)
	Unavailable FaultKind = "unavailable" // a system we need does not answer (503)
	Internal    FaultKind = "internal"    // our mistake; the cause is logged, never shown (500)
)

// FieldFault is one input field and what to do about it.
type FieldFault struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// Fault is every error that reaches a person. Text is written for the reader:
// what is wrong and what to do; it never carries a secret or a masked value.
// Code is stable, kebab-case and documented under /docs/problems.
type Fault struct {
	Kind   FaultKind
	Code   string
	Text   string
	Fields []FieldFault
	Event  string // id of the evidence event, where the refusal left one
	cause  error
}

// Error returns the code, the text and, for logs, the cause.
func (f *Fault) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s: %s: %v", f.Code, f.Text, f.cause)
	}
	return f.Code + ": " + f.Text
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.cause }

// Because returns a copy of f with a cause that only logs show.
func (f Fault) Because(err error) *Fault {
	f.cause = err
	return &f
}

// NewFault makes a fault.
func NewFault(k FaultKind, code, text string) *Fault {
	return &Fault{Kind: k, Code: code, Text: text}
}

// Faultf makes a fault with a formatted text.
func Faultf(k FaultKind, code, format string, args ...any) *Fault {
	return &Fault{Kind: k, Code: code, Text: fmt.Sprintf(format, args...)}
}

// InvalidField makes a fault about one field of the input.
func InvalidField(field, text string) *Fault {
	return &Fault{Kind: Invalid, Code: "invalid-input", Text: text, Fields: []FieldFault{{field, text}}}
}

// AsFault finds the fault in err's chain; any other error becomes an Internal
// fault whose text says nothing and whose cause is err.
func AsFault(err error) *Fault {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return &Fault{Kind: Internal, Code: "internal", Text: "Something went wrong on our side. Nothing was changed.", cause: err}
}

// IsFault reports whether err carries a fault with the given code.
func IsFault(err error, code string) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Code == code
}
