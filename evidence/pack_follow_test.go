package evidence

import (
	"slices"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// What was asked and agreed to before the subject had a reference goes along
// with it, and is recounted like the subject's own.
func TestPackFollowsProposalsAndCases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newPackRig(t, s)
		asked := r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: []core.Ref{"pr_1", "ta_9"}, Case: "ca_1", Outcome: Proposed, Text: "Asked"}, nil)
		filed := r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: []core.Ref{"ca_1"}, Text: "Filed"}, nil)
		r.story()
		other := r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: []core.Ref{"pr_2"}, Text: "Of something else"}, nil)
		r.seal()

		plain := r.sound(r.build(r.spec()).Zip)
		spec := r.spec()
		spec.Follow = []core.Kind{core.KindProposal, core.KindCase}
		built := r.build(spec)
		if sum := r.sound(built.Zip); sum.Counts.Events != plain.Counts.Events+2 {
			t.Errorf("%d entries with what is behind them, %d without", sum.Counts.Events, plain.Counts.Events)
		}
		var ids []string
		for _, e := range built.Content.Manifest.Events {
			ids = append(ids, e.ID)
		}
		if !slices.Contains(ids, asked) || !slices.Contains(ids, filed) || slices.Contains(ids, other) || !slices.IsSorted(ids) {
			t.Errorf("entries %v; asked %s, filed %s, another's %s", ids, asked, filed, other)
		}
		if f := built.Content.Manifest.Followed; len(f) != 2 || f[0].Ref != "ca_1" || f[1].Ref != "pr_1" || f[0].TagKey == "" {
			t.Errorf("followed %+v", f)
		}

		// A reader whose scope ends before the proposal's entry hears of it.
		spec.Scope = store.Compare("id", ">", filed)
		narrow := r.build(spec)
		if sum := r.sound(narrow.Zip); sum.Counts.Events != plain.Counts.Events || len(narrow.Content.Manifest.Withheld) != 2 {
			t.Errorf("%d entries, withheld %+v", sum.Counts.Events, narrow.Content.Manifest.Withheld)
		}
	})
}
