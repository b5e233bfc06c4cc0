package command_test

import (
	"context"
	"strings"
	"testing"

	"vouchsafe/command/commandtest"
	"vouchsafe/evidence"
	"vouchsafe/store/storetest"
)

func problems(t *testing.T, r *commandtest.Rig) string {
	t.Helper()
	ps, err := r.Road.Log.VerifyFold(context.Background(), r.Road.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range ps {
		out = append(out, strings.TrimSpace(p.Code+" "+p.Table+" "+p.Key+" "+p.Column))
	}
	return strings.Join(out, "; ")
}

// Every edit behind the application's back is named, and nothing is named
// without one.
func TestFoldNamesWhatWasEdited(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"untouched":         {"", ""},
		"public value":      {"UPDATE toy_till SET minor = 999999", "value-differs toy_till ti_a minor"},
		"personal value":    {"UPDATE toy_till SET owner = 'Mallory'", "value-differs toy_till ti_a owner"},
		"emptied value":     {"UPDATE toy_till SET owner = NULL", "value-differs toy_till ti_a owner"},
		"revision":          {"UPDATE toy_till SET rev = 9", "revision-differs toy_till ti_a rev"},
		"row removed":       {"DELETE FROM toy_till", "missing-row toy_till ti_a"},
		"row added":         {"INSERT INTO toy_till VALUES ('ti_z', 'cl_z', NULL, 5, 1)", "foreign-row toy_till ti_z"},
		"event removed":     {"DELETE FROM event WHERE type = 'toy.till.moved' AND changes LIKE '%\"rev\":\"2\"%'", "missing-revision toy_till ti_a"},
		"index left over":   {"DELETE FROM event WHERE type = 'toy.till.moved' AND changes LIKE '%\"rev\":\"2\"%'", "index-differs event_ref 0"},
		"document edited":   {"UPDATE event SET changes = replace(changes, '\"4990\"', '\"4991\"') WHERE changes LIKE '%\"4990\"%' AND changes LIKE '%\"rev\":\"2\"%'", "event-differs-from-leaf"},
		"actor edited":      {"UPDATE event SET actor = 'st_bob' WHERE actor = 'st_ann'", "event-differs-from-leaf"},
		"subjects edited":   {"UPDATE event SET refs = 'ti_a cl_other'", "subjects-differ-from-tags"},
		"disclosure edited": {"UPDATE disclosure SET sealed = substr(sealed, 1, 20)", "disclosure-differs disclosure"},
		"disclosure gone":   {"DELETE FROM disclosure WHERE subject = 'cl_a' AND event = (SELECT min(event) FROM disclosure WHERE subject = 'cl_a')", "disclosure-missing disclosure"},
		"index entry gone":  {"DELETE FROM event_ref WHERE ref = 'cl_a'", "index-differs event_ref (several)"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r *commandtest.Rig) {
				ann := r.Staff("ann", "clerk")
				r.Do(ann, put)
				r.Do(ann, out(10))
				r.Do(ann, out(20))
				r.Road.Run(context.Background(), evidence.Actor{Ref: "st_nobody"}, "", put)
				if c.sql != "" {
					storetest.Tamper(t, r.Road.Store, c.sql)
				}
				got := problems(t, r)
				if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
					t.Fatalf("found %q, want %q", got, c.want)
				}
			})
		})
	}
}
