package console

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

func TestStrangersAreLedToSignIn(t *testing.T) {
	h := openHouse(t, true)
	v := h.stranger()
	for _, rt := range routes {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if rt.kind == open || method != "GET" {
			continue
		}
		path = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(strings.TrimSuffix(path, "{$}"), "pr_x")
		a := v.get(path, http.StatusSeeOther)
		if !strings.HasPrefix(a.to(), "/sign-in") {
			t.Errorf("%s leads a stranger to %q", path, a.to())
		}
	}
	v.get("/sign-in", http.StatusOK)
	v.get("/no/such/page", http.StatusNotFound)
	v.get("/assets/passkey.000000000000.js", http.StatusNotFound)
	v.get(passkeyScript(), http.StatusOK)
}

func TestOtherSitesCannotPost(t *testing.T) {
	h := openHouse(t, true)
	v := h.as("maria")
	for _, rt := range routes {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if method != "POST" {
			continue
		}
		r, err := http.NewRequest(method, h.url+regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "pr_x"), strings.NewReader("x=1"))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if a := v.do(r, http.StatusForbidden); !strings.Contains(a.body, "another site") {
			t.Errorf("%s: the answer does not say why", path)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	h := openHouse(t, true)
	v := h.stranger()
	wrong := v.post("/sign-in", http.StatusUnauthorized, "email", h.emails["maria"], "password", "not the password", "code", h.code())
	unknown := v.post("/sign-in", http.StatusUnauthorized, "email", "nobody@firm.example", "password", housePassword, "code", h.code())
	if problem.FindString(wrong.body) == "" || problem.FindString(wrong.body) != problem.FindString(unknown.body) {
		t.Error("a wrong password and an unknown name are told apart")
	}
	if strings.Contains(wrong.body, "not the password") {
		t.Error("the password comes back")
	}
	in := v.post("/sign-in", http.StatusSeeOther, "email", h.emails["maria"], "password", housePassword, "code", h.code(), "next", "//evil.example/x")
	if in.to() != "/" {
		t.Errorf("signing in leads to %q", in.to())
	}
	if c := in.header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || strings.Contains(c, "Domain") {
		t.Errorf("the session's cookie is %q", c)
	}
	v.get("/approvals", http.StatusOK)
	old := v.client.Jar
	v.post("/sign-out", http.StatusSeeOther)
	v.client.Jar = old
	if a := v.get("/approvals", http.StatusSeeOther); !strings.HasPrefix(a.to(), "/sign-in") {
		t.Error("the session goes on after signing out")
	}
	p := h.stranger()
	p.post("/sign-in/persona", http.StatusSeeOther, "staff", string(h.who["sue"]), "next", "/account")
	p.get("/account", http.StatusOK)
}

func TestOverHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	h := openHouse(t, false)
	v := h.stranger()
	in := v.post("/sign-in", http.StatusSeeOther, "email", h.emails["maria"], "password", housePassword, "code", h.code())
	if c := in.header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-session=") || !strings.Contains(c, "Secure") || !strings.Contains(c, "Path=/") {
		t.Errorf("the session's cookie is %q", c)
	}
	if in.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to stay on https")
	}
	v.post("/sign-in/persona", http.StatusNotFound, "staff", string(h.who["sue"]))
}

func TestApprovalWithoutScripts(t *testing.T) {
	h := openHouse(t, true)
	client, pr, _ := h.story()
	sue, maria, nia := h.as("sue"), h.as("maria"), h.as("nia")

	own := sue.get("/approvals/"+string(pr)+"?tab=mine", http.StatusOK)
	if !strings.Contains(own.body, "You made this request; another person must decide it.") || strings.Contains(own.body, "/approve\"") {
		t.Error("the maker is not told why they cannot decide")
	}
	h.masked("the maker's own proposal", own.body)
	if sue.get("/approvals", http.StatusOK); strings.Contains(sue.get("/approvals", http.StatusOK).body, string(pr)) {
		t.Error("the maker's own proposal waits for the maker")
	}
	nia.get("/approvals/"+string(pr), http.StatusNotFound)

	inbox := maria.get("/approvals", http.StatusOK)
	if !strings.Contains(inbox.body, string(pr)) || !strings.Contains(inbox.body, `<span class="count">1</span>`) {
		t.Fatal("the proposal does not wait for compliance")
	}
	page := maria.get("/approvals/"+string(pr), http.StatusOK)
	for _, want := range []string{"DE89370400440532013000", "Canaryword", "clients.bankdetail.confirm/1", "one Compliance officer", field(t, page.body, "payload_hash")} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the approver does not see %q", want)
		}
	}
	path := "/approvals/" + string(pr) + "/approve"
	key, hash := field(t, page.body, "idempotency_key"), field(t, page.body, "payload_hash")
	short := maria.post(path, http.StatusUnprocessableEntity, "idempotency_key", key, "payload_hash", hash, "reason", "ok")
	if !strings.Contains(short.body, "at least five characters") {
		t.Error("a short reason is not told about")
	}
	other := maria.post(path, http.StatusConflict, "idempotency_key", "k2", "payload_hash", strings.Repeat("0", 64), "reason", "Checked by call-back.")
	if !strings.Contains(other.body, "/events/") {
		t.Error("a refusal does not lead to its evidence")
	}
	done := maria.post(path, http.StatusSeeOther, "idempotency_key", key, "payload_hash", hash, "reason", "Checked by call-back.", "then", "next")
	again := maria.post(path, http.StatusSeeOther, "idempotency_key", key, "payload_hash", hash, "reason", "Checked by call-back.")
	if done.to() != "/approvals" || again.to() != "/approvals/"+string(pr) {
		t.Errorf("approving leads to %q, twice to %q", done.to(), again.to())
	}
	after := maria.get("/approvals/"+string(pr), http.StatusOK)
	if !strings.Contains(after.body, "Approved") || !strings.Contains(after.body, "the event of its execution") {
		t.Error("the notice or the result is missing")
	}
	evs := h.Events(client)
	if last := evs[len(evs)-1].Type; last != "command.data.shown" && last != "clients.bankdetail.added" {
		t.Errorf("the story ends with %s", last)
	}
}

func TestMakersTakeTheirProposalsBack(t *testing.T) {
	h := openHouse(t, true)
	_, pr, _ := h.story()
	sue, maria := h.as("sue"), h.as("maria")
	page := sue.get("/approvals/"+string(pr), http.StatusOK)
	maria.post("/approvals/"+string(pr)+"/withdraw", http.StatusForbidden, "idempotency_key", "k", "words", "not mine")
	sue.post("/approvals/"+string(pr)+"/withdraw", http.StatusSeeOther, "idempotency_key", field(t, page.body, "idempotency_key"), "words", "Wrong account.")
	if p, err := command.GetProposal(t.Context(), h.Road.Store.Reader(), pr); err != nil || p.State != command.Withdrawn {
		t.Errorf("the proposal is %+v, %v", p, err)
	}
}

func TestSearchingStaysInsideTheWalls(t *testing.T) {
	h := openHouse(t, true)
	client, _, foreign := h.story()
	maria, nia, sue := h.as("maria"), h.as("nia"), h.as("sue")

	all := maria.get("/evidence", http.StatusOK)
	if !strings.Contains(all.body, "entered client") || strings.Contains(all.body, foreign.Short()) {
		t.Error("the log shows the wrong events")
	}
	h.masked("the list of events", all.body)
	if found := nia.get("/evidence?q="+string(client), http.StatusOK); !strings.Contains(found.body, "No event matches") {
		t.Error("another entity's client is found by reference")
	}
	if short := maria.get("/evidence?q="+client.Short(), http.StatusOK); !strings.Contains(short.body, "entered client") {
		t.Error("a short form finds nothing")
	}
	sue.get("/evidence", http.StatusForbidden)

	asked := maria.post("/evidence", http.StatusSeeOther, "q", "Canaryname after:2026-01-01", "at", "/evidence")
	if strings.Contains(strings.ToLower(asked.to()), "canary") || !strings.HasPrefix(asked.to(), "/evidence?q=qr_") {
		t.Fatalf("the words went to %q", asked.to())
	}
	if found := maria.get(asked.to(), http.StatusOK); !strings.Contains(found.body, client.Short()) {
		t.Error("a name is not found by who may see it")
	}
	h.as("otto").get(asked.to(), http.StatusNotFound)
	if typed := maria.get("/evidence?q=Canaryname", http.StatusSeeOther); strings.Contains(typed.to(), "Canary") {
		t.Error("words typed into the address stay there")
	}
	far := nia.post("/evidence", http.StatusSeeOther, "q", "Canaryname", "at", "/evidence")
	if found := nia.get(far.to(), http.StatusOK); !strings.Contains(found.body, "No event matches") {
		t.Error("a name is found from another entity")
	}
	if bad := maria.get("/evidence?q=colour:red", http.StatusUnprocessableEntity); !strings.Contains(bad.body, "not something to search by") {
		t.Error("a misspelt filter is not told about")
	}
}

func TestEventPermalinks(t *testing.T) {
	h := openHouse(t, true)
	client, _, foreign := h.story()
	maria, nia, sue := h.as("maria"), h.as("nia"), h.as("sue")
	created := h.Events(client)[0]
	full := maria.get("/events/"+created.ID, http.StatusOK)
	for _, want := range []string{"Adelheid Canaryname", created.ID, html.EscapeString(created.Leaf[:60]), "Client support", "Sealed to", "root "} {
		if !strings.Contains(full.body, want) {
			t.Errorf("the event's page lacks %q", want)
		}
	}
	missing := nia.get("/events/019febc3-6900-7004-8827-e518c7700c40", http.StatusNotFound)
	hidden := nia.get("/events/"+created.ID, http.StatusNotFound)
	if a, b := told(missing.body), told(hidden.body); a != b {
		t.Errorf("a foreign event is told from a missing one:\n%s\n%s", a, b)
	}
	part := sue.get("/events/"+created.ID, http.StatusOK)
	h.masked("support's view of a client's event", part.body)
	if !strings.Contains(part.body, "your roles here do not show") {
		t.Error("a mask does not say why")
	}
	sue.get("/events/"+h.granted("maria"), http.StatusForbidden)
	sue.get("/events/"+h.Events(foreign)[0].ID, http.StatusNotFound)

	leaf := maria.get("/events/"+created.ID+"/leaf.json", http.StatusOK)
	proof := maria.get("/events/"+created.ID+"/proof", http.StatusOK)
	changes := maria.get("/events/"+created.ID+"/changes.jsonl", http.StatusOK)
	h.masked("the raw files", leaf.body+changes.body)
	p, err := evidence.ParseInclusionProof(proof.body)
	must(t, err)
	verifiers, err := evidence.ParseVerifierKeys(h.signer.VerifierKeys([]string{"en_cy", "en_sc", "group"}))
	must(t, err)
	if err := evidence.VerifyInclusion([]byte(leaf.body), p, verifiers); err != nil {
		t.Errorf("the downloads do not verify: %v", err)
	}
}

// told is what a page says about a problem, without the link to the evidence
// of having asked, which differs by nature.
func told(body string) string {
	text := problem.FindString(body)
	text = regexp.MustCompile(`<a href="/events[^<]*</a>`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

func TestStaffPages(t *testing.T) {
	h := openHouse(t, true)
	h.story()
	maria, adam, sue := h.as("maria"), h.as("adam"), h.as("sue")
	sue.get("/staff", http.StatusForbidden)
	list := maria.get("/staff", http.StatusOK)
	if !strings.Contains(list.body, "Sue Colleague") || strings.Contains(list.body, "Nia Colleague") {
		t.Error("the list shows the wrong people")
	}
	base := "/staff/" + string(h.who["sue"])
	if p := maria.get(base, http.StatusOK); !strings.Contains(p.body, "Client support") || !strings.Contains(p.body, `class="span-fill"`) {
		t.Error("the roles are not drawn")
	}
	if p := maria.get(base+"/did", http.StatusOK); !strings.Contains(p.body, "entered client") {
		t.Error("what they did is missing")
	}
	sue.get("/events/"+h.granted("maria"), http.StatusForbidden)
	if p := maria.get(base+"/refused", http.StatusOK); !strings.Contains(p.body, "was denied") {
		t.Error("what they were refused is missing")
	}
	maria.get("/staff/"+string(h.who["nia"]), http.StatusNotFound)

	s := adam.get(base+"/sessions", http.StatusOK)
	m := regexp.MustCompile(`/sessions/(se_[a-z0-9]+)/revoke`).FindStringSubmatch(s.body)
	if m == nil {
		t.Fatal("the administrator cannot end a session")
	}
	if again := adam.post(m[0], http.StatusConflict, "idempotency_key", "k", "of", string(h.who["sue"])); !strings.Contains(again.body, "in your own words") {
		t.Error("ending another's session without a reason is not refused in place")
	}
	adam.post(m[0], http.StatusSeeOther, "idempotency_key", "k2", "of", string(h.who["sue"]), "words", "Left the desk open.")
	sue.get("/account", http.StatusSeeOther)
}

// The page of an event leads from each policy that decided to its words.
func TestAnEventLeadsToTheWordsOfItsPolicies(t *testing.T) {
	h := openHouse(t, true)
	client, _, _ := h.story()
	maria := h.as("maria")
	var created string
	for _, e := range h.Events(client) {
		if e.Type == "clients.client.created" {
			created = e.ID
		}
	}
	p := maria.get("/events/"+created, http.StatusOK)
	link := regexp.MustCompile(`href="(/policies/[0-9a-f]{64})#(support\.clients)"`).FindStringSubmatch(p.body)
	if link == nil {
		t.Fatal("no link to the policy support.clients, by which the client was entered")
	}
	p = h.as("hal").get(link[1], http.StatusOK)
	if !strings.Contains(p.body, `id="`+link[2]+`"`) || !strings.Contains(p.body, "Support speaks with clients") {
		t.Error("the page does not hold the policy and what stands above it")
	}
	maria.get("/policies/"+strings.Repeat("0", 64), http.StatusNotFound)
	h.stranger().get(link[1], http.StatusSeeOther)
}

// A refusal leads to its evidence only those who may read it; the denial of a
// list stands in the log of the entity of whoever the list is about, and says
// what was not allowed.
func TestRefusalsLeadToEvidenceOnlyWhereItMayBeRead(t *testing.T) {
	h := openHouse(t, true)
	client, _, _ := h.story()
	for name, c := range map[string]struct {
		path, says string
		may        bool
	}{
		"adam": {"/clients/" + string(client), "Your roles do not allow this: see a client.", false},
		"hal":  {"/clients/" + string(client) + "/documents", "Your roles do not allow this: list documents.", true},
	} {
		p := h.as(name).get(c.path, http.StatusForbidden)
		if !strings.Contains(p.body, c.says) {
			t.Errorf("%s does not read %q", name, c.says)
		}
		link := regexp.MustCompile(`/events/[0-9a-f-]{36}`).FindString(p.body)
		if (link != "") != c.may {
			t.Errorf("%s is led to the evidence %q, want any: %v", name, link, c.may)
		}
		if link != "" {
			h.as(name).get(link, http.StatusOK)
		}
	}
	denied := 0
	for _, e := range h.Events(client) {
		if e.Type == command.EventDenied.Name && e.Actor == h.who["hal"] {
			denied++
			if e.Log != "en_cy" || e.Entity != "en_cy" {
				t.Errorf("the denial of a list about a client of en_cy stands in the log %s", e.Log)
			}
		}
	}
	if denied == 0 {
		t.Error("the denial does not stand in the client's story")
	}
}

func TestPaletteTellsNothingNew(t *testing.T) {
	h := openHouse(t, true)
	client, pr, foreign := h.story()
	maria, sue := h.as("maria"), h.as("sue")
	if p := maria.post("/palette", http.StatusOK, "q", "evi"); !strings.Contains(p.body, `href="/evidence"`) {
		t.Error("a place is not found")
	}
	if p := maria.post("/palette", http.StatusOK, "q", client.Short()); !strings.Contains(p.body, "/clients/"+string(client)) {
		t.Error("a client is not found by the short form")
	}
	for _, q := range []string{foreign.Short(), string(foreign)} {
		if p := maria.post("/palette", http.StatusOK, "q", q); strings.Contains(p.body, "Evidence of") {
			t.Errorf("%s of another entity is found", q)
		}
	}
	if p := sue.post("/palette", http.StatusOK, "q", string(client)); !strings.Contains(p.body, "/clients/"+string(client)) {
		t.Error("support does not find its own client")
	}
	if p := maria.post("/palette", http.StatusOK, "q", "", "on", "/approvals/"+string(pr)); !strings.Contains(p.body, "Approve or refuse this proposal") {
		t.Error("acts on what is open are missing")
	}
	// What is typed may be a name: it must not stand in an address.
	p := maria.get("/palette?q=Canaryname", http.StatusOK)
	if strings.Contains(p.body, `value="Canaryname"`) || !strings.Contains(p.body, `<form class="palette-form" method="post" role="search" action="/palette"`) {
		t.Error("the palette takes what is typed from an address, or sends it there")
	}
}

func TestStepUpSendsTheFormAgain(t *testing.T) {
	h := openHouse(t, true)
	adam := h.as("adam")
	h.wall.Advance(6 * time.Minute) // the factor of signing in is no longer fresh
	fields := []string{"setting", "cf_x", "value", "Kept as it was typed", "idempotency_key", "k-step"}
	page := adam.post("/test/settings", http.StatusForbidden, fields...)
	if field(t, page.body, "value") != "Kept as it was typed" || field(t, page.body, stepUpTo) != "/test/settings" {
		t.Fatal("the form is not carried along")
	}
	wrong := adam.post("/step-up", http.StatusForbidden, append(fields, stepUpTo, "/test/settings", stepUpCode, "000000")...)
	if field(t, wrong.body, "value") != "Kept as it was typed" {
		t.Error("a wrong code loses the form")
	}
	h.wall.Advance(2 * time.Minute)
	good := adam.post("/step-up", http.StatusTemporaryRedirect, append(fields, stepUpTo, "/test/settings", stepUpCode, h.code())...)
	if good.to() != "/test/settings" {
		t.Fatalf("the form goes to %q", good.to())
	}
	adam.post(good.to(), http.StatusSeeOther, append(fields, stepUpTo, "/test/settings")...)
	if evs := h.Events("cf_x"); evs[len(evs)-1].Type != eventSetting.Name {
		t.Error("nothing was done")
	}
	out := adam.post("/step-up", http.StatusTemporaryRedirect, append(fields, stepUpTo, "https://evil.example/", stepUpCode, h.code())...)
	if out.to() != "/" {
		t.Errorf("the form goes to %q", out.to())
	}
}

func TestFormsAreRead(t *testing.T) {
	var in struct {
		Client core.Ref     `json:"client"`
		Amount core.Money   `json:"amount"`
		Until  core.Instant `json:"until"`
		Days   int          `json:"days,omitempty"`
		Told   bool         `json:"told"`
		Name   *string      `json:"name"`
		Phone  *string      `json:"phone"`
		Secret string
	}
	form := map[string][]string{"client": {" cl_x "}, "amount": {"12.50"}, "amount_currency": {"EUR"}, "until": {"2026-11-20"}, "days": {"7"}, "told": {"on"}, "name": {""}, "Secret": {"x"}}
	must(t, decodeValues(form, &in))
	if in.Client != "cl_x" || in.Amount.Minor != 1250 || in.Until.String() != "2026-11-20T00:00:00.000000Z" || in.Days != 7 || !in.Told || in.Name == nil || in.Phone != nil || in.Secret != "" {
		t.Errorf("read %+v", in)
	}
	for name, value := range map[string]string{"amount": "12,50", "until": "tomorrow", "days": "some"} {
		err := decodeValues(map[string][]string{name: {value}, "amount_currency": {"EUR"}}, &in)
		if f := core.AsFault(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Field != name {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestOnlyOurOwnAddresses(t *testing.T) {
	for to, want := range map[string]string{"/a?b=1": "/a?b=1", "//x.example": "/", "https://x.example": "/", "": "/", "/\\x.example": "/", "/a\r\nb": "/", "x": "/"} {
		if got := local(to); got != want {
			t.Errorf("local(%q) = %q", to, got)
		}
	}
}
