package api

import (
	"strings"
	"testing"

	"vouchsafe/store"
)

// Every command that a person may send has an endpoint, but those by which
// people manage access or the machine: no token is good for them.
func TestEveryCommandHasAnEndpoint(t *testing.T) {
	f := newFirm(t, store.SQLite)
	byAction, described := map[string]bool{}, map[string]string{}
	ops := f.operations()
	for _, op := range ops {
		byAction[op.Action] = true
		described[op.Action] += op.About
	}
	if len(ops) < 60 {
		t.Errorf("the description tells of %d operations only", len(ops))
	}
	for _, l := range f.Road.Registry.List() {
		act := string(l.Action)
		access := strings.HasPrefix(act, "access.") || strings.HasPrefix(act, "jobs.")
		switch {
		case l.Doc.System && byAction[act]:
			t.Errorf("%s is for parts of the program, and has an endpoint", act)
		case !l.Doc.System && access == byAction[act]:
			t.Errorf("%s: access %v, endpoint %v", act, access, byAction[act])
		case byAction[act] && l.Doc.StepUp != strings.Contains(described[act], "step-up-needed"):
			t.Errorf("%s wants a second factor: %v; the description says otherwise", act, l.Doc.StepUp)
		}
	}
}
