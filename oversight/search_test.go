package oversight

import (
	"context"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var (
	eventTold  = evidence.Register("oversight.test.told", evidence.EntityManagement, "Something was told in a test.")
	reader     = evidence.Actor{Ref: "st_reader"}
	everywhere = func(core.Ref, command.Action, command.Resource) bool { return false }
)

// entities says that every client whose name begins with sc is in en_sc.
type entities struct{}

func (entities) EntityOf(_ context.Context, _ store.Reader, ref core.Ref) (core.Ref, error) {
	switch {
	case strings.HasPrefix(string(ref), "cl_sc"):
		return "en_sc", nil
	case ref.Kind() == core.KindClient:
		return "en_cy", nil
	}
	return "", nil
}

func each(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		r := commandtest.New(t, s, reg)
		r.Policy.Held[reader.Ref] = []string{"any"}
		fn(t, r)
	})
}

// tell writes one event.
func tell(t *testing.T, r *commandtest.Rig, e evidence.Event) string {
	t.Helper()
	r.Clock.Advance(time.Minute)
	e.Type = eventTold
	var id string
	err := r.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = r.Road.Log.Append(ctx, tx, evidence.Stamp{At: r.Clock.Now(), Entropy: r.Road.Entropy, Actor: evidence.Actor{Ref: "st_teller"}}, e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func search(t *testing.T, r *commandtest.Rig, in SearchEvents) (ids []string) {
	t.Helper()
	found, err := command.Ask(context.Background(), r.Road, reader, SearchEventsQuery(r.Road, entities{}), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.Rows {
		if e.Type == eventTold.Name {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func TestSearchIsNoWayAroundAMask(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		said := func(value string, class core.Class, of core.Ref) evidence.Event {
			return evidence.Event{Entity: "en_cy", Subjects: []core.Ref{of}, Details: []evidence.Detail{{Name: "said", Value: value, Class: class, Subject: of, Search: true}}}
		}
		tell(t, r, said("clientword", core.Personal, "cl_a"))
		tell(t, r, said("bankword", core.Bank, "cl_a"))
		tell(t, r, said("staffword", core.Personal, "st_a"))
		tell(t, r, said("proposalword", core.Personal, "pr_a"))
		tell(t, r, said("publicword", core.Public, "cl_a"))
		for _, c := range []struct {
			deny  func(core.Ref, command.Action, command.Resource) bool
			finds string
		}{
			{everywhere, "clientword bankword staffword proposalword publicword"},
			{func(_ core.Ref, a command.Action, _ command.Resource) bool {
				return strings.HasPrefix(string(a), "see.")
			}, "publicword"},
			{func(_ core.Ref, a command.Action, res command.Resource) bool {
				return strings.HasPrefix(string(a), "see.") && res.Kind == core.KindStaff
			}, "clientword bankword proposalword publicword"},
			{func(_ core.Ref, a command.Action, _ command.Resource) bool { return a == "see.bank" }, "clientword staffword proposalword publicword"},
			{func(_ core.Ref, a command.Action, res command.Resource) bool {
				return strings.HasPrefix(string(a), "see.") && res.Entity == "en_cy"
			}, "publicword"},
		} {
			r.Policy.Deny = c.deny
			var got []string
			for _, w := range []string{"clientword", "bankword", "staffword", "proposalword", "publicword"} {
				if len(search(t, r, SearchEvents{Query: w})) > 0 {
					got = append(got, w)
				}
			}
			if strings.Join(got, " ") != c.finds {
				t.Errorf("found %q, want %q", got, c.finds)
			}
		}
	})
}

func TestSearchFilters(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		a := tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_06f2k9m3q7x4c5v6b8n1a"}, Case: "ca_06f2k9m3q7x4c5v6b8n1a"})
		between := r.Clock.Now().Add(30 * time.Second)
		b := tell(t, r, evidence.Event{Entity: "en_sc", Subjects: []core.Ref{"cl_06f2k9m3q7x4c5v6b8n2b", "cl_06f2k9m3q7x4c5v6b8n1a"}, Outcome: evidence.Denied})
		g := tell(t, r, evidence.Event{})
		tell(t, r, evidence.Event{Entity: "en_cy", Log: evidence.MLROLog, Subjects: []core.Ref{"cl_06f2k9m3q7x4c5v6b8n1a"}})
		for query, want := range map[string][]string{
			"":                           {g, b, a},
			"CL-6B8N1A":                  {b, a},
			"CL-6B8N1A CL-6B8N2B":        {b},
			"CL-999999":                  nil,
			"case:CA-6B8N1A":             {a},
			"entity:sc":                  {b},
			"entity:group":               {g},
			"outcome:denied":             {b},
			"by:st_teller":               {g, b, a},
			"by:st_nobody":               nil,
			"action:oversight":           {g, b, a},
			"action:clients.client":      nil,
			"after:" + between.String():  {g, b},
			"before:" + between.String(): {a},
			a:                            {a},
		} {
			if got := search(t, r, SearchEvents{Query: query}); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
		if got := search(t, r, SearchEvents{Show: ShowRefusals}); len(got) != 1 || got[0] != b {
			t.Errorf("refusals: %v", got)
		}
		if got := search(t, r, SearchEvents{Kind: "oversight"}); len(got) != 3 {
			t.Errorf("by kind: %v", got)
		}
		if got := search(t, r, SearchEvents{Kind: "nothing"}); len(got) != 0 {
			t.Errorf("an unknown kind finds %v", got)
		}
		first := search(t, r, SearchEvents{Query: "action:oversight", Page: core.PageRequest{Limit: 2}})
		if len(first) != 2 {
			t.Fatalf("the first page has %d events", len(first))
		}
		if rest := search(t, r, SearchEvents{Query: "action:oversight", Page: core.PageRequest{Limit: 2, After: core.MakeCursor(first[1])}}); len(rest) != 1 || rest[0] != a {
			t.Errorf("the second page is %v", rest)
		}
	})
}

func TestAStoryIsOneRecordInItsEntity(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		mine := tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_a"}})
		tell(t, r, evidence.Event{Entity: "en_sc", Subjects: []core.Ref{"cl_sc", "cl_a"}})
		other := tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_b"}})
		r.Policy.Deny = func(_ core.Ref, a command.Action, res command.Resource) bool {
			return strings.HasPrefix(string(a), "evidence.") && res.Kind != core.KindClient
		}
		if got := search(t, r, SearchEvents{Of: "cl_a"}); len(got) != 1 || got[0] != mine {
			t.Errorf("the story is %v", got)
		}
		if got := search(t, r, SearchEvents{Of: "cl_a", Query: "cl_b"}); len(got) != 0 {
			t.Errorf("a story tells of others: %v", got)
		}
		ctx := context.Background()
		if _, err := FindEvent(ctx, r.Road, entities{}, reader, ViewEvent{Event: other, Of: "cl_a"}); !core.IsFault(err, command.ErrHidden.Code) {
			t.Errorf("an event of another client's story: %v", err)
		}
		if v, err := FindEvent(ctx, r.Road, entities{}, reader, ViewEvent{Event: mine}); err != nil || v.ID != mine {
			t.Errorf("a permalink does not lead to the story: %v", err)
		}
	})
}

func TestWhatIsSearchedForIsRecorded(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_a"}})
		search(t, r, SearchEvents{})
		search(t, r, SearchEvents{Query: "Okonjo"})
		page, err := r.Road.Log.Find(context.Background(), r.Road.Store.Reader(), evidence.Filter{Types: []string{command.EventSearched.Name}, Scope: store.True}, core.PageRequest{})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("%d searches are recorded, %v", len(page.Rows), err)
		}
		if rec := page.Rows[0]; strings.Contains(strings.ToLower(rec.Leaf+rec.Changes), "okonjo") {
			t.Error("the words stand in the log in the clear")
		}
	})
}

func TestStoredQueriesAreTheirOwners(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		id, err := SaveQuery(ctx, r.Road, "st_a", "Okonjo letter")
		if err != nil {
			t.Fatal(err)
		}
		if same, err := SaveQuery(ctx, r.Road, "st_a", "Okonjo letter"); err != nil || same != id {
			t.Errorf("the same search again is %s, %v", same, err)
		}
		if text, err := LoadQuery(ctx, r.Road, "st_a", id); err != nil || text != "Okonjo letter" {
			t.Errorf("read %q, %v", text, err)
		}
		if _, err := LoadQuery(ctx, r.Road, "st_b", id); !core.IsFault(err, errNoQuery.Code) {
			t.Errorf("somebody else opens it: %v", err)
		}
		r.Clock.Advance(queryLife + time.Hour)
		if _, err := LoadQuery(ctx, r.Road, "st_a", id); !core.IsFault(err, errNoQuery.Code) {
			t.Errorf("it outlives its time: %v", err)
		}
	})
}

func TestTamperedEntriesSaySo(t *testing.T) {
	rec := &evidence.Record{Leaf: `{"changes":{"count":0,"sha256":"00"}}`, Changes: "x"}
	if got := contradiction(rec, "00"); !strings.Contains(got, "not the one that was sealed") {
		t.Errorf("another leaf: %q", got)
	}
}

// An export is what the search finds, in every format, masked for everybody,
// and on record with its form, its words and its number.
func TestExportsAreOnRecordAndMasked(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		id := tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_ada"}, Text: "Canaryname moved", Details: []evidence.Detail{
			{Name: "name", Value: "Canaryname", Class: core.Personal, Search: true}, {Name: "amount", Value: "7.00 EUR"},
		}})
		for range 5 {
			tell(t, r, evidence.Event{Entity: "en_cy", Subjects: []core.Ref{"cl_ben"}})
		}
		ask := func(in ExportEvents) (ExportFile, error) {
			return command.Ask(ctx, r.Road, reader, ExportEventsQuery(r.Road, entities{}), in)
		}
		for _, f := range export.Formats {
			file, err := ask(ExportEvents{Query: "cl_ada", Format: f})
			if err != nil || file.Events != 1 || !strings.Contains(string(file.Body), id) || !strings.Contains(string(file.Body), "7.00 EUR") {
				t.Errorf("%s: %+v, %v", f, file, err)
			}
			if strings.Contains(string(file.Body), "Canaryname") {
				t.Errorf("%s shows a name: %s", f, file.Body)
			}
		}
		file, err := ask(ExportEvents{Query: "action:oversight.test", Format: export.JSONL, Limit: 4})
		if err != nil || file.Events != 4 || !file.More || strings.Count(string(file.Body), "\n") != 4 {
			t.Errorf("%d events, more %v, %v", file.Events, file.More, err)
		}
		evs := r.Events(reader.Ref)
		last := evs[len(evs)-1]
		if last.Type != "command.data.exported" || !strings.Contains(last.Changes, "jsonl of 4 events") {
			t.Errorf("on record: %s %s", last.Type, last.Changes)
		}
		for _, bad := range []ExportEvents{{Format: "xml"}, {Format: export.CSV, Limit: MaxExport + 1}, {Format: export.CSV, Limit: -1}} {
			if _, err := ask(bad); core.AsFault(err).Kind != core.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		r.Policy.Deny = func(_ core.Ref, act command.Action, _ command.Resource) bool { return act == "evidence.event.export" }
		if _, err := ask(ExportEvents{Format: export.CSV}); core.AsFault(err).Kind != core.Denied {
			t.Errorf("who may only search exported: %v", err)
		}
	})
}
