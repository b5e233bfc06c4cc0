package v1

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/evidence"
	"vouchsafe/manuals"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/rates"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// Deps is what the API needs from the rest of the program.
type Deps struct {
	Road *command.Road
	Auth *access.Auth

	Onboarding onboarding.Domain
	Intake     *onboarding.Intake
	Platform   platform.Deps
	Payments   payments.Deps
	Approvals  approvals.Deps
	Manuals    manuals.Deps
	// People tells the register of access elsewhere who works here.
	People elsewhere.People
	Rates  rates.Deps
	// Policies decide; they tell what somebody may do.
	Policies *access.Authorizer
	// Records tells to which entity a record belongs, for its story.
	Records oversight.Records

	// Plain says that it is served over http on loopback.
	Plain bool
	// ClientIP says from where a request comes; nil is the peer's address.
	ClientIP func(*http.Request) string
	// Report takes the causes that nobody outside must see; nil drops them.
	Report func(error)
}

// The limits of one request.
const (
	maxBody   = 256 << 10
	maxUpload = onboarding.MaxBytes + 1
	patience  = 30 * time.Second
	uploading = 5 * time.Minute
)

// Server is the API.
type Server struct {
	Deps
	api       huma.API
	endpoints []endpoint
	mux       *http.ServeMux
}

// New makes the API and its description.
func New(d Deps) *Server {
	s := &Server{Deps: d, mux: http.NewServeMux()}
	adapter := humago.NewAdapter(s.mux, Prefix)
	s.api = huma.NewAPI(describing(), adapter)
	s.endpoints = s.routes()
	for i := range s.endpoints {
		e := &s.endpoints[i]
		op := s.operation(e)
		s.api.OpenAPI().AddOperation(op)
		adapter.Handle(op, func(c huma.Context) {
			r, w := humago.Unwrap(c)
			s.serve(e, w, r)
		})
	}
	s.finishDescription()
	s.mux.HandleFunc("GET "+Prefix+"/openapi.json", s.openapi)
	s.mux.HandleFunc("GET "+Prefix+"/docs", s.docs)
	s.mux.HandleFunc("GET "+Prefix+"/docs.css", s.docsStyle)
	s.mux.HandleFunc(Prefix+"/", s.nowhere)
	return s
}

// Handler serves everything under Prefix.
func (s *Server) Handler() http.Handler { return s.headers(s.recovered(s.mux)) }

// call is one request on its way.
type call struct {
	s     *Server
	e     *endpoint
	actor evidence.Actor
	r     *http.Request
	w     http.ResponseWriter
}

// serve runs one endpoint: its limits, who asks, and what its error becomes.
func (s *Server) serve(e *endpoint, w http.ResponseWriter, r *http.Request) {
	limit, wait := int64(maxBody), patience
	if e.upload {
		limit, wait = maxUpload, uploading
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	// A body that trickles in is cut off: a deadline in the past ends the read.
	rc := http.NewResponseController(w)
	stop := context.AfterFunc(ctx, func() { _ = rc.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	r = r.WithContext(ctx)
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	c := &call{s: s, e: e, r: r, w: w}
	var err error
	if c.actor, err = s.who(r); err == nil {
		err = e.serve(c)
	}
	if err != nil {
		s.fail(w, r, err)
	}
}

// who finds the owner of the bearer token. A request without one is asked for
// it; one with a token that is not good is recorded, and made to wait.
func (s *Server) who(r *http.Request) (evidence.Actor, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return evidence.Actor{}, errNoToken
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return evidence.Actor{}, errNoToken
	}
	a, _, err := s.Auth.AuthenticateToken(r.Context(), strings.TrimSpace(token), s.ip(r))
	return a, err
}

func (s *Server) ip(r *http.Request) string {
	if s.ClientIP != nil {
		return s.ClientIP(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// headers sets what every answer carries. Answers are never stored: they show
// what one person may see at one moment.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !s.Plain {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into the problem for our own mistakes. Answers are
// made in memory first, so nothing of the broken one has left.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.fail(w, r, fmt.Errorf("api: %s %s panicked: %v\n%s", r.Method, r.URL.Path, p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// nowhere answers for addresses that are no endpoint, and for endpoints asked
// with another method.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := s.mux.Handler(probe); pattern != "" && pattern != Prefix+"/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		s.fail(w, r, core.NewFault(core.Unknown, "no-such-endpoint", "There is no such address in this API. "+Prefix+"/docs lists them all."))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.fail(w, r, status(http.StatusMethodNotAllowed, core.NewFault(core.Invalid, "method-not-allowed", "This address answers "+strings.Join(allowed, " and ")+" only.")))
}
