package console

import (
	"net/http"
	"strings"
	"testing"
)

// What a search finds leaves as a file for those who may export, and for
// nobody else; the words of the search stand in no address, and nothing masked
// is in the file, not even for who may see it on a page.
func TestExportOfASearch(t *testing.T) {
	h := openHouse(t, true)
	client, _, foreign := h.story()
	maria, aud := h.as("maria"), h.as("aud")
	if page := maria.get("/evidence", http.StatusOK); strings.Contains(page.body, "/evidence/export") {
		t.Error("compliance is offered an export that it may not have")
	}
	maria.post("/evidence/export", http.StatusForbidden, "format", "csv")
	page := aud.get("/evidence?q="+string(client), http.StatusOK)
	to := "/evidence/export?q=" + string(client)
	if !strings.Contains(page.body, to) {
		t.Fatal("no export is offered")
	}
	aud.get(to, http.StatusOK)
	for _, format := range []string{"csv", "jsonl", "ocsf", "ecs", "cef"} {
		file := aud.post(to, http.StatusOK, "format", format)
		if !strings.Contains(file.body, "clients.client.created") || strings.Contains(file.body, "Canary") || strings.Contains(file.body, string(foreign)) {
			t.Errorf("%s: %s", format, file.body)
		}
		if strings.Contains(file.body, "<html") {
			t.Errorf("%s is a page", format)
		}
	}
	if again := aud.post(to, http.StatusUnprocessableEntity, "format", "xml"); !strings.Contains(again.body, "csv, jsonl") {
		t.Error("a format that there is not is not told about")
	}
	asked := aud.post("/evidence", http.StatusSeeOther, "q", "Canaryname", "at", "/evidence")
	found := aud.get(asked.to(), http.StatusOK)
	if !strings.Contains(found.body, "/evidence/export?q=qr_") || strings.Contains(found.body, "export?q=Canary") {
		t.Error("the way to the export of a search by words")
	}
}

// The state of the log is for those who look after it.
func TestStateOfTheLog(t *testing.T) {
	h := openHouse(t, true)
	h.story()
	if page := h.as("gus").get("/log", http.StatusOK); !strings.Contains(page.body, "Unwitnessed tail") || !strings.Contains(page.body, "en_cy") {
		t.Error("the numbers are not there")
	}
	if page := h.as("gus").get("/evidence", http.StatusOK); !strings.Contains(page.body, `href="/log"`) {
		t.Error("nothing leads there")
	}
	for _, who := range []string{"sue", "aud"} { // roles in one entity tell nothing about all logs
		page := h.as(who).get("/log", http.StatusNotFound)
		if strings.Contains(page.body, `href="/log"`) {
			t.Errorf("%s is offered what does not open", who)
		}
	}
}
