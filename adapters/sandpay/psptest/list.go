package psptest

import (
	"context"
	"fmt"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// listed is more than a page of any PSP we know.
const listed = 230

// windows checks that lists are whole, ordered and half-open.
func windows(t *testing.T, rig Rig) {
	for i := range listed {
		op := Operation(rig, core.Ref(fmt.Sprintf("wd_list%d", i)), fmt.Sprintf("F1LIST%d", i))
		if _, certainty, err := rig.PSP.Submit(context.Background(), op, Payout(rig, int64(i+1))); certainty != command.Applied {
			t.Fatal(err)
		}
		if i%20 == 0 {
			rig.Settle() // moves the PSP's clock, so that instants differ
		}
	}
	all := list(t, rig, 0, 1<<52)
	if len(all) != listed {
		t.Fatalf("%d of %d payments are listed", len(all), listed)
	}
	for i, o := range all {
		if o.Reference != fmt.Sprintf("F1LIST%d", i) {
			t.Fatalf("payment %d is %s: not oldest first", i, o.Reference)
		}
	}
	// Split anywhere, the halves make the whole: nothing twice, nothing lost.
	for _, cut := range []int{1, 21, listed / 2, listed - 1} {
		at := all[cut].Created
		if n := len(list(t, rig, 0, at)) + len(list(t, rig, at, 1<<52)); n != listed {
			t.Errorf("split at %s: %d payments", at, n)
		}
	}
	if none := list(t, rig, all[0].Created, all[0].Created); len(none) != 0 {
		t.Errorf("an empty window lists %d payments", len(none))
	}
	if _, err := rig.PSP.List(context.Background(), 2, 1); err == nil {
		t.Error("a window that ends before it starts is listed")
	}
}

func list(t *testing.T, rig Rig, from, to core.Instant) []payments.PSPObject {
	t.Helper()
	rows, err := rig.PSP.List(context.Background(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
