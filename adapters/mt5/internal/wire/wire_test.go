package wire

import (
	"encoding/hex"
	"testing"
)

// The vectors are those published with the Web API's description.
func TestPublishedProofs(t *testing.T) {
	hash := PasswordHash("Password1")
	if got := hex.EncodeToString(hash[:]); got != "904ba8ecb16273d2f0ae9c3b8a023752" {
		t.Fatalf("password hash %s", got)
	}
	for challenge, want := range map[string]string{
		"73007dc7184747ce0f7c98516ef1c851": "77fe51827f7fa69dd80fbec9aa33f1bb",
		"4db98fec17aab4dc5a240bdc659e8395": "1732021b1b332f51660b2b315eed3a35",
	} {
		raw, err := hex.DecodeString(challenge)
		if err != nil {
			t.Fatal(err)
		}
		proof := Proof(hash, raw)
		if got := hex.EncodeToString(proof[:]); got != want {
			t.Errorf("proof of %s is %s, want %s", challenge, got, want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		minor  int64
		digits int
		text   string
	}{
		{125000, 2, "1250.00"},
		{-50, 2, "-0.50"},
		{5, 3, "0.005"},
		{-7, 0, "-7"},
		{0, 2, "0.00"},
		{-9223372036854775808, 2, "-92233720368547758.08"},
	} {
		if got := Decimal(c.minor, c.digits); got != c.text {
			t.Errorf("Decimal(%d, %d) = %s", c.minor, c.digits, got)
		}
		if got, err := Minor(c.text, c.digits); err != nil || got != c.minor {
			t.Errorf("Minor(%s, %d) = %d, %v", c.text, c.digits, got, err)
		}
	}
	if got, err := Minor("3000.000000", 2); err != nil || got != 300000 {
		t.Errorf("trailing zeros: %d, %v", got, err)
	}
	for _, bad := range []string{"", ".", "1.005", "1e3", "1.-5", "1,0", " 1", "99999999999999999999"} {
		if got, err := Minor(bad, 2); err == nil {
			t.Errorf("Minor(%q) = %d, want an error", bad, got)
		}
	}
}

func TestRetcodes(t *testing.T) {
	if code, ok := ParseRetcode("10019 Request money is not enough"); !ok || code != NoMoney {
		t.Errorf("got %d, %v", code, ok)
	}
	if _, ok := ParseRetcode("Done"); ok {
		t.Error("a text without a number was read as a return code")
	}
}
