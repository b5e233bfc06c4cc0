package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/core"
)

// A group administrator enters a legal entity, and its own administrator
// changes it. Whoever may not sees it, and no form.
func TestLegalEntitiesAtTheConsole(t *testing.T) {
	h := openHouse(t, false)
	h.hire("ada", access.Group, access.SystemAdmin)
	h.Clock.Advance(time.Second) // past the moments that the road handed out
	ada, adam, sue := h.as("ada"), h.as("adam"), h.as("sue")
	ada.sees("/entities", "New legal entity")
	if body := adam.get("/entities", http.StatusOK).body; strings.Contains(body, "New legal entity") || !strings.Contains(body, "en_sc") {
		t.Error("an entity's own administrator is offered to enter another, or does not see the others")
	}
	fields := []string{"code", "mu", "name", "Aurum (Mauritius) Ltd", "jurisdiction", "MU", "regulator", "FSC", "licence", "GB1", "currency", "USD"}
	if a := adam.post("/entities", 0, append(fields, "idempotency_key", "d1")...); a.code < 400 {
		t.Errorf("an entity's own administrator entered another: %d", a.code)
	}
	ada.post("/entities", http.StatusUnprocessableEntity, "idempotency_key", "a1", "code", "Not A Code", "name", "X", "jurisdiction", "MU", "regulator", "FSC", "currency", "USD")
	if to := ada.post("/entities", http.StatusSeeOther, append(fields, "idempotency_key", "a2")...).to(); to != "/entities/en_mu" {
		t.Errorf("entering led to %q", to)
	}
	h.as("ada").sees("/entities/en_mu", "Aurum (Mauritius) Ltd", "at most 90 days")
	change := []string{"name", "Renamed (Cyprus) Ltd", "jurisdiction", "CY", "regulator", "CySEC", "licence", "CIF 1", "privileged_days", "30"}
	if body := sue.get("/entities/en_cy", http.StatusOK).body; strings.Contains(body, "<textarea") {
		t.Error("support is offered to change an entity")
	}
	if a := sue.post("/entities/en_cy", 0, append(change, "idempotency_key", "s1", "words", "Because I can.")...); a.code < 400 {
		t.Errorf("support changed an entity: %d", a.code)
	}
	adam.post("/entities/en_cy", http.StatusUnprocessableEntity, append(change, "idempotency_key", "d2")...)
	adam.post("/entities/en_cy", http.StatusSeeOther, append(change, "idempotency_key", "d3", "words", "The register has the new name.")...)
	h.as("adam").sees("/entities/en_cy", "Renamed (Cyprus) Ltd", "at most 30 days")
	adam.get("/entities/en_none", http.StatusNotFound)
}

// An administrator ends a colleague's work: the colleague is out at once.
func TestAColleagueIsDeactivatedAtTheConsole(t *testing.T) {
	h := openHouse(t, false)
	h.Clock.Advance(time.Second)
	adam, sue := h.as("adam"), h.as("sue")
	page := "/staff/" + string(h.who["sue"])
	adam.sees(page, "Deactivate")
	if body := adam.get("/staff/"+string(h.who["adam"]), http.StatusOK).body; strings.Contains(body, "Deactivate") {
		t.Error("an administrator is offered to deactivate themselves")
	}
	if a := sue.post("/staff/"+string(h.who["adam"])+"/deactivate", 0, "idempotency_key", "s1", "words", "Because I can."); a.code < 400 {
		t.Errorf("support deactivated a colleague: %d", a.code)
	}
	sue.get("/clients", http.StatusOK)
	adam.sees(page+"/deactivate", "Their sessions, API tokens")
	adam.post(page+"/deactivate", http.StatusUnprocessableEntity, "idempotency_key", "d1", "words", "")
	adam.post(page+"/deactivate", http.StatusSeeOther, "idempotency_key", "d2", "words", "Leaves the firm today.")
	h.as("adam").sees(page, "Left")
	sue.get("/clients", http.StatusSeeOther)
	if s, err := access.StaffByID(t.Context(), h.Road.Store.Reader(), core.Ref(h.who["sue"])); err != nil || s.Status != access.Inactive {
		t.Errorf("the record says %v, %v", s, err)
	}
}
