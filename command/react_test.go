package command_test

import (
	"context"
	"slices"
	"testing"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/store"
)

// What follows from an event is enqueued with it, once for each event that
// happened, and never for one that did not.
func TestReactionsAreEnqueuedWithTheirEvent(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		r.Road.Reactions = func(typ string) []string {
			if typ == tillMoved.Name {
				return []string{"react.count"}
			}
			return nil
		}
		ann := r.Staff("ann", "clerk")
		done := r.Do(ann, put)
		if _, err := r.Road.Run(context.Background(), ann, "", moveTill{Till: "ti_a", Client: "cl_a", Minor: 13}); code(err) != "unlucky" {
			t.Fatal(err)
		}
		var args []string
		rows, err := r.Road.Store.Reader().Query(context.Background(), "SELECT args FROM job WHERE kind = 'react.count'")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(store.Scan(&text)...); err != nil {
				t.Fatal(err)
			}
			args = append(args, text)
		}
		if len(args) != 1 {
			t.Fatalf("%d jobs for one event and one refusal", len(args))
		}
		h, ok := command.ReadHappened(args[0])
		if !ok || h.Event != done.Event || h.Type != tillMoved.Name || h.Entity != "en_test" || h.Actor != ann.Ref || h.About("cl") != put.Client || !slices.Contains(h.Subjects, core.Ref("ti_a")) {
			t.Errorf("the job says %+v", h)
		}
		if _, ok := command.ReadHappened("something else"); ok {
			t.Error("anything is read as an event")
		}
	})
}
