package console

import (
	"net/http"
	"strings"
	"testing"
)

// What each role may do is open to everybody on the staff; who holds it is not.
func TestRolesInWords(t *testing.T) {
	h := openHouse(t, true)
	maria, nia := h.as("maria"), h.as("nia")
	maria.sees("/roles", "Payments lead")
	body := maria.get("/roles/system_admin", http.StatusOK).body
	for _, want := range []string{"Enter a staff member", "walls.admin-no-clients", "What it reaches in every entity", "Adam Colleague"} {
		if !strings.Contains(body, want) {
			t.Errorf("the administrator's role does not say %q", want)
		}
	}
	if body := nia.get("/roles/system_admin", http.StatusOK).body; strings.Contains(body, "Adam Colleague") {
		t.Error("who holds a role elsewhere is told")
	}
	diff := maria.get("/roles/payments?other=payments_lead", http.StatusOK).body
	for _, want := range []string{"Compared with Payments lead", "That one has, and this has not", "Approve a proposal"} {
		if !strings.Contains(diff, want) {
			t.Errorf("the comparison does not say %q", want)
		}
	}
	maria.sees("/roles/support?set="+strings.Repeat("0", 64), "is not kept here")
	maria.get("/roles/owner", http.StatusNotFound)
}
