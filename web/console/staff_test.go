package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
)

// An administrator enters a colleague and asks for a role, another person
// agrees, and the role can be taken away: all at the console. Who may not is
// offered nothing and refused.
func TestColleaguesAndRolesAtTheConsole(t *testing.T) {
	h := openHouse(t, false)
	h.Clock.Advance(time.Second) // past the moments that the road handed out
	adam, sue := h.as("adam"), h.as("sue")
	adam.sees("/staff", "New colleague")
	adam.post("/staff", http.StatusUnprocessableEntity, "idempotency_key", "a1", "entity", "en_cy", "name", "Zoe New", "email", "no address", "line", "first")
	adam.post("/staff", http.StatusSeeOther, "idempotency_key", "a2", "entity", "en_cy", "name", "Zoe New", "email", "zoe@firm.example", "line", "first")
	zoe, err := access.StaffByEmail(t.Context(), h.Road.Store.Reader(), "zoe@firm.example")
	must(t, err)
	page := "/staff/" + string(zoe.ID)
	adam.sees(page, "Ask for a role")
	adam.sees(page+"/roles/ask", "System administrator", "In your own words")
	ask := []string{"role", "support", "entity", "en_cy", "until", "2026-12-31", "reason", "joiner", "words", "Joins the support team."}
	if body := sue.get(page, 0).body; strings.Contains(body, "/roles/") {
		t.Error("support is offered to change roles")
	}
	if a := sue.post(page+"/roles/ask", 0, append(ask, "idempotency_key", "s1")...); a.code < 400 {
		t.Errorf("support asked for a role: %d", a.code)
	}
	own := "/staff/" + string(h.who["adam"]) + "/roles/ask"
	if a := adam.post(own, 0, append(ask, "idempotency_key", "a3")...); a.code != http.StatusUnprocessableEntity && a.code != http.StatusConflict {
		t.Errorf("a role for oneself: %d", a.code)
	}
	to := adam.post(page+"/roles/ask", http.StatusSeeOther, append(ask, "idempotency_key", "a4")...).to()
	if !strings.HasPrefix(to, "/approvals/") {
		t.Errorf("asking led to %q, not to the proposal", to)
	}
	mine := h.as("adam").get("/staff/"+string(h.who["sue"])+"/roles/revoke", http.StatusOK).body
	grant := mine[strings.Index(mine, `value="gr_`)+len(`value="`):]
	grant = grant[:strings.Index(grant, `"`)]
	adam.post("/staff/"+string(h.who["sue"])+"/roles/revoke", http.StatusSeeOther, "idempotency_key", "a5", "grant", grant, "reason", "not-needed", "words", "The function is over.")
	adam.sees("/staff/"+string(h.who["sue"]), "Revoked")
}
