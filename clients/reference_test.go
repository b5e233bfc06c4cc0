package clients_test

import (
	"context"
	"strings"
	"testing"

	"vouchsafe/clients"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
)

// A payer's reference names one client, or nobody.
func TestByReference(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		who := r.Staff("tom", "support")
		one, other := r.Do(who, ada).Subject, r.Do(who, clients.CreateClient{
			Entity: "en_cy", Name: "Bela Example", Email: "bela@example.org", Phone: "+35799123457",
			Address: "8 Some Street, Limassol", Country: "CY", BirthDate: "1980-01-31", Nationality: "HU",
		}).Subject
		a, b := clients.PaymentReference(one), clients.PaymentReference(other)
		for text, want := range map[string]core.Ref{
			a:                                  one,
			"  " + strings.ToLower(a) + " ":    one,
			"DEPOSIT /REF/" + a + " THANK YOU": one,
			string(one):                        one,
			a[:2] + " " + a[2:]:                one,
			a + " " + a:                        one,
			b:                                  other,
			a + " and " + b:                    "", // whose is it?
			a + "x":                            "",
			a[:len(a)-1]:                       "",
			"CL" + strings.Repeat("0", 21):     "",
			"':--%_":                           "",
			"":                                 "",
		} {
			got, err := clients.Service{}.ByReference(context.Background(), r.Road.Store.Reader(), text)
			if err != nil || got != want {
				t.Errorf("%q: %q, %v; want %q", text, got, err, want)
			}
		}
	})
}
