package oversight_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// fewReads are the bounds of usual reading in tests.
var fewReads = oversight.Bounds{Files: 3, Clients: 6}

// read records that somebody was shown the data of clients at once.
func read(t *testing.T, r *commandtest.Rig, who, entity core.Ref, clients ...int) {
	t.Helper()
	e := evidence.Event{Type: command.EventShown, Entity: entity}
	for _, n := range clients {
		e.Subjects = append(e.Subjects, core.Ref(fmt.Sprintf("cl_%03d", n)))
	}
	err := r.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := r.Road.Log.Append(ctx, tx, evidence.Stamp{At: r.Clock.Now(), Entropy: r.Road.Entropy, Actor: evidence.Actor{Ref: who}}, e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Second)
}

// Who opens many files in an hour, or lists many clients, is told of: once an
// hour, in the entity whose clients they are. Many looks at one file are none.
func TestUnusualReadingIsTold(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		watch := func() (told []string) {
			t.Helper()
			before := len(flags(t, r))
			if err := oversight.WatchReading(ctx, r.Road, fewReads); err != nil {
				t.Fatal(err)
			}
			return flags(t, r)[before:]
		}
		for range 9 {
			read(t, r, "st_keen", "en_cy", 1)
		}
		read(t, r, "st_keen", "en_cy", 2)
		read(t, r, "st_keen", "en_cy", 3)
		read(t, r, "st_keen", "en_sc", 4) // another entity's
		read(t, r, "st_list", "en_cy", 1, 2, 3, 4, 5, 6)
		read(t, r, "sys_clock", "en_cy", 1)
		if told := watch(); len(told) > 0 {
			t.Errorf("usual reading is told of: %v", told)
		}
		read(t, r, "st_keen", "en_cy", 4)
		read(t, r, "st_list", "en_cy", 7)
		if told := watch(); len(told) != 2 || told[0] == told[1] {
			t.Errorf("told of %v", told)
		}
		read(t, r, "st_keen", "en_cy", 5)
		if told := watch(); len(told) > 0 {
			t.Errorf("told twice within the hour: %v", told)
		}
		r.Clock.Advance(time.Hour)
		if told := watch(); len(told) > 0 {
			t.Errorf("an hour that is over is told of again: %v", told)
		}
		for n := range 4 {
			read(t, r, "st_keen", "en_cy", n)
		}
		if told := watch(); len(told) != 1 {
			t.Errorf("the next hour is told of as %v", told)
		}
		if raised, err := jobs.Waiting(ctx, r.Road.Store.Reader(), "cases.raise"); err != nil || len(raised) != 3 {
			t.Errorf("%d findings are on their way, not 3: %v", len(raised), err)
		}
		usual := oversight.FlagReading{Reading: oversight.Reading{Staff: "st_nobody", Entity: "en_cy"}, Until: r.Clock.Now()}
		if _, err := r.Road.Run(ctx, evidence.Actor{Ref: "sys_clock"}, "", usual); !core.IsFault(err, "reading-usual") {
			t.Errorf("what nobody read is told of: %v", err)
		}
		if ps, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader()); err != nil || len(ps) > 0 {
			t.Error(ps, err)
		}
	})
}

// flags are whom unusual reading was told of, with the entity, oldest first.
func flags(t *testing.T, r *commandtest.Rig) (out []string) {
	t.Helper()
	page, err := r.Road.Log.Find(context.Background(), r.Road.Store.Reader(),
		evidence.Filter{Types: []string{oversight.EventUnusual.Name}, Scope: store.True, Oldest: true}, core.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range page.Rows {
		out = append(out, string(rec.Entity)+" "+fmt.Sprint(rec.Subjects))
	}
	return out
}
