package payments

import (
	"context"
	"errors"
	"time"

	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// overlap is how far each sweep reads back: what arrived late, or changed
// after it was final, is found by a later one. A bank can send a payout back
// days after it was paid, and its webhook can be lost: deepOverlap is how far a
// deep sweep reads back, every deepEvery.
const (
	overlap     = 72 * time.Hour
	deepOverlap = 30 * 24 * time.Hour
	deepEvery   = 6 * time.Hour
)

// listLag is how young a payout may be without being in the PSP's list.
const listLag = 15 * time.Minute

// Sweep reads everything that a PSP holds in the window: it takes over what is
// new, settles what is as decided, and names what is not.
func (d *Driver) Sweep(ctx context.Context, name string) error {
	return d.sweep(ctx, name, overlap)
}

// DeepSweep is Sweep over a month.
func (d *Driver) DeepSweep(ctx context.Context, name string) error {
	return d.sweep(ctx, name, deepOverlap)
}

func (d *Driver) sweep(ctx context.Context, name string, back time.Duration) error {
	p, err := d.Deps.psp(name)
	if err != nil {
		return err
	}
	now := d.Deps.Clock.Now()
	objects, err := p.List(ctx, now.Add(-back), now.Add(time.Hour))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var errs []error // one record that cannot be taken does not hide the next
	for _, obj := range objects {
		seen[obj.ID] = true
		errs = append(errs, d.take(ctx, name, obj))
	}
	return errors.Join(append(errs, d.missing(ctx, p, seen, now.Add(-back), now), d.waiting(ctx, p, seen), d.resume(ctx))...)
}

// take looks at one object of a PSP.
func (d *Driver) take(ctx context.Context, psp string, obj PSPObject) error {
	if obj.Kind == "deposit" {
		return d.takeDeposit(ctx, psp, obj)
	}
	return d.takePayout(ctx, psp, obj)
}

// takePayout settles what is ours and names what is not: a payout without our
// reference, one under a reference of ours that was never decided, is not sent
// yet or has its payout already, one that we had given up on, and one of
// another amount. What left another entity's merchant account is that entity's
// finding, which tells its readers nothing of our record.
func (d *Driver) takePayout(ctx context.Context, psp string, obj PSPObject) error {
	w, err := byTag(ctx, d.Road.Store.Reader(), obj.Reference)
	if err != nil {
		return err
	}
	payer := d.Deps.entityOf(psp, obj.Merchant)
	switch {
	case w == nil && d.Deps.Tags.Genuine(obj.Reference):
		return d.finding(ctx, "payout-unrecorded", payer, "", external(psp, obj.ID))
	case w == nil || payer != w.Entity && w.Transaction != obj.ID:
		return d.finding(ctx, "payout-without-decision", payer, "", external(psp, obj.ID))
	case w.Decision != Approved || w.Execution == ExecReady || w.PSP != psp || w.Transaction != "" && w.Transaction != obj.ID:
		return d.finding(ctx, "payout-without-decision", w.Entity, w.ID, external(psp, obj.ID))
	case w.Transaction == "" && !w.Final():
		return nil // its own look-up is under way
	case w.Transaction == "":
		if err := d.finding(ctx, "payout-late", w.Entity, w.ID, external(psp, obj.ID)); err != nil {
			return err
		}
	case w.Execution == ExecPaid && obj.Phase != PhasePaid && obj.Amount == w.Amount() && !w.same(obj):
		return d.finding(ctx, "payout-differs", w.Entity, w.ID, external(psp, obj.ID))
	case obj.Amount != w.Amount():
		if err := d.finding(ctx, "amount-differs", w.Entity, w.ID, external(psp, obj.ID)); err != nil {
			return err
		}
	}
	if err := d.sync(ctx, w, obj); err != nil {
		return err
	}
	if w, _, err = loadWithdrawal(ctx, d.Road.Store.Reader(), w.ID); err != nil {
		return err
	}
	if w.Settlement == Matched || w.Execution != ExecPaid || obj.Phase != PhasePaid || !w.same(obj) {
		return nil
	}
	return d.settle(ctx, w.ID, obj)
}

// takeDeposit records what is new of a deposit, tries again to credit what was
// held, and settles what is credited.
func (d *Driver) takeDeposit(ctx context.Context, psp string, obj PSPObject) error {
	if d.Deps.entityOf(psp, obj.Merchant) == "" {
		return d.finding(ctx, "deposit-unmatched", "", "", external(psp, obj.ID))
	}
	r := d.Road.Store.Reader()
	dep, err := byTransaction(ctx, r, psp, obj.ID)
	if err != nil {
		return err
	}
	in := told(psp, obj, dep)
	if dep != nil && in.news(dep) {
		// It may have been read before what the row knows of. Only what is read
		// after the row says that the PSP has something new.
		p, err := d.Deps.psp(psp)
		if err != nil {
			return err
		}
		if obj, err = p.Status(ctx, obj.ID); err != nil {
			return err
		}
		in = told(psp, obj, dep)
	}
	if dep != nil && dep.Amount() != obj.Amount {
		return d.finding(ctx, "amount-differs", dep.Entity, dep.ID, external(psp, obj.ID))
	}
	if in.news(dep) {
		_, err := d.Road.Run(ctx, actor(""), "", in)
		if core.IsFault(err, "deposit-known") {
			return nil
		}
		return err
	}
	switch {
	case dep.State == DepositHeld || dep.State == DepositClear:
		return d.recredit(ctx, r, dep)
	case dep.State == DepositCredited && dep.Settlement != Matched && obj.Phase == PhasePaid:
		return d.settle(ctx, dep.ID, obj)
	}
	return nil
}

// told is what a PSP's record says of a deposit, as news for the row.
func told(psp string, obj PSPObject, dep *Deposit) RecordDeposit {
	in := RecordDeposit{
		PSP: psp, Merchant: obj.Merchant, Transaction: obj.ID, Status: obj.Status, Phase: obj.Phase, Failure: obj.Failure,
		Method: obj.Method, Reference: obj.Reference, Payer: obj.Holder, Account: obj.Account,
		Minor: obj.Amount.Minor, Currency: obj.Amount.Currency, Arrived: obj.Created, Answer: obj.digest(),
	}
	if dep != nil {
		in.From = dep.PSPStatus
	}
	return in
}

// recredit queues the credit of a deposit whose block is gone. It looks first: a
// refusal every minute would bury the first.
func (d *Driver) recredit(ctx context.Context, r store.Reader, dep *Deposit) error {
	blocks, err := d.Deps.Clearance.Refusals(ctx, r, dep.Client, PurposeFunding, d.Deps.Clock.Now())
	if err != nil || len(blocks) > 0 || dep.ErasedBy != "" {
		return err
	}
	return d.enqueue(ctx, jobs.New{Kind: JobCredit, Subject: dep.ID, Unique: "credit:" + string(dep.ID)})
}

func (d *Driver) settle(ctx context.Context, id core.Ref, obj PSPObject) error {
	_, err := d.Road.Run(ctx, actor(""), "", RecordSettlement{Movement: id, Transaction: obj.ID, Minor: obj.Amount.Minor, Currency: obj.Amount.Currency})
	if core.IsFault(err, "settled-already") || core.IsFault(err, "line-differs") {
		return nil
	}
	return err
}

// missing names what we hold for submitted and the PSP's list does not show,
// unless the PSP shows it when asked, from before the list begins.
func (d *Driver) missing(ctx context.Context, p PSP, seen map[string]bool, from, now core.Instant) error {
	ours, err := listable(ctx, d.Road.Store.Reader(), p.Name(), from.Add(time.Hour), now.Add(-listLag))
	if err != nil {
		return err
	}
	var errs []error
	for k := range ours {
		w := &ours[k]
		if seen[w.Transaction] {
			continue
		}
		obj, err := p.Status(ctx, w.Transaction)
		switch {
		case err == nil && obj.Created < from:
			errs = append(errs, d.take(ctx, p.Name(), obj))
		case err == nil || core.AsFault(err).Kind == core.Unknown:
			errs = append(errs, d.finding(ctx, "decision-without-execution", w.Entity, w.ID, w.external()))
		default:
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// waiting looks at the deposits that are older than the list and not at their
// end: blocks and banks can take longer than any window.
func (d *Driver) waiting(ctx context.Context, p PSP, seen map[string]bool) error {
	open, err := openDeposits(ctx, d.Road.Store.Reader(), p.Name())
	if err != nil {
		return err
	}
	var errs []error
	for k := range open {
		dep := &open[k]
		if seen[dep.Transaction] {
			continue
		}
		if dep.State == DepositHeld || dep.State == DepositClear {
			errs = append(errs, d.recredit(ctx, d.Road.Store.Reader(), dep))
			continue
		}
		obj, err := p.Status(ctx, dep.Transaction)
		if err == nil {
			err = d.take(ctx, p.Name(), obj)
		} else if core.AsFault(err).Kind == core.Unknown && dep.State == DepositCredited {
			err = d.finding(ctx, "deposit-undone", dep.Entity, dep.ID, external(dep.PSP, dep.Transaction))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// resume queues again what jobs should be busy with: a job that was given up,
// or lost with a restored backup, must not leave money set aside for ever.
func (d *Driver) resume(ctx context.Context) error {
	rows, err := pendingWork(ctx, d.Road.Store.Reader())
	if err != nil || len(rows) == 0 {
		return err
	}
	for k := range rows {
		kind, unique := JobSubmit, "submit:"
		if rows[k].Execution == ExecSubmitted {
			kind, unique = JobStatus, "status:"
		}
		if err := d.enqueue(ctx, jobs.New{Kind: kind, Subject: rows[k].ID, Unique: unique + string(rows[k].ID)}); err != nil {
			return err
		}
	}
	return nil
}

// finding queues a finding; the same thing queued again is one finding.
func (d *Driver) finding(ctx context.Context, kind string, entity, subject core.Ref, external string) error {
	if entity == "" {
		entity = d.Deps.Group
	}
	args := kind + "|" + string(entity) + "|" + string(subject) + "|" + external
	return d.enqueue(ctx, jobs.New{Kind: jobRaise, Subject: subject, Args: args, Unique: args})
}

// enqueue adds a job outside a command. Jobs decide nothing: what they lead to
// goes down the road.
func (d *Driver) enqueue(ctx context.Context, j jobs.New) error {
	j.RunAt = d.Deps.Clock.Now()
	return d.Road.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := jobs.Enqueue(ctx, tx, d.Road.Entropy, j)
		return err
	})
}
