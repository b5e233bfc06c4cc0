package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/cases"
	"vouchsafe/core"
)

// withFile posts a form with a file, as a browser does.
func (v *visitor) withFile(path string, want int, name string, content []byte, fields ...string) answer {
	v.h.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	last := map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		last[fields[i]] = fields[i+1]
	}
	for name, value := range last {
		must(v.h.t, m.WriteField(name, value))
	}
	must(v.h.t, m.WriteField("idempotency_key", v.h.server.key()))
	p, err := m.CreateFormFile(name, "Canaryname.eml")
	must(v.h.t, err)
	_, err = p.Write(content)
	must(v.h.t, err)
	must(v.h.t, m.Close())
	r, err := http.NewRequest(http.MethodPost, v.h.url+path, &b)
	must(v.h.t, err)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r, want)
}

func TestCaseFromOpenToClosedInTheConsole(t *testing.T) {
	f := openFirm(t)
	client, _, foreign := f.story()
	dora, maria, sue := f.as("dora"), f.as("maria"), f.as("sue")
	lacks(t, "the form", dora.get("/cases/new?subject="+string(client), http.StatusOK).body, string(client), "Platform error", "permits no sensitive act")
	f.as("audit").get("/cases/new", http.StatusForbidden)

	message := []byte("From: Canaryname\nThe quotes were stale.")
	sum := sha256.Sum256(message)
	fields := []string{"type", "platform_error", "subject", string(client), "title", "Canaryword: stale quotes of gold", "origin", "email", "origin_ref", "<canarymail@client.example>"}
	wrong := dora.withFile("/cases", http.StatusUnprocessableEntity, "message", message, append(fields, "title", "x", "origin_ref", "")...)
	lacks(t, "the form again", wrong.body, "Say in a few words what it is about.", "Give the message id", string(client), hex.EncodeToString(sum[:]))
	sue.sent("/cases", http.StatusNotFound, append(fields, "subject", string(foreign))...)
	lacks(t, "no digest", dora.sent("/cases", http.StatusUnprocessableEntity, append(fields, "origin_sha256", "xyz")...).body, "A SHA-256 has 64 hexadecimal digits.")
	page := dora.withFile("/cases", http.StatusSeeOther, "message", message, fields...).to()
	file := refOf(page)

	lacks(t, "the case", dora.get(page, http.StatusOK).body, "Canaryword: stale quotes of gold", hex.EncodeToString(sum[:]), "canarymail@client.example",
		"Request an intervention", "platform.intervention.resolve", "Dora Colleague", "Adelheid Canaryname", clientPath(client)+"/platform")
	for _, path := range []string{"/cases", page, "/cases?subject=" + string(client)} {
		seen := sue.get(path, http.StatusOK).body
		f.masked("support's "+path, seen)
		shows(t, "support's "+path, seen, hex.EncodeToString(sum[:]))
	}
	f.as("nia").get(page, http.StatusNotFound)
	shows(t, "another entity's list", f.as("nia").get("/cases", http.StatusOK).body, page)
	for query, there := range map[string]bool{"": true, "?state=all": true, "?state=closed": false, "?type=complaint": false, "?type=platform_error": true, "?subject=" + string(f.second()): false} {
		if got := strings.Contains(maria.get("/cases"+query, http.StatusOK).body, page); got != there {
			t.Errorf("/cases%s: %v", query, got)
		}
	}

	account := f.account(client)
	id := f.approved(account, file)
	hal := f.as("hal")
	lacks(t, "the case", hal.get(page, http.StatusOK).body, interventionPath(id), page+"/close", page+"/assign")
	hal.get(page+"/evidence", http.StatusOK)
	shows(t, "who may not close", f.as("dora").get(page, http.StatusOK).body, page+"/close", page+"/assign")
	f.as("dora").sent(page+"/close", http.StatusForbidden, "outcome", "resolved", "words", "Settled with the client.")
	lacks(t, "a wrong owner", hal.sent(page+"/assign", http.StatusConflict, "owner", string(client)).body, "belongs to a member of staff", string(client))
	offered := hal.get(page, http.StatusOK).body
	lacks(t, "the list of owners", offered, `<option value="`+string(f.who["otis"])+`"`, "Otis Colleague")
	shows(t, "the list of owners", offered, string(f.who["nia"]), string(f.who["adam"]), "st_…")
	lacks(t, "an owner of the other entity", hal.sent(page+"/assign", http.StatusConflict, "owner", string(f.who["nia"])).body, "may not see")
	hal.sent(page+"/assign", http.StatusSeeOther, "owner", string(f.who["otis"]))
	lacks(t, "the new owner", hal.get(page, http.StatusOK).body, "Otis Colleague")
	lacks(t, "no outcome", hal.sent(page+"/close", http.StatusUnprocessableEntity, "words", "Settled with the client.").body, "Choose how the case ended", "Settled with the client.")
	hal.sent(page+"/close", http.StatusSeeOther, "outcome", "resolved", "words", "Settled with the client.")
	closed := hal.get(page, http.StatusOK).body
	lacks(t, "the closed case", closed, "closed: resolved")
	shows(t, "the closed case", closed, page+"/close", clientPath(client)+"/platform")
	otis := f.as("otis").sent(interventionPath(id)+"/execute", http.StatusConflict)
	lacks(t, "executing under a closed case", otis.body, "is closed. Open a new one")
}

func TestFindingsFromSweepToResolution(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	account := f.account(client)
	ticket, err := f.sim.Balance(rogue, 7000001, mt5sim.ActionBonus, 700, "gift")
	must(t, err)
	f.sweep()
	dora, hal := f.as("dora"), f.as("hal")
	list := dora.get("/findings", http.StatusOK).body
	lacks(t, "the list", list, "Rogue deal", "critical", account.Short(), `<span class="count">1</span>`)
	page := regexpFind(t, `/findings/fi_[a-z0-9]+`, list)
	lacks(t, "the account", dora.get(accountPath(account), http.StatusOK).body, page, "none of ours")
	told := dora.get(page, http.StatusOK).body
	lacks(t, "the finding", told, "The platform holds a balance operation that no intervention of ours made.", "gift", "1777", "EUR 7.00", accountPath(account), "Adelheid Canaryname")
	if ticket == 0 {
		t.Error("the deal has no ticket")
	}
	shows(t, "who may not resolve", told, page+"/resolve")
	dora.sent(page+"/resolve", http.StatusForbidden, "state", "escalated", "words", "The head of dealing must look at this.")
	for _, path := range []string{"/findings", page} {
		f.as("sue").get(path, http.StatusForbidden)
	}
	f.as("nia").get(page, http.StatusNotFound)
	for query, there := range map[string]bool{"?state=explained": false, "?state=all": true, "?kind=rogue-deal": true, "?kind=deal-edited": false, "?subject=" + string(account): true, "?subject=" + string(client): false} {
		if got := strings.Contains(dora.get("/findings"+query, http.StatusOK).body, page); got != there {
			t.Errorf("/findings%s: %v", query, got)
		}
	}

	lacks(t, "the form without a case", hal.get(page, http.StatusOK).body, page+"/resolve", `placeholder="ca_…"`)
	file := f.file(client)
	lacks(t, "the form", hal.get(page, http.StatusOK).body, string(file))
	few := hal.sent(page+"/resolve", http.StatusUnprocessableEntity, "state", "explained", "case", string(file), "words", "as discussed")
	lacks(t, "boilerplate", few.body, "in your own words", `value="explained" checked`, "as discussed")
	lacks(t, "no case", hal.sent(page+"/resolve", http.StatusUnprocessableEntity, "state", "reversed", "words", "Taken back by the platform's desk.").body, "Name the case")
	hal.sent(page+"/resolve", http.StatusSeeOther, "state", "escalated", "words", "Compliance must look at this gift.")
	lacks(t, "escalated", hal.get("/findings", http.StatusOK).body, "escalated", page)
	hal.sent(page+"/resolve", http.StatusSeeOther, "state", "explained", "case", string(file), "words", "A gift of the platform's own desk.")
	lacks(t, "the end", hal.get(page, http.StatusOK).body, "explained", "Hal Colleague", file.Short())
	lacks(t, "the case that explains it", hal.get(casePath(file), http.StatusOK).body, page)
	hal.get(page+"/evidence", http.StatusOK)
	shows(t, "the list at the end", hal.get("/findings", http.StatusOK).body, page)
}

func TestFindingAboutACase(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	file := f.Do(f.actor("dora"), cases.OpenCase{Type: cases.Other, About: client, Title: "Something about this client", Origin: "internal"}).Subject
	hal := f.as("hal")
	lacks(t, "a catch-all case", hal.get(casePath(file), http.StatusOK).body, "no reason for any sensitive act", "Catch all case")
	page := regexpFind(t, `/findings/fi_[a-z0-9]+`, hal.get("/findings", http.StatusOK).body)
	lacks(t, "its finding", hal.get(page, http.StatusOK).body, casePath(file))
	lacks(t, "explaining itself", hal.sent(page+"/resolve", http.StatusConflict, "state", "explained", "case", string(file), "words", "It was about nothing special.").body, "another one must explain it")
}

func TestTicketInAReference(t *testing.T) {
	for external, want := range map[string]int64{"mt5-eu:deal/5000241": 5000241, "mt5-eu:deal/5000241/2": 5000241, "mt5-eu:login/7": 0, "": 0, "mt5-eu:deal/x": 0} {
		if got := ticketIn(external); got != want {
			t.Errorf("%q holds %d", external, got)
		}
	}
	if cases.Concerns("iv_x") || !cases.Concerns(core.Ref("cl_x")) {
		t.Error("cases are about the wrong records")
	}
}
