package manuals_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/manuals"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// act is a command that clauses apply to.
type act struct{}

func (act) Action() command.Action { return "toy.client.decide" }
func (act) Subject() core.Ref      { return "cl_a" }

type actHandler struct{}

func (actHandler) Load(context.Context, store.Reader, act) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindClient, Ref: "cl_a", Entity: "en_cy"}, nil
}

func (actHandler) Check(_ act, _ struct{}, m command.Moment) command.Verdict {
	return command.Needs(command.Need{Rule: "toy.client.decide/1", Seats: []command.Seat{{Roles: []string{"senior_compliance"}}}})
}

var eventDecided = evidence.Register("toy.client.decided", evidence.EntityManagement, "A toy client was decided.")

func (actHandler) Apply(context.Context, *command.Tx, act, struct{}) ([]evidence.Event, error) {
	return []evidence.Event{{Type: eventDecided, Entity: "en_cy", Subjects: []core.Ref{"cl_a"}, Basis: []string{"own"}}}, nil
}

type firm struct {
	*commandtest.Rig
	t                  *testing.T
	deps               manuals.Deps
	board              [][2]core.Instant
	mia, senior, chair evidence.Actor
}

func each(t *testing.T, run func(*firm)) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			f := &firm{t: t}
			reg := command.NewRegistry()
			command.RegisterOwn(reg)
			command.Handle[act, struct{}](reg, actHandler{}, command.Doc{Title: "Decide", Kind: core.KindClient, Approvers: []string{"senior_compliance"}})
			f.deps = manuals.Deps{
				Known: func(_ context.Context, _ store.Reader, e core.Ref) (bool, error) { return e == "en_cy", nil },
				Board: func(context.Context, store.Reader, core.Ref) ([][2]core.Instant, error) { return f.board, nil },
				Rests: func(name string) bool { return strings.HasPrefix(name, "toy.") },
			}
			manuals.Register(reg, f.deps)
			f.Rig = commandtest.New(t, storetest.Open(t, e), reg)
			f.deps.Log = f.Road.Log
			f.Road.Basis = (&manuals.Book{}).Basis
			f.mia, f.senior, f.chair = f.Staff("mia", "compliance"), f.Staff("senior", "senior_compliance"), f.Staff("chair", "board")
			run(f)
		})
	}
}

const text = "1 Scope\nAll clients.\n\n4.2 Decisions\nTwo people decide.\nApplies to: toy.client.decide, toy.other"

func (f *firm) adopt(of core.Ref, text string) manuals.AdoptManual {
	in := manuals.AdoptManual{Entity: "en_cy", Manual: of, Text: text, Reason: "yearly-review", Words: "The yearly review of the manual."}
	if of == "" {
		in.Title = "AML manual"
	}
	return in
}

func (f *firm) refused(in manuals.AdoptManual, code string) {
	f.t.Helper()
	if _, err := f.Road.Run(context.Background(), f.mia, "", in); !core.IsFault(err, code) {
		f.t.Errorf("got %v, want %s", err, code)
	}
}

// decided runs the act, and returns the basis of its three events.
func (f *firm) decided() (out [][]string) {
	f.t.Helper()
	done := f.Approve(f.senior, f.Do(f.mia, act{}).Proposal)
	if done.State != command.StateDone {
		f.t.Fatalf("%+v", done)
	}
	all := f.Events("cl_a")
	for _, rec := range all[len(all)-3:] {
		told, err := rec.View()
		if err != nil {
			f.t.Fatal(err)
		}
		out = append(out, told.Basis)
	}
	return out
}

func TestADecisionNamesTheClauseOfItsDay(t *testing.T) {
	each(t, func(f *firm) {
		first := f.Approve(f.senior, f.Do(f.mia, f.adopt("", text)).Proposal)
		if first.State != command.StateDone {
			f.t.Fatalf("%+v", first)
		}
		of := first.Subject
		f.Clock.Advance(time.Hour)
		for i, b := range f.decided() {
			if !slices.Contains(b, "AML manual v1 §4.2") || slices.Contains(b, "AML manual v1 §1") {
				f.t.Errorf("event %d rests on %q", i, b)
			}
		}
		next := f.adopt(of, strings.Replace(text, "Two people", "Three people", 1))
		next.From = f.Clock.Now().Add(48 * time.Hour)
		f.Approve(f.senior, f.Do(f.mia, next).Proposal)
		f.Clock.Advance(time.Hour)
		if b := f.decided()[2]; !slices.Contains(b, "AML manual v1 §4.2") || !slices.Contains(b, "own") {
			f.t.Errorf("before the second version starts: %q", b)
		}
		f.Clock.Advance(72 * time.Hour)
		if b := f.decided()[2]; !slices.Contains(b, "AML manual v2 §4.2") || slices.Contains(b, "AML manual v1 §4.2") {
			f.t.Errorf("after it started: %q", b)
		}
		got, err := command.Ask(context.Background(), f.Road, f.senior, manuals.ReadClausesQuery, manuals.ReadClauses{
			Entity: "en_cy", Basis: []string{"own", "AML manual v1 §4.2", "AML manual v2 §4.2", "AML manual v9 §4.2", "AML manual v1 §9"},
		})
		if err != nil || len(got) != 2 || got[0].Clause.Text != "Two people decide." || got[1].Clause.Text != "Three people decide." {
			f.t.Errorf("the clauses as they were: %+v, %v", got, err)
		}
		v, err := command.Ask(context.Background(), f.Road, f.senior, manuals.ViewManualQuery(f.deps), manuals.ViewManual{Manual: of})
		if err != nil || v.InForce != 2 || len(v.Versions) != 2 || v.Versions[0].Number != 2 || v.Versions[1].Approvers[0] != f.senior.Ref || v.Versions[0].Event == v.Versions[1].Event {
			f.t.Errorf("the manual: %+v, %v", v, err)
		}
	})
}

func TestTheBoardAdoptsWhereThereIsOne(t *testing.T) {
	each(t, func(f *firm) {
		f.board = [][2]core.Instant{{0, f.Clock.Now().Add(time.Hour)}}
		out := f.Do(f.mia, f.adopt("", text))
		p, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), out.Proposal)
		_, err := f.Road.Approve(context.Background(), f.senior, "", command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: true, Words: "Read and agreed."})
		if !core.IsFault(err, "no-seat") {
			f.t.Errorf("a senior officer adopted in the place of the board: %v", err)
		}
		if done := f.Approve(f.chair, out.Proposal); done.State != command.StateDone {
			f.t.Errorf("the board: %+v", done)
		}
		f.Clock.Advance(2 * time.Hour) // the last seat of the board is over
		f.refused(f.adopt("", text), "title-taken")
		f.refused(f.adopt("mn_06zzzzzzzzzzzzzzzzzz1", text), "no-such-record")
		list, err := command.Ask(context.Background(), f.Road, f.senior, manuals.ListManualsQuery(f.deps), manuals.ListManuals{})
		if err != nil || len(list) != 1 {
			f.t.Fatalf("%+v, %v", list, err)
		}
		of := list[0].Manual
		f.refused(f.adopt(of, text+"\n"), "nothing-changed")
		f.refused(f.adopt(of, text+"\n9 More\nText.\nApplies to: nothing.like.it"), "applies-to-nothing")
		past := f.adopt(of, text+"\n9 More\nText.")
		past.From = 1
		f.refused(past, "starts-in-the-past")
		if done := f.Approve(f.senior, f.Do(f.mia, f.adopt(of, text+"\n9 More\nText.")).Proposal); done.State != command.StateDone {
			f.t.Errorf("without a board a senior officer agrees: %+v", done)
		}
	})
}

func TestClausesAreReadOrRefusedByLine(t *testing.T) {
	got, err := manuals.Clauses(text + "\r\n")
	if err != nil || len(got) != 2 || got[1].Number != "4.2" || got[1].Heading != "Decisions" || !slices.Equal(got[1].Applies, []string{"toy.client.decide", "toy.other"}) {
		t.Errorf("%+v, %v", got, err)
	}
	for in, want := range map[string]string{
		"": "no clause", "Hello\n1 A\nB": "Line 1 stands before", "1 A\nB\n1 C\nD": "Line 3", "1 A\n2 B\nC": "Clause 1 has a heading and no text",
	} {
		if _, err := manuals.Clauses(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
