package api

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/store/storetest"
)

var consoleRoute = regexp.MustCompile(`\{"GET (/[^"]*)"`)

// pages are the console's addresses, read from its table of contents.
func pages(t *testing.T) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../../web/console/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range consoleRoute.FindAllStringSubmatch(string(text), -1) {
		out = append(out, strings.TrimSuffix(m[1], "{$}"))
	}
	if len(out) < 30 {
		t.Fatalf("the table of contents has %d pages only: is it read right?", len(out))
	}
	return out
}

// about puts the home's records into an address of the console.
func (h *home) about(t *testing.T, page string) string {
	t.Helper()
	first, _, _ := strings.Cut(strings.TrimPrefix(page, "/"), "/")
	id := map[string]string{
		"approvals": string(h.proposal), "events": h.event, "staff": string(h.as(access.Dealing).Ref), "entities": string(h.entity), "clients": string(h.client),
		"documents": string(h.document), "applications": string(h.application), "interventions": string(h.intervention),
		"accounts": string(h.account), "cases": string(h.file), "findings": string(h.finding), "withdrawals": string(h.withdrawal), "deposits": string(h.deposit),
		"grants": string(h.grantOf(h.as(access.Dealing).Ref)), "assets": "passkey.js", "rules": string(h.entity), "rates": string(h.entity), "roles": string(access.Dealing), "docs": "index", "packs": string(h.client), "reviews": string(h.review), "elsewhere": string(h.abroad), "combinations": string(h.exception),
	}[first]
	if strings.HasPrefix(page, "/elsewhere/systems/") {
		id = string(h.system)
	}
	out := strings.NewReplacer("{provider}", "nowhere", "{what}", "password", "{manual}", "mn_06zzzzzzzzzzzzzzzzzz1", "{draft}", "ps_06zzzzzzzzzzzzzzzzzz1", "{id}", id, "{entity}", string(h.entity), "{action}", "payments.withdrawal.release", "{role}", string(access.Dealing), "{detail}", string(h.detail), "{restriction}", string(h.restriction), "{file}", id, "{page}", "api", "{code}", "not-allowed", "{kind}", "client", "{item}", string(h.reviewItem), "{set}", h.f.Domains.Policy.SetHash()).Replace(page)
	if strings.Contains(out, "{") || id == "" && strings.Contains(page, "{id}") {
		t.Errorf("%s is new: say in console_test.go which record it is about", page)
	}
	return out
}

// grantOf is the first grant of a person.
func (h *home) grantOf(who core.Ref) core.Ref {
	theirs, err := access.GrantsOf(h.f.ctx, h.f.Store.Reader(), who)
	h.f.must(err)
	return theirs[0].ID
}

// Every page of the console, as everybody, about records of their own entity
// and of the other: no page holds a value that its reader may not see, and a
// page about a record of the other entity is that about one that is nowhere.
func TestConsoleShowsNobodyTooMuch(t *testing.T) {
	text, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	_, sees := parseMatrix(t, string(text))
	f := newFirm(t, storetest.Engines[0])
	spy := newSpy(f, sees)
	for _, c := range slices.Concat(columns, tokenless) {
		in, err := f.Domains.Auth.Persona(f.ctx, f.people[c.name].Ref, "10.0.0.9")
		f.must(err)
		cookie := http.Header{"Cookie": {"session=" + in.Token}}
		see := func(path string) answer {
			a := f.send("", ask{method: "GET", path: path, header: cookie})
			if a.status >= 500 {
				t.Errorf("%s as %s: %d", path, c.name, a.status)
			}
			spy.saw(c.name, path, a)
			return a
		}
		for _, page := range pages(t) {
			see(f.homes[0].about(t, page))
			at := f.homes[1].about(t, page)
			theirs := see(at)
			if at == page || theirs.status == http.StatusOK || strings.HasPrefix(page, "/staff/") || strings.HasPrefix(page, "/sign-in/") {
				continue
			}
			unknown := see(elsewhere(at))
			if unknown.status != theirs.status || anonymous(unknown.body) != anonymous(theirs.body) {
				t.Errorf("%s as %s tells what exists in the other entity: %d, %d\n%s", page, c.name, theirs.status, unknown.status, difference(anonymous(theirs.body), anonymous(unknown.body)))
			}
		}
	}
	spy.check()
}

// entityAddress is the part of an address that names a legal entity.
var entityAddress = regexp.MustCompile(`"/(rules|rates)/en_[a-z-]+`)

var keys = regexp.MustCompile(`name="idempotency_key" value="[^"]*"|20\d\d-\d\d-\d\dT[0-9:.]+Z|\d\d:\d\d:\d\d`)

// anonymous is a page without what is drawn anew each time and without the
// references that stood in its address.
func anonymous(page string) string {
	page = entityAddress.ReplaceAllString(page, "REF")
	return events.ReplaceAllString(refs.ReplaceAllString(keys.ReplaceAllString(page, ""), "REF"), "REF")
}

func difference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			k := 0
			for k < min(len(as[i]), len(bs[i])) && as[i][k] == bs[i][k] {
				k++
			}
			return as[i][max(0, k-80):min(len(as[i]), k+160)] + "\n---\n" + bs[i][max(0, k-80):min(len(bs[i]), k+160)]
		}
	}
	return "one is longer"
}

// What a token was not made to see comes masked, whoever owns it.
func TestTokensSeeOnlyWhatTheyWereMadeFor(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	var acts []string
	for _, a := range f.actions() {
		if !strings.HasPrefix(a, "see.") {
			acts = append(acts, a)
		}
	}
	blind := f.token("compliance", acts...)
	spy := newSpy(f, nil)
	for id, s := range samples {
		a := f.send(blind, api(s.ask(f.homes[0])))
		if slices.Contains([]int{500, 400, 422}, a.status) {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
		spy.saw("compliance", id, a)
	}
	for _, l := range spy.leaks {
		t.Error(l)
	}
}
