package mt5

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// request is one command. Fields of body and secret go into a JSON body, all
// as strings, the way the server prints them itself.
type request struct {
	path   string
	params url.Values
	body   map[string]string
	secret map[string]string // passwords: sent, but left out of the digest
}

// query encodes parameters with %20 for spaces: the server does not read "+".
func (r request) query() string {
	return strings.ReplaceAll(r.params.Encode(), "+", "%20")
}

// payload is the JSON body, nil when there is none.
func (r request) payload() []byte {
	if len(r.body)+len(r.secret) == 0 {
		return nil
	}
	all := maps.Clone(r.body)
	maps.Copy(all, r.secret)
	return encode(all)
}

// digest identifies the request without its secrets: SHA-256 of method, path,
// query and the remaining body.
func (r request) digest() [32]byte {
	line := http.MethodPost + " " + r.path + "?" + r.query() + "\n"
	return sha256.Sum256(append([]byte(line), encode(r.body)...))
}

// encode writes a map of strings, which cannot fail, with sorted keys.
func encode(fields map[string]string) []byte {
	text, _ := json.Marshal(fields)
	return text
}

// largestAnswer bounds what is read into memory; a full page of deals is
// about 100 kB.
const largestAnswer = 16 << 20

// do sends one request over the session and reads the whole answer.
func (s *session) do(ctx context.Context, method string, r request) (answer, error) {
	target := *s.set.base
	target.Path += r.path
	target.RawQuery = r.query()
	payload := r.payload()
	var body io.Reader
	if payload != nil {
		body = bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return answer{}, err
	}
	// Without GetBody nothing can rewind the body to send it again. There is
	// deliberately no Idempotency-Key header: net/http takes it as leave to repeat.
	req.GetBody = nil
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{}, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	if err != nil {
		return answer{}, err
	}
	if len(raw) > largestAnswer {
		return answer{}, errors.New("the answer is too long")
	}
	a, err := parseAnswer(resp.StatusCode, raw)
	if err == nil {
		s.used = s.set.clock.Now()
	}
	return a, err
}

// withoutURL drops the address from a transport error: that of the handshake
// holds a proof from which a weak password could be guessed.
func withoutURL(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}
