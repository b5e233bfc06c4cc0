package sandpaysim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"vouchsafe/core"
)

// Server is one SandPay. It is safe for concurrent use.
type Server struct {
	opts    Options
	keys    [][]byte // of WebhookSecrets
	entropy *core.SeededEntropy
	hooks   *http.Client
	closing chan struct{}

	stepping sync.Mutex // one Step at a time; taken before mu

	mu     sync.Mutex // guards everything below
	book   *book
	faults []Fault
	dirty  bool // changed since the last SaveTo
	https  []*http.Server
}

// New makes a server with empty books. It panics on a malformed webhook secret.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	return &Server{
		opts:    opts,
		keys:    secretKeys(opts.WebhookSecrets),
		entropy: core.NewSeededEntropy(opts.Seed),
		// A webhook is sent at most once per delivery too: the queue retries,
		// the transport must not.
		hooks:   &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
		closing: make(chan struct{}),
		book:    newBook(),
	}
}

// Start serves the API over plain HTTP on a loopback address ("127.0.0.1:0"
// picks a port) and returns the base URL.
func (s *Server) Start(addr string) (string, error) { return s.serve(addr, s.API()) }

// StartControl serves the dashboard and the control API on a loopback address
// and returns the base URL.
func (s *Server) StartControl(addr string) (string, error) { return s.serve(addr, s.Control()) }

func (s *Server) serve(addr string, h http.Handler) (string, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || !loopbackHost(host) {
		return "", core.InvalidField("address", "The sandbox listens on this machine only, for example 127.0.0.1:8091.")
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", core.Faultf(core.Unavailable, "address-in-use", "The sandbox cannot listen on %s.", addr).Because(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.https = append(s.https, server)
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }() // ends with ErrServerClosed on Close
	return "http://" + l.Addr().String(), nil
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close stops the listeners; requests under way get two seconds. Call it once.
func (s *Server) Close() error {
	close(s.closing)
	s.mu.Lock()
	servers := s.https
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
