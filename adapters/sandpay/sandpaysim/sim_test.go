package sandpaysim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
)

var start = core.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))

const goodAccount = "DE89370400440532013000"

// newSim is a sandbox in virtual time.
func newSim(webhookURL string) (*sandpaysim.Server, *core.VirtualClock) {
	clock := core.NewVirtualClock(start)
	return sandpaysim.New(sandpaysim.Options{Seed: 5, Clock: clock, WebhookURL: webhookURL}), clock
}

func request(account, reference string) sandpaysim.PayoutRequest {
	return sandpaysim.PayoutRequest{
		Amount: 5000, Currency: "EUR", Reference: reference, Merchant: "acme-eu",
		Destination: sandpaysim.Party{Account: account, Holder: "Ada Byron"},
	}
}

func byHand(t *testing.T, sim *sandpaysim.Server, account, reference string) sandpaysim.Object {
	t.Helper()
	o, err := sim.PayByHand(request(account, reference))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// post sends a payout request to the API's handler and returns the answer; a
// connection closed without one has status 0.
func post(t *testing.T, sim *sandpaysim.Server, key, reference string, amount int) (int, string) {
	t.Helper()
	server := httptest.NewServer(sim.API())
	defer server.Close()
	body := fmt.Appendf(nil, `{"amount":%d,"currency":"EUR","reference":%q,"merchant":"acme-eu",`+
		`"destination":{"account":%q,"holder":"Ada Byron"}}`, amount, reference, goodAccount)
	req, _ := http.NewRequest(http.MethodPost, server.URL+"/v1/payouts", bytes.NewReader(body))
	apiKey, _ := sandpaysim.DemoKeys(5)
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

func inject(t *testing.T, sim *sandpaysim.Server, kind sandpaysim.FaultKind, times int) {
	t.Helper()
	if err := sim.Inject(sandpaysim.Fault{Kind: kind, Times: times}); err != nil {
		t.Fatal(err)
	}
}

func TestMagicDestinations(t *testing.T) {
	sim, clock := newSim("")
	for suffix, want := range map[string][]string{
		"3000": {"pending", "paid", "paid"},
		"9003": {"on_hold", "on_hold", "on_hold"},
		"9004": {"pending", "failed", "failed"},
		"9005": {"pending", "paid", "returned"},
	} {
		byHand(t, sim, "DE"+suffix, suffix)
		for i, status := range want {
			if got := sim.Truth(suffix).Payouts[0].Status; got != status {
				t.Errorf("%s after %d delays is %s, not %s", suffix, i, got, status)
			}
			sim.Step(clock.Advance(30 * time.Second))
		}
	}
	for _, suffix := range []string{"9001", "9002"} {
		if _, err := sim.PayByHand(request("DE"+suffix, suffix)); err == nil || len(sim.Truth(suffix).Payouts) > 0 {
			t.Errorf("%s is booked", suffix)
		}
	}
	if paid := sim.Truth("9005").Paid["EUR"]; paid != 0 {
		t.Errorf("a returned payout counts as %d paid", paid)
	}
	if paid := sim.Truth("3000").Paid["EUR"]; paid != 5000 {
		t.Errorf("%d is paid", paid)
	}
}

func TestMovesHappenWhenTheyWereDue(t *testing.T) {
	sim, clock := newSim("")
	byHand(t, sim, "DE9005", "R")
	sim.Step(clock.Advance(24 * time.Hour)) // one long stride
	o := sim.Truth("R").Payouts[0]
	if o.Status != "returned" || o.Updated != start.Add(time.Minute) || o.Failure != "unknown_account" {
		t.Errorf("%+v", o)
	}
}

func TestReleaseOfHeldPayout(t *testing.T) {
	sim, clock := newSim("")
	held := byHand(t, sim, "DE9003", "R")
	if err := sim.Release(held.ID); err != nil {
		t.Fatal(err)
	}
	sim.Step(clock.Advance(30 * time.Second))
	if got := sim.Truth("R").Payouts[0].Status; got != "paid" {
		t.Errorf("released, then %s", got)
	}
	if sim.Release(held.ID) == nil || sim.Release("po_none") == nil {
		t.Error("what is not held is released")
	}
}

func TestDeposits(t *testing.T) {
	sim, clock := newSim("")
	deposit := func(method, failure string) string {
		o, err := sim.Deposit(sandpaysim.DepositRequest{
			Amount: 100, Currency: "JPY", Merchant: "acme-eu", Reference: "100045", Method: method, Failure: failure,
			Source: sandpaysim.Party{Account: "**** 4242", Holder: "Ada Byron"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return o.Status
	}
	for _, c := range [][3]string{
		{"card", "", "succeeded"}, {"card", "card_declined", "failed"}, {"bank", "", "pending"}, {"bank", "recalled", "pending"},
	} {
		if got := deposit(c[0], c[1]); got != c[2] {
			t.Errorf("by %s with failure %q: %s", c[0], c[1], got)
		}
	}
	sim.Step(clock.Advance(30 * time.Second))
	deposits := sim.Oracle().Deposits
	if deposits[2].Status != "succeeded" || deposits[3].Status != "failed" || deposits[3].Failure != "recalled" {
		t.Errorf("%+v", deposits)
	}
	if _, err := sim.Deposit(sandpaysim.DepositRequest{Amount: 1, Currency: "EUR", Method: "cash"}); err == nil {
		t.Error("a deposit by cash is booked")
	}
}

func TestIdempotencyKeys(t *testing.T) {
	sim, clock := newSim("")
	_, first := post(t, sim, "k1", "R1", 100)
	if status, again := post(t, sim, "k1", "R1", 100); status != 200 || again != first {
		t.Errorf("a replay is %d %s, not %s", status, again, first)
	}
	if status, _ := post(t, sim, "k1", "R1", 101); status != 422 {
		t.Errorf("the same key with another body is %d", status)
	}
	if status, _ := post(t, sim, "", "R0", 100); status != 400 {
		t.Errorf("no key is %d", status)
	}
	inject(t, sim, sandpaysim.Answer500, 1)
	for range 2 {
		if status, _ := post(t, sim, "k2", "R2", 100); status != 500 {
			t.Errorf("a broken key is %d", status)
		}
	}
	inject(t, sim, sandpaysim.Answer500Then, 1)
	for _, want := range []int{500, 200} {
		if status, _ := post(t, sim, "k3", "R3", 100); status != want {
			t.Errorf("%d, not %d", status, want)
		}
	}
	inject(t, sim, sandpaysim.ApplyLate, 1)
	for _, want := range []int{0, 409} {
		if status, _ := post(t, sim, "k4", "R4", 100); status != want {
			t.Errorf("%d, not %d", status, want)
		}
	}
	if len(sim.Truth("R4").Payouts) != 0 {
		t.Error("booked early")
	}
	sim.Step(clock.Advance(45 * time.Second))
	if status, _ := post(t, sim, "k4", "R4", 100); status != 200 {
		t.Errorf("a late booking replays as %d", status)
	}
	for reference, want := range map[string]int{"R0": 0, "R1": 1, "R2": 0, "R3": 1, "R4": 1} {
		if got := len(sim.Truth(reference).Payouts); got != want {
			t.Errorf("%s is booked %d times, not %d", reference, got, want)
		}
	}
}

func TestLastingFaultsYieldToCountedOnes(t *testing.T) {
	sim, _ := newSim("")
	inject(t, sim, sandpaysim.DropBeforeApply, -1)
	inject(t, sim, sandpaysim.Answer500, 1)
	for i, want := range []int{500, 0, 0} {
		if status, _ := post(t, sim, fmt.Sprint("k", i), "R", 100); status != want {
			t.Errorf("request %d is %d, not %d", i, status, want)
		}
	}
	inject(t, sim, sandpaysim.DropBeforeApply, 0)
	if status, _ := post(t, sim, "k9", "R", 100); status != 200 || len(sim.Faults()) != 0 {
		t.Errorf("cleared, but %d", status)
	}
	if sim.Inject(sandpaysim.Fault{Kind: "meteor", Times: 1}) == nil {
		t.Error("an unknown fault is armed")
	}
}

func TestSameSeedSameIds(t *testing.T) {
	one, _ := newSim("")
	two, _ := newSim("")
	if a, b := byHand(t, one, goodAccount, ""), byHand(t, two, goodAccount, ""); a.ID != b.ID {
		t.Errorf("%s and %s", a.ID, b.ID)
	}
}

// TestBookingOrderIsTimeOrder: a step may run ahead of the clock, but pages
// promise that the oldest comes first.
func TestBookingOrderIsTimeOrder(t *testing.T) {
	sim, clock := newSim("")
	inject(t, sim, sandpaysim.ApplyLate, 1)
	post(t, sim, "k1", "R1", 100)
	sim.Step(clock.Now().Add(time.Hour))
	after := byHand(t, sim, goodAccount, "R2")
	if before := sim.Truth("R1").Payouts[0]; after.Created < before.Created {
		t.Errorf("booked second at %s, first at %s", after.Created, before.Created)
	}
}
