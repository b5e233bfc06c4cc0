package mt5test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/core"
)

func readAccount(t *testing.T, rig Rig) {
	a, err := rig.Platform.Account(context.Background(), Login)
	if err != nil || a.Balance != Balance || a.Group != Group || a.Currency != "EUR" || a.Name != "Ada Example" || a.PersonalHidden {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err = rig.Platform.Account(context.Background(), 404); !core.IsFault(err, "no-such-account") || core.AsFault(err).Kind != core.Unknown {
		t.Fatalf("a missing account: %v", err)
	}
	winter, err := rig.Platform.Clock(context.Background())
	if err != nil || winter.After < winter.Before {
		t.Fatalf("%+v, %v", winter, err)
	}
	rig.Sim.SetDaylight(true)
	summer, err := rig.Platform.Clock(context.Background())
	if err != nil || summer.Server.Sub(winter.Server).Round(time.Minute) != time.Hour {
		t.Fatalf("daylight saving moved the server from %s to %s, %v", winter.Server, summer.Server, err)
	}
}

// fillHistory adds trades of one hour apart, two deals each, and returns the
// server time of the first and of the end of the history.
func fillHistory(t *testing.T, rig Rig, trades int) (from, to time.Time) {
	t.Helper()
	start := core.At(time.Date(2025, 3, 3, 8, 0, 0, 0, time.UTC))
	for i := range trades {
		if err := rig.Sim.Trade(Login, "EURUSD", 10, int64(i-trades/2), start.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	deals := rig.Sim.Deals(Login)
	from, to = deals[1].Time, deals[1].Time
	for _, d := range deals[1:] { // the first is the opening balance
		if d.Time.Before(from) {
			from = d.Time
		}
		if d.Time.After(to) {
			to = d.Time
		}
	}
	return from, to
}

func readDeals(t *testing.T, rig Rig) {
	const trades = 130 // three pages of deals
	from, last := fillHistory(t, rig, trades)
	scan, err := rig.Platform.Deals(context.Background(), []int64{Login}, from, last.Add(time.Second))
	if err != nil || !scan.Complete || len(scan.Deals) != 2*trades {
		t.Fatalf("%d deals, complete %v, %v; want %d", len(scan.Deals), scan.Complete, err, 2*trades)
	}
	seen := map[int64]bool{}
	for _, d := range scan.Deals {
		seen[d.Ticket] = true
	}
	if len(seen) != 2*trades {
		t.Fatalf("%d different tickets", len(seen))
	}
	scan, err = rig.Platform.Deals(context.Background(), []int64{Login}, from, last)
	if err != nil || !scan.Complete || len(scan.Deals) != 2*trades-1 {
		t.Fatalf("the end of the window is not left out: %d deals, %v", len(scan.Deals), err)
	}
	scan, err = rig.Platform.Deals(context.Background(), []int64{Login, 404}, from.Add(-time.Hour), from)
	if err != nil || !scan.Complete || len(scan.Deals) != 0 {
		t.Fatalf("an empty window: %+v, %v", scan, err)
	}
}

func readMoving(t *testing.T, rig Rig) {
	from, to := fillHistory(t, rig, 130)
	to = to.Add(time.Second)
	for _, fault := range []mt5sim.Fault{mt5sim.RowVanishes, mt5sim.RowAppears} {
		for name, c := range map[string]struct {
			hits     int
			complete bool
		}{"once": {1, true}, "again and again": {100, false}} {
			rig.Sim.Arm(mt5sim.Arming{Fault: fault, Count: c.hits})
			scan, err := rig.Platform.Deals(context.Background(), []int64{Login}, from, to)
			rig.Sim.Disarm()
			if err != nil || scan.Complete != c.complete {
				t.Errorf("%s %s: complete %v, %v", fault, name, scan.Complete, err)
			}
		}
	}
	// Find must not take such a reading as proof that there is no deal.
	op := NewOp()
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.RowVanishes, Count: 100})
	if found, err := rig.Platform.Find(context.Background(), op, Login, since); err == nil {
		t.Errorf("an unstable reading was taken as proof of absence: %v", found)
	}
}

func readSessionLost(t *testing.T, rig Rig) {
	for _, path := range []string{"/api/user/get", "/api/deal/get_page"} {
		rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.SessionExpiry, Path: path})
		rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.DropBeforeApply, Path: path})
	}
	// The first read loses its session once; its repetition then meets the drop.
	if _, err := rig.Platform.Account(context.Background(), Login); !core.IsFault(err, "platform-unavailable") {
		t.Fatalf("two failures in a row: %v", err)
	}
	if _, err := rig.Platform.Account(context.Background(), Login); err != nil {
		t.Fatalf("after the failures: %v", err)
	}
	rig.Sim.Disarm()
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.SessionExpiry, Path: "/api/user/get"})
	if _, err := rig.Platform.Account(context.Background(), Login); err != nil {
		t.Fatalf("a read was not repeated after the session was lost: %v", err)
	}
}
