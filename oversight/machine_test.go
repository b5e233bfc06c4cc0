package oversight_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func machine(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Parallel()
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		oversight.Register(reg, fewReads)
		fn(t, commandtest.New(t, s, reg))
	})
}

// The log tells that it lives, and afterwards that it was silent, from when to
// when.
func TestTheLogTellsOfItself(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		beat := func(after time.Duration) {
			t.Helper()
			r.Clock.Advance(after)
			if err := oversight.Beat(ctx, r.Road); err != nil {
				t.Fatal(err)
			}
		}
		beat(0)
		beat(time.Minute) // another node, or a restart: nothing new
		beat(oversight.BeatEvery)
		from := r.Clock.Now()
		beat(3 * time.Hour)
		evs := r.Events("sys_clock")
		if len(evs) != 3 {
			t.Fatalf("%d events", len(evs))
		}
		for i, want := range []string{"oversight.log.beaten", "oversight.log.beaten", "oversight.log.silent"} {
			if evs[i].Type != want || evs[i].Log != evidence.GroupLog {
				t.Errorf("event %d is %s in %s", i, evs[i].Type, evs[i].Log)
			}
		}
		var said string
		for _, l := range mustLines(t, evs[2].Changes) {
			if c, ok := l.Cells["detail.from"]; ok && c.New != nil {
				said = *c.New
			}
		}
		if said != from.String() {
			t.Errorf("the silence begins at %q, not at %s", said, from)
		}
		_, err := r.Road.Run(ctx, evidence.Actor{Ref: "sys_clock"}, "", oversight.RecordBeat{})
		if !core.IsFault(err, "beat-recent") {
			t.Errorf("two signs of life at once: %v", err)
		}
		ps, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader())
		if err != nil || len(ps) > 0 {
			t.Error(ps, err)
		}
	})
}

func mustLines(t *testing.T, doc string) []evidence.Line {
	t.Helper()
	lines, err := evidence.ParseChanges(doc)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// A job that was given up is seen, queued again by a person, and runs; its
// revival is evidence.
func TestDeadLettersAreRevived(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		ctx, admin := context.Background(), r.Staff("vik", "system_admin")
		broken := errors.New("the other side is down")
		q := jobs.NewQueue(jobs.Config{Store: r.Road.Store, Clock: r.Clock, Wall: r.Clock, Holder: "test", Entropy: core.SystemEntropy{}})
		ran := 0
		q.Handle("toy.work", jobs.Policy{MaxAttempts: 1}, func(context.Context, jobs.Job) jobs.Result {
			ran++
			if broken != nil {
				return jobs.Dead(broken)
			}
			return jobs.Done()
		})
		step := func() {
			t.Helper()
			r.Clock.Advance(time.Second)
			if _, err := q.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		var id core.Ref
		if err := r.Road.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			id, err = jobs.Enqueue(ctx, tx, r.Road.Entropy, jobs.New{Kind: "toy.work", Subject: "cl_ada", RunAt: r.Clock.Now()})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		step()
		seen := func() []oversight.JobRow {
			t.Helper()
			v, err := command.Ask(ctx, r.Road, admin, oversight.DeadJobs{}, oversight.ListDeadJobs{})
			if err != nil {
				t.Fatal(err)
			}
			return v.Dead.Rows
		}
		rows := seen()
		if len(rows) != 1 || rows[0].ID != id || rows[0].Kind != "toy.work" || rows[0].Error == "" {
			t.Fatalf("%+v", rows)
		}
		broken = nil
		r.Do(admin, oversight.ReviveJob{Job: id})
		if _, err := r.Road.Run(ctx, admin, "", oversight.ReviveJob{Job: id}); !core.IsFault(err, "job-not-dead") {
			t.Errorf("revived twice: %v", err)
		}
		step()
		if ran != 2 || len(seen()) != 0 {
			t.Errorf("ran %d times, dead: %+v", ran, seen())
		}
		if _, err := r.Road.Run(ctx, admin, "", oversight.ReviveJob{Job: id}); !core.IsFault(err, "job-unknown") {
			t.Errorf("a job that is done: %v", err)
		}
		if evs := r.Events("cl_ada"); len(evs) != 1 || evs[0].Type != "jobs.dead.revived" {
			t.Errorf("%+v", evs)
		}
	})
}
