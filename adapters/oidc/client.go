package oidc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"vouchsafe/access"
	"vouchsafe/core"
)

// Config is what a Client needs. It prints without its secret, also as JSON.
type Config struct {
	ID       string // stands in addresses
	Label    string // for people
	Issuer   string // https, or http on this machine
	ClientID string
	Secret   string   `json:"-"`
	Redirect string   // our address to which the provider sends browsers back
	Scopes   []string // besides openid; profile when empty
	// ACR and AMR are the values by which the provider's tokens say that a second
	// factor was given. Without any it never counts as one.
	ACR, AMR []string
	// MaxAge is how long ago somebody may have signed in at the provider; zero
	// does not ask.
	MaxAge time.Duration
	// GroupsClaim names the claim with the person's groups; groups when empty.
	GroupsClaim string
	Wall        core.Clock
	Timeout     time.Duration // of one request; 10 seconds
}

// String names the provider and hides the secret.
func (c Config) String() string { return "sign-in at " + c.Issuer + " (secret hidden)" }

// GoString is String: %#v must not show the secret either.
func (c Config) GoString() string { return c.String() }

// algorithms are the signatures that are believed: none without a public key.
var algorithms = []string{gooidc.RS256, gooidc.PS256, gooidc.ES256, gooidc.ES384, gooidc.EdDSA}

// Client speaks to one provider. It asks the provider where its addresses are
// when it is first needed, so that a provider that is away stops nobody from
// signing in another way.
type Client struct {
	cfg  Config
	http *http.Client

	mu       sync.Mutex
	found    *found
	asked    core.Instant
	lastFail error
}

// found is what the provider tells about itself.
type found struct {
	oauth    oauth2.Config
	verifier *gooidc.IDTokenVerifier
	namesIss bool // its answers name their issuer
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// New checks the configuration. Nothing is sent yet.
func New(c Config) (*Client, error) {
	switch {
	case !idForm.MatchString(c.ID):
		return nil, errors.New(`"id" must be short and plain, such as "corp"`)
	case c.Label == "" || c.ClientID == "" || c.Secret == "":
		return nil, errors.New(`"name", "client_id" and the client's secret are needed`)
	case !secure(c.Issuer):
		return nil, errors.New(`"issuer" must be an https address without query, as the provider writes it`)
	case c.MaxAge < 0:
		return nil, errors.New(`"max_age_minutes" must not be negative`)
	}
	if c.Wall == nil {
		c.Wall = core.SystemClock{}
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"profile"}
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{cfg: c, http: &http.Client{Timeout: c.Timeout, CheckRedirect: stay, Transport: bounded{http.DefaultTransport}}}, nil
}

// secure accepts https, and http on this machine: the code and our secret
// travel to addresses that this one names.
func secure(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && here
}

// About names the provider.
func (c *Client) About() access.ProviderAbout {
	return access.ProviderAbout{ID: c.cfg.ID, Label: c.cfg.Label, Issuer: c.cfg.Issuer}
}

var _ access.IdentityProvider = (*Client)(nil)

// pause is how long a provider that did not answer is left alone.
const pause = 5 * time.Second

// discover asks the provider where its addresses are, once.
func (c *Client) discover(ctx context.Context) (*found, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found != nil {
		return c.found, nil
	}
	if c.lastFail != nil && c.cfg.Wall.Now().Sub(c.asked) < pause {
		return nil, c.lastFail
	}
	f, err := c.ask(ctx)
	c.found, c.asked, c.lastFail = f, c.cfg.Wall.Now(), err
	return f, err
}

func (c *Client) ask(ctx context.Context) (*found, error) {
	ctx = gooidc.ClientContext(ctx, c.http)
	p, err := gooidc.NewProvider(ctx, c.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the provider's description cannot be read: %w", err)
	}
	var more struct {
		JWKS     string `json:"jwks_uri"`
		NamesIss bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, err
	}
	at := p.Endpoint()
	for _, address := range []string{at.AuthURL, at.TokenURL, more.JWKS} {
		if !endpoint(address) {
			return nil, fmt.Errorf("the provider's description names an address that is not https: %q", address)
		}
	}
	return &found{
		oauth: oauth2.Config{
			ClientID: c.cfg.ClientID, ClientSecret: c.cfg.Secret, RedirectURL: c.cfg.Redirect, Endpoint: at,
			Scopes: append([]string{gooidc.ScopeOpenID}, c.cfg.Scopes...),
		},
		verifier: p.VerifierContext(context.WithoutCancel(ctx), &gooidc.Config{
			ClientID: c.cfg.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return c.cfg.Wall.Now().Time() },
		}),
		namesIss: more.NamesIss,
	}, nil
}

// endpoint is secure, for an address that may carry a query.
func endpoint(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	u.RawQuery = ""
	return secure(u.String())
}

// Ask is the address at the provider to which the browser goes.
func (c *Client) Ask(ctx context.Context, q access.IdentityAsk) (string, error) {
	f, err := c.discover(ctx)
	if err != nil {
		return "", err
	}
	opts := []oauth2.AuthCodeOption{gooidc.Nonce(q.Nonce), oauth2.S256ChallengeOption(q.Verifier)}
	if c.cfg.MaxAge > 0 {
		opts = append(opts, oauth2.SetAuthURLParam("max_age", fmt.Sprint(int(c.cfg.MaxAge.Seconds()))))
	}
	return f.oauth.AuthCodeURL(q.State, opts...), nil
}
