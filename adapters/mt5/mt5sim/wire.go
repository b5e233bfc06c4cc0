package mt5sim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"vouchsafe/adapters/mt5/internal/wire"
)

// row is one record on the wire: every value is a string, numbers too.
type row map[string]string

// reply is what a command answers.
type reply struct {
	code   wire.Retcode
	beside row // fields beside the return code
	answer any // the "answer" member; nil for none
}

func refused(code wire.Retcode) reply { return reply{code: code} }

// texts are the words after the number; clients must not depend on them.
var texts = map[wire.Retcode]string{
	wire.Done: "Done", wire.BadParams: "Invalid parameters", wire.NoPermission: "Not enough permissions",
	wire.NotFound: "Not found", wire.LoginExists: "Login already exists", wire.WeakPassword: "Invalid password",
	wire.OtherMoney: "Group has another currency", wire.TooMuchMoney: "Maximum amount exceeded",
	wire.NoMoney: "Request money is not enough",
}

func send(w http.ResponseWriter, r reply) {
	out := map[string]any{"retcode": strings.TrimSpace(strconv.Itoa(int(r.code)) + " " + texts[r.code])}
	for name, value := range r.beside {
		out[name] = value
	}
	if r.answer != nil {
		out["answer"] = r.answer
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(out)
}

// params are a command's parameters by lower-case name.
type params map[string]string

const largestBody = 1 << 20

// readParams takes the query and, over it, the fields of a JSON body. Form
// bodies are not part of the protocol and are not read.
func readParams(r *http.Request) (params, error) {
	p := params{}
	for name, values := range r.URL.Query() {
		p[strings.ToLower(name)] = unescape(values[0])
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
	if err != nil || len(raw) == 0 {
		return p, err
	}
	var body map[string]any
	if len(raw) > largestBody {
		return nil, errors.New("body too long")
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	for name, value := range body {
		p[strings.ToLower(name)] = flat(value)
	}
	return p, nil
}

// flat writes a JSON value as a parameter; lists become comma-separated.
func flat(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, each := range v {
			parts[i] = flat(each)
		}
		return strings.Join(parts, ",")
	}
	return ""
}

// unescape takes the backslash from \\, \=, \| and \LF; elsewhere it is
// literal.
func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\|`, `|`, "\\\n", "\n").Replace(text)
}

func (p params) text(name string) string { return p[name] }

// integer is zero for what is not a whole number.
func (p params) integer(name string) int64 {
	n, _ := strconv.ParseInt(p[name], 10, 64)
	return n
}

// within is integer with a default and bounds.
func (p params) within(name string, otherwise, low, high int64) int64 {
	n, err := strconv.ParseInt(p[name], 10, 64)
	if err != nil {
		n = otherwise
	}
	return min(max(n, low), high)
}

// list splits a comma-separated parameter into whole numbers.
func (p params) list(name string) []int64 {
	var all []int64
	for part := range strings.SplitSeq(p[name], ",") {
		if n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64); err == nil {
			all = append(all, n)
		}
	}
	return all
}
