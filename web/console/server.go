package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/manuals"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/rates"
	"vouchsafe/web/static"
	"vouchsafe/web/ui"
)

// Deps is what the console needs from the rest of the program. It holds no
// store: what pages change goes by the road, what they show by command.Ask.
type Deps struct {
	Road *command.Road
	Auth *access.Auth
	Wall core.Clock // sessions and cookies live by the wall clock
	// Names tells the names of colleagues by reference, for "who did it";
	// references that name no staff are left out. Without it, references are
	// shown.
	Names func(ctx context.Context, refs []core.Ref) (map[core.Ref]string, error)

	// CaseOwners names the colleagues who may own a case, for the list from
	// which its next owner is chosen.
	CaseOwners func(ctx context.Context, file command.Resource) ([]core.Ref, error)

	// Onboarding and Intake serve the pages of documents and applications.
	Onboarding onboarding.Domain
	Intake     *onboarding.Intake

	// Payments serves the pages of withdrawals and deposits.
	Payments payments.Deps

	// People tells the register of access elsewhere who works here.
	People elsewhere.People

	// Approvals serves the pages of approval rules.
	Approvals approvals.Deps
	// Rates serves the pages of exchange rates.
	Rates rates.Deps

	// Platform serves the pages of trading accounts and interventions.
	Platform platform.Deps

	// Records tells to which entity a record belongs, for its story.
	Records oversight.Records

	// Policies tells what stands in the policies that decided.
	Policies *access.Authorizer

	// Manuals serves the pages of the firm's manuals.
	Manuals manuals.Deps

	// PolicyChange serves the pages on which policies are changed.
	PolicyChange access.PolicyDeps

	// Packs builds evidence packs; nil offers none. Settled has what is recorded
	// sealed first, as far as that is possible within its time.
	Packs   *oversight.Packs
	Settled func(ctx context.Context) error

	// LogWatch tells how the log itself is.
	LogWatch oversight.LogWatch

	// TokenReads are the actions by which the API reads, for a token that may
	// read everything.
	TokenReads []string

	// Demo offers Personas on the sign-in page, one click each.
	Demo     bool
	Personas []Persona
	// Plain says that the console is served over http on loopback: the cookies
	// then go without Secure and the __Host- prefix, which need https.
	Plain bool
	// ClientIP says from where a request comes; nil is the peer's address,
	// which is right unless a proxy stands in front.
	ClientIP func(*http.Request) string
	// Report takes the causes that nobody outside must see; nil drops them.
	Report func(error)
}

// Persona is a colleague of the demo that a visitor can be with one click.
type Persona struct {
	Staff core.Ref
	Name  string
	Note  string // "Compliance officer, Cyprus"
}

// The limits of a request's body, in bytes.
const (
	maxForm   = 1 << 20
	maxUpload = onboarding.MaxBytes + maxForm
)

// Server is the staff console.
type Server struct {
	Deps
	cross   *http.CrossOriginProtection
	packing chan struct{} // places of packs in the making
}

// New makes the console.
func New(d Deps) *Server {
	s := &Server{Deps: d, cross: http.NewCrossOriginProtection(), packing: make(chan struct{}, packsAtOnce)}
	s.cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errCrossOrigin) }))
	return s
}

var errCrossOrigin = core.NewFault(core.Denied, "cross-origin",
	"This request came from another site, so nothing was done. Open the page here and send it again.")

// Handler serves the console and its static files.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	for _, rt := range routes {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.Handle("/", s.serve(route{"/", nowhere(mux), open}))
	return s.headers(s.recovered(s.cross.Handler(mux)))
}

// nowhere answers for every address that is no page, in the words used for
// records that one may not see; for one that is there in another way, it says
// in which.
func nowhere(mux *http.ServeMux) page {
	return func(_ *Server, w http.ResponseWriter, r *http.Request) error {
		var ways []string
		for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			if _, pattern := mux.Handler(&http.Request{Method: m, URL: r.URL, Host: r.Host}); pattern != "/" {
				ways = append(ways, m)
			}
		}
		if len(ways) == 0 {
			return command.ErrHidden
		}
		w.Header().Set("Allow", strings.Join(ways, ", "))
		if slices.Contains(ways, http.MethodGet) {
			return errOnlyRead
		}
		return errOnlySent
	}
}

// The faults of an address that was asked in a way which it does not know.
var (
	errOnlySent = core.NewFault(core.Invalid, "method-not-allowed", "Nothing is shown at this address: it takes what a form sends. Go back to the page with the form.")
	errOnlyRead = core.NewFault(core.Invalid, "method-not-allowed", "This address is a page, and takes nothing that is sent to it. Nothing was done.")
)

// serve runs one route: its limits, who is there, and what its error becomes.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := int64(maxForm)
		if rt.kind == upload {
			limit = maxUpload
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		r, err := s.arrive(r)
		if err == nil && rt.kind != open && visitOf(r).actor.Ref == "" {
			err = access.ErrSignedOut
		}
		if err == nil {
			err = rt.serve(s, w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// headers sets what every answer carries. Pages are never stored: they show
// what one person may see at one moment.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ui.CSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)")
		h.Set("Cache-Control", "no-store")
		if !s.Plain {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into the page for our own mistakes. Pages are drawn
// into memory first, so nothing of the broken one has left.
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
			s.fail(w, r, fmt.Errorf("console: %s %s panicked: %v\n%s", r.Method, r.URL.Path, p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) report(err error) {
	if s.Report != nil {
		s.Report(err)
	}
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
