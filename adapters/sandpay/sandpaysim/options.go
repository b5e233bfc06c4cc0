package sandpaysim

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"vouchsafe/core"
)

// Options configure a Server. Zero values are usable: the keys are then those
// of DemoKeys(Seed), and no webhook is sent.
type Options struct {
	Seed  uint64     // decides ids and, unless given, the keys
	Clock core.Clock // stamps objects; nil is the machine's clock
	// APIKey is the bearer key that the API asks for.
	APIKey string
	// WebhookSecrets sign each delivery, one signature each: two while they
	// rotate. "whsec_" and base64; New panics on a malformed one.
	WebhookSecrets []string
	WebhookURL     string // receiver of webhooks; empty sends none
	// SettleAfter is the delay from booking to paid, and from paid to returned;
	// zero is 30 seconds.
	SettleAfter time.Duration
	// LateBy is when the apply-late fault books, after receipt; zero is 45
	// seconds. It is SandPay's published lateness.
	LateBy time.Duration
	// SlowBy is how long the slow fault keeps the answer back, in real time;
	// zero is 3 seconds.
	SlowBy time.Duration
}

func (o Options) withDefaults() Options {
	key, secret := DemoKeys(o.Seed)
	if o.Clock == nil {
		o.Clock = core.SystemClock{}
	}
	if o.APIKey == "" {
		o.APIKey = key
	}
	if len(o.WebhookSecrets) == 0 {
		o.WebhookSecrets = []string{secret}
	}
	if o.SettleAfter <= 0 {
		o.SettleAfter = 30 * time.Second
	}
	if o.LateBy <= 0 {
		o.LateBy = 45 * time.Second
	}
	if o.SlowBy <= 0 {
		o.SlowBy = 3 * time.Second
	}
	return o
}

// DemoKeys returns the sandbox's API key and webhook secret for a seed. They
// guard nothing: whoever knows the seed knows them.
func DemoKeys(seed uint64) (apiKey, webhookSecret string) {
	entropy := core.NewSeededEntropy(seed)
	var key [16]byte
	var secret [32]byte
	entropy.Read(key[:])
	entropy.Read(secret[:])
	return "sk_sandbox_" + hex.EncodeToString(key[:]), secretPrefix + base64.StdEncoding.EncodeToString(secret[:])
}

const secretPrefix = "whsec_"

// secretKeys decodes the signing secrets.
func secretKeys(written []string) [][]byte {
	keys := make([][]byte, 0, len(written))
	for _, w := range written {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(w, secretPrefix))
		if err != nil || !strings.HasPrefix(w, secretPrefix) {
			panic("sandpaysim: a webhook secret is not whsec_ and base64")
		}
		keys = append(keys, key)
	}
	return keys
}
