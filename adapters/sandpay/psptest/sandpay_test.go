package psptest

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
	"vouchsafe/payments"
)

func TestSandPay(t *testing.T) { Exercise(t, sandpayRig) }

// Secrets of the rig, by Signer.
var secrets = []string{secretOf("current"), secretOf("next"), secretOf("stranger")}

func secretOf(name string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(name, 6))[:24])
}

const (
	lateBy = 45 * time.Second
	apiKey = "sk_test_rig"
)

// sandpayRig is the client and the sandbox over loopback TCP. The sandbox's
// time is virtual; only a request that must time out takes real time.
func sandpayRig(t *testing.T) Rig {
	clock := core.NewVirtualClock(core.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)))
	sim := sandpaysim.New(sandpaysim.Options{
		Seed: 7, Clock: clock, APIKey: apiKey, LateBy: lateBy, SlowBy: time.Minute,
	})
	base, err := sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	client, err := sandpay.New(sandpay.Config{BaseURL: base, APIKey: apiKey, WebhookSecrets: secrets[:2]})
	if err != nil {
		t.Fatal(err)
	}
	return Rig{
		PSP: client, Wall: core.SystemClock{},
		Merchant: "acme-eu", Good: "DE89370400440532013000", Refused: "DE00370400440532019001",
		Faults: faults(),
		Inject: func(name string) {
			if err := sim.Inject(sandpaysim.Fault{Kind: sandpaysim.FaultKind(name), Times: 1}); err != nil {
				t.Fatal(err)
			}
		},
		Calm: func() {
			for _, f := range sim.Faults() {
				if err := sim.Inject(sandpaysim.Fault{Kind: f.Kind}); err != nil {
					t.Fatal(err)
				}
			}
		},
		Settle:   func() { sim.Step(clock.Advance(lateBy)) },
		Booked:   func(reference string) []payments.PSPObject { return booked(sim.Truth(reference)) },
		Received: func(reference string) int { return sim.Truth(reference).Requests },
		Sign: func(d Delivery) (map[string]string, []byte) {
			return sign(sim, d)
		},
	}
}

func faults() []Fault {
	var all []Fault
	for _, kind := range sandpaysim.RequestFaults {
		fault := Fault{Name: string(kind)}
		if kind == sandpaysim.Slow {
			fault.Patience = 15 * time.Millisecond
		}
		all = append(all, fault)
	}
	return all
}

// phaseOf is written out again here, so that the adapter's table has something
// to disagree with.
var phaseOf = map[string]payments.Phase{
	"pending": payments.PhasePending, "on_hold": payments.PhaseHeld, "paid": payments.PhasePaid,
	"failed": payments.PhaseFailed, "returned": payments.PhaseReturned,
}

func booked(truth sandpaysim.Entry) []payments.PSPObject {
	var all []payments.PSPObject
	for _, o := range truth.Payouts {
		all = append(all, payments.PSPObject{
			ID: o.ID, Kind: o.Kind, Reference: o.Reference, Status: o.Status, Phase: phaseOf[o.Status],
			Amount: o.Money(), Holder: o.Holder, Account: o.Account, Merchant: o.Merchant,
			Created: o.Created, Updated: o.Updated, Failure: o.Failure,
		})
	}
	return all
}

func sign(sim *sandpaysim.Server, d Delivery) (map[string]string, []byte) {
	var with []string
	for _, s := range d.Signers {
		with = append(with, secrets[s])
	}
	if len(with) == 0 {
		header, body := sim.SignedWebhook(d.EventID, d.Kind, d.ObjectID, d.At, secrets[Current])
		header["webhook-signature"] = "v1,"
		return header, body
	}
	return sim.SignedWebhook(d.EventID, d.Kind, d.ObjectID, d.At, with...)
}
