package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/store/storetest"
)

// bad is one request that must be refused, and how.
type bad struct {
	why    string
	ask    ask
	status int
	code   string
	field  string
}

func (f *firm) refuses(token string, b bad) {
	f.t.Helper()
	b.ask = api(b.ask)
	a := f.send(token, b.ask)
	var p struct {
		Type, Title, Code, Detail string
		Status                    int
		Fields                    []struct{ Field, Text string }
	}
	err := json.Unmarshal([]byte(a.body), &p)
	if err != nil || a.status != b.status || p.Code != b.code || p.Status != b.status || p.Detail == "" || p.Title == "" ||
		p.Type != "/docs/problems/"+b.code || a.header.Get("Content-Type") != "application/problem+json" {
		f.t.Errorf("%s: got %d %s, want %d %s", b.why, a.status, a.body, b.status, b.code)
		return
	}
	for _, x := range p.Fields {
		if b.field == x.Field && x.Text != "" {
			return
		}
	}
	if b.field != "" {
		f.t.Errorf("%s: no word about the field %s: %s", b.why, b.field, a.body)
	}
}

func TestBadInputIsRefusedInPlainWords(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	h, token := f.homes[0], f.token("compliance", f.actions()...)
	change := "/clients/" + string(h.client) + "/change"
	good := `{"country":"PT","reason":"correction","words":"Read in the letter of June."}`
	post := func(path string, body any, header ...string) ask {
		q := ask{method: "POST", path: path, body: body, header: http.Header{}}
		for i := 0; i < len(header); i += 2 {
			q.header[header[i]] = []string{header[i+1]}
		}
		return q
	}
	get := func(path string) ask { return ask{method: "GET", path: path} }
	for _, b := range []bad{
		{"cut JSON", post(change, `{"country":"PT"`), 400, "malformed", ""},
		{"two values", post(change, good+good), 400, "malformed", ""},
		{"nothing", post(change, ""), 400, "malformed", ""},
		{"not UTF-8", post(change, "{\"country\":\"\xff\"}"), 400, "malformed", ""},
		{"an array", post(change, `[]`), 422, "invalid-input", ""},
		{"null", post(change, `null`), 422, "invalid-input", ""},
		{"a number for words", post(change, `{"reason":"correction","words":7}`), 422, "invalid-input", "words"},
		{"an object for a word", post(change, `{"country":{},"reason":"correction","words":"Long enough."}`), 422, "invalid-input", "country"},
		{"an unknown field", post(change, `{"countri":"PT","reason":"correction","words":"Long enough."}`), 422, "invalid-input", "countri"},
		{"another spelling", post(change, `{"Country":"PT","reason":"correction","words":"Long enough."}`), 422, "invalid-input", "Country"},
		{"the path's field again", post(change, `{"client":"`+string(h.client)+`","country":"PT","reason":"correction","words":"Long enough."}`), 422, "invalid-input", "client"},
		{"a missing field", post(change, `{"country":"PT","reason":"correction"}`), 422, "invalid-input", "words"},
		{"a missing field within", post("/accounts/"+string(h.account)+"/transfers", `{"amount":{"amount":"5"}}`), 422, "invalid-input", "amount.currency"},
		{"NUL", post(change, `{"country":"P\u0000","reason":"correction","words":"Long enough."}`), 422, "invalid-input", ""},
		{"a code that is none", post(change, `{"country":"PT","reason":"whim","words":"Long enough."}`), 422, "invalid-input", "reason"},
		{"deep nesting", post(change, strings.Repeat("[", 100_000)), 400, "malformed", ""},
		{"a huge body", post(change, `{"words":"`+strings.Repeat("x", 300<<10)+`"}`), 413, "body-too-large", ""},
		{"a form", post(change, good, "Content-Type", "application/x-www-form-urlencoded"), 415, "not-json", ""},
		{"no type", post(change, good, "Content-Type", ""), 415, "not-json", ""},
		{"no key", post(change, good, "Idempotency-Key", ""), 400, "key-missing", ""},
		{"a short key", post(change, good, "Idempotency-Key", "k"), 400, "key-malformed", ""},
		{"a key with a space", post(change, good, "Idempotency-Key", "key key key"), 400, "key-malformed", ""},
		{"a parameter beside a body", post(change+"?reason=x", good), 422, "invalid-input", "reason"},
		{"money as a number", post("/accounts/"+string(h.account)+"/transfers", `{"amount":{"amount":5,"currency":"EUR"}}`), 422, "invalid-input", "amount.amount"},
		{"money with too many digits", post("/accounts/"+string(h.account)+"/transfers", `{"amount":{"amount":"5.001","currency":"EUR"}}`), 422, "invalid-input", "amount"},
		{"money of no currency", post("/accounts/"+string(h.account)+"/transfers", `{"amount":{"amount":"5","currency":"XXX"}}`), 422, "invalid-input", "currency"},
		{"a file that is none", post("/clients/"+string(h.client)+"/documents?kind=passport&source=email", []byte("MZ not a picture")), 409, "file-type", ""},
		{"a file of no kind", post("/clients/"+string(h.client)+"/documents?source=email", scan(1)), 422, "invalid-input", "kind"},

		{"an unknown filter", get("/clients?stauts=active"), 422, "invalid-input", "stauts"},
		{"a filter twice", get("/clients?status=active&status=closed"), 422, "invalid-input", "status"},
		{"a page too large", get("/clients?limit=201"), 422, "invalid-input", "limit"},
		{"a page of words", get("/clients?limit=all"), 422, "invalid-input", "limit"},
		{"a cursor that somebody made", get("/clients?after=xyz"), 422, "bad-cursor", ""},
		{"a cursor of NUL", get("/clients?after=AAAA"), 422, "bad-cursor", ""},
		{"a cursor that is cut", get("/cases?after=eA"), 422, "bad-cursor", ""},
		{"a moment that is none", get("/grants?at=yesterday"), 422, "invalid-input", "at"},
		{"NUL in an address", get("/clients?status=%00"), 422, "invalid-input", "status"},
		{"a reference that is none", get("/clients/" + url.PathEscape("' OR 1=1 --")), 404, "no-such-record", ""},
		{"NUL in a reference", get("/clients/cl_%00"), 404, "no-such-record", ""},
		{"another kind's reference", get("/clients/" + string(h.account)), 404, "no-such-record", ""},
		{"an event that is none", get("/events/not-an-event"), 404, "no-such-record", ""},
		{"no endpoint", get("/nothing"), 404, "no-such-endpoint", ""},
		{"another method", get(change), 405, "method-not-allowed", ""},
		{"yet another", ask{method: "DELETE", path: "/clients/" + string(h.client)}, 405, "method-not-allowed", ""},
	} {
		f.refuses(token, b)
	}
	if a := f.send(token, api(post(change, good))); a.status != http.StatusOK {
		t.Errorf("negative control: the good one answers %d %s", a.status, a.body)
	}
}

func TestTokensThatAreNotGood(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		h := f.homes[0]
		view := ask{method: "GET", path: "/clients/" + string(h.client)}
		narrow := f.token("compliance", "clients.client.list")
		f.refuses("", bad{"no token", view, 401, "no-token", ""})
		if a := f.send("", api(view)); a.header.Get("WWW-Authenticate") == "" {
			t.Error("nobody is told how to sign in")
		}
		in, err := f.Domains.Auth.Persona(f.ctx, f.people["compliance"].Ref, "10.0.0.9")
		f.must(err)
		cookie := view
		cookie.header = http.Header{"Cookie": {"session=" + in.Token}}
		f.refuses("", bad{"a cookie", cookie, 401, "no-token", ""})
		basic := view
		basic.header = http.Header{"Authorization": {"Basic " + narrow}}
		f.refuses("", bad{"another scheme", basic, 401, "no-token", ""})
		f.refuses(in.Token, bad{"a session's token", view, 401, "bad-token", ""})
		f.refuses("vs_nothing", bad{"an invented token", view, 401, "bad-token", ""})
		f.refuses(narrow, bad{"a token made for something else", view, 403, "not-allowed", ""})
		if a := f.send(narrow, api(ask{method: "GET", path: "/clients"})); a.status != http.StatusOK {
			t.Errorf("what it was made for: %d", a.status)
		}
		f.clock.Advance(61 * 24 * time.Hour)
		f.refuses(narrow, bad{"an expired token", ask{method: "GET", path: "/clients"}, 401, "bad-token", ""})
	})
}

func TestWritesAreDoneOnceAndNameTheirEvidence(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		h := f.homes[0]
		support, compliance := f.token("support", f.actions()...), f.token("compliance", f.actions()...)
		add := ask{method: "POST", path: "/api/v1/clients/" + string(h.newClient()) + "/bank-details", header: http.Header{"Idempotency-Key": {"the-same-key"}}, body: m{
			"holder": h.name(), "account": h.iban(), "currency": "EUR", "reason": "client_request", "words": why,
		}}
		var first, second struct {
			State, Event, Evidence, Proposal string
			Replayed                         bool
			Needs                            *struct{ Rule string }
		}
		a := f.send(support, add)
		f.must(json.Unmarshal([]byte(a.body), &first))
		if a.status != http.StatusAccepted || first.Proposal == "" || first.Needs == nil || a.header.Get("Location") != "/api/v1/proposals/"+first.Proposal ||
			a.header.Get("Evidence-Event") != "/api/v1/events/"+first.Event {
			t.Fatalf("%d %s %v", a.status, a.body, a.header)
		}
		a = f.send(support, add)
		f.must(json.Unmarshal([]byte(a.body), &second))
		if a.status != http.StatusAccepted || second.Event != first.Event || second.Proposal != first.Proposal || !second.Replayed || a.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("sent again: %d %s", a.status, a.body)
		}
		add.body = m{"holder": "Another", "account": h.iban(), "currency": "EUR", "reason": "client_request", "words": why}
		if a := f.send(support, add); a.status != http.StatusUnprocessableEntity || a.code() != "key-reused" {
			t.Errorf("the key for something else: %d %s", a.status, a.body)
		}
		if a := f.send(compliance, ask{method: "GET", path: first.Evidence}); a.status != http.StatusOK || !strings.Contains(a.body, first.Event) {
			t.Errorf("the evidence: %d %s", a.status, a.body)
		}
		back := ask{method: "POST", path: "/api/v1/proposals/" + first.Proposal + "/withdraw", body: m{"words": "Entered by mistake."}}
		if a := f.send(support, back); a.status != http.StatusOK {
			t.Errorf("taking it back: %d %s", a.status, a.body)
		}
		f.settle()
		if a := f.send(compliance, ask{method: "GET", path: first.Evidence + "/proof"}); a.status != http.StatusOK || !strings.HasPrefix(a.body, "c2sp.org/tlog-proof") {
			t.Errorf("the proof: %d %s", a.status, a.body)
		}
	})
}

func TestPagesFollowEachOther(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	for range 5 {
		f.homes[0].newClient()
	}
	token := f.token("auditor", f.actions()...)
	seen, next := map[string]int{}, "/api/v1/clients?limit=2"
	for n := 0; next != ""; n++ {
		a := f.send(token, ask{method: "GET", path: next})
		var p struct {
			Rows []struct{ ID string }
			Next string
		}
		f.must(json.Unmarshal([]byte(a.body), &p))
		if a.status != http.StatusOK || len(p.Rows) == 0 || len(p.Rows) > 2 || n > 20 {
			t.Fatalf("%s: %d %s", next, a.status, a.body)
		}
		for _, r := range p.Rows {
			seen[r.ID]++
		}
		link := a.header.Get("Link")
		next = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		if (p.Next == "") != (link == "") {
			t.Errorf("next %q, link %q", p.Next, link)
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Error(fmt.Sprint(id, " came ", n, " times"))
		}
	}
	if len(seen) < 7 {
		t.Errorf("%d clients were listed", len(seen))
	}
}

func TestTheReferenceIsAPlainPage(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	a := f.send("", ask{method: "GET", path: "/api/v1/docs"})
	if a.status != http.StatusOK || !strings.Contains(a.body, "/api/v1/clients/{client}/change") || strings.Contains(a.body, "<script") || strings.Contains(a.body, "style=") || strings.Contains(a.body, "http") {
		t.Errorf("%d %.300s", a.status, a.body)
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'") {
		t.Error(csp)
	}
}

// A person makes a token at the console, after a second factor, and is shown
// it once.
func TestATokenIsMadeAtTheConsole(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	in, err := f.Domains.Auth.Persona(f.ctx, f.people["compliance"].Ref, "10.0.0.9")
	f.must(err)
	cookie := "session=" + in.Token
	form := func(path string, fields url.Values) answer {
		a := f.send("", ask{method: "POST", path: path, body: fields.Encode(), header: http.Header{"Cookie": {cookie}, "Content-Type": {"application/x-www-form-urlencoded"}}})
		for _, c := range a.header.Values("Set-Cookie") {
			if strings.HasPrefix(c, "session=") {
				cookie, _, _ = strings.Cut(c, ";")
			}
		}
		return a
	}
	fields := url.Values{"name": {"nightly"}, "days": {"30"}, "reads": {"on"}, "idempotency_key": {"the-form-key"}}
	f.clock.Advance(10 * time.Minute) // the factor is no longer fresh
	made := form("/account/tokens", fields)
	if made.status == http.StatusForbidden { // asks for the second factor, and carries the form
		fields.Set("step_up_code", "123456")
		fields.Set("step_up_to", "/account/tokens")
		if a := form("/step-up", fields); a.status != http.StatusTemporaryRedirect {
			t.Fatalf("%d %.400s", a.status, a.body)
		}
		made = form("/account/tokens", fields)
	}
	token := regexp.MustCompile(`vs_[A-Za-z0-9_-]{40,}`).FindString(made.body)
	if made.status != http.StatusOK || token == "" {
		t.Fatalf("%d %.2000s", made.status, made.body)
	}
	if again := form("/account/tokens", fields); strings.Contains(again.body, "vs_"+token[3:]) {
		t.Error("it is shown twice")
	}
	if a := f.send(token, ask{method: "GET", path: "/api/v1/clients"}); a.status != http.StatusOK || !strings.Contains(a.body, `"masked":true`) {
		t.Errorf("%d %.300s", a.status, a.body)
	}
	list := f.send("", ask{method: "GET", path: "/account/tokens", header: http.Header{"Cookie": {cookie}}})
	end := regexp.MustCompile(`/account/tokens/tk_[^"]*/revoke`).FindString(list.body)
	if a := form(end, url.Values{"idempotency_key": {"the-other-key"}}); a.status != http.StatusSeeOther {
		t.Errorf("%s: %d %.300s", end, a.status, a.body)
	}
	if a := f.send(token, ask{method: "GET", path: "/api/v1/clients"}); a.status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", a.status)
	}
}
