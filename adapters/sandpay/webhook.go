package sandpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/payments"
)

// WebhookTolerance is the greatest age, and the greatest lead, of a webhook's
// timestamp against the receiver's clock.
const WebhookTolerance = 5 * time.Minute

// Bounds of what is looked at before the signature is known to be good.
const (
	maxWebhook    = 64 << 10
	maxWebhookID  = 128
	maxSignatures = 16
)

// Webhook checks a delivery against every configured secret, over the raw body,
// and returns its hint. Header names are matched without case. A replay inside
// the tolerance is genuine and carries the same EventID: the caller keeps the
// ids that it has seen.
func (c *Client) Webhook(header map[string]string, body []byte, now core.Instant) (payments.Hint, error) {
	id, stamp, signatures, err := envelope(header)
	if err != nil {
		return payments.Hint{}, err
	}
	if len(body) > maxWebhook {
		return payments.Hint{}, badWebhook("its body is too long")
	}
	if !c.signed(id, stamp, body, signatures) {
		return payments.Hint{}, core.NewFault(core.Denied, "webhook-forged", "The webhook's signature is not SandPay's.")
	}
	if err := fresh(stamp, now); err != nil {
		return payments.Hint{}, err
	}
	return hint(id, body)
}

// envelope takes the three headers out of a delivery.
func envelope(header map[string]string) (id, stamp, signatures string, err error) {
	found := map[string]string{}
	for name, value := range header {
		name = strings.ToLower(name)
		if _, twice := found[name]; twice && strings.HasPrefix(name, "webhook-") {
			return "", "", "", badWebhook("a header stands twice")
		}
		found[name] = value
	}
	id, stamp, signatures = found["webhook-id"], found["webhook-timestamp"], found["webhook-signature"]
	if id == "" || stamp == "" || signatures == "" {
		return "", "", "", badWebhook("a header is missing")
	}
	// A dot would let one signed text be read as two different deliveries.
	if len(id) > maxWebhookID || strings.ContainsRune(id, '.') {
		return "", "", "", badWebhook("its id is malformed")
	}
	return id, stamp, signatures, nil
}

// signed reports whether any signature fits any secret. All pairs are compared,
// each in constant time, so that timing tells nothing about either.
func (c *Client) signed(id, stamp string, body []byte, signatures string) bool {
	var given [][]byte
	for _, one := range strings.SplitN(signatures, " ", maxSignatures) {
		text, v1 := strings.CutPrefix(one, "v1,")
		mac, err := base64.StdEncoding.Strict().DecodeString(text)
		if v1 && err == nil {
			given = append(given, mac)
		}
	}
	good := false
	for _, secret := range c.secrets {
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(id + "." + stamp + "."))
		h.Write(body)
		want := h.Sum(nil)
		for _, mac := range given {
			good = hmac.Equal(want, mac) || good
		}
	}
	return good
}

// fresh refuses a timestamp that is too far from now on either side.
func fresh(stamp string, now core.Instant) error {
	seconds, err := strconv.ParseUint(stamp, 10, 40)
	if err != nil {
		return badWebhook("its timestamp is malformed")
	}
	// Compared as instants: as a time.Duration a timestamp some centuries away
	// would wrap around and could look fresh.
	sent := core.Instant(seconds * 1e6)
	if now < sent.Add(-WebhookTolerance) || now > sent.Add(WebhookTolerance) {
		return core.NewFault(core.Denied, "webhook-stale", "The webhook is too old, or its clock runs ahead.")
	}
	return nil
}

// hint reads the signed body. The type must agree with the object it is about.
func hint(id string, body []byte) (payments.Hint, error) {
	var event struct {
		Type string `json:"type"`
		Data struct {
			ID     string `json:"id"`
			Object string `json:"object"`
		} `json:"data"`
	}
	if decode(body, &event) != nil {
		return payments.Hint{}, badWebhook("its body is no JSON")
	}
	kind := event.Data.Object
	if phases[kind] == nil || event.Type != kind+".updated" || event.Data.ID == "" {
		return payments.Hint{}, badWebhook("its body names no payment")
	}
	return payments.Hint{EventID: id, Kind: kind, ID: event.Data.ID}, nil
}

func badWebhook(why string) *core.Fault {
	return core.Faultf(core.Invalid, "webhook-unreadable", "The webhook cannot be read: %s.", why)
}
