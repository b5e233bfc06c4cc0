package outlet

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/oversight"
)

// WebhookConfig says where a webhook is.
type WebhookConfig struct {
	URL string // https; http on this machine only
	// Secrets sign, in the form whsec_BASE64. Each signs, so that a receiver can
	// change from one to the next.
	Secrets []string
	Wall    core.Clock // stamps what is sent; receivers refuse what is old
	// RootPEM is as in SyslogConfig.
	RootPEM []byte
}

// Webhook is an endpoint that takes Standard Webhooks.
type Webhook struct {
	url     string
	host    string
	secrets [][]byte
	wall    core.Clock
	http    *http.Client
}

// answering is how long an endpoint may take.
const answering = 15 * time.Second

// NewWebhook checks the configuration; nothing is sent yet.
func NewWebhook(cfg WebhookConfig) (*Webhook, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the address of a webhook reads https://HOST/…")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("a webhook outside of this machine must be reached by https")
	case len(cfg.Secrets) == 0:
		return nil, errors.New("a webhook needs a secret that signs: name secret_files")
	}
	w := &Webhook{url: u.String(), host: u.Host, wall: cfg.Wall}
	for _, s := range cfg.Secrets {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil || !strings.HasPrefix(s, "whsec_") || len(raw) < 24 || len(raw) > 64 {
			return nil, errors.New("a webhook's secret reads whsec_ and 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)")
		}
		w.secrets = append(w.secrets, raw)
	}
	transport, err := transport(cfg.RootPEM)
	if err != nil {
		return nil, err
	}
	w.http = &http.Client{Timeout: answering, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // what was signed for one address is not for another
	}}
	return w, nil
}

// payload is the body of a Standard Webhook.
type payload struct {
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"` // when it happened
	Data      json.RawMessage `json:"data"`
}

// Deliver sends the events one by one.
func (w *Webhook) Deliver(ctx context.Context, batch []oversight.Outgoing) error {
	for _, o := range batch {
		if err := w.send(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (w *Webhook) send(ctx context.Context, o oversight.Outgoing) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(payload{o.Type, o.At.String(), json.RawMessage(o.Body)}); err != nil {
		return fmt.Errorf("the event is not JSON: webhooks take jsonl, ocsf and ecs: %w", err)
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook's address cannot be used")
	}
	sent := strconv.FormatInt(w.wall.Now().Time().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Vouchsafe")
	req.Header["webhook-id"] = []string{o.ID} // as the standard spells them
	req.Header["webhook-timestamp"] = []string{sent}
	req.Header["webhook-signature"] = []string{w.sign(o.ID, sent, body)}
	res, err := w.http.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address, in which a token may stand
		}
		return fmt.Errorf("%s does not answer: %w", w.host, without(err))
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection can be used again
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusGone:
		return fmt.Errorf("%s: %w", w.host, oversight.ErrGone)
	case code >= 400 && code < 500 && code != http.StatusTooManyRequests && code != http.StatusRequestTimeout:
		return fmt.Errorf("%s answers with %d: %w", w.host, code, oversight.ErrNotThis)
	default:
		return fmt.Errorf("%s answers with %d", w.host, code)
	}
}

// sign is the signature header: one per secret.
func (w *Webhook) sign(id, sent string, body []byte) string {
	var out []string
	for _, secret := range w.secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + sent + "."))
		mac.Write(body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " ")
}

var _ oversight.Receiver = (*Webhook)(nil)
