package payments_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/payments"
	"vouchsafe/store"
)

// atOnce runs all of it at the same time and waits.
func atOnce(do ...func()) {
	var all sync.WaitGroup
	for _, f := range do {
		all.Go(f)
	}
	all.Wait()
}

// again queues the drive of a withdrawal once more, as a second job.
func (w *world) again(id core.Ref) {
	w.t.Helper()
	w.must(w.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := jobs.Enqueue(ctx, tx, core.SystemEntropy{}, jobs.New{Kind: payments.JobSubmit, Subject: id, RunAt: w.Clock.Now()})
		return err
	}))
}

// A refusal that races with the sending either comes first and nothing leaves,
// or comes too late; and two workers that drive one withdrawal send one
// request.
func TestRaces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		other := w.process()
		step := func(q *jobs.Queue) func() {
			return func() {
				if _, err := q.Step(context.Background()); err != nil {
					t.Error(err)
				}
			}
		}
		first, late := 0, 0
		for k := range 12 {
			id := w.approved("cl_ada", "0000", 100)
			w.again(id)
			w.pass(time.Second)
			refused := ""
			atOnce(step(w.queue), step(other), func() {
				time.Sleep(time.Duration(k%4) * time.Millisecond)
				refused = w.try(w.clerk, payments.RefuseWithdrawal{Withdrawal: id, Reason: "client_cancelled", Words: "The client called and cancelled it."})
			})
			w.follow()
			requests := w.truth(id).Requests
			switch refused {
			case "":
				first++
				w.is("refused first", id, "refused none none")
				if requests != 0 {
					t.Fatalf("refused, and %d requests left", requests)
				}
			case "already-sent":
				late++
				w.is("refused too late", id, "approved paid none")
				if requests != 1 {
					t.Fatalf("%d requests", requests)
				}
			default:
				t.Fatal(refused)
			}
		}
		t.Logf("refused in time %d, too late %d", first, late)
		w.books("at the end", "cl_ada", 100_000-int64(late)*100, 0)
		w.fold()
	})
}

// Sweeps and jobs at the same time book a deposit once.
func TestSweepsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		for range 5 {
			w.deposit("REF-ada", "Ada Byron", 100)
		}
		for range 3 {
			sweep := func() {
				if err := w.driver.Sweep(context.Background(), sandpay.Name); err != nil {
					t.Error(err)
				}
			}
			atOnce(sweep, sweep, sweep)
			w.step()
		}
		w.books("at the end", "cl_ada", 500, 0)
		w.only("at the end")
		w.fold()
	})
}

// Killed after the answer was recorded and before the job ended, the next
// process finds nothing to do.
func TestRecordedPayoutIsNotDrivenAgain(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 100)
		w.step()
		for range 5 {
			w.again(id)
			w.restart()
			w.step()
		}
		w.settle()
		w.is("at the end", id, "approved paid matched")
		if n := w.truth(id).Requests; n != 1 {
			t.Fatalf("%d requests", n)
		}
	})
}

// A payout that comes back long after it was paid is found without a webhook.
func TestDeepSweep(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 4_000)
		w.settle()
		at := w.is("settled", id, "approved paid matched").Transaction
		w.pass(9 * 24 * time.Hour)
		w.between.list = listed(says(at, "returned", payments.PhaseReturned))
		w.sweep()
		w.is("too old for a sweep", id, "approved paid matched")
		w.must(w.driver.DeepSweep(context.Background(), sandpay.Name))
		w.step()
		w.is("found by a deep one", id, "approved returned matched returned")
		w.books("found by a deep one", "cl_ada", 10_000, 0)
		w.only("found by a deep one", "payout-returned")
		w.fold()
	})
}
