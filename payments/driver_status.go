package payments

import (
	"context"
	"time"

	"vouchsafe/core"
	"vouchsafe/jobs"
)

// statusPauses are the waits between reads of a payout that is not final: it
// is followed closely at first and then every quarter of an hour.
var statusPauses = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// status reads the PSP's own record of a payout. Paid is the end of it here:
// that it came back later is found by the sweep.
func (d *Driver) status(ctx context.Context, j jobs.Job) jobs.Result {
	w, _, err := loadWithdrawal(ctx, d.Road.Store.Reader(), j.Subject)
	if err != nil {
		return jobs.Retry(err)
	}
	if w.Execution != ExecSubmitted {
		return jobs.Done()
	}
	p, err := d.Deps.psp(w.PSP)
	if err != nil {
		return jobs.Retry(err)
	}
	obj, err := p.Status(ctx, w.Transaction)
	if err != nil {
		return jobs.Retry(err)
	}
	if err := d.sync(ctx, w, obj); err != nil {
		return jobs.Retry(err)
	}
	if obj.Phase != PhasePending && obj.Phase != PhaseHeld {
		return jobs.Done()
	}
	age := d.Deps.Clock.Now().Sub(w.Submitted)
	for _, pause := range statusPauses {
		if age < 10*pause {
			return jobs.Snooze(pause)
		}
	}
	return jobs.Snooze(statusPauses[len(statusPauses)-1])
}

// sync takes the PSP's record of a payout over, where it says anything new.
func (d *Driver) sync(ctx context.Context, w *Withdrawal, obj PSPObject) error {
	in := w.told(obj)
	if _, why := in.moves(w.Execution); why == ExceptLatePayer {
		// It may have been read before the failure or return that the row knows
		// of. Only what is read after the row says that the PSP changed its mind.
		p, err := d.Deps.psp(w.PSP)
		if err != nil {
			return err
		}
		if obj, err = p.Status(ctx, obj.ID); err != nil {
			return err
		}
		in = w.told(obj)
	}
	if !in.news(w) {
		return nil
	}
	_, err := d.Road.Run(ctx, actor(w.Releaser), "", in)
	if core.IsFault(err, "no-news") {
		return nil
	}
	return err
}

// told is what a PSP's record says of a withdrawal.
func (w *Withdrawal) told(obj PSPObject) SyncStatus {
	return SyncStatus{
		Withdrawal: w.ID, From: w.Execution, Transaction: obj.ID, Phase: obj.Phase, Status: obj.Status, Same: w.same(obj),
		Failure: obj.Failure, Updated: obj.Updated, Answer: obj.digest(),
	}
}

// same reports whether a payout is the one that was decided.
func (w *Withdrawal) same(obj PSPObject) bool {
	return obj.Kind == "payout" && obj.Reference == w.Tag && obj.Amount == w.Amount() && obj.Account == w.Account && obj.Merchant == w.Merchant
}
