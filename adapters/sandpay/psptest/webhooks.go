package psptest

import (
	"bytes"
	"maps"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/payments"
)

// tolerance is how far a webhook's timestamp may be from now, by Standard
// Webhooks' advice.
const tolerance = 5 * time.Minute

// noon is when the webhooks are delivered.
var noon = core.At(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))

func delivery(signers ...Signer) Delivery {
	return Delivery{EventID: "msg_1", Kind: "payout", ObjectID: "po_1", At: noon, Signers: signers}
}

func webhooks(t *testing.T, rig Rig) {
	header, body := rig.Sign(delivery(Current))
	want := payments.Hint{EventID: "msg_1", Kind: "payout", ID: "po_1"}
	for range 2 { // a replay is genuine too, and has the same event id
		if got, err := rig.PSP.Webhook(header, body, noon); err != nil || got != want {
			t.Fatalf("a genuine webhook: %v, %v", got, err)
		}
	}
	t.Run("signers", func(t *testing.T) { signers(t, rig) })
	t.Run("age", func(t *testing.T) { ages(t, rig) })
	t.Run("altered", func(t *testing.T) { altered(t, rig, header, body) })
	t.Run("header names", func(t *testing.T) { headerNames(t, rig, header, body) })
}

func signers(t *testing.T, rig Rig) {
	for _, c := range []struct {
		what    string
		signers []Signer
		good    bool
	}{
		{"the next secret alone", []Signer{Next}, true},
		{"both while rotating", []Signer{Next, Current}, true},
		{"a good one after a stranger's", []Signer{Stranger, Current}, true},
		{"a stranger", []Signer{Stranger}, false},
		{"nobody", nil, false},
	} {
		header, body := rig.Sign(delivery(c.signers...))
		if _, err := rig.PSP.Webhook(header, body, noon); (err == nil) != c.good {
			t.Errorf("signed by %s: %v", c.what, err)
		}
	}
}

func ages(t *testing.T, rig Rig) {
	header, body := rig.Sign(delivery(Current))
	for after, good := range map[time.Duration]bool{
		tolerance: true, -tolerance: true,
		tolerance + time.Second: false, -tolerance - time.Second: false,
		24 * time.Hour: false, -30 * 365 * 24 * time.Hour: false,
	} {
		if _, err := rig.PSP.Webhook(header, body, noon.Add(after)); (err == nil) != good {
			t.Errorf("read %s after it was sent: %v", after, err)
		}
	}
}

// altered changes every byte of the body and every header: none may pass.
func altered(t *testing.T, rig Rig, header map[string]string, body []byte) {
	for i := range body {
		forged := bytes.Clone(body)
		forged[i] ^= 1
		if _, err := rig.PSP.Webhook(header, forged, noon); err == nil {
			t.Errorf("body altered at byte %d is believed", i)
		}
	}
	for name := range header {
		if strings.EqualFold(name, "content-type") {
			continue
		}
		forged := maps.Clone(header)
		delete(forged, name)
		if _, err := rig.PSP.Webhook(forged, body, noon); err == nil {
			t.Errorf("without %s it is believed", name)
		}
		forged[name] = "1" + header[name]
		if _, err := rig.PSP.Webhook(forged, body, noon); err == nil {
			t.Errorf("with another %s it is believed", name)
		}
	}
}

func headerNames(t *testing.T, rig Rig, header map[string]string, body []byte) {
	loud := map[string]string{}
	for name, value := range header {
		loud[strings.ToUpper(name)] = value
	}
	if _, err := rig.PSP.Webhook(loud, body, noon); err != nil {
		t.Errorf("upper-case header names: %v", err)
	}
	maps.Copy(loud, header)
	if _, err := rig.PSP.Webhook(loud, body, noon); err == nil {
		t.Error("headers that stand twice are believed")
	}
}
