package mt5

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vouchsafe/adapters/mt5/internal/wire"
)

// errForbidden is HTTP 401 or 403. Servers answer so both when a right is
// missing and when the session is gone; only a ping tells which.
var errForbidden = errors.New("the server answered 401 or 403")

// answer is one parsed answer of the server.
type answer struct {
	raw    []byte
	code   wire.Retcode
	text   string          // the whole retcode text, for people
	fields record          // what stands beside the retcode
	result json.RawMessage // the "answer" member
}

// parseAnswer fails on everything but an HTTP 200 with a return code in it;
// the raw bytes are kept even then, for the evidence.
func parseAnswer(status int, raw []byte) (answer, error) {
	a := answer{raw: raw}
	switch status {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return a, errForbidden
	default:
		return a, fmt.Errorf("the server answered HTTP %d", status)
	}
	fields, err := parseRecord(raw)
	if err != nil {
		return a, err
	}
	a.fields, a.result = fields, fields["answer"]
	a.text = fields.text("retcode")
	code, ok := wire.ParseRetcode(a.text)
	if !ok {
		return a, errors.New("the answer carries no return code")
	}
	a.code = code
	return a, nil
}

// record is a JSON object with lower-cased names: builds differ in spelling
// (ZIPCode and ZipCode, Ticket and ticket).
type record map[string]json.RawMessage

func parseRecord(raw []byte) (record, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, errors.New("the answer is not a JSON object")
	}
	lower := make(record, len(fields))
	for name, value := range fields {
		lower[strings.ToLower(name)] = value
	}
	return lower, nil
}

// text returns the first of the named fields that exists, whether it is a
// string or a number, and "" when none does.
func (r record) text(names ...string) string {
	for _, name := range names {
		raw, ok := r[strings.ToLower(name)]
		if !ok {
			continue
		}
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
		return string(raw)
	}
	return ""
}

// reader takes typed fields from a record and remembers the first that fails.
type reader struct {
	record
	err error
}

func (r *reader) integer(names ...string) int64 {
	n, err := strconv.ParseInt(r.text(names...), 10, 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("field %s is not a whole number", names[0])
	}
	return n
}

// optional is integer for fields that not every build sends; missing is zero.
func (r *reader) optional(names ...string) int64 {
	if r.text(names...) == "" {
		return 0
	}
	return r.integer(names...)
}

func (r *reader) minor(name string, digits int64) int64 {
	if digits < 0 || digits > wire.MaxDigits {
		r.err = errors.Join(r.err, errors.New("the currency's digits are out of range"))
		return 0
	}
	n, err := wire.Minor(r.text(name), int(digits))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("field %s: %w", name, err)
	}
	return n
}
