package access

import (
	"context"
	"strings"
	"testing"

	"vouchsafe/core"
)

// ASVS 6.2.1, 6.2.5, 6.2.9 and 6.2.11: what a password may be made of.
func TestWhatAPasswordMayBe(t *testing.T) {
	s := &Staff{Name: "Mina Marković", Email: "mina.long@firm.example"}
	for _, good := range []string{
		"quiet rivers 41", "onlylowercaseletters", "ONLY CAPITALS HERE", "749201853046", "čeština je krásná", "  spaces on both ends  ",
		"a passphrase of far more than sixty-four characters, which is as good as it is long to type in",
	} {
		if err := checkNewPassword(good, s); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
	for _, bad := range []string{"short", "eleven char", "aaaaaaaaaaaa", "abababababab", "markovićmina", "vouchsafe123", "password1234", "mina.long2026", strings.Repeat("xyzuv", 60)} {
		if f := core.AsFault(checkNewPassword(bad, s)); f == nil || f.Kind != core.Invalid {
			t.Errorf("%q is taken", bad)
		}
	}
}

// ASVS 6.2.8: a password is compared exactly as it came.
func TestAPasswordIsComparedExactly(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		for i, near := range []string{ottoPassword + " ", " " + ottoPassword, strings.ToUpper(ottoPassword), ottoPassword[:len(ottoPassword)-1]} {
			_, err := r.auth.SignIn(context.Background(), "otto@firm.example", near, "", "203.0.113."+string(rune('1'+i)), "x")
			r.want(err, ErrSignIn.Code)
		}
	})
}

// The wait has bounds whatever the number of failures, and one network of IPv6
// is one source: its owner has more addresses than could ever be counted.
func TestTheWaitHasBounds(t *testing.T) {
	for _, p := range []pace{accountPace, addressPace} {
		for _, n := range []int64{0, p.free, p.free + 1, 10, 100, 1 << 40} {
			switch w := p.wait(n); {
			case n <= p.free && w != 0, n > p.free && w < p.first, w > p.most:
				t.Errorf("after %d failures the wait is %s", n, w)
			}
		}
	}
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8:1:2:aaaa::1": "2001:db8:1:2::/64", "2001:db8:1:2:bbbb::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::1": "2001:db8:1:3::/64", "::ffff:192.0.2.7": "192.0.2.7", "fe80::1%eth0": "fe80::/64", "no address": "no address",
	} {
		if got := source(ip); got != want {
			t.Errorf("%s is counted as %s, want %s", ip, got, want)
		}
	}
}

func TestAddressesOfOneNetworkShareTheirTries(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		var err error
		for i := range 7 {
			_, err = r.auth.SignIn(context.Background(), "u"+string(rune('a'+i))+"@firm.example", "one canary for all", "", "2001:db8:1:2::"+string(rune('1'+i)), "x")
		}
		r.want(err, "too-many-tries")
	})
}
