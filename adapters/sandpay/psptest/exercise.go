package psptest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// Sequences that Exercise plays, and how many share one rig.
const (
	sequences      = 3000
	shortSequences = 300
	perRig         = 150
)

// Exercise runs the whole contract. Each call of fresh must return a rig with
// empty books.
func Exercise(t *testing.T, fresh func(t *testing.T) Rig) {
	t.Run("random fault sequences", func(t *testing.T) { randomSequences(t, fresh) })
	t.Run("incomplete operations are not sent", func(t *testing.T) { incomplete(t, fresh(t)) })
	t.Run("nothing is sent after the deadline", func(t *testing.T) { afterDeadline(t, fresh(t)) })
	t.Run("nothing is sent after cancellation", func(t *testing.T) { afterCancel(t, fresh(t)) })
	t.Run("absent payments", func(t *testing.T) { absent(t, fresh(t)) })
	t.Run("list windows", func(t *testing.T) { windows(t, fresh(t)) })
	t.Run("webhooks", func(t *testing.T) { webhooks(t, fresh(t)) })
}

func randomSequences(t *testing.T, fresh func(t *testing.T) Rig) {
	total := sequences
	if testing.Short() {
		total = shortSequences
	}
	for start := 0; start < total; start += perRig {
		t.Run(fmt.Sprintf("from seed %d", start), func(t *testing.T) {
			t.Parallel() // much of the time is spent waiting for slow answers
			rig := fresh(t)
			for seed := start; seed < start+perRig; seed++ {
				if err := play(rig, uint64(seed)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Operation returns a complete operation with ample time, for tests that vary
// one thing about it.
func Operation(rig Rig, id core.Ref, tag string) command.Op {
	return command.Op{
		ID: id, Attempt: 1, Tag: tag, Operator: "st_operator", Reason: "client-request",
		Deadline: rig.Wall.Now().Add(usualPatience),
	}
}

// Payout returns a payout that nothing is wrong with.
func Payout(rig Rig, minor int64) payments.Payout {
	return payments.Payout{
		Amount:  core.Money{Minor: minor, Currency: "EUR"},
		Account: rig.Good, Holder: "Ada Byron", Bank: "TESTBANK", Merchant: rig.Merchant,
	}
}

func incomplete(t *testing.T, rig Rig) {
	for name, spoil := range map[string]func(*command.Op){
		"id":       func(o *command.Op) { o.ID = "" },
		"attempt":  func(o *command.Op) { o.Attempt = 0 },
		"tag":      func(o *command.Op) { o.Tag = "" },
		"operator": func(o *command.Op) { o.Operator = "" },
		"reason":   func(o *command.Op) { o.Reason = "" },
		"deadline": func(o *command.Op) { o.Deadline = 0 },
	} {
		op := Operation(rig, "wd_incomplete", "F1INCOMPLETE")
		spoil(&op)
		refusedUnsent(t, rig, "without "+name, context.Background(), op)
	}
}

func afterDeadline(t *testing.T, rig Rig) {
	op := Operation(rig, "wd_deadline", "F1DEADLINE")
	op.Deadline = rig.Wall.Now().Add(-time.Microsecond)
	refusedUnsent(t, rig, "after the deadline", context.Background(), op)
}

func afterCancel(t *testing.T, rig Rig) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	refusedUnsent(t, rig, "after cancellation", ctx, Operation(rig, "wd_cancelled", "F1CANCELLED"))
}

func refusedUnsent(t *testing.T, rig Rig, what string, ctx context.Context, op command.Op) {
	t.Helper()
	_, certainty, err := rig.PSP.Submit(ctx, op, Payout(rig, 100))
	if certainty != command.Rejected || err == nil {
		t.Errorf("%s: %s, %v", what, certainty, err)
	}
	if n := rig.Received(op.Tag); n != 0 {
		t.Errorf("%s: %d requests arrived", what, n)
	}
}

func absent(t *testing.T, rig Rig) {
	_, ok, err := rig.PSP.Find(context.Background(), Operation(rig, "wd_absent", "F1ABSENT"))
	if ok || err != nil {
		t.Errorf("find of nothing: %v, %v", ok, err)
	}
	if _, err := rig.PSP.Status(context.Background(), "no/such?id"); err == nil || core.AsFault(err).Kind != core.Unknown {
		t.Errorf("status of nothing: %v", err)
	}
}
