package mt5test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/command"
)

// settleLimit bounds the wait for an effect that comes late.
const settleLimit = 10 * time.Second

// settle looks, as a reconciler would, until the platform shows as many deals
// of the operation as truly come of it, and fails when it ever shows more.
func settle(t *testing.T, rig Rig, op command.Op, truth int) {
	t.Helper()
	for end := time.Now().Add(settleLimit); ; time.Sleep(20 * time.Millisecond) {
		applied := len(rig.Sim.AppliedTo(op.Tag))
		found, err := rig.Platform.Find(context.Background(), op, Login, since)
		if err != nil || applied > 1 || len(found) > truth {
			t.Fatalf("applied %d, found %d, %v; want %d", applied, len(found), err, truth)
		}
		if applied == truth && len(found) == truth {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("applied %d, found %d; want %d", applied, len(found), truth)
		}
	}
}
