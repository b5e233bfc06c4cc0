package console

import (
	"net/http"
	"strings"
	"testing"

	"vouchsafe/clients"
	"vouchsafe/evidence"
)

// A change is found by its field, its reason and either side of it, by those
// who may see the values, and by nobody else.
func TestChangesAreFoundByWhatTheyChanged(t *testing.T) {
	h := openHouse(t, true)
	client, _, _ := h.story()
	street, mail := "9 Newlane, Paphos", "adelheid@newmail.example"
	h.Do(evidence.Actor{Ref: h.who["maria"]}, clients.ChangeClient{Client: client, Address: &street, Email: &mail, Reason: "client_request", Words: "Moved to Paphos in October."})
	born := "1985-03-01"
	p := h.Do(evidence.Actor{Ref: h.who["maria"]}, clients.ChangeClient{Client: client, BirthDate: &born, Reason: "correction", Words: "As it stands in the passport."}).Proposal
	h.Approve(evidence.Actor{Ref: h.who["otto"], StepUp: true}, p)
	h.seal()
	maria, nia := h.as("maria"), h.as("nia")
	finds := func(p *visitor, q string) bool {
		t.Helper()
		to := p.post("/evidence", http.StatusSeeOther, "q", q, "at", "/evidence").to()
		if strings.Contains(strings.ToLower(to), "newlane") || strings.Contains(to, "canary") {
			t.Errorf("%q stands in the address %s", q, to)
		}
		return !strings.Contains(p.get(to, http.StatusOK).body, "No event matches")
	}
	for q, want := range map[string]bool{
		"changed:address":                     true,
		"changed:client.email":                true,
		"changed:client.status":               false,
		"changed:category":                    false,
		"reason:client_request":               true,
		"reason:legal":                        false,
		`old:"7 Canarystreet"`:                true,
		"old:newlane":                         false,
		"new:newlane":                         true,
		`new:"Canarystreet"`:                  false,
		"changed:address new:newlane by:st_x": false,
		"changed:email old:adelheid@canarymail.example new:adelheid@newmail.example": true,
	} {
		if got := finds(maria, q); got != want {
			t.Errorf("%q finds the change: %v", q, got)
		}
		if finds(nia, q) {
			t.Errorf("%q finds it from another entity", q)
		}
	}
	if hal := h.as("hal"); !finds(maria, "new:"+born) || finds(hal, "new:"+born) || finds(hal, "old:1984-02-29") || !finds(hal, "new:newlane") {
		t.Error("one side of a change tells what is masked for its reader")
	}
	for q, say := range map[string]string{
		"changed:colour": "No record has a field", "changed:client.colour": "No record has a field",
		"reason:what?": "reason code as events show it", "old:!": "Write a word after",
	} {
		if bad := maria.get("/evidence?q="+strings.ReplaceAll(q, "?", "%3F"), http.StatusUnprocessableEntity); !strings.Contains(bad.body, say) {
			t.Errorf("%q is not told about", q)
		}
	}
}
