package platform_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/platform"
)

// What a manager's login booked by hand after a moment is found by that login,
// and nothing else is.
func TestDealsAreFoundByWhoBookedThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		r, ctx := w.Road.Store.Reader(), context.Background()
		_, err := w.sim.Balance(rogue, a.Login, platform.PostBalance, 7_000, "a gift")
		w.must(err)
		w.pass(time.Minute)
		w.sweep()
		all, err := platform.DealsBy(ctx, r, a.Platform, rogue, 0)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		for name, got := range map[string]func() ([]platform.DealRow, error){
			"afterwards":       func() ([]platform.DealRow, error) { return platform.DealsBy(ctx, r, a.Platform, rogue, all[0].At) },
			"another login":    func() ([]platform.DealRow, error) { return platform.DealsBy(ctx, r, a.Platform, rogue+1, 0) },
			"another platform": func() ([]platform.DealRow, error) { return platform.DealsBy(ctx, r, "mt4", rogue, 0) },
		} {
			if rows, err := got(); err != nil || len(rows) != 0 {
				t.Errorf("%s: %+v, %v", name, rows, err)
			}
		}
	})
}
