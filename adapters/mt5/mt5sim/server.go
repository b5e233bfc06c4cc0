package mt5sim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
)

// Server is one simulated MT5 server. It is safe for concurrent use.
type Server struct {
	opt      Options
	managers map[int64]Manager
	groups   map[string]Group
	hashes   map[int64][16]byte // password hashes by manager login

	mu       sync.Mutex
	state    state
	sessions map[string]*session // by cookie
	arrivals []Arrival
	armed    []Arming
	late     []func()
	daylight bool
	changes  int // grows with every change of state
	signs    core.Entropy
	prices   core.Entropy
	pem      []byte
	running  []*http.Server
}

// New makes a server without accounts; nothing listens yet.
func New(opt Options) *Server {
	opt = opt.withDefaults()
	s := &Server{
		opt: opt, managers: map[int64]Manager{}, groups: map[string]Group{}, hashes: map[int64][16]byte{},
		state:    state{Accounts: map[int64]*Account{}, NextTicket: opt.FirstTicket, NextLogin: opt.FirstLogin},
		sessions: map[string]*session{},
		// Two streams: what sessions draw must not change the prices of trades.
		signs: core.NewSeededEntropy(opt.Seed), prices: core.NewSeededEntropy(^opt.Seed),
	}
	for _, m := range opt.Managers {
		s.managers[m.Login] = m
		s.hashes[m.Login] = wire.PasswordHash(m.Password)
	}
	for _, g := range opt.Groups {
		s.groups[g.Name] = g
	}
	return s
}

// SetDaylight switches daylight saving: one hour more from UTC.
func (s *Server) SetDaylight(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.daylight = on
}

// wallTime is the server's wall clock at an instant, as if it were UTC; the
// caller holds mu.
func (s *Server) wallTime(at core.Instant) time.Time {
	offset := *s.opt.TimeZone
	if s.daylight {
		offset += time.Hour
	}
	return at.Time().Add(offset)
}

// Start serves the Web API and returns its base URL. Use port 0 for a free one.
func (s *Server) Start(addr string) (string, error) {
	if s.opt.PlainHTTP {
		return s.listen("http", addr, s.Handler(), nil)
	}
	cert, pem, err := selfSigned()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.pem = pem
	s.mu.Unlock()
	return s.listen("https", addr, s.Handler(), &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
}

// StartConsole serves the console and the control API, on loopback only, and
// returns its URL.
func (s *Server) StartConsole(addr string) (string, error) {
	return s.listen("http", addr, s.Console(), nil)
}

// PEM is the certificate that Start made, for a client's trust; nil before
// Start and with PlainHTTP.
func (s *Server) PEM() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pem
}

var errNotLoopback = errors.New("without TLS the simulator listens on loopback addresses only, such as 127.0.0.1:0")

// silenceLimit is the silence after which the server closes a session.
const silenceLimit = 180 * time.Second

func (s *Server) listen(scheme, addr string, h http.Handler, conf *tls.Config) (string, error) {
	if scheme == "http" && !loopback(addr) {
		return "", errNotLoopback
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // sessions are bound to a connection, as HTTP/1.1 has them
	server := &http.Server{
		Handler: h, TLSConfig: conf, Protocols: &protocols,
		IdleTimeout: silenceLimit, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // clients that hang up are part of the play
	}
	s.mu.Lock()
	s.running = append(s.running, server)
	s.mu.Unlock()
	go func() {
		if conf == nil {
			_ = server.Serve(ln)
		} else {
			_ = server.ServeTLS(ln, "", "")
		}
	}()
	return fmt.Sprintf("%s://%s", scheme, ln.Addr()), nil
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// closeGrace is how long Close waits for requests under way.
const closeGrace = 2 * time.Second

// Close stops all listeners. The state stays and can be saved.
func (s *Server) Close() {
	s.mu.Lock()
	running := s.running
	s.running = nil
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	for _, server := range running {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
}
