package sandpaysim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
)

// receiver takes webhooks as the product would and remembers what it believed.
type receiver struct {
	mu      sync.Mutex
	client  *sandpay.Client
	clock   core.Clock
	broken  bool
	events  []string // event ids believed, in order of arrival
	objects []string
	forged  int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	header := map[string]string{}
	for name := range q.Header {
		header[name] = q.Header.Get(name)
	}
	body, _ := io.ReadAll(q.Body)
	hint, err := r.client.Webhook(header, body, r.clock.Now())
	if err != nil {
		r.forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	r.events = append(r.events, hint.EventID)
	r.objects = append(r.objects, hint.ID)
}

// hooked is a sandbox that delivers to a receiver in the same virtual time.
func hooked(t *testing.T) (*sandpaysim.Server, *core.VirtualClock, *receiver) {
	t.Helper()
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	sim, clock := newSim(server.URL)
	key, secret := sandpaysim.DemoKeys(5)
	client, err := sandpay.New(sandpay.Config{BaseURL: server.URL, APIKey: key, WebhookSecrets: []string{secret}})
	if err != nil {
		t.Fatal(err)
	}
	r.client, r.clock = client, clock
	return sim, clock, r
}

func TestEveryChangeIsAnnounced(t *testing.T) {
	sim, clock, r := hooked(t)
	o := byHand(t, sim, "DE9005", "R") // pending, paid, returned
	for range 4 {
		sim.Step(clock.Advance(30 * time.Second))
	}
	if !slices.Equal(r.objects, []string{o.ID, o.ID, o.ID}) || r.forged != 0 {
		t.Errorf("%v, forged %d", r.objects, r.forged)
	}
}

func TestWebhooksAreRetried(t *testing.T) {
	sim, clock, r := hooked(t)
	byHand(t, sim, "DE9003", "R")
	r.broken = true
	sim.Step(clock.Now())
	sim.Step(clock.Advance(4 * time.Second)) // not due yet
	r.mu.Lock()
	r.broken = false
	r.mu.Unlock()
	sim.Step(clock.Now())
	if len(r.events) != 0 {
		t.Error("retried early")
	}
	sim.Step(clock.Advance(time.Second))
	sim.Step(clock.Advance(time.Hour))
	if len(r.events) != 1 {
		t.Errorf("delivered %d times", len(r.events))
	}
}

func TestWebhooksAreGivenUp(t *testing.T) {
	sim, clock, r := hooked(t)
	byHand(t, sim, "DE9003", "R")
	r.broken = true
	for range 8 {
		sim.Step(clock.Advance(24 * time.Hour))
	}
	r.mu.Lock()
	r.broken = false
	r.mu.Unlock()
	sim.Step(clock.Advance(24 * time.Hour))
	if len(r.events) != 0 {
		t.Error("tried for ever")
	}
}

func TestWebhookFaults(t *testing.T) {
	t.Run("duplicate", func(t *testing.T) {
		sim, clock, r := hooked(t)
		inject(t, sim, sandpaysim.WebhookDuplicate, 1)
		byHand(t, sim, "DE9003", "R")
		sim.Step(clock.Now())
		if len(r.events) != 2 || r.events[0] != r.events[1] {
			t.Errorf("%v", r.events)
		}
	})
	t.Run("reorder", func(t *testing.T) {
		sim, clock, r := hooked(t)
		inject(t, sim, sandpaysim.WebhookReorder, 1)
		a, b := byHand(t, sim, "DE9003", "R1"), byHand(t, sim, "DE9003", "R2")
		sim.Step(clock.Now())
		if !slices.Equal(r.objects, []string{b.ID, a.ID}) {
			t.Errorf("%v", r.objects)
		}
	})
	t.Run("forged", func(t *testing.T) {
		sim, clock, r := hooked(t)
		inject(t, sim, sandpaysim.WebhookForged, 1)
		byHand(t, sim, "DE9003", "R")
		sim.Step(clock.Now())
		if r.forged != 1 || len(r.events) != 1 {
			t.Errorf("forged %d, believed %v", r.forged, r.events)
		}
	})
	t.Run("off", func(t *testing.T) {
		sim, clock, r := hooked(t)
		inject(t, sim, sandpaysim.WebhookOff, -1)
		byHand(t, sim, "DE9003", "R")
		sim.Step(clock.Now())
		inject(t, sim, sandpaysim.WebhookOff, 0)
		sim.Step(clock.Advance(time.Hour))
		if len(r.events) != 0 {
			t.Errorf("%v", r.events)
		}
	})
}
