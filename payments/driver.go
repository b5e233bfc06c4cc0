package payments

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
)

// The kinds of jobs that take a payout to its end; their subject is the
// withdrawal.
const (
	JobSubmit = "payments.submit"
	JobStatus = "payments.status"
)

// Driver takes payouts to their end: it begins, sends once, records, looks up
// what is uncertain, and reads the PSP's own record until it is final. It keeps
// no state of its own; killed anywhere, its successor reads the rows and goes
// on.
type Driver struct {
	Road *command.Road
	Deps Deps
}

// HandleJobs registers the driver's jobs and the sweeps.
func (d *Driver) HandleJobs(q *jobs.Queue, every time.Duration) {
	q.Handle(JobSubmit, jobs.Policy{MaxAttempts: driveTries, Backoff: driveBackoff, Lease: 2 * time.Minute}, d.submit)
	q.Handle(JobStatus, jobs.Policy{MaxAttempts: driveTries, Backoff: driveBackoff, Lease: time.Minute}, d.status)
	q.Handle(JobCredit, jobs.Policy{Lease: time.Minute}, d.creditJob)
	q.Handle(JobHint, jobs.Policy{MaxAttempts: 20, Backoff: driveBackoff, Lease: time.Minute}, d.hint)
	for _, p := range d.Deps.psps() {
		q.Every("payments.sweep/"+p.Name(), every, func(ctx context.Context) error { return d.Sweep(ctx, p.Name()) })
		q.Every("payments.deepsweep/"+p.Name(), max(every, deepEvery), func(ctx context.Context) error { return d.DeepSweep(ctx, p.Name()) })
	}
}

// An outage of the PSP makes requests fail, not end: a drive is given up only
// after about a week of them, and the sweep starts it again.
const driveTries = 2000

func driveBackoff(failed int) time.Duration {
	return min(time.Second<<min(failed-1, 20), 5*time.Minute)
}

// stopped is how long a payment waits against which something stands.
const stopped = time.Hour

// actor is the system part that speaks to the PSP, on behalf of the operator.
func actor(operator core.Ref) evidence.Actor {
	return evidence.Actor{Ref: "sys_payments", For: operator}
}

// submit makes one move of the withdrawal's attempt.
func (d *Driver) submit(ctx context.Context, j jobs.Job) jobs.Result {
	w, _, err := loadWithdrawal(ctx, d.Road.Store.Reader(), j.Subject)
	if err != nil {
		return jobs.Retry(err)
	}
	switch move, wait := w.Attempt.Next(d.Deps.Wall.Now()); move {
	case command.MoveStop:
		return jobs.Done()
	case command.MoveWait:
		return jobs.Snooze(wait)
	case command.MoveDoubt:
		err = d.record(ctx, w, RecordAttempt{Withdrawal: w.ID, Number: w.Attempt.Number, Certainty: command.Uncertain, Code: "process-died"})
	case command.MoveLook:
		err = d.look(ctx, w)
	case command.MoveSend:
		return d.send(ctx, w)
	}
	if err != nil {
		return jobs.Retry(err)
	}
	return jobs.Snooze(0)
}

func (d *Driver) record(ctx context.Context, w *Withdrawal, in RecordAttempt) error {
	key := command.Key(fmt.Sprintf("%s/%d/%t/%d", w.ID, in.Number, in.Looked, d.Deps.Wall.Now()))
	_, err := d.Road.Run(ctx, actor(w.Releaser), key, in)
	if core.IsFault(err, "stale-attempt") {
		return nil // another worker was first; the row says where it stands
	}
	return err
}

// send commits the beginning, sends one request, and records its outcome.
// Between the two commits the process may die: the row then says sending.
func (d *Driver) send(ctx context.Context, w *Withdrawal) jobs.Result {
	p, err := d.Deps.psp(w.PSP)
	if err != nil {
		return jobs.Retry(err)
	}
	if _, err := d.Road.Run(ctx, actor(w.Releaser), "", BeginAttempt{Withdrawal: w.ID}); err != nil {
		if core.IsFault(err, "not-ready") {
			return jobs.Snooze(0)
		}
		if core.AsFault(err).Kind == core.Refused {
			return jobs.Snooze(stopped) // its evidence says what stands against it
		}
		return jobs.Retry(err)
	}
	if w, _, err = loadWithdrawal(ctx, d.Road.Store.Reader(), w.ID); err != nil {
		return jobs.Retry(err)
	}
	bounded, cancel := context.WithTimeout(ctx, w.Attempt.Deadline.Sub(d.Deps.Wall.Now()))
	defer cancel()
	obj, certainty, err := p.Submit(bounded, w.op(), w.payout())
	in := RecordAttempt{Withdrawal: w.ID, Number: w.Attempt.Number, Certainty: certainty, Transaction: obj.ID, Status: obj.Status, Answer: obj.digest()}
	if err != nil {
		in.Code = core.AsFault(err).Code
	}
	if obj.Failure != "" {
		in.Code = obj.Failure // the PSP's own word says more than the adapter's
	}
	if err := d.record(ctx, w, in); err != nil {
		return jobs.Retry(err)
	}
	if certainty == command.Rejected && slices.Contains(again, in.Code) {
		return jobs.Retry(err)
	}
	return jobs.Snooze(0)
}

// digest names the bytes of the PSP's answer.
func (o PSPObject) digest() string {
	if o.Raw == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(o.Raw[:])
}

// look asks the PSP for the payout by our reference. A PSP that does not
// answer has not shown an absence: that is an error. One that shows several
// has not shown ours: after as many looks as for none, a person must say which.
func (d *Driver) look(ctx context.Context, w *Withdrawal) error {
	p, err := d.Deps.psp(w.PSP)
	if err != nil {
		return err
	}
	obj, found, err := p.Find(ctx, w.op())
	in := RecordAttempt{Withdrawal: w.ID, Number: w.Attempt.Number, Looked: true, Found: found, Code: "not-found"}
	if f := core.AsFault(err); err != nil && f.Kind == core.Conflict {
		in.Code = f.Code
	} else if err != nil {
		return err
	}
	if found {
		in.Transaction, in.Status, in.Code, in.Answer = obj.ID, obj.Status, "found", obj.digest()
	}
	return d.record(ctx, w, in)
}

// creditJob credits a deposit against which nothing stands.
func (d *Driver) creditJob(ctx context.Context, j jobs.Job) jobs.Result {
	dep, _, err := loadDeposit(ctx, d.Road.Store.Reader(), j.Subject)
	if err != nil {
		return jobs.Retry(err)
	}
	if dep.State != DepositClear && dep.State != DepositHeld {
		return jobs.Done() // credited before
	}
	_, err = d.Road.Run(ctx, actor(""), command.Key(j.ID), CreditDeposit{Deposit: j.Subject})
	if err != nil && core.AsFault(err).Kind != core.Refused {
		return jobs.Retry(err)
	}
	return jobs.Done() // refused: a block came between; the sweep tries again when it is gone
}
