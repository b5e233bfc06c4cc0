package sandpay_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
)

// TestPublishedVector verifies the signature that the Standard Webhooks project
// publishes with its libraries (standard-webhooks/standard-webhooks, libraries,
// test "sign function works"). Its body is no SandPay event, so a good
// signature shows as "unreadable", a bad one as "forged".
func TestPublishedVector(t *testing.T) {
	header := map[string]string{
		"webhook-id":        "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	}
	body := []byte(`{"test": 2432232314}`)
	now := core.At(time.Unix(1614265330, 0))
	c := client(t, "http://127.0.0.1:1")
	if _, err := c.Webhook(header, body, now); !core.IsFault(err, "webhook-unreadable") {
		t.Errorf("the published signature: %v", err)
	}
	header["webhook-signature"] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="
	if _, err := c.Webhook(header, body, now); !core.IsFault(err, "webhook-forged") {
		t.Errorf("another signature: %v", err)
	}
}

const goodEvent = `{"type":"payout.updated","data":{"id":"po_1","object":"payout"}}`

// sealed signs what is given, well-formed or not.
func sealed(id, stamp, body string) map[string]string {
	key, _ := base64.StdEncoding.DecodeString(vectorSecret[6:])
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + stamp + "." + body))
	return map[string]string{
		"webhook-id": id, "webhook-timestamp": stamp,
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)),
	}
}

// TestSignedNonsense: a good signature does not make an event of everything.
func TestSignedNonsense(t *testing.T) {
	c := client(t, "http://127.0.0.1:1")
	now := core.At(time.Unix(1_700_000_000, 0))
	for _, n := range []struct{ what, id, stamp, body string }{
		{"an id with a dot", "a.b", "1700000000", goodEvent},
		{"an endless id", strings.Repeat("a", 200), "1700000000", goodEvent},
		{"a negative timestamp", "a", "-1700000000", goodEvent},
		{"a timestamp with a sign", "a", "+1700000000", goodEvent},
		{"a timestamp in milliseconds", "a", "1700000000000", goodEvent},
		{"a timestamp that would wrap around", "a", "20146744074", goodEvent}, // 2^64 ns later
		{"no JSON", "a", "1700000000", "po_1"},
		{"two events", "a", "1700000000", goodEvent + goodEvent},
		{"an unknown kind", "a", "1700000000", `{"type":"moon.updated","data":{"id":"po_1","object":"moon"}}`},
		{"a type of another kind", "a", "1700000000", `{"type":"deposit.updated","data":{"id":"po_1","object":"payout"}}`},
		{"no object", "a", "1700000000", `{"type":"payout.updated","data":{"object":"payout"}}`},
		{"too long", "a", "1700000000", goodEvent + strings.Repeat(" ", 70_000)},
	} {
		if hint, err := c.Webhook(sealed(n.id, n.stamp, n.body), []byte(n.body), now); err == nil {
			t.Errorf("%s is believed: %v", n.what, hint)
		}
	}
	if _, err := c.Webhook(sealed("a", "1700000000", goodEvent), []byte(goodEvent), now); err != nil {
		t.Errorf("sense is refused: %v", err)
	}
}

// FuzzWebhook: whatever arrives, nothing panics, and what is believed was
// signed, is fresh and names an object.
func FuzzWebhook(f *testing.F) {
	good := sealed("a", "1700000000", goodEvent)
	f.Add("a", "1700000000", good["webhook-signature"], []byte(goodEvent), false)
	f.Add("a", "1700000000", "v1, v1,AAAA v2,x", []byte(goodEvent), true)
	f.Add("a.1", "1700000600", "", []byte(`{"type":`), true)
	f.Add("", "", "", []byte(nil), false)
	now := core.At(time.Unix(1_700_000_000, 0))
	f.Fuzz(func(t *testing.T, id, stamp, signature string, body []byte, sign bool) {
		c := client(t, "http://127.0.0.1:1")
		header := sealed(id, stamp, string(body))
		want := header["webhook-signature"]
		if !sign {
			header["webhook-signature"] = signature
		}
		hint, err := c.Webhook(header, body, now)
		if err != nil {
			return
		}
		seconds, bad := strconv.ParseInt(stamp, 10, 64)
		age := 1_700_000_000 - seconds
		switch {
		case !strings.Contains(header["webhook-signature"], want):
			t.Errorf("believed unsigned: %v", hint)
		case bad != nil || age > 300 || age < -300:
			t.Errorf("believed at timestamp %q", stamp)
		case hint.EventID != id || hint.ID == "" || hint.Kind != "payout" && hint.Kind != "deposit":
			t.Errorf("believed, but hints at %v", hint)
		}
	})
}
