package console

import (
	"net/http"
	"testing"

	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// Three people are "A, B and C", in every sentence that names them.
func TestThreeThingsAreToldWithOneAnd(t *testing.T) {
	for want, things := range map[string][]string{"": nil, "A": {"A"}, "A and B": {"A", "B"}, "A, B and C": {"A", "B", "C"}, "A, B, C and D": {"A", "B", "C", "D"}} {
		if got := enumerated(things, "and"); got != want {
			t.Errorf("%v is told as %q, want %q", things, got, want)
		}
	}
	e := oversight.EventLine{Actor: "st_1", Approvers: []core.Ref{"st_a", "st_b", "st_c"}}
	name := func(ref core.Ref) string {
		return map[core.Ref]string{"st_1": "M", "st_a": "A", "st_b": "B", "st_c": "C"}[ref]
	}
	if got := ui.Say(spansOf(e, name)); got != "M , agreed by A, B and C" {
		t.Errorf("an event of three approvers says %q", got)
	}
}

// An address that is there in another way says in which; one that is nowhere
// says nothing.
func TestTheWrongMethodIsToldFromNowhere(t *testing.T) {
	h := openHouse(t, false)
	adam := h.as("adam")
	for path, allow := range map[string]string{"/sign-out": "POST", "/step-up": "POST", "/clients/cl_1/applications": "POST"} {
		a := adam.get(path, http.StatusMethodNotAllowed)
		if a.header.Get("Allow") != allow {
			t.Errorf("GET %s allows %q, want %q", path, a.header.Get("Allow"), allow)
		}
	}
	if a := adam.post("/evidence/nowhere", http.StatusNotFound); a.header.Get("Allow") != "" {
		t.Errorf("an address that is nowhere allows %q", a.header.Get("Allow"))
	}
	if a := adam.post("/jobs", http.StatusMethodNotAllowed); a.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /jobs allows %q", a.header.Get("Allow"))
	}
	adam.get("/nowhere", http.StatusNotFound)
}
