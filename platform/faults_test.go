package platform_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/platform"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// faults are the simulator's faults as they can hit one operation; "" is none.
var faults = []mt5sim.Fault{
	"", mt5sim.DropBeforeApply, mt5sim.DropAfterApply, mt5sim.ApplyLate, mt5sim.Slow, mt5sim.CommentCut,
	mt5sim.WrongAmount, mt5sim.SessionExpiry, mt5sim.RightMissing, mt5sim.ServerError, mt5sim.Ignored, mt5sim.RowVanishes, mt5sim.RowAppears,
}

// deaths are the moments at which the process can die.
var deaths = []string{"", "", "after begin", "after send"}

// plan is one history: an operation, what goes wrong, and when.
type plan struct {
	kind    platform.Kind
	fault   mt5sim.Fault
	death   string
	release time.Duration // for a late effect: after it, relative to sending
	arm     mt5sim.Arming
	minor   int64
}

func draw(rng *rand.Rand, kind platform.Kind, fault mt5sim.Fault) plan {
	p := plan{kind: kind, fault: fault, death: deaths[rng.IntN(len(deaths))], minor: int64(rng.IntN(40_000)) + 1}
	p.arm = mt5sim.Arming{Fault: fault, Keep: 3 + rng.IntN(20)}
	if _, books := kind.Books(); !books && fault != mt5sim.RowVanishes && fault != mt5sim.RowAppears {
		p.arm.Path = "/api/user/update"
	}
	p.release = time.Duration(rng.IntN(40)) * time.Second
	switch fault {
	case mt5sim.Slow: // in real time, so not often beyond the client's patience
		p.arm.Delay = 5 * time.Millisecond
		if rng.IntN(4) == 0 {
			p.arm.Delay = patience + 50*time.Millisecond
		}
	case mt5sim.ApplyLate:
		if rng.IntN(3) == 0 { // far beyond every deadline: after the look-ups gave up
			p.release = 14 * time.Minute
		}
	case mt5sim.RowVanishes, mt5sim.RowAppears:
		p.arm.Count = 1 + rng.IntN(12)
	}
	return p
}

func (p plan) String() string {
	return fmt.Sprintf("%s, %s, dies %q, released after %s, keeps %d", p.kind, p.fault, p.death, p.release, p.arm.Keep)
}

// request makes the operation and leaves it to the queue.
func (w *world) request(a *platform.Account, p plan) core.Ref {
	if p.kind == platform.TransferIn {
		return w.Do(w.as("cl_ada"), platform.RequestTransfer{Account: a.ID, Minor: p.minor}).Subject
	}
	in := ask(a, p.kind, p.minor)
	if p.kind == platform.GroupChange && a.Group == groupPro {
		in.ToGroup = groupRetail
	}
	return w.executed(in)
}

// pauses between the steps of a history: short while a request can be under
// way, then as long as the look-ups are apart; an hour's worth of waiting for a
// late effect at the end.
var pauses = []time.Duration{
	15 * time.Second, 15 * time.Second, 20 * time.Second, 2 * time.Minute, 2 * time.Minute, 2 * time.Minute,
	2 * time.Minute, 2 * time.Minute, 8 * time.Minute, time.Minute,
}

// live runs one history to its end and returns the operation.
func (w *world) live(a *platform.Account, p plan) core.Ref {
	id := w.request(a, p)
	if p.fault != "" {
		w.sim.Arm(p.arm)
	}
	die := func() { panic("the process dies here") }
	switch p.death {
	case "after begin":
		w.between.before = die
	case "after send":
		w.between.after = die
	}
	since := time.Duration(0)
	for _, pause := range pauses {
		w.step()
		if p.arm.Delay > patience {
			time.Sleep(p.arm.Delay - patience + 50*time.Millisecond) // slow is in real time: the virtual minutes come after it
		}
		if w.rng.IntN(3) == 0 {
			if err := w.driver.Sweep(context.Background(), "mt5-eu"); err != nil && code(err) != "scan-moved" {
				w.t.Fatal(err)
			}
		}
		if since += pause + time.Second; since > p.release {
			w.sim.ReleaseLate()
		}
		w.pass(pause)
	}
	w.sim.Disarm()
	w.between.before, w.between.after = nil, nil
	for range 20 { // look-ups that failed come again
		if i := w.intervention(id); i.Attempt.Final() || i.Attempt.Phase == command.PhasePerson {
			break
		}
		w.step()
		w.pass(2 * time.Minute)
	}
	w.sweep()
	w.sweep()
	return id
}

// judged compares what we believe with what truly happened.
func (w *world) judged(a *platform.Account, p plan, id core.Ref, updates int) {
	w.t.Helper()
	i := w.intervention(id)
	bad := func(format string, args ...any) {
		w.t.Helper()
		w.t.Errorf("%s: %s\n%+v\nfindings %v", p, fmt.Sprintf(format, args...), *i, w.findings)
	}
	switch i.State {
	case platform.StateMatched, platform.StateRejected, platform.StatePerson:
	default:
		bad("ended %s", i.State)
	}
	truth, _ := w.sim.Account(a.Login)
	if _, books := p.kind.Books(); !books {
		if n := w.updates(a) - updates; n > 1 {
			bad("%d updates were sent", n)
		}
		if row := w.account(a.ID); i.State == platform.StateMatched && (row.Group != truth.Group || row.TradeDisabled != (truth.Rights&4 != 0)) {
			bad("row %+v, platform %+v", *row, truth)
		}
	} else {
		applied := w.sim.AppliedTo(i.Tag)
		switch {
		case len(applied) > 1 || w.sim.ArrivalsOf(i.Tag) > 1:
			bad("applied %d times, %d requests", len(applied), w.sim.ArrivalsOf(i.Tag))
		case len(applied) == 1 && i.State != platform.StateMatched && w.about(i, applied[0].Ticket) == 0:
			bad("applied, and neither matched nor a finding")
		case i.State == platform.StateMatched && (len(applied) != 1 || applied[0].Ticket != i.Ticket || applied[0].Minor != i.Minor):
			bad("matched with %+v", applied)
		case i.State == platform.StateRejected && len(applied) != 0:
			bad("rejected, although applied")
		}
	}
	for _, f := range w.findings {
		if !p.explains(f.kind) {
			bad("accused of %s", f.kind)
		}
	}
}

func (w *world) updates(a *platform.Account) (n int) {
	for _, x := range w.sim.Arrivals() {
		if x.Path == "/api/user/update" && x.Login == strconv.FormatInt(a.Login, 10) {
			n++
		}
	}
	return n
}

// about counts the findings about an intervention or its deal.
func (w *world) about(i *platform.Intervention, ticket int64) (n int) {
	for _, f := range w.findings {
		if f.subject == string(i.ID) || strings.HasSuffix(f.external, ":deal/"+strconv.FormatInt(ticket, 10)) {
			n++
		}
	}
	return n
}

// explains says which findings a history may leave: none that the fault is not
// the reason of.
func (p plan) explains(kind string) bool {
	switch p.fault {
	case mt5sim.CommentCut: // with the answer lost too, a stump of a tag looks like anybody's
		return kind == "comment-cut" || kind == "rogue-deal" && p.death != "" && p.arm.Keep < 8
	case mt5sim.WrongAmount:
		return kind == "operation-differs"
	case mt5sim.ApplyLate:
		_, books := p.kind.Books()
		return books && kind == "operation-late" && p.release > 10*time.Minute
	}
	return false
}

// Whatever goes wrong between us and the platform, and wherever the process
// dies: at most one deal for each operation; what was applied is matched or is
// a finding; nothing is called matched without its deal, or rejected with one;
// and nothing legitimate is accused.
func TestOperationsSurviveEveryFault(t *testing.T) {
	kinds := append([]platform.Kind{platform.TransferIn}, platform.Kinds...)
	for engine, rounds := range map[store.Engine]int{store.SQLite: 3, store.Postgres: 1} {
		on := kinds
		if engine == store.Postgres { // the engines differ in transactions, not in what the kinds do
			on = []platform.Kind{platform.TransferIn, platform.BalanceCorrection, platform.GroupChange}
		}
		for _, kind := range on {
			t.Run(string(engine)+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, storetest.Open(t, engine))
				w.mute = true
				w.restart()
				w.Do(w.dealer, fund{Client: "cl_ada", Minor: 1_000_000_000})
				w.rng = rand.New(rand.NewPCG(uint64(len(kind)), uint64(kind[0])))
				a := w.open("cl_ada")
				for round := range rounds {
					for _, fault := range faults {
						w.history(a.ID, draw(w.rng, kind, fault))
						if t.Failed() {
							t.Fatalf("round %d", round)
						}
					}
				}
				w.fold()
			})
		}
	}
}

// history runs a plan on the account, beginning where there is something to
// change.
func (w *world) history(account core.Ref, p plan) {
	w.t.Helper()
	a := w.account(account)
	switch {
	case a.TradeDisabled && p.kind == platform.DisableTrading:
		w.executed(ask(a, platform.EnableTrading, 0))
	case !a.TradeDisabled && (p.kind == platform.EnableTrading || p.kind == platform.Reactivation):
		w.executed(ask(a, platform.DisableTrading, 0))
	}
	w.step()
	w.findings = nil
	updates := w.updates(a)
	id := w.live(w.account(account), p)
	w.judged(a, p, id, updates)
	w.resolve(id, p)
}

// resolve ends what waits for a person, as the platform shows it.
func (w *world) resolve(id core.Ref, p plan) {
	w.t.Helper()
	i := w.intervention(id)
	if i.State != platform.StatePerson {
		return
	}
	in := platform.ResolveIntervention{Intervention: id, Words: "I looked at the account in the manager terminal."}
	truth, _ := w.sim.Account(i.Login)
	switch i.Kind {
	case platform.GroupChange:
		in.Applied = truth.Group == i.ToGroup
	case platform.DisableTrading:
		in.Applied = truth.Rights&4 != 0
	case platform.EnableTrading, platform.Reactivation:
		in.Applied = truth.Rights&4 == 0
	default:
		for _, x := range w.sim.AppliedTo(i.Tag) {
			if x.Minor == i.Minor {
				in.Applied, in.Ticket = true, x.Ticket
			}
		}
	}
	if _, books := i.Kind.Books(); books {
		wrong := in
		wrong.Applied, wrong.Ticket = true, 1
		if got := w.try(w.dealer, wrong); got != "deal-not-shown" {
			w.t.Errorf("%s: resolved by a deal that is not there: %q", p, got)
		}
	}
	w.Approve(w.head, w.Do(w.dealer, in).Proposal)
	w.step()
	w.sweep()
	want := map[bool]string{true: platform.StateMatched, false: platform.StateRejected}[in.Applied]
	if got := w.intervention(id); got.State != want || got.Ticket != in.Ticket {
		w.t.Errorf("%s: resolved applied=%t, ended %s with ticket %d", p, in.Applied, got.State, got.Ticket)
	}
	if w.found("settings-drift", "") != 0 {
		w.t.Errorf("%s: what was resolved drifts: %v", p, w.findings)
	}
}

// as is a client in person.
func (w *world) as(client core.Ref) (a evidence.Actor) {
	w.Policy.Held[client] = []string{"client"}
	a.Ref, a.Session = client, "se_portal"
	return a
}

// Killed after the answer was recorded and before the job ended, the next
// process finds nothing to do.
func TestRecordedOperationIsNotDrivenAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		id := w.executed(ask(a, platform.BalanceCorrection, 100))
		w.step()
		for range 5 {
			w.Do(w.operator, again{Row: id})
			w.restart()
			w.step()
		}
		w.sweep()
		if i := w.intervention(id); i.State != platform.StateMatched || w.sim.ArrivalsOf(i.Tag) != 1 {
			t.Fatalf("%+v, %d requests", i, w.sim.ArrivalsOf(i.Tag))
		}
	})
}

// A deal that a sweep reads before its answer is known is matched afterwards.
func TestDealSeenBeforeItsAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		w.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply})
		id := w.executed(ask(a, platform.BalanceCorrection, 100))
		w.step()
		w.sweep()
		if i := w.intervention(id); i.State != platform.StateUncertain || i.Ticket != 0 {
			t.Fatalf("%+v", i)
		}
		for range 3 {
			w.pass(20 * time.Second)
			w.step()
		}
		w.sweep()
		if i := w.intervention(id); i.State != platform.StateMatched || i.Attempt.Phase != command.PhaseApplied || len(w.findings) != 0 {
			t.Fatalf("%+v, %v", i, w.findings)
		}
		w.fold()
	})
}

// A copy that is booked while the answer is out does not take the place of the
// first deal.
func TestCopyBeforeTheAnswerIsKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		w.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply})
		id := w.executed(ask(a, platform.BalanceCorrection, 100))
		w.step()
		w.sweep()
		tag := w.intervention(id).Tag
		_, err := w.sim.Balance(rogue, a.Login, mt5sim.ActionCorrection, 100, tag)
		w.must(err)
		w.sweep()
		w.settle()
		i := w.intervention(id)
		if i.State != platform.StateMatched || i.Ticket != w.sim.AppliedTo(tag)[0].Ticket || w.found("tag-reused", id) != 1 || len(w.findings) != 1 {
			t.Fatalf("%+v, %v", i, w.findings)
		}
		w.fold()
	})
}
