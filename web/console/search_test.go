package console

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

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
		"reason:document":                     false,
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

// How many events a search finds in all is told where it is known, and counted
// where somebody asks.
func TestEventsAreCountedForThoseWhoAsk(t *testing.T) {
	h := openHouse(t, true)
	client, _, _ := h.story()
	for i := range 60 {
		mail := "mail" + strconv.Itoa(i) + "@firm.example"
		h.Do(evidence.Actor{Ref: h.who["maria"]}, clients.ChangeClient{Client: client, Email: &mail, Reason: "client_request", Words: "A new address again."})
		h.Clock.Advance(time.Minute)
	}
	maria := h.as("maria")
	few := maria.get("/evidence?q=action:clients.client.created", http.StatusOK).body
	if !strings.Contains(few, "1 event in all") || strings.Contains(few, "How many in all?") {
		t.Error("what stands on one page is not all there is")
	}
	many := "/evidence?q=" + client.Short() + "+action:clients.client.changed"
	if page := maria.get(many, http.StatusOK).body; !strings.Contains(page, "50 events") || !strings.Contains(page, "How many in all?") {
		t.Error("nobody can ask how many there are")
	}
	if page := maria.get(many+"&count=yes", http.StatusOK).body; !strings.Contains(page, "50 of 60 events") || strings.Contains(page, "How many in all?") {
		t.Error("the events are not counted")
	}
	if page := h.as("nia").get(many+"&count=yes", http.StatusOK).body; strings.Contains(page, "60 events") {
		t.Error("another entity's events are counted")
	}
}
