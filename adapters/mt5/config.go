package mt5

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strings"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
)

// Config is what a Client needs. It prints without its password, also as JSON.
type Config struct {
	// Name is the server's stable id in our configuration, such as "mt5-eu".
	Name string
	// BaseURL is the access server's root, such as "https://mt5.example.com".
	// Plain http is accepted for loopback only, for the simulator.
	BaseURL string
	// RootPEM, or else Roots, holds the certificates that may sign the server's;
	// both empty means the machine's own.
	RootPEM []byte
	Roots   *x509.CertPool
	// Login is the manager account; Password is its API password.
	Login    int64
	Password string `json:"-"`
	// Clock is the wall clock: it measures silence and deadlines. Nil is the
	// machine's.
	Clock core.Clock
	// Against is the clock that the server's is measured against, for a server
	// that lives by another time than the machine's, as in the demo. Nil is Clock.
	Against core.Clock
	// Entropy makes the handshake's challenges; nil is the machine's.
	Entropy core.Entropy
	// Timeout bounds one read, or one write with the handshake it may need; zero
	// is fifteen seconds.
	Timeout time.Duration
}

// String names the server and the login and hides the password.
func (c Config) String() string {
	return c.Name + " at " + c.BaseURL + " (password hidden)"
}

// GoString is String: %#v must not show the password either.
func (c Config) GoString() string { return c.String() }

const defaultTimeout = 15 * time.Second

// settings is a checked Config in the form that sessions use.
type settings struct {
	base    *url.URL
	tls     *tls.Config // nil for plain http
	login   int64
	hash    [16]byte // the password itself is not kept
	clock   core.Clock
	against core.Clock
	entropy core.Entropy
	timeout time.Duration
}

func (c Config) settings() (*settings, error) {
	base, err := checkBase(c.BaseURL)
	switch {
	case err != nil:
		return nil, err
	case c.Name == "":
		return nil, core.InvalidField("name", "Give the server a short name, such as mt5-eu.")
	case c.Login <= 0:
		return nil, core.InvalidField("login", "Give the login of the manager account.")
	case c.Password == "":
		return nil, core.InvalidField("password", "Give the API password of the manager account.")
	}
	s := &settings{
		base: base, login: c.Login, hash: wire.PasswordHash(c.Password),
		clock: c.Clock, against: c.Against, entropy: c.Entropy, timeout: c.Timeout,
	}
	if s.clock == nil {
		s.clock = core.SystemClock{}
	}
	if s.against == nil {
		s.against = s.clock
	}
	if s.entropy == nil {
		s.entropy = core.SystemEntropy{}
	}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	if base.Scheme == "https" {
		s.tls, err = c.tlsConfig(base.Hostname())
	}
	return s, err
}

func (c Config) tlsConfig(host string) (*tls.Config, error) {
	roots := c.Roots
	if len(c.RootPEM) > 0 {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(c.RootPEM) {
			return nil, core.InvalidField("root_pem", "Give at least one certificate in PEM form.")
		}
	}
	return &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}, nil
}

// checkBase refuses an address that carries credentials or a query, and plain
// http to anything but this machine.
func checkBase(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		// The parse error is left out: it would repeat the whole address.
		return nil, core.InvalidField("base_url", "Use an absolute address without user, query or fragment, such as https://mt5.example.com.")
	}
	ip := net.ParseIP(base.Hostname())
	local := base.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if base.Scheme == "https" || base.Scheme == "http" && local {
		return base, nil
	}
	return nil, core.InvalidField("base_url", "Use https; plain http is for a simulator on this machine only.")
}
