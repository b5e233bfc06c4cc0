package sandpay

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"vouchsafe/core"
	"vouchsafe/payments"
)

// Name is this PSP's stable id in configuration.
const Name = "sandpay"

// Client speaks to one SandPay account. It is safe for concurrent use.
type Client struct {
	cfg     Config
	secrets [][]byte
	write   *http.Client
	read    *http.Client
}

var _ payments.PSP = (*Client)(nil)

// New checks the configuration and returns a client; nothing is sent yet.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := checkBase(cfg.BaseURL); err != nil {
		return nil, err
	}
	if cfg.APIKey == "" {
		return nil, core.InvalidField("api_key", "Give the API key of the SandPay account.")
	}
	secrets, err := decodeSecrets(cfg.WebhookSecrets)
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, secrets: secrets, write: oneShot(), read: reader(cfg)}, nil
}

// Name returns "sandpay".
func (c *Client) Name() string { return Name }

// String hides the key and the secrets.
func (c *Client) String() string { return c.cfg.String() }

// GoString hides the key and the secrets.
func (c *Client) GoString() string { return c.cfg.String() }

// oneShot returns an HTTP client that puts a request on the wire at most once.
//
// Go's transport silently re-sends a request whose reused connection died when
// it thinks it may: every GET, and every POST that carries an Idempotency-Key
// header and can rewind its body. We need that header, so both other legs are
// cut: a connection is never reused, and Submit removes GetBody. HTTP/2, whose
// transport has its own retries, is off; redirects, which would re-send the
// body on 307 and 308, are not followed; a proxy from the environment, which
// might re-send too, is not used.
func oneShot() *http.Client {
	return &http.Client{Transport: transport(true), CheckRedirect: stay}
}

// reader returns an HTTP client for reads, which may be repeated at will.
func reader(cfg Config) *http.Client {
	return &http.Client{Transport: transport(false), CheckRedirect: stay, Timeout: cfg.ReadTimeout}
}

func transport(fresh bool) *http.Transport {
	var only http.Protocols
	only.SetHTTP1(true)
	return &http.Transport{DisableKeepAlives: fresh, Protocols: &only}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// authorise puts the key on a request; it is never put anywhere else.
func (c *Client) authorise(r *http.Request) {
	r.Header.Set("Authorization", "Bearer "+c.cfg.APIKey)
	r.Header.Set("Accept", "application/json")
}

// maxAnswer bounds an answer in bytes; a full page of List is far below it.
const maxAnswer = 4 << 20

// readAll reads a whole answer; a longer one is an error, never cut in silence.
func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = io.ErrShortBuffer
	}
	return body, err
}

// get reads path and returns the body of a 200. A 404 with the PSP's own
// not_found code is an Unknown fault; everything else is Unavailable.
func (c *Client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	target := c.cfg.BaseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, unreadable("the request could not be made", err)
	}
	c.authorise(req)
	res, err := c.read.Do(req)
	if err != nil {
		return nil, core.NewFault(core.Unavailable, "psp-unreachable", "SandPay did not answer. Try again later.").Because(err)
	}
	defer res.Body.Close()
	body, err := readAll(res.Body)
	if err != nil {
		return nil, unreadable("the answer was cut", err)
	}
	if res.StatusCode == http.StatusOK {
		return body, nil
	}
	code := errorCode(body)
	if res.StatusCode == http.StatusNotFound && code == "not_found" {
		return nil, core.NewFault(core.Unknown, "psp-object-unknown", "SandPay knows no such payment.")
	}
	return nil, core.Faultf(core.Unavailable, "psp-refused-read", "SandPay refused to show this (status %d %s).", res.StatusCode, code)
}

// unreadable is the fault of an answer that cannot be relied on.
func unreadable(why string, cause error) *core.Fault {
	fault := core.Fault{Kind: core.Unavailable, Code: "psp-unreadable", Text: "SandPay's answer cannot be relied on: " + why + "."}
	return fault.Because(cause)
}
