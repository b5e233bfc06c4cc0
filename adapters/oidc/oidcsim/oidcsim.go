// Package oidcsim is a provider to sign in at, for the demo and for tests: real
// OpenID Connect over HTTP (discovery, keys, a page on which one chooses who one
// is, tokens), authorization code with PKCE, and faults that can be switched
// on. Nobody proves anything to it: it must never be a firm's provider.
package oidcsim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"vouchsafe/core"
)

// Fault is something that the provider does wrong.
type Fault string

// The faults.
const (
	None          Fault = ""
	WrongNonce    Fault = "wrong nonce"
	AlgNone       Fault = "alg none"
	AlgHS256      Fault = "signed with the client's secret"
	StrangeKey    Fault = "signed with a key that is not published"
	Expired       Fault = "expired"
	OldToken      Fault = "issued long ago"
	FutureToken   Fault = "issued in the future"
	WrongAudience Fault = "for another client"
	TwoAudiences  Fault = "for two clients, no azp"
	WrongAZP      Fault = "azp of another client"
	WrongIssuer   Fault = "issuer of another provider"
	NoSubject     Fault = "no subject"
	NoToken       Fault = "no id token"
	MixUp         Fault = "answer names another issuer"
	NoIssuer      Fault = "answer names no issuer"
	Refuses       Fault = "refuses at its page"
	Slow          Fault = "slow"
	Down          Fault = "answers 503"
	NoAuthTime    Fault = "does not say when"
	LongAgo       Fault = "signed in long ago"
	NoGroups      Fault = "groups left out"
)

// Person is somebody who can sign in.
type Person struct {
	Sub, Name, Email string
	Groups           []string
}

// Options are what a provider is made with.
type Options struct {
	Name         string // on its page
	ClientID     string
	Secret       string
	Redirects    []string // where answers may go
	People       []Person
	Wall         core.Clock
	SecondFactor string // the acr of a sign-in with two factors
}

// Server is the provider. It is safe for concurrent use.
type Server struct {
	Options
	issuer string

	mu     sync.Mutex
	fault  Fault
	people []Person
	key    *ecdsa.PrivateKey
	kid    int
	codes  map[string]grant
}

// grant is what a code stands for.
type grant struct {
	person                     Person
	nonce, challenge, redirect string
	strong                     bool
	at                         time.Time
}

// New makes a provider; Start or Handler serve it.
func New(o Options) *Server {
	if o.Wall == nil {
		o.Wall = core.SystemClock{}
	}
	if o.SecondFactor == "" {
		o.SecondFactor = "urn:sim:two-factors"
	}
	s := &Server{Options: o, people: o.People, codes: map[string]grant{}}
	s.Rotate()
	return s
}

// Start serves it on a loopback address until close is called.
func (s *Server) Start(address string) (issuer string, shut func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	s.issuer = "http://" + l.Addr().String()
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }()
	return s.issuer, func() { srv.Close() }, nil
}

// Issuer is its name.
func (s *Server) Issuer() string { return s.issuer }

// Break switches a fault on, or all off with None.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// SetPerson adds somebody, or changes them.
func (s *Server) SetPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.people {
		if s.people[i].Sub == p.Sub {
			s.people[i] = p
			return
		}
	}
	s.people = append(s.people, p)
}

// AllowRedirect adds an address to which answers may go.
func (s *Server) AllowRedirect(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Redirects = append(s.Redirects, address)
}

// Rotate gives it a new key; the old one is published no more.
func (s *Server) Rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the machine has no randomness
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.kid = key, s.kid+1
}

// Handler serves the provider.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.describe)
	mux.HandleFunc("GET /keys", s.keys)
	mux.HandleFunc("GET /authorize", s.choose)
	mux.HandleFunc("POST /authorize", s.chosen)
	mux.HandleFunc("POST /token", s.token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch s.broken() {
		case Slow:
			select {
			case <-r.Context().Done():
				return
			case <-time.After(30 * time.Second):
			}
		case Down:
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) broken() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": s.issuer, "authorization_endpoint": s.issuer + "/authorize", "token_endpoint": s.issuer + "/token",
		"jwks_uri": s.issuer + "/keys", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (s *Server) keys(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	pub, kid := s.key.PublicKey, s.kidText()
	s.mu.Unlock()
	raw, err := pub.Bytes() // 0x04, X, Y
	if err != nil || len(raw) != 65 {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": b64(raw[1:33]), "y": b64(raw[33:]),
	}}})
}

func (s *Server) kidText() string { return "sim-" + string(rune('a'+s.kid%26)) }

// asks are the parameters of the page that its form carries on.
var asks = []string{"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "max_age"}

// wrong says what is wrong with a request, before it may be answered at the
// redirect address.
func (s *Server) wrong(v url.Values) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case v.Get("client_id") != s.ClientID:
		return "This client is not known."
	case !contains(s.Redirects, v.Get("redirect_uri")):
		return "The client did not register this address to go back to."
	case v.Get("response_type") != "code" || v.Get("code_challenge_method") != "S256" || v.Get("code_challenge") == "":
		return "Only codes with PKCE (S256) are given."
	case v.Get("state") == "" || v.Get("nonce") == "":
		return "state and nonce are needed."
	}
	return ""
}

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return b64(sum[:])
}

func random() string {
	var b [24]byte
	rand.Read(b[:]) //nolint:errcheck // never fails
	return b64(b[:])
}
