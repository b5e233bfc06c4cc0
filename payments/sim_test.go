package payments_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// plan is one history of a withdrawal: what goes wrong, and when. Moments are
// numbers of steps; -1 is never.
type plan struct {
	seed  uint64
	minor int64
	end   string // of the account: what the PSP does with the payout
	fault sandpaysim.FaultKind
	death string // where the process dies
	hook  string // "off", "on", or the webhook fault

	refuse, block, unblock, down, up, dead, back, byHand, release int
}

// deaths are the moments at which the process can die.
var deaths = []string{"", "", "", "", "after begin", "after send", "after send"}

const steps = 22

func draw(seed uint64) (plan, *rand.Rand) {
	rng := rand.New(rand.NewPCG(seed, 0xbeef))
	some := func(odds int) int {
		if rng.IntN(odds) > 0 {
			return -1
		}
		return rng.IntN(steps)
	}
	p := plan{
		seed: seed, minor: 100 + rng.Int64N(90_000), end: "0000", death: deaths[rng.IntN(len(deaths))], hook: "off",
		refuse: some(6), block: some(6), down: some(5), dead: some(8), byHand: -1, release: rng.IntN(steps),
	}
	if rng.IntN(3) == 0 {
		p.end = []string{"9001", "9002", "9003", "9004", "9005"}[rng.IntN(5)]
	}
	if rng.IntN(3) > 0 {
		p.fault = sandpaysim.RequestFaults[rng.IntN(len(sandpaysim.RequestFaults))]
	}
	if rng.IntN(3) == 0 {
		p.hook = append([]string{"on"}, string(sandpaysim.WebhookDuplicate), string(sandpaysim.WebhookReorder), string(sandpaysim.WebhookForged))[rng.IntN(4)]
	}
	if rng.IntN(10) == 0 {
		p.refuse = 0 // before anything can leave
	}
	if p.fault == sandpaysim.DropBeforeApply && p.end != "9001" && p.end != "9002" && rng.IntN(2) == 0 { // it arrived after all, much later than the PSP promises
		p.byHand = rng.IntN(steps)
	}
	p.unblock, p.up, p.back = p.block+1+rng.IntN(4), p.down+1+rng.IntN(6), p.dead+1+rng.IntN(4)
	return p, rng
}

// live runs one history to its end and returns the withdrawal.
func (w *world) live(p plan, rng *rand.Rand) core.Ref {
	id := w.requested("cl_ada", p.end, p.minor)
	w.clear(id, payments.RiskLow)
	w.released(id)
	w.prepare(p)
	alive := w.between.PSP
	for k := range steps {
		w.act(p, k, id, alive)
		w.step()
		if rng.IntN(3) == 0 {
			if err := w.driver.Sweep(context.Background(), sandpay.Name); err != nil && code(err) != "psp-unreachable" {
				w.t.Fatalf("%+v: %v", p, err)
			}
		}
		if rng.IntN(5) == 0 {
			w.restart()
		}
		w.pass([]time.Duration{time.Second, 12 * time.Second, 20 * time.Second, 50 * time.Second, 2 * time.Minute}[rng.IntN(5)])
	}
	end := plan{refuse: -1, block: -1, down: -1, dead: -1, byHand: -1} // everything is up, free and let go
	w.calm()
	w.act(end, 0, id, alive)
	for k := range 40 { // look-ups that failed, and blocks that were there, come again
		if got := w.withdrawal(id); got.Decision == payments.Refused || got.Final() {
			break
		}
		w.act(end, 0, id, alive)
		w.step()
		w.pass([]time.Duration{2 * time.Minute, 20 * time.Minute}[k%2])
		w.sweep()
	}
	w.pass(2 * time.Minute) // what was paid can come back
	w.sweep()
	w.sweep()
	return id
}

// prepare arms what goes wrong by itself.
func (w *world) prepare(p plan) {
	w.hooks.Store(p.hook != "off")
	if p.hook != "off" && p.hook != "on" {
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.FaultKind(p.hook), Times: -1}))
	}
	if p.fault != "" {
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: p.fault, Times: 1}))
	}
	if p.fault == sandpaysim.Slow { // in real time
		w.between.patience = 15 * time.Millisecond
	}
	die := func() { panic("the process dies here") }
	switch p.death {
	case "after begin":
		w.between.before = die
	case "after send":
		w.between.after = die
	}
}

// calm takes back what prepare armed.
func (w *world) calm() {
	for _, k := range append(append([]sandpaysim.FaultKind{}, sandpaysim.RequestFaults...), sandpaysim.WebhookFaults...) {
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: k}))
	}
	w.between.patience, w.between.before, w.between.after = 0, nil, nil
}

// act does what the plan has for a step.
func (w *world) act(p plan, k int, id core.Ref, alive payments.PSP) {
	if k == p.refuse {
		_ = w.try(w.clerk, payments.RefuseWithdrawal{Withdrawal: id, Reason: "client_cancelled", Words: "The client called and cancelled it."})
	}
	switch k {
	case p.block:
		w.ports.block(payments.PurposeRelease, "address-expired")
	case p.unblock:
		w.ports.block(payments.PurposeRelease)
	}
	switch k {
	case p.down:
		w.between.down = true
	case p.up:
		w.between.down = false
	}
	switch k {
	case p.dead:
		w.between.PSP = w.unreachable()
	case p.back:
		w.between.PSP = alive
	}
	entry := w.truth(id)
	if k >= p.byHand && p.byHand >= 0 && entry.Requests == 1 && len(entry.Payouts) == 0 {
		w.byHand(w.withdrawal(id).Tag, p.minor, func(r *sandpaysim.PayoutRequest) {
			r.Destination.Account = "DE8937040044053201" + p.end
		})
	}
	if k >= p.release && len(entry.Payouts) == 1 && entry.Payouts[0].Status == sandpaysim.StatusOnHold {
		w.must(w.sim.Release(entry.Payouts[0].ID))
	}
}

// unreachable is the PSP behind a port that nobody listens on.
func (w *world) unreachable() payments.PSP {
	key, secret := sandpaysim.DemoKeys(1)
	gone, err := sandpay.New(sandpay.Config{BaseURL: "http://127.0.0.1:1", APIKey: key, WebhookSecrets: []string{secret}, Wall: w.wall})
	w.must(err)
	return gone
}

// settled settles what waits for a person, as the PSP's books show it.
func (w *world) settled(id core.Ref) error {
	got := w.withdrawal(id)
	w.ends[string(got.Execution)]++
	if got.Execution != payments.ExecPerson {
		return nil
	}
	if w.found("", id) == 0 {
		return errors.New("waits for a person, whom no finding tells")
	}
	to, at := payments.ExecFailed, ""
	if e := w.truth(id); len(e.Payouts) == 1 && e.Payouts[0].Status == sandpaysim.StatusPaid {
		to, at = payments.ExecPaid, e.Payouts[0].ID
	} else if len(e.Payouts) == 1 && len(e.Payouts[0].Plan) > 0 {
		to, at = payments.ExecSubmitted, e.Payouts[0].ID
	}
	if refused := w.resolve(id, to, at); refused != "" {
		return fmt.Errorf("could not be resolved: %s", refused)
	}
	w.pass(2 * time.Minute)
	w.step()
	w.sweep()
	w.sweep()
	return nil
}

// judged compares what we believe with what the PSP truly did.
func (w *world) judged(p plan, id core.Ref, before int64) error {
	got, entry, wallet := w.withdrawal(id), w.truth(id), w.wallet("cl_ada")
	out := entry.Paid["EUR"]
	switch {
	case len(entry.Payouts) > 1:
		return fmt.Errorf("%d payouts", len(entry.Payouts))
	case entry.Requests > 1:
		return fmt.Errorf("%d requests", entry.Requests)
	case got.Decision == payments.Refused && (entry.Requests > 0 || len(entry.Payouts) > 0):
		return errors.New("refused, although sent")
	case got.Decision != payments.Refused && (!got.Final() || got.Execution == payments.ExecPerson):
		return fmt.Errorf("ended %s", got.Execution)
	case (got.Execution == payments.ExecPaid) != (out == p.minor):
		return fmt.Errorf("%s, and %d is out", got.Execution, out)
	case (got.Settlement == payments.Matched) != (got.Paid != 0) && got.Execution != payments.ExecReturned:
		return fmt.Errorf("%s and %s", got.Execution, got.Settlement)
	case wallet.Posted != before-out:
		return fmt.Errorf("debited %d, and %d is out", before-wallet.Posted, out)
	case wallet.Held != 0:
		return fmt.Errorf("%d is still set aside", wallet.Held)
	}
	for _, f := range w.findings {
		if !p.explains(f.kind) {
			return fmt.Errorf("accused of %s", f.kind)
		}
	}
	return nil
}

// explains says which findings a history may leave: none that what went wrong
// is not the reason of.
func (p plan) explains(kind string) bool {
	switch kind {
	case "payout-in-doubt":
		return p.fault != "" || p.death != ""
	case "payout-returned":
		return p.end == "9005"
	case "payout-late", "payout-paid-after-failure":
		return p.byHand >= 0
	}
	return false
}

// history runs a plan and says what is wrong with its end.
func (w *world) history(seed uint64) error {
	w.t.Helper()
	p, rng := draw(seed)
	w.findings = nil
	before := w.wallet("cl_ada").Posted
	id := w.live(p, rng)
	err := w.settled(id)
	if err == nil {
		err = w.judged(p, id, before)
	}
	if err != nil {
		err = fmt.Errorf("%+v: %w\n%+v\n%+v\nfindings %v", p, err, *w.withdrawal(id), w.truth(id), w.findings)
	}
	w.pass(74 * time.Hour) // out of the lists of the next
	return err
}

// histories is how many to run: VOUCHSAFE_PAYMENT_HISTORIES for more than the
// usual, VOUCHSAFE_PAYMENT_SEED to see one again.
func histories(t *testing.T, usual int) (from, to uint64) {
	number := func(name string) (uint64, bool) {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 63)
		if err != nil && os.Getenv(name) != "" {
			t.Fatalf("%s must be a number", name)
		}
		return n, err == nil
	}
	if seed, one := number("VOUCHSAFE_PAYMENT_SEED"); one {
		return seed, seed + 1
	}
	if n, more := number("VOUCHSAFE_PAYMENT_HISTORIES"); more {
		return 0, n
	}
	if testing.Short() {
		usual = (usual + 4) / 5
	}
	return 0, uint64(usual)
}

// Whatever goes wrong between us and the PSP, wherever the process dies, and
// however late the effect: at most one payout for each withdrawal, debited if
// and only if it is out, no money set aside for ever, and nothing legitimate
// accused.
func TestPayoutsSurviveEveryHistory(t *testing.T) {
	for engine, usual := range map[store.Engine]int{store.SQLite: 120, store.Postgres: 12} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, storetest.Open(t, engine)).quiet()
			w.fund("cl_ada", 1_000_000_000_00)
			from, to := histories(t, usual)
			for seed := from; seed < to; seed++ {
				if err := w.history(seed); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d histories ended %v", to-from, w.ends)
			for _, end := range []string{"paid", "failed", "returned", "none", "person"} { // none: refused before anything left
				if to-from >= 100 && w.ends[end] == 0 {
					t.Errorf("no history ended %s: they prove little", end)
				}
			}
			w.balanced("at the end")
			w.fold()
		})
	}
}

// The negative controls: programs that look up too early and send again, with
// and without the PSP's own protection, and one that takes a lost answer for a
// refusal, are caught by the histories above.
func TestHistoriesCatchWrongPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		register func(*command.Registry, payments.Deps)
		wrong    func(w *world)
		caught   string
	}{
		"sends again":                 {payments.RegisterResending, func(*world) {}, "2 requests"},
		"sends again under a new key": {payments.RegisterResending, func(w *world) { w.between.fresh = true }, "2 payouts"},
		"takes silence for a no":      {payments.Register, func(w *world) { w.between.PSP = hasty{w.between.PSP} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOf(t, storetest.Open(t, store.SQLite), c.register).quiet()
			w.fund("cl_ada", 1_000_000_000_00)
			c.wrong(w)
			for seed := range uint64(100) {
				if err := w.history(seed); err != nil && strings.Contains(err.Error(), c.caught) {
					t.Logf("caught by seed %d: %v", seed, errors.Unwrap(err))
					return
				}
			}
			t.Fatal("a wrong program was never caught: the histories prove nothing")
		})
	}
}

// hasty is an adapter that takes a lost answer for a refusal.
type hasty struct{ payments.PSP }

func (h hasty) Submit(ctx context.Context, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
	obj, c, err := h.PSP.Submit(ctx, op, p)
	if c == command.Uncertain {
		c = command.Rejected
	}
	return obj, c, err
}
