package sandpaysim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"vouchsafe/core"
)

// event is a webhook that waits for delivery.
type event struct {
	ID     string       `json:"id"`
	Kind   string       `json:"kind"`
	Object string       `json:"object"`
	At     core.Instant `json:"at"`   // of the change
	Next   core.Instant `json:"next"` // earliest next attempt
	Tries  int          `json:"tries"`
}

// retries are the waits after each failed delivery, as Standard Webhooks
// suggests them; after the last the event is given up.
var retries = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
}

// announce queues a webhook about a change. The lock must be held.
func (s *Server) announce(o *Object, at core.Instant) {
	if s.opts.WebhookURL == "" {
		return
	}
	id := s.book.mint("msg", s.entropy)
	s.book.Events = append(s.book.Events, &event{ID: id, Kind: o.Kind, Object: o.ID, At: at, Next: at})
}

// dueEvents returns the events to deliver now, in the order of this Step.
func (s *Server) dueEvents(now core.Instant) []event {
	var due []event
	for _, e := range s.book.Events {
		if e.Next <= now {
			due = append(due, *e)
		}
	}
	if len(due) > 1 && s.take(WebhookReorder) != "" {
		slices.Reverse(due)
	}
	return due
}

// deliver posts the events and settles what becomes of each.
func (s *Server) deliver(due []event, now core.Instant) {
	for _, e := range due {
		s.mu.Lock()
		lost := s.take(WebhookOff) != ""
		forge := !lost && s.take(WebhookForged) != ""
		double := !lost && s.take(WebhookDuplicate) != ""
		s.mu.Unlock()
		if forge {
			s.postForged(e, now)
		}
		done := lost || s.post(e, now, s.keys)
		if double {
			s.post(e, now, s.keys)
		}
		s.attempted(e.ID, done, now)
	}
}

// attempted forgets a delivered event and puts a failed one off.
func (s *Server) attempted(id string, done bool, now core.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = true
	s.book.Events = slices.DeleteFunc(s.book.Events, func(e *event) bool {
		if e.ID != id {
			return false
		}
		if done || e.Tries == len(retries) {
			return true
		}
		e.Next = now.Add(retries[e.Tries])
		e.Tries++
		return false
	})
}

// postForged posts a lie about e's object under a key that is not SandPay's.
func (s *Server) postForged(e event, now core.Instant) {
	var key [32]byte
	var id [6]byte
	s.entropy.Read(key[:])
	s.entropy.Read(id[:])
	e.ID = "msg_" + hex.EncodeToString(id[:])
	s.post(e, now, [][]byte{key[:]})
}

// post makes one delivery and reports whether the receiver took it (2xx).
func (s *Server) post(e event, now core.Instant, keys [][]byte) bool {
	header, body := e.signed(now, keys)
	req, err := http.NewRequest(http.MethodPost, s.opts.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := s.hooks.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxRequest))
	return res.StatusCode >= 200 && res.StatusCode < 300
}

// signed renders a delivery: Standard Webhooks 1.0.0 headers and the body.
func (e event) signed(now core.Instant, keys [][]byte) (map[string]string, []byte) {
	body := fmt.Appendf(nil, `{"type":"%s.updated","timestamp":"%s","data":{"id":"%s","object":"%s"}}`,
		e.Kind, e.At, e.Object, e.Kind)
	stamp := fmt.Sprint(now.Time().Unix())
	signatures := make([]string, len(keys))
	for i, key := range keys {
		h := hmac.New(sha256.New, key)
		fmt.Fprintf(h, "%s.%s.%s", e.ID, stamp, body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return map[string]string{
		"content-type":      "application/json",
		"webhook-id":        e.ID,
		"webhook-timestamp": stamp,
		"webhook-signature": strings.Join(signatures, " "),
	}, body
}

// SignedWebhook renders a delivery about an object as this SandPay would send
// it at now, for tests of receivers. Secrets take the place of the server's own
// when given.
func (s *Server) SignedWebhook(eventID, kind, objectID string, now core.Instant, secrets ...string) (header map[string]string, body []byte) {
	keys := s.keys
	if len(secrets) > 0 {
		keys = secretKeys(secrets)
	}
	return event{ID: eventID, Kind: kind, Object: objectID, At: now}.signed(now, keys)
}
