package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var passwordField = regexp.MustCompile(`<input[^>]*name="(password|old|repeated)"[^>]*>`)

// ASVS 6.2.6, 6.2.7 and 7.4.4: passwords are masked, helpers may fill them in,
// and signing out is on every page.
func TestPasswordFieldsAndSigningOut(t *testing.T) {
	h := openHouse(t, false)
	pages := map[*visitor][]string{h.stranger(): {"/sign-in", "/invitation"}}
	for v, paths := range pages {
		for _, path := range paths {
			for _, f := range passwordField.FindAllString(v.get(path, http.StatusOK).body, -1) {
				if !strings.Contains(f, `type="password"`) || !strings.Contains(f, `autocomplete="`) || strings.Contains(f, `autocomplete="off"`) {
					t.Errorf("%s has the field %s", path, f)
				}
			}
		}
	}
	if n := len(passwordField.FindAllString(h.stranger().get("/sign-in", http.StatusOK).body, -1)); n != 1 {
		t.Errorf("the sign-in page has %d password fields", n)
	}
	plain := openHouse(t, true)
	maria := plain.as("maria")
	for _, path := range []string{"/approvals", "/account", "/account/sign-in", "/clients", "/staff"} {
		if body := maria.get(path, http.StatusOK).body; !strings.Contains(body, `action="/sign-out"`) {
			t.Errorf("%s has no way to sign out", path)
		}
	}
}
