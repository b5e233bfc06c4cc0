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

// What a colleague could do on a day is one page: the roles of then with who
// agreed, every act in words with its policy, what was masked, and what they
// did. Other people's walls hold, and a wrong day is said at its field.
func TestWhatAColleagueCouldDoOnADay(t *testing.T) {
	h := openHouse(t, true)
	h.Clock.Advance(time.Second)
	h.story()
	maria, sue, nia := h.as("maria"), h.as("sue"), h.as("nia")
	page := "/staff/" + string(h.who["sue"]) + "/on"
	day := h.Clock.Now().Time().Format(time.DateOnly)
	body := maria.get(page+"?entity=en_cy&at="+day, http.StatusOK).body
	for _, want := range []string{
		"Client support", "In force", "given by the installer", "See a client", "support.clients", "/policies/" + h.policies.SetHash() + "#support.clients",
		"What was masked for them", "See bank values in the clear", "their own", "What they did on", "read from the log", "Log en_cy",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if before := maria.get(page+"?entity=en_cy&at=2020-01-01", http.StatusOK).body; !strings.Contains(before, "did not work here") {
		t.Error("a day before they came is answered otherwise")
	}
	for _, bad := range []string{"yesterday", "2999-01-01", "2026-02-31"} {
		if a := maria.get(page+"?at="+bad, http.StatusUnprocessableEntity); !strings.Contains(a.body, `id="f-at-error"`) {
			t.Errorf("%q is not refused at its field", bad)
		}
	}
	sue.sees(page, "What they could do")
	nia.get(page, http.StatusNotFound)
	maria.get(page+"?entity=en_sc", http.StatusNotFound)
	maria.get(page+"?entity=en_none", http.StatusNotFound)
	maria.sees("/staff/"+string(h.who["sue"]), "What they could do")
}
