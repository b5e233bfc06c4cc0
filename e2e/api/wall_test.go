package api

import (
	"net/http"
	"strings"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store/storetest"
)

// Staff who name a record of the other entity in a list get nothing, as for a
// record that is nowhere, and the other entity sees in its own log that they
// asked. Naming one's own, or none that exists, is no denial.
func TestListsThatReachAcrossTheWallAreSeenThere(t *testing.T) {
	f := newFirm(t, storetest.Engines[0])
	f.tokens["auditor"] = f.token("auditor", f.actions()...)
	theirs := f.token("senior_compliance/other", f.actions()...)
	denials := func(id core.Ref) int {
		q := "outcome:denied by:" + string(f.people["auditor"].Ref) + " " + string(id)
		a := f.send(theirs, api(ask{method: "POST", path: "/events/search", body: m{"query": q, "page": m{"limit": 200}}}))
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", q, a.status, a.body)
		}
		return strings.Count(a.body, `"command.run.denied"`)
	}
	for path, of := range map[string]func(h *home) core.Ref{
		"/withdrawals?client=":   func(h *home) core.Ref { return h.client },
		"/deposits?client=":      func(h *home) core.Ref { return h.client },
		"/accounts?client=":      func(h *home) core.Ref { return h.client },
		"/interventions?client=": func(h *home) core.Ref { return h.client },
		"/interventions?case=":   func(h *home) core.Ref { return h.file },
		"/applications?client=":  func(h *home) core.Ref { return h.client },
		"/documents?client=":     func(h *home) core.Ref { return h.client },
		"/cases?subject=":        func(h *home) core.Ref { return h.client },
		"/findings?finding=":     func(h *home) core.Ref { return h.finding },
	} {
		own, other := of(f.homes[0]), of(f.homes[1])
		before := denials(other)
		lists := func(id core.Ref) answer {
			f.clock.Advance(70e9) // no flood of denials
			a := f.send(f.tokens["auditor"], api(ask{method: "GET", path: path + string(id)}))
			if a.status != http.StatusOK {
				t.Errorf("%s%s: %d %s", path, id, a.status, a.body)
			}
			return a
		}
		lists(own)
		nowhere := lists(core.Ref(elsewhere(string(other))))
		if n := denials(other); n != before {
			t.Errorf("%s: %d denials before anybody asked across the wall", path, n-before)
		}
		if a := lists(other); anonymous(a.body) != anonymous(nowhere.body) {
			t.Errorf("%s tells what exists in the other entity: %s", path, a.body)
		}
		if n := denials(other); n != before+1 {
			t.Errorf("%s: the other entity sees %d denials more, not one", path, n-before)
		}
	}
}
