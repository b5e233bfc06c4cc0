package sandpay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/command"
)

func sandbox(t *testing.T) (*sandpaysim.Server, string) {
	t.Helper()
	sim := sandpaysim.New(sandpaysim.Options{Seed: 3, APIKey: testKey, WebhookSecrets: []string{vectorSecret}})
	base, err := sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim, base
}

func arm(t *testing.T, sim *sandpaysim.Server, kind sandpaysim.FaultKind) {
	t.Helper()
	if err := sim.Inject(sandpaysim.Fault{Kind: kind, Times: 1}); err != nil {
		t.Fatal(err)
	}
}

// TestOneRequestPerAttempt kills the connection under a request again and
// again, after others have gone well and left the transport every chance to
// keep a connection alive, and counts what arrived.
func TestOneRequestPerAttempt(t *testing.T) {
	sim, base := sandbox(t)
	c := client(t, base)
	kinds := []sandpaysim.FaultKind{sandpaysim.DropAfterApply, sandpaysim.DropBeforeApply, sandpaysim.ApplyLate}
	for i := range 60 {
		calm, struck := fmt.Sprintf("F1C%d", i), fmt.Sprintf("F1S%d", i)
		if _, certainty, err := c.Submit(context.Background(), op(calm), payout); certainty != command.Applied {
			t.Fatal(err)
		}
		if _, _, err := c.Find(context.Background(), op(calm)); err != nil {
			t.Fatal(err)
		}
		arm(t, sim, kinds[i%len(kinds)])
		if _, certainty, err := c.Submit(context.Background(), op(struck), payout); certainty != command.Uncertain {
			t.Fatalf("%s, %v", certainty, err)
		}
		for _, tag := range []string{calm, struck} {
			if n := sim.Truth(tag).Requests; n != 1 {
				t.Fatalf("%s arrived %d times", tag, n)
			}
		}
	}
}

// TestTheTrapIsReal shows that the counting above can fail: Go's default client
// re-sends the very same request without a word.
func TestTheTrapIsReal(t *testing.T) {
	sim, base := sandbox(t)
	naive := &http.Client{Transport: &http.Transport{}}
	defer naive.CloseIdleConnections()
	post := func(tag string) {
		body, _ := json.Marshal(sandpaysim.PayoutRequest{
			Amount: 100, Currency: "EUR", Reference: tag, Merchant: "acme-eu",
			Destination: sandpaysim.Party{Account: payout.Account, Holder: payout.Holder},
		})
		req, _ := http.NewRequest(http.MethodPost, base+"/v1/payouts", bytes.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+testKey)
		req.Header.Set("Idempotency-Key", tag)
		if res, err := naive.Do(req); err == nil {
			_, _ = new(bytes.Buffer).ReadFrom(res.Body)
			_ = res.Body.Close()
		}
	}
	post("calm") // leaves a connection to be reused
	arm(t, sim, sandpaysim.DropAfterApply)
	post("struck")
	if n := sim.Truth("struck").Requests; n != 2 {
		t.Errorf("the default client sent %d requests; is the counting right?", n)
	}
}

// TestSharedReferenceIsAConflict: a payout made by hand with our reference must
// not pass for ours.
func TestSharedReferenceIsAConflict(t *testing.T) {
	sim, base := sandbox(t)
	c := client(t, base)
	if _, certainty, err := c.Submit(context.Background(), op("F1"), payout); certainty != command.Applied {
		t.Fatal(err)
	}
	if _, err := sim.PayByHand(sandpaysim.PayoutRequest{
		Amount: 1, Currency: "EUR", Reference: "F1", Merchant: "acme-eu",
		Destination: sandpaysim.Party{Account: "X", Holder: "Y"},
	}); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.Find(context.Background(), op("F1")); ok || err == nil {
		t.Errorf("%v, %v", ok, err)
	}
}
