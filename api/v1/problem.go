package v1

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"vouchsafe/core"
)

// Problem is every error that the API answers, as RFC 9457 has it. Code is
// stable; Detail is written for a person and may be shown to one.
type Problem struct {
	Type   string            `json:"type" doc:"/docs/problems/ and the code: a page about it"`
	Title  string            `json:"title" doc:"the status in words"`
	Status int               `json:"status"`
	Code   string            `json:"code" doc:"stable, for programs"`
	Detail string            `json:"detail" doc:"what is wrong and what to do, for people"`
	Fields []core.FieldFault `json:"fields,omitempty" doc:"the fields or parameters that are wrong"`
	// Evidence is the permalink of the event that recorded the refusal.
	Evidence string `json:"evidence,omitempty" doc:"permalink of the event that recorded the refusal"`
}

var (
	errNoToken  = core.NewFault(core.Unsignedin, "no-token", "Send an API token: Authorization: Bearer vs_… . You make one under your account.")
	errNoKey    = status(http.StatusBadRequest, core.NewFault(core.Invalid, "key-missing", "Send an Idempotency-Key header, drawn anew for each request and the same when you send it again."))
	errKeyForm  = status(http.StatusBadRequest, core.NewFault(core.Invalid, "key-malformed", "An Idempotency-Key has 8 to 128 printable ASCII characters without spaces."))
	errTooLarge = status(http.StatusRequestEntityTooLarge, core.NewFault(core.Invalid, "body-too-large", "This request's body is larger than this address takes."))
	errNotJSON  = status(http.StatusUnsupportedMediaType, core.NewFault(core.Invalid, "not-json", "Send the body as application/json."))
	errTooSlow  = status(http.StatusRequestTimeout, core.NewFault(core.Invalid, "body-too-slow", "The body did not arrive in time. Send it again."))
)

// shaped is a fault whose status says more than its kind does.
type shaped struct {
	status int
	fault  *core.Fault
}

func (s *shaped) Error() string { return s.fault.Error() }

// Unwrap returns the fault.
func (s *shaped) Unwrap() error { return s.fault }

func status(code int, f *core.Fault) error { return &shaped{code, f} }

// malformed is a body or parameter that cannot be read at all.
func malformed(text string) error {
	return status(http.StatusBadRequest, core.NewFault(core.Invalid, "malformed", text))
}

// statusOf maps the kind of a fault to its HTTP status.
func statusOf(k core.FaultKind) int {
	switch k {
	case core.Invalid:
		return http.StatusUnprocessableEntity
	case core.Unknown:
		return http.StatusNotFound
	case core.Unsignedin:
		return http.StatusUnauthorized
	case core.Denied:
		return http.StatusForbidden
	case core.Refused, core.Conflict:
		return http.StatusConflict
	case core.Throttled:
		return http.StatusTooManyRequests
	case core.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail answers with the problem of an error: the one place where faults become
// statuses. Causes go to Report. What may not be known to exist names no
// event: only a record that is there leaves one in its own log.
func (s *Server) fail(w http.ResponseWriter, _ *http.Request, err error) {
	f := core.AsFault(err)
	code := statusOf(f.Kind)
	if x, ok := errors.AsType[*shaped](err); ok {
		code = x.status
	}
	if f.Kind == core.Internal && s.Report != nil {
		s.Report(err)
	}
	p := Problem{
		Type: "/docs/problems/" + f.Code, Title: http.StatusText(code), Status: code,
		Code: f.Code, Detail: f.Text, Fields: f.Fields,
	}
	if f.Event != "" && f.Kind != core.Unknown && f.Kind != core.Unsignedin {
		p.Evidence = Prefix + "/events/" + f.Event
	}
	h := w.Header()
	for name := range h { // what a broken answer had announced
		if strings.HasPrefix(name, "Content-") && name != "Content-Security-Policy" {
			h.Del(name)
		}
	}
	h.Set("Content-Type", "application/problem+json")
	switch code {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="vouchsafe"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", "60")
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(p) // plain strings; the reader may be gone
}
