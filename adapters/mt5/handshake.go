package mt5

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"vouchsafe/adapters/mt5/internal/wire"
)

const (
	pathStart  = "/api/auth/start"
	pathAnswer = "/api/auth/answer"
	pathPing   = "/api/test/access"
	pathQuit   = "/api/quit"
	// apiVersion is the lowest client build that the server admits.
	apiVersion = "484"
	agent      = "vouchsafe"
)

// refusal is a sign-in that failed by word or by proof, as opposed to a line
// that failed: it must not be tried again at once.
type refusal struct{ reason string }

// Error says why the server refused, or why we refused the server.
func (r refusal) Error() string { return r.reason }

// signIn proves each side to the other. We answer the server's challenge
// first, as the protocol has it, but send nothing else before the server has
// answered ours.
func (s *session) signIn(ctx context.Context) error {
	started, err := s.step(ctx, pathStart, url.Values{
		"version": {apiVersion}, "agent": {agent}, "type": {"manager"},
		"login": {strconv.FormatInt(s.set.login, 10)},
	})
	if err != nil {
		return err
	}
	challenge, err := hex.DecodeString(started.fields.text("srv_rand"))
	if err != nil || len(challenge) != wire.RandSize {
		return errors.New("the server's challenge is malformed")
	}
	ours := make([]byte, wire.RandSize)
	s.set.entropy.Read(ours)
	proof := wire.Proof(s.set.hash, challenge)
	answered, err := s.step(ctx, pathAnswer, url.Values{
		"srv_rand_answer": {hex.EncodeToString(proof[:])}, "cli_rand": {hex.EncodeToString(ours)},
	})
	if err != nil {
		return err
	}
	return s.checkServer(answered, ours)
}

// step is one half of the handshake; a "no" in any form is a refusal.
func (s *session) step(ctx context.Context, path string, params url.Values) (answer, error) {
	a, err := s.do(ctx, http.MethodGet, request{path: path, params: params})
	switch {
	case errors.Is(err, errForbidden):
		return a, refusal{"sign-in was refused: bad login or password, or not permitted"}
	case err != nil:
		return a, err
	case a.code != wire.Done:
		return a, refusal{"sign-in was refused: " + a.text}
	}
	return a, nil
}

// checkServer refuses a server that does not know the password.
func (s *session) checkServer(a answer, challenge []byte) error {
	want := wire.Proof(s.set.hash, challenge)
	got, err := hex.DecodeString(a.fields.text("cli_rand_answer"))
	if err != nil || subtle.ConstantTimeCompare(got, want[:]) != 1 {
		return refusal{"the server could not prove that it knows the password"}
	}
	return nil
}

// ping asks whether the session is alive.
func (s *session) ping(ctx context.Context) error {
	a, err := s.do(ctx, http.MethodGet, request{path: pathPing})
	if err == nil && a.code != wire.Done {
		err = fmt.Errorf("the ping was answered %s", a.text)
	}
	return err
}
