package sandpay

import (
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"time"

	"vouchsafe/core"
)

// Config is what a Client needs. It prints without its secrets, also as JSON.
type Config struct {
	// BaseURL is the root of the API, for example "https://api.sandpay.test".
	// Plain http is accepted for loopback only: the key travels with each request.
	BaseURL string
	// APIKey is the bearer key of the merchant.
	APIKey string `json:"-"`
	// WebhookSecrets are the accepted signing secrets, "whsec_" and base64; more
	// than one while they rotate.
	WebhookSecrets []string `json:"-"`
	// Wall is the clock that Op.Deadline is measured against; nil is the
	// machine's clock.
	Wall core.Clock
	// ReadTimeout bounds one read (Find, Status, one page of List); zero is ten
	// seconds.
	ReadTimeout time.Duration
}

// String names the endpoint and hides the key and the secrets.
func (c Config) String() string { return "sandpay at " + c.BaseURL + " (key and secrets hidden)" }

// GoString is String: %#v must not show secrets either.
func (c Config) GoString() string { return c.String() }

const defaultReadTimeout = 10 * time.Second

func (c Config) withDefaults() Config {
	if c.Wall == nil {
		c.Wall = core.SystemClock{}
	}
	if c.ReadTimeout <= 0 {
		c.ReadTimeout = defaultReadTimeout
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return c
}

// checkBase refuses an address that would show the API key to a network, or
// that carries credentials or a query of its own.
func checkBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		// The parse error is left out: it would repeat the address and any
		// password written into it.
		return core.InvalidField("base_url", "Use an absolute address without user, query or fragment, such as https://api.example.com.")
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return nil
	}
	return core.InvalidField("base_url", "Use https; plain http is accepted for this machine only.")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const secretPrefix = "whsec_"

// decodeSecrets turns the written secrets into HMAC keys. Errors name a
// secret by its position only.
func decodeSecrets(written []string) ([][]byte, error) {
	if len(written) == 0 {
		return nil, core.InvalidField("webhook_secrets", "Give at least one webhook signing secret.")
	}
	keys := make([][]byte, 0, len(written))
	for i, w := range written {
		text, marked := strings.CutPrefix(w, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(text)
		// Standard Webhooks asks for 24 to 64 bytes of key.
		if !marked || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, core.Faultf(core.Invalid, "bad-webhook-secret",
				"Webhook secret number %d must be whsec_ and the base64 of 24 to 64 bytes.", i+1)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
