package mt5test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

func postEveryKind(t *testing.T, rig Rig) {
	balance, credit := int64(Balance), int64(0)
	for _, p := range []platform.Posting{
		{Action: platform.PostBalance, Minor: 25050},
		{Action: platform.PostBalance, Minor: -50},
		{Action: platform.PostCredit, Minor: 1000},
		{Action: platform.PostCharge, Minor: -199},
		{Action: platform.PostCorrection, Minor: -1},
		{Action: platform.PostBonus, Minor: 7},
	} {
		op := NewOp()
		p.Digits, p.Comment = 2, op.Tag+" x"
		receipt, certainty, err := rig.Platform.Post(context.Background(), op, Login, p)
		check(t, command.Applied, certainty, err)
		if p.Action == platform.PostCredit || p.Action == platform.PostBonus {
			credit += p.Minor
		} else {
			balance += p.Minor
		}
		applied := rig.Sim.AppliedTo(op.Tag)
		if len(applied) != 1 || applied[0].Ticket != receipt.Ticket || applied[0].Minor != p.Minor || applied[0].Action != p.Action {
			t.Fatalf("asked for %+v, the server booked %+v", p, applied)
		}
		if n := rig.Sim.ArrivalsOf(op.Tag); n != 1 {
			t.Fatalf("%d requests on the wire", n)
		}
		if receipt.After.Balance != balance || receipt.After.Credit != credit {
			t.Fatalf("after: %+v, want balance %d and credit %d", receipt.After, balance, credit)
		}
		if receipt.Request == ([32]byte{}) || receipt.Answer == ([32]byte{}) || receipt.ServerTime.IsZero() || receipt.Code == "" {
			t.Fatalf("incomplete receipt %+v", receipt)
		}
	}
}

func postRefused(t *testing.T, rig Rig) {
	for _, c := range []struct {
		login int64
		p     platform.Posting
		code  string
	}{
		{Login, platform.Posting{Action: platform.PostBalance, Minor: -Balance - 1, Digits: 2}, "not-enough-money"},
		{Login, platform.Posting{Action: platform.PostCredit, Minor: -1, Digits: 2}, "not-enough-money"},
		{Login, platform.Posting{Action: platform.PostBalance, Minor: 100_000_000_001, Digits: 2}, "amount-too-large"},
		{Login, platform.Posting{Action: platform.PostBalance, Minor: 1, Digits: 0}, "wrong-digits"},
		{404, platform.Posting{Action: platform.PostBalance, Minor: 1, Digits: 2}, "no-such-account"},
	} {
		op := NewOp()
		c.p.Comment = op.Tag
		receipt, certainty, err := rig.Platform.Post(context.Background(), op, c.login, c.p)
		check(t, command.Rejected, certainty, err)
		checkCode(t, c.code, receipt, err)
		if len(rig.Sim.AppliedTo(op.Tag)) != 0 || rig.Sim.ArrivalsOf(op.Tag) > 1 {
			t.Fatalf("%s: rejected, but the server says otherwise", c.code)
		}
	}
}

func postUntraceable(t *testing.T, rig Rig) {
	whole := NewOp()
	ops := map[string]command.Op{}
	for name, spoil := range map[string]func(*command.Op){
		"id": func(o *command.Op) { o.ID = "" }, "attempt": func(o *command.Op) { o.Attempt = 0 },
		"tag": func(o *command.Op) { o.Tag = "" }, "operator": func(o *command.Op) { o.Operator = "" },
		"reason": func(o *command.Op) { o.Reason = "" }, "deadline": func(o *command.Op) { o.Deadline = 0 },
	} {
		op := whole
		spoil(&op)
		ops[name] = op
	}
	for name, op := range ops {
		_, certainty, err := rig.Platform.Post(context.Background(), op, Login, deposit(whole, 1))
		if certainty != command.Rejected || !core.IsFault(err, "incomplete-operation") {
			t.Errorf("without %s: %q, %v", name, certainty, err)
		}
		group := Group
		if _, certainty, err = rig.Platform.Change(context.Background(), op, Login, platform.Patch{Group: &group}); certainty != command.Rejected || err == nil {
			t.Errorf("change without %s: %q, %v", name, certainty, err)
		}
	}
	for _, comment := range []string{
		"", "x " + whole.Tag, whole.Tag + "x", whole.Tag + strings.Repeat("y", 32-len(whole.Tag)),
		whole.Tag + " a=b", whole.Tag + " a|b", whole.Tag + ` a\b`, whole.Tag + " é", whole.Tag + " \n",
	} {
		p := deposit(whole, 1)
		p.Comment = comment
		if _, certainty, err := rig.Platform.Post(context.Background(), whole, Login, p); certainty != command.Rejected || err == nil {
			t.Errorf("comment %q: %q, %v", comment, certainty, err)
		}
	}
	if n := len(rig.Sim.Arrivals()); n != 0 {
		t.Fatalf("%d writes reached the server", n)
	}
}

func postLate(t *testing.T, rig Rig) {
	op := NewOp()
	op.Deadline = core.SystemClock{}.Now().Add(-time.Second)
	receipt, certainty, err := rig.Platform.Post(context.Background(), op, Login, deposit(op, 1))
	check(t, command.Rejected, certainty, err)
	checkCode(t, "not-sent", receipt, err)
	if len(rig.Sim.Arrivals()) != 0 {
		t.Fatal("a write left after its deadline")
	}
}

func postCommentCut(t *testing.T, rig Rig) {
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.CommentCut, Keep: 10})
	op := NewOp()
	receipt, certainty, err := rig.Platform.Post(context.Background(), op, Login, deposit(op, 1))
	check(t, command.Applied, certainty, err)
	if receipt.Code != "comment-cut" {
		t.Fatalf("receipt code %q", receipt.Code)
	}
}

func postMany(t *testing.T, rig Rig) {
	const writers = 12
	ops := make([]command.Op, writers)
	var all sync.WaitGroup
	for i := range ops {
		ops[i] = NewOp()
		all.Go(func() {
			_, certainty, err := rig.Platform.Post(context.Background(), ops[i], Login, deposit(ops[i], int64(i+1)))
			if certainty != command.Applied || err != nil {
				t.Errorf("%q, %v", certainty, err)
			}
		})
	}
	all.Wait()
	for _, op := range ops {
		if rig.Sim.ArrivalsOf(op.Tag) != 1 || len(rig.Sim.AppliedTo(op.Tag)) != 1 {
			t.Errorf("operation %s was not sent and applied exactly once", op.ID)
		}
	}
}

// since is before every deal of a test.
var since = time.Unix(0, 0)

func findLate(t *testing.T, rig Rig) {
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.ApplyLate})
	op := NewOp()
	_, certainty, err := rig.Platform.Post(context.Background(), op, Login, deposit(op, 123))
	check(t, command.Uncertain, certainty, err)
	if found, err := rig.Platform.Find(context.Background(), op, Login, since); err != nil || len(found) != 0 {
		t.Fatalf("before it was applied: %v, %v", found, err)
	}
	rig.Sim.ReleaseLate()
	found, err := rig.Platform.Find(context.Background(), op, Login, since)
	if err != nil || len(found) != 1 || found[0].Minor != 123 || found[0].Action != platform.PostBalance || len(found[0].Raw) == 0 {
		t.Fatalf("after it was applied: %+v, %v", found, err)
	}
}

func findWholeTag(t *testing.T, rig Rig) {
	op := NewOp()
	for _, comment := range []string{op.Tag + "9", "re " + op.Tag, op.Tag + " note", op.Tag} {
		if _, err := rig.Sim.Balance(1055, Login, mt5sim.ActionBalance, 1, comment); err != nil {
			t.Fatal(err)
		}
	}
	found, err := rig.Platform.Find(context.Background(), op, Login, since)
	if err != nil || len(found) != 2 {
		t.Fatalf("found %+v, %v; want the last two", found, err)
	}
}
