package payments_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/payments"
)

// answers takes what our receiver answered since it was asked last.
func (w *world) answers() []string {
	w.hooksMu.Lock()
	defer w.hooksMu.Unlock()
	out := w.hooked
	w.hooked = nil
	return out
}

// Webhooks are hints: whatever happens to them, the truth is read from the PSP
// and booked once.
func TestWebhooks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().hooks.Store(true)
		posted := int64(0)
		for _, c := range []struct {
			name    string
			fault   sandpaysim.FaultKind
			answers []string
			booked  bool
		}{
			{"genuine", "", []string{""}, true},
			{"twice", sandpaysim.WebhookDuplicate, []string{"", ""}, true},
			{"a forged one before it", sandpaysim.WebhookForged, []string{"webhook-forged", ""}, true},
			{"lost", sandpaysim.WebhookOff, nil, false},
		} {
			if c.fault != "" {
				w.must(w.sim.Inject(sandpaysim.Fault{Kind: c.fault, Times: 1}))
			}
			at := w.deposit("REF-ada", "Ada Byron", 1_000)
			w.step()
			w.step()
			if got := w.answers(); !slices.Equal(got, c.answers) {
				t.Fatalf("%s: answered %q, want %q", c.name, got, c.answers)
			}
			if c.booked != (w.dep(at) != nil) {
				t.Fatalf("%s: recorded %v", c.name, w.dep(at))
			}
			w.sweep()
			posted += 1_000
			w.stands(c.name, at, payments.DepositCredited, "", map[bool]string{true: "matched", false: "none"}[c.booked])
			w.books(c.name, "cl_ada", posted, 0)
		}
		w.only("at the end")
		w.fold()
	})
}

// Told backwards, a payout's states are read as they are.
func TestReorderedWebhooks(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 1_000)
		w.step()
		at := w.is("sent", id, "approved submitted none").Transaction
		w.hooks.Store(true)
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.WebhookReorder, Times: 5}))
		w.deposit("REF-bob", "Bob Meyer", 100)
		w.pass(time.Minute)
		w.step()
		w.step()
		if len(w.answers()) < 2 {
			t.Fatal("nothing came to be reordered")
		}
		if got := w.is("paid and settled by hints alone", id, "approved paid matched"); got.Transaction != at {
			t.Fatalf("%+v", *got)
		}
		w.fold()
	})
}

// Forged, stale and unreadable deliveries are errors and leave nothing; one
// that is replayed within the tolerance is one job.
func TestWebhooksThatAreNone(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet()
		at := w.deposit("REF-ada", "Ada Byron", 1_000)
		now := w.Clock.Now()
		header, body := w.sim.SignedWebhook("msg_1", "deposit", at, now)
		_, stranger := sandpaysim.DemoKeys(99)
		forged, _ := w.sim.SignedWebhook("msg_1", "deposit", at, now, stranger)
		stale, staleBody := w.sim.SignedWebhook("msg_1", "deposit", at, now.Add(-6*time.Minute))
		early, earlyBody := w.sim.SignedWebhook("msg_1", "deposit", at, now.Add(6*time.Minute))
		odd, oddBody := w.sim.SignedWebhook("msg_1", "refund", at, now)
		queued := func() (n int64) {
			counts, err := jobs.Counts(context.Background(), w.Road.Store.Reader())
			w.must(err)
			for _, c := range counts {
				n += c.N
			}
			return n
		}
		take := func(psp string, h map[string]string, b []byte) string {
			return code(w.driver.Webhook(context.Background(), psp, h, b))
		}
		for name, c := range map[string]struct{ got, want string }{
			"forged":       {take(sandpay.Name, forged, body), "webhook-forged"},
			"altered":      {take(sandpay.Name, header, append(slices.Clone(body), ' ')), "webhook-forged"},
			"stale":        {take(sandpay.Name, stale, staleBody), "webhook-stale"},
			"early":        {take(sandpay.Name, early, earlyBody), "webhook-stale"},
			"no header":    {take(sandpay.Name, nil, body), "webhook-unreadable"},
			"no payment":   {take(sandpay.Name, odd, oddBody), "webhook-unreadable"},
			"unknown PSP":  {take("paypal", header, body), "psp-unknown"},
			"nothing kept": {string(rune('0' + queued())), "0"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, want %q", name, c.got, c.want)
			}
		}
		for range 3 {
			w.must(w.driver.Webhook(context.Background(), sandpay.Name, header, body))
		}
		if n := queued(); n != 1 {
			t.Errorf("a replay made %d jobs", n)
		}
		next, nextBody := w.sim.SignedWebhook("msg_2", "deposit", at, now)
		w.must(w.driver.Webhook(context.Background(), sandpay.Name, next, nextBody))
		if n := queued(); n != 2 {
			t.Errorf("another event was taken for the same: %d jobs", n)
		}
		w.step()
		w.step()
		w.books("taken", "cl_ada", 1_000, 0)
		if got := w.dep(at); got == nil || got.Arrived == 0 || got.Entity != core.Ref("en_cy") {
			t.Errorf("%+v", got)
		}
	})
}
