package command_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The toy domain: a till per client. Money in is free, money out above 100
// needs a lead, and a till never goes below zero.
type till struct {
	ID     core.Ref
	Client core.Ref
	Owner  string
	Minor  int64
	Rev    int64
}

var tills = store.Declare(store.Table[till]{
	Name: "toy_till", Kind: store.Recorded,
	Subject: func(t *till) core.Ref { return t.Client },
	Rev:     func(t *till) *int64 { return &t.Rev },
	Columns: []store.Column[till]{
		{Name: "id", Class: core.Public, Field: func(t *till) any { return &t.ID }},
		{Name: "client", Class: core.Public, Field: func(t *till) any { return &t.Client }},
		{Name: "owner", Class: core.Personal, Search: true, Field: func(t *till) any { return &t.Owner }},
		{Name: "minor", Class: core.Public, Field: func(t *till) any { return &t.Minor }},
	},
})

var tillMoved = evidence.Register("toy.till.moved", evidence.EntityManagement, "Money moved in or out of a till.")

type moveTill struct {
	Till   core.Ref `json:"till"`
	Client core.Ref `json:"client"`
	Owner  string   `json:"owner"`
	Minor  int64    `json:"minor"`
}

func (moveTill) Action() command.Action { return "toy.till.move" }
func (m moveTill) Subject() core.Ref    { return m.Client }

type moveHandler struct{ mute bool }

func (moveHandler) Load(ctx context.Context, r store.Reader, in moveTill) (*till, command.Resource, error) {
	t, err := tills.Get(ctx, r, string(in.Till))
	return t, command.Resource{Kind: "ti", Ref: in.Till, Entity: "en_test"}, err
}

func (moveHandler) Check(in moveTill, t *till, m command.Moment) command.Verdict {
	if in.Minor == 13 {
		return command.Refuse(command.Refusal{Code: "unlucky", Text: "Thirteen is not moved."})
	}
	if in.Minor < -100 {
		seats := []command.Seat{{Roles: []string{"lead"}}}
		if in.Minor < -1000 {
			seats = append(seats, command.Seat{Roles: []string{"lead", "head"}})
		}
		return command.Needs(command.Need{Rule: "toy/1", Seats: seats})
	}
	return command.Proceed()
}

func (h moveHandler) Apply(ctx context.Context, tx *command.Tx, in moveTill, t *till) ([]evidence.Event, error) {
	now := till{ID: in.Till, Client: in.Client, Owner: in.Owner, Minor: in.Minor}
	if t != nil {
		now = *t
		now.Minor += in.Minor
	}
	if now.Minor < 0 {
		return nil, core.NewFault(core.Refused, "overdrawn", "The till does not hold so much.")
	}
	var err error
	if t == nil {
		err = tills.Insert(ctx, tx.Tx, &now)
	} else {
		err = tills.Update(ctx, tx.Tx, t, &now)
	}
	if err != nil || h.mute {
		return nil, err
	}
	return []evidence.Event{{Type: tillMoved, Entity: "en_test", Subjects: []core.Ref{in.Till, in.Client}}}, nil
}

func toy() *command.Registry {
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	command.Handle[moveTill, *till](reg, moveHandler{}, command.Doc{Title: "Move money", Kind: "ti", Approvers: []string{"lead", "head"}})
	return reg
}

func each(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Create(t, s, `CREATE TABLE toy_till (id TEXT PRIMARY KEY, client TEXT NOT NULL, owner TEXT, minor BIGINT NOT NULL, rev BIGINT NOT NULL)`)
		fn(t, commandtest.New(t, s, toy()))
	})
}

func code(err error) string {
	var f *core.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

func minor(t *testing.T, r *commandtest.Rig, id core.Ref) int64 {
	t.Helper()
	row, err := tills.Get(context.Background(), r.Road.Store.Reader(), string(id))
	if err != nil {
		t.Fatal(err)
	}
	if row == nil {
		return 0
	}
	return row.Minor
}

var put = moveTill{Till: "ti_a", Client: "cl_a", Owner: "Ada Example", Minor: 5000}

func TestRunLeavesStateAndEvidenceTogether(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		out := r.Do(r.Staff("ann", "clerk"), put)
		if out.State != command.StateDone || out.Subject != "ti_a" {
			t.Fatalf("outcome %+v", out)
		}
		evs := r.Events("cl_a")
		if len(evs) != 1 || evs[0].ID != out.Event || evs[0].Type != "toy.till.moved" {
			t.Fatalf("events %+v", evs)
		}
		if strings.Contains(evs[0].Leaf, "cl_a") || strings.Contains(evs[0].Leaf+evs[0].Changes, "Ada") || strings.Contains(evs[0].Leaf+evs[0].Changes, "192.0.2.10") {
			t.Fatalf("personal data in evidence: %s %s", evs[0].Leaf, evs[0].Changes)
		}
	})
}

func TestNoEvidenceNoAction(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		reg := command.NewRegistry()
		command.Handle[moveTill, *till](reg, moveHandler{mute: true}, command.Doc{Title: "x", Kind: "ti"})
		r.Road.Registry = reg
		if _, err := r.Road.Run(context.Background(), r.Staff("ann", "clerk"), "", put); err == nil {
			t.Fatal("a handler without events committed")
		}
		if m := minor(t, r, "ti_a"); m != 0 {
			t.Fatalf("state changed without evidence: %d", m)
		}
		err := r.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			return tills.Insert(ctx, tx, &till{ID: "ti_x", Client: "cl_x", Minor: 1})
		})
		if !errors.Is(err, store.ErrNoEvidence) {
			t.Fatalf("a bare write gave %v", err)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann, ctx := r.Staff("ann", "clerk"), context.Background()
		first, err := r.Road.Run(ctx, ann, "k1", put)
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.Road.Run(ctx, ann, "k1", put)
		if err != nil || !again.Replayed || again.Event != first.Event || again.Subject != first.Subject {
			t.Fatalf("replay: %+v %v", again, err)
		}
		other := put
		other.Minor = 7
		if _, err := r.Road.Run(ctx, ann, "k1", other); code(err) != "key-reused" {
			t.Fatalf("reused key: %v", err)
		}
		if m := minor(t, r, "ti_a"); m != 5000 {
			t.Fatalf("till holds %d", m)
		}
	})
}

func TestFiftyEqualRequestsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann := r.Staff("ann", "clerk")
		r.Do(ann, put)
		gate, fails := make(chan struct{}), make(chan error, 50)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				<-gate
				_, err := r.Road.Run(context.Background(), ann, "same", moveTill{Till: "ti_a", Client: "cl_a", Minor: 10})
				if err != nil {
					fails <- err
				}
			})
		}
		close(gate)
		wg.Wait()
		close(fails)
		for err := range fails {
			t.Error(err)
		}
		if m := minor(t, r, "ti_a"); m != 5010 {
			t.Fatalf("till holds %d, want 5010", m)
		}
	})
}

func TestDenialAndRefusalAreEvidence(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx, ann := context.Background(), r.Staff("ann", "clerk")
		_, err := r.Road.Run(ctx, evidence.Actor{Ref: "st_nobody"}, "", put)
		if code(err) != "not-allowed" || core.AsFault(err).Event == "" {
			t.Fatalf("denial: %v", err)
		}
		bad := put
		bad.Minor = 13
		_, err = r.Road.Run(ctx, ann, "", bad)
		if code(err) != "unlucky" {
			t.Fatalf("refusal: %v", err)
		}
		r.Do(ann, put)
		_, err = r.Road.Run(ctx, ann, "", moveTill{Till: "ti_b", Client: "cl_a", Minor: -50})
		if code(err) != "overdrawn" {
			t.Fatalf("refusal found while applying: %v", err)
		}
		var got []string
		for _, e := range r.Events("cl_a") {
			got = append(got, e.Type)
		}
		want := "command.run.denied command.run.refused toy.till.moved command.run.refused"
		if strings.Join(got, " ") != want {
			t.Fatalf("events %v, want %s", got, want)
		}
	})
}

// Who hangs up while they are refused leaves the refusal behind all the same.
func TestWhoHangsUpLeavesTheRefusalBehind(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann := r.Staff("ann", "clerk")
		for range 4 {
			ctx, hangUp := context.WithCancel(context.Background())
			r.Policy.Deny = func(core.Ref, command.Action, command.Resource) bool { hangUp(); return true }
			if _, err := r.Road.Run(ctx, ann, "", put); code(err) != "not-allowed" {
				t.Fatalf("denied: %v", err)
			}
			ctx, hangUp = context.WithCancel(context.Background())
			r.Policy.Deny = func(core.Ref, command.Action, command.Resource) bool { hangUp(); return false }
			if _, err := r.Road.Run(ctx, ann, "", moveTill{Till: "ti_a", Client: "cl_a", Minor: 13}); code(err) != "unlucky" {
				t.Fatalf("refused: %v", err)
			}
		}
		if n := len(r.Events("ti_a")); n != 8 {
			t.Errorf("%d events, want 8", n)
		}
	})
}

func TestFloodOfDenialsIsCounted(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		for range 40 {
			r.Road.Run(context.Background(), evidence.Actor{Ref: "st_nobody"}, "", put)
		}
		if n := len(r.Events("st_nobody")); n != 5 {
			t.Fatalf("%d events for 40 denials", n)
		}
		r.Clock.Advance(2 * time.Minute)
		r.Road.Run(context.Background(), evidence.Actor{Ref: "st_nobody"}, "", put)
		evs := r.Events("st_nobody")
		last := evs[len(evs)-1]
		if last.Type != "command.run.flooded" || !strings.Contains(last.Changes, `"detail.count":{"new":"36"}`) {
			t.Fatalf("last event %s %s", last.Type, last.Changes)
		}
	})
}

// Whoever stops trying does not take the count of their denials with them: it
// is written when the minute is over, or when the program ends.
func TestAFloodThatEndsIsWrittenDown(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		flooded := func() (n int, last string) {
			for _, e := range r.Events("st_nobody") {
				if e.Type == "command.run.flooded" {
					n, last = n+1, e.Changes
				}
			}
			return n, last
		}
		settle := func(all bool) {
			t.Helper()
			if err := r.Road.SettleFloods(ctx, all); err != nil {
				t.Fatal(err)
			}
		}
		for range 40 {
			r.Road.Run(ctx, evidence.Actor{Ref: "st_nobody"}, "", put)
		}
		settle(false)
		if n, _ := flooded(); n != 0 {
			t.Fatal("the count was written before its minute was over")
		}
		r.Clock.Advance(2 * time.Minute)
		settle(false)
		settle(false)
		if n, last := flooded(); n != 1 || !strings.Contains(last, `"detail.count":{"new":"35"}`) {
			t.Fatalf("%d events, the last of %s", n, last)
		}
		for range 8 {
			r.Road.Run(ctx, evidence.Actor{Ref: "st_nobody"}, "", put)
		}
		settle(true)
		if n, last := flooded(); n != 2 || !strings.Contains(last, `"detail.count":{"new":"3"}`) {
			t.Fatalf("%d events, the last of %s", n, last)
		}
	})
}

// Many senders whose records lie close together collide on PostgreSQL; none of
// them may be sent away for it.
func TestManySendersAreAllServed(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		const senders, commands = 8, 12
		ann := r.Staff("ann", "clerk")
		errs := make(chan error, senders*commands)
		var wg sync.WaitGroup
		for s := range senders {
			till := core.Ref(fmt.Sprintf("ti_many%d", s))
			wg.Go(func() {
				for n := range commands {
					_, err := r.Road.Run(context.Background(), ann, command.Key(fmt.Sprintf("many-%d-%d", s, n)), moveTill{Till: till, Client: "cl_a", Minor: 1})
					errs <- err
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A command of the program's own parts is theirs alone, whatever policy lets a
// person do: what a payment provider said is no person's word.
func TestCommandsOfTheSystemAreNoPersons(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Create(t, s, `CREATE TABLE toy_till (id TEXT PRIMARY KEY, client TEXT NOT NULL, owner TEXT, minor BIGINT NOT NULL, rev BIGINT NOT NULL)`)
		reg := command.NewRegistry()
		command.Handle[moveTill, *till](reg, moveHandler{}, command.Doc{Title: "Move money", Kind: "ti", System: true})
		r := commandtest.New(t, s, reg)
		if _, err := r.Road.Run(context.Background(), r.Staff("ann", "lead", "head"), "", put); code(err) != "not-allowed" {
			t.Fatalf("a person ran it: %v", err)
		}
		evs := r.Events("ti_a")
		if len(evs) != 1 || evs[0].Outcome != evidence.Denied || !strings.Contains(evs[0].Leaf, `"road.system-only"`) {
			t.Fatalf("the denial is not on record: %+v", evs)
		}
		r.Do(evidence.Actor{Ref: "sys_clock"}, put)
		if minor(t, r, "ti_a") != 5000 {
			t.Error("a part of the program could not run it")
		}
	})
}
