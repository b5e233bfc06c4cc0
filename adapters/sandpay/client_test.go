package sandpay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// vectorSecret is the secret of Standard Webhooks' published test vector.
const (
	vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	testKey      = "sk_test_do_not_print"
)

func client(t *testing.T, base string) *sandpay.Client {
	t.Helper()
	c, err := sandpay.New(sandpay.Config{BaseURL: base, APIKey: testKey, WebhookSecrets: []string{vectorSecret}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func op(tag string) command.Op {
	return command.Op{
		ID: core.Ref("wd_" + strings.ToLower(tag)), Attempt: 1, Tag: tag, Operator: "st_operator",
		Reason: "client-request", Deadline: core.SystemClock{}.Now().Add(5 * time.Second),
	}
}

var payout = payments.Payout{
	Amount: core.Money{Minor: 125000, Currency: "EUR"}, Account: "DE89370400440532013000",
	Holder: "Ada Byron", Bank: "DEUTDEFF", Merchant: "acme-eu",
}

// echo is the truthful answer to payout with a tag, before it is spoilt.
func echo(tag string) map[string]any {
	return map[string]any{
		"id": "po_1", "object": "payout", "reference": tag, "status": "pending", "amount": 125000,
		"currency": "EUR", "merchant": "acme-eu",
		"destination": map[string]any{"account": payout.Account, "holder": payout.Holder},
		"created":     "2026-11-21T09:00:00.000000Z", "updated": "2026-11-21T09:00:00.000000Z",
	}
}

// submitTo submits to a server that always gives one answer.
func submitTo(t *testing.T, status int, body string) (payments.PSPObject, command.Certainty, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	return client(t, server.URL).Submit(context.Background(), op("F1"), payout)
}

func TestOutcomeOfAnswers(t *testing.T) {
	truthful, _ := json.Marshal(echo("F1"))
	for _, c := range []struct {
		what   string
		status int
		body   string
		want   command.Certainty
	}{
		{"a truthful success", 200, string(truthful), command.Applied},
		{"a truthful 201", 201, string(truthful), command.Applied},
		{"a refusal", 402, `{"error":{"code":"account_closed"}}`, command.Rejected},
		{"a refused key", 401, `{"error":{"code":"invalid_api_key"}}`, command.Rejected},
		{"a refusal under another status", 500, `{"error":{"code":"account_closed"}}`, command.Uncertain},
		{"a refusal we do not know", 402, `{"error":{"code":"moon_phase"}}`, command.Uncertain},
		{"a refusal by somebody else", 403, `<html>blocked by proxy</html>`, command.Uncertain},
		{"a conflict of keys", 422, `{"error":{"code":"idempotency_conflict"}}`, command.Uncertain},
		{"a request in flight", 409, `{"error":{"code":"request_in_flight"}}`, command.Uncertain},
		{"too many requests", 429, ``, command.Uncertain},
		{"an error", 500, `{"error":{"code":"internal_error"}}`, command.Uncertain},
		{"an empty success", 200, ``, command.Uncertain},
		{"half a success", 200, string(truthful[:40]), command.Uncertain},
		{"two answers", 200, string(truthful) + string(truthful), command.Uncertain},
		{"a success without content", 204, ``, command.Uncertain},
	} {
		_, certainty, err := submitTo(t, c.status, c.body)
		if certainty != c.want || (err == nil) != (c.want == command.Applied) {
			t.Errorf("%s: %s, %v", c.what, certainty, err)
		}
	}
}

// TestRedirectsAreNotFollowed: behind each waits a truthful success that we
// must not fetch, since on 307 and 308 the payout itself would go there again.
func TestRedirectsAreNotFollowed(t *testing.T) {
	truthful, _ := json.Marshal(echo("F1"))
	for _, status := range []int{301, 302, 303, 307, 308} {
		followed := false
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/payouts" {
				http.Redirect(w, r, "/elsewhere", status)
				return
			}
			followed = true
			_, _ = w.Write(truthful)
		}))
		_, certainty, _ := client(t, server.URL).Submit(context.Background(), op("F1"), payout)
		server.Close()
		if followed || certainty != command.Uncertain {
			t.Errorf("%d: followed %v, %s", status, followed, certainty)
		}
	}
}

func TestEveryEchoedFieldCounts(t *testing.T) {
	for field, value := range map[string]any{
		"id": "", "object": "deposit", "reference": "F2", "status": "moon", "amount": 125001,
		"currency": "USD", "merchant": "acme-uk", "destination": map[string]any{"account": "X", "holder": payout.Holder},
		"created": "yesterday", "updated": "",
	} {
		answer := echo("F1")
		answer[field] = value
		body, _ := json.Marshal(answer)
		if _, certainty, err := submitTo(t, 200, string(body)); certainty != command.Uncertain || err == nil {
			t.Errorf("%s changed to %v: %s, %v", field, value, certainty, err)
		}
	}
}

func TestRefusalCarriesTheCode(t *testing.T) {
	o, _, err := submitTo(t, 402, `{"error":{"code":"insufficient_funds","message":"`+testKey+`"}}`)
	if o.Failure != "insufficient_funds" || !core.IsFault(err, "psp-refused") || !strings.Contains(err.Error(), "insufficient_funds") {
		t.Errorf("%q, %v", o.Failure, err)
	}
}

func TestDialFailureIsNotSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	_ = l.Close()
	_, certainty, err := client(t, base).Submit(context.Background(), op("F1"), payout)
	if certainty != command.Rejected || !core.IsFault(err, "not-sent") {
		t.Errorf("%s, %v", certainty, err)
	}
}

// TestSilenceIsUncertain: a server that takes the connection and says nothing
// may have read everything.
func TestSilenceIsUncertain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	impatient := op("F1")
	impatient.Deadline = core.SystemClock{}.Now().Add(100 * time.Millisecond)
	_, certainty, err := client(t, "http://"+l.Addr().String()).Submit(context.Background(), impatient, payout)
	if certainty != command.Uncertain || err == nil {
		t.Errorf("%s, %v", certainty, err)
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	cfg := sandpay.Config{BaseURL: "http://127.0.0.1:1", APIKey: testKey, WebhookSecrets: []string{vectorSecret}}
	c := client(t, cfg.BaseURL)
	asJSON, _ := json.Marshal(cfg)
	var log strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "cfg", cfg, "client", c)
	}
	_, _, submitErr := c.Submit(context.Background(), op("F1"), payout)
	_, _, findErr := c.Find(context.Background(), op("F1"))
	_, badURL := sandpay.New(sandpay.Config{BaseURL: "http://user:" + testKey + "@h ost", APIKey: testKey})
	_, badSecret := sandpay.New(sandpay.Config{BaseURL: cfg.BaseURL, APIKey: testKey, WebhookSecrets: []string{vectorSecret[:30]}})
	out := fmt.Sprintf("%v %+v %#v %v %+v %#v %v %v %v %v ", cfg, cfg, cfg, c, c, c, submitErr, findErr, badURL, badSecret) +
		string(asJSON) + log.String()
	for _, secret := range []string{testKey, vectorSecret[6:], vectorSecret[6:30]} {
		if strings.Contains(out, secret) {
			t.Errorf("a secret is printed: %s", out)
		}
	}
	if badURL == nil || badSecret == nil {
		t.Error("a bad configuration is accepted")
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := sandpay.Config{BaseURL: "https://psp.example", APIKey: "k", WebhookSecrets: []string{vectorSecret}}
	for what, spoil := range map[string]func(*sandpay.Config){
		"plain http elsewhere": func(c *sandpay.Config) { c.BaseURL = "http://psp.example" },
		"no scheme":            func(c *sandpay.Config) { c.BaseURL = "psp.example" },
		"a query":              func(c *sandpay.Config) { c.BaseURL += "?x=1" },
		"no key":               func(c *sandpay.Config) { c.APIKey = "" },
		"no secret":            func(c *sandpay.Config) { c.WebhookSecrets = nil },
		"an unmarked secret":   func(c *sandpay.Config) { c.WebhookSecrets = []string{vectorSecret[6:]} },
		"a short secret":       func(c *sandpay.Config) { c.WebhookSecrets = []string{"whsec_AAAA"} },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := sandpay.New(cfg); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	if _, err := sandpay.New(good); err != nil {
		t.Error(err)
	}
}
