package platform_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/store"
)

// rogue is the login of a dealer at the manager terminal.
const rogue = 1055

// hand is one thing that somebody does on the platform behind our back, and
// what the next sweep must say of it.
type hand struct {
	name    string
	act     func(w *world, a *platform.Account, done *platform.Intervention) error
	finding string
	about   string // account or intervention
}

func books(action int, minor int64, comment func(w *world, done *platform.Intervention) string) func(*world, *platform.Account, *platform.Intervention) error {
	return func(w *world, a *platform.Account, done *platform.Intervention) error {
		_, err := w.sim.Balance(rogue, a.Login, action, minor, comment(w, done))
		return err
	}
}

func says(s string) func(*world, *platform.Intervention) string {
	return func(*world, *platform.Intervention) string { return s }
}

func changes(group string, leverage int, rights int64) func(*world, *platform.Account, *platform.Intervention) error {
	return func(w *world, a *platform.Account, _ *platform.Intervention) error {
		return w.sim.Change(rogue, a.Login, group, leverage, rights)
	}
}

// meddles changes what reading deals returns, as an administrator who edits or
// deletes a deal does.
func meddles(change func(*platform.Deal) bool) func(*world, *platform.Account, *platform.Intervention) error {
	return func(w *world, _ *platform.Account, done *platform.Intervention) error {
		w.between.deals = func(scan platform.DealScan) platform.DealScan {
			out := platform.DealScan{Complete: scan.Complete}
			for _, d := range scan.Deals {
				if d.Ticket != done.Ticket || change(&d) {
					out.Deals = append(out.Deals, d)
				}
			}
			return out
		}
		return nil
	}
}

const opened = 0x1 | 0x2 | 0x100

var hands = []hand{
	{"balance", books(mt5sim.ActionBalance, 100_000, says("bonus for Ada")), "rogue-deal", "account"},
	{"balance without a word", books(mt5sim.ActionBalance, -1, says("")), "rogue-deal", "account"},
	{"credit", books(mt5sim.ActionCredit, 5000, says("gift")), "rogue-deal", "account"},
	{"charge", books(mt5sim.ActionCharge, -100, says("fee")), "rogue-deal", "account"},
	{"correction", books(mt5sim.ActionCorrection, 700, says("swap")), "rogue-deal", "account"},
	{"bonus", books(mt5sim.ActionBonus, 900, says("welcome")), "rogue-deal", "account"},
	{"copied tag, same amount", books(mt5sim.ActionCorrection, 4200, func(_ *world, i *platform.Intervention) string { return i.Tag }), "tag-reused", "intervention"},
	{"copied tag, other amount", books(mt5sim.ActionBalance, 999, func(_ *world, i *platform.Intervention) string { return i.Tag + " again" }), "tag-reused", "intervention"},
	{"copied tag in lower case", books(mt5sim.ActionCorrection, 4200, func(_ *world, i *platform.Intervention) string { return strings.ToLower(i.Tag) }), "rogue-deal", "account"},
	{"minted tag", books(mt5sim.ActionCorrection, 4200, func(_ *world, i *platform.Intervention) string { return i.Tag[:14] + "AAAAAA" }), "tag-minted", "account"},
	{"genuine tag of nothing", books(mt5sim.ActionCorrection, 4200, func(w *world, _ *platform.Intervention) string {
		return w.deps.Tags.Tag("iv_06ez4dsyg3zqy6fvmzzzz")
	}), "tag-minted", "account"},
	{"tag of what waits for its operator", func(w *world, a *platform.Account, _ *platform.Intervention) error {
		i := w.intervention(w.approved(ask(a, platform.BalanceCorrection, 300)))
		_, err := w.sim.Balance(rogue, a.Login, mt5sim.ActionCorrection, 300, i.Tag)
		return err
	}, "operation-not-sent", "intervention"},
	{"group", changes(groupRestricted, 0, -1), "settings-drift", "account"},
	{"leverage", changes("", 100, -1), "settings-drift", "account"},
	{"trading disabled", changes("", 0, opened|0x4), "settings-drift", "account"},
	{"account disabled", changes("", 0, opened&^0x1), "settings-drift", "account"},
	{"experts allowed", changes("", 0, opened|0x40), "settings-drift", "account"},
	{"deal edited", meddles(func(d *platform.Deal) bool { d.Minor, d.Raw = 9, []byte("edited"); return true }), "deal-edited", "account"},
	{"deal deleted", meddles(func(*platform.Deal) bool { return false }), "deal-deleted", "account"},
}

// Every deed is found by the very next sweep, about the right record, once,
// and nothing else is accused. The account is either new or long open, which
// are read over different windows.
func TestEveryRogueActIsFoundInOneSweep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mute = true
		w.restart()
		ages := []time.Duration{0, 72 * time.Hour}
		if w.Road.Store.Engine() == store.Postgres {
			ages = ages[1:]
		}
		for _, age := range ages {
			account := w.open("cl_ada").ID
			for _, h := range hands {
				t.Run(fmt.Sprint(h.name, " after ", age), func(t *testing.T) {
					w.t, w.Rig.T = t, t
					a := w.account(account)
					w.pass(age)
					done := w.executed(ask(a, platform.BalanceCorrection, 4200))
					w.step()
					w.sweep()
					w.findings = nil
					w.must(h.act(w, a, w.intervention(done)))
					w.pass(20 * time.Second)
					w.sweep()
					about := map[string]core.Ref{"account": a.ID, "intervention": ""}[h.about]
					if w.found(h.finding, about) != 1 || len(w.findings) != 1 {
						t.Fatalf("found %v, want one %s", w.findings, h.finding)
					}
					if about == "" && !strings.HasPrefix(w.findings[0].subject, "iv_") {
						t.Fatalf("about %s", w.findings[0].subject)
					}
					w.pass(time.Minute)
					w.sweep()
					w.pass(Hour)
					w.sweep()
					if len(w.findings) != 1 || w.intervention(done).State != platform.StateMatched {
						t.Fatalf("later: %v, %s", w.findings, w.intervention(done).State)
					}
					w.between.deals = nil
				})
			}
		}
		w.fold()
	})
}

// Hour is past the silence after which a sweep without news is recorded.
const Hour = platform.Quiet + time.Minute

// The same change made again after it was set right is another finding, and
// setting it right by an intervention is none.
func TestDriftComesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		for n := 1; n <= 2; n++ {
			w.must(w.sim.Change(rogue, a.Login, groupPro, 0, -1))
			w.pass(time.Minute)
			w.sweep()
			if got := w.account(a.ID); w.found("settings-drift", a.ID) != n || got.Group != groupPro {
				t.Fatalf("round %d: %v, row says %s", n, w.findings, got.Group)
			}
			back := ask(a, platform.GroupChange, 0)
			back.ToGroup = groupRetail
			id := w.executed(back)
			w.step()
			w.sweep()
			if w.intervention(id).State != platform.StateMatched || w.account(a.ID).Group != groupRetail || len(w.findings) != n {
				t.Fatalf("round %d, set right: %v", n, w.findings)
			}
		}
		evs := w.Events(a.ID)
		drifts := 0
		for _, e := range evs {
			if e.Type == "platform.account.drifted" {
				drifts++
			}
		}
		if drifts != 2 {
			t.Errorf("%d drift events", drifts)
		}
		w.fold()
	})
}

// An account that is moved there and back by two interventions, while a sweep
// reads it in between, was never anywhere else than our record said.
func TestChangeDuringASweepIsNotDrift(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mute = true
		w.restart()
		a := w.open("cl_ada")
		move := func(to string) func() {
			return func() {
				in := ask(a, platform.GroupChange, 0)
				in.ToGroup = to
				id := w.executed(in)
				w.step()
				if got := w.intervention(id).State; got != platform.StateMatched {
					t.Fatal(got)
				}
			}
		}
		w.between.unseen = move(groupPro)
		w.between.seen = move(groupRetail)
		w.sweep()
		if got := w.account(a.ID); len(w.findings) != 0 || got.Group != groupRetail {
			t.Fatalf("%v, row says %s", w.findings, got.Group)
		}
		w.fold()
	})
}

// What the clients do, and what the server's clock does, is nobody's fault.
func TestOrdinaryLifeIsNotAccused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		for day := range 4 {
			w.seed(a, 1000+int64(day))
			for k := range 30 {
				w.must(w.sim.Trade(a.Login, "EURUSD", 10, int64(k-15), w.Clock.Now().Add(-time.Duration(k)*time.Minute)))
			}
			w.must(w.sim.Change(a.Login, a.Login, "", 0, opened|0x800|0x8000)) // one-time password and push, by the owner
			w.sim.SetDaylight(day%2 == 0)
			for range 5 {
				w.pass(7 * time.Minute)
				w.step()
			}
			w.sweep()
			w.pass(20 * time.Hour)
		}
		if len(w.findings) != 0 {
			t.Fatalf("accused: %v", w.findings)
		}
		w.fold()
	})
}

// A rogue deal in the hour that the server's clock repeats is found at once.
func TestRepeatedHourIsSwept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		w.sim.SetDaylight(true)
		w.pass(time.Minute)
		w.seed(a, 1000)
		w.sim.SetDaylight(false)
		w.pass(5 * time.Minute)
		w.must(books(mt5sim.ActionBalance, 500, says("gift"))(w, a, nil))
		w.sweep()
		if w.found("rogue-deal", a.ID) != 1 || len(w.findings) != 1 {
			t.Fatal(w.findings)
		}
		w.fold()
	})
}

// A tag copied to an account of another entity accuses that account, and tells
// its readers nothing of ours.
func TestCopiedTagStaysBehindTheWall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ours, theirs := w.open("cl_ada"), w.open("cl_zoe")
		id := w.executed(ask(ours, platform.BalanceCorrection, 4200))
		w.step()
		w.sweep()
		_, err := w.sim.Balance(rogue, theirs.Login, mt5sim.ActionCorrection, 4200, w.intervention(id).Tag)
		w.must(err)
		w.sweep()
		if len(w.findings) != 1 || w.findings[0].kind != "tag-reused" || w.findings[0].subject != string(theirs.ID) || w.findings[0].entity != "en_bvi" {
			t.Fatal(w.findings)
		}
	})
}

// An unstable reading is left for the next sweep, and loses nothing.
func TestMovingRowsAreLeftForTheNextSweep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mute = true
		w.restart()
		a := w.open("cl_ada")
		w.seed(a, 1000)
		w.must(books(mt5sim.ActionBalance, 500, says("gift"))(w, a, nil))
		for _, fault := range []mt5sim.Fault{mt5sim.RowVanishes, mt5sim.RowAppears} {
			w.sim.Arm(mt5sim.Arming{Fault: fault, Count: 50})
			if err := w.driver.Sweep(context.Background(), "mt5-eu"); code(err) != "scan-moved" {
				t.Fatalf("%s: %v", fault, err)
			}
			w.sim.Disarm()
		}
		w.sweep()
		if w.found("rogue-deal", a.ID) != 1 || len(w.findings) != 1 {
			t.Fatal(w.findings)
		}
	})
}

// A deal that a dealer stamps with an earlier time, and the deletion of an old
// one, lie behind the window of the ordinary sweep. The deep one finds both.
func TestWhatIsDoneToThePastIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mute = true
		w.restart()
		a := w.open("cl_ada")
		w.seed(a, 20_000)
		old := w.sim.Deals(a.Login)[0].Ticket
		for range 3 {
			w.pass(24 * time.Hour)
			w.sweep()
		}
		w.findings = nil
		stamped, err := w.sim.Balance(rogue, a.Login, platform.PostBalance, 7_000, "a gift")
		w.must(err)
		w.between.deals = func(scan platform.DealScan) platform.DealScan {
			out := platform.DealScan{Complete: scan.Complete}
			for _, d := range scan.Deals {
				if d.Ticket == stamped {
					d.Time = d.Time.Add(-30 * time.Hour)
				}
				if d.Ticket != old && !d.Time.Before(w.between.from) {
					out.Deals = append(out.Deals, d)
				}
			}
			return out
		}
		w.sweep()
		if len(w.findings) != 0 {
			t.Fatalf("the ordinary sweep reads too far: %v", w.findings)
		}
		for range 2 { // once is enough
			w.must(w.driver.DeepSweep(context.Background(), "mt5-eu"))
			w.step()
		}
		if len(w.findings) != 2 || w.found("rogue-deal", a.ID) != 1 || w.found("deal-deleted", a.ID) != 1 {
			t.Fatalf("findings %v", w.findings)
		}
		w.fold()
	})
}
