package platform

import (
	"context"
	"time"

	"vouchsafe/core"
)

// lookMargin is how far before its sending a look-up begins: clocks differ,
// and a deal can be stamped a little early.
const lookMargin = time.Hour

// look asks the platform for the effect of a request that is certainly dead. A
// platform that does not answer has not shown an absence: that is an error.
func (d *Driver) look(ctx context.Context, operator, row core.Ref, e effect) error {
	in := RecordAttempt{Row: row, Number: e.attempt().Number, Looked: true}
	var err error
	if e.account != nil {
		in.Found, in.Receipt, err = d.lookAccount(ctx, e)
	} else {
		in.Found, in.Receipt, err = d.lookIntervention(ctx, e.i)
	}
	if err != nil {
		return err
	}
	return d.record(ctx, operator, in)
}

// lookAccount finds an opening by the login that we chose. A login that is
// there with other settings, or in another's name, is not ours to claim: a
// person looks at it before a client's money goes there.
func (d *Driver) lookAccount(ctx context.Context, e effect) (bool, Recorded, error) {
	a := e.account
	name, err := d.nameFor(ctx, e)
	if err != nil {
		return false, Recorded{}, err
	}
	p, err := d.platform(a.Platform)
	if err != nil {
		return false, Recorded{}, err
	}
	state, err := p.Account(ctx, a.Login)
	if core.IsFault(err, "no-such-account") {
		return false, Recorded{Code: "not-found"}, nil
	}
	if err != nil {
		return false, Recorded{}, err
	}
	if state.Group != a.Group || state.Leverage != a.Leverage || !state.PersonalHidden && state.Name != name {
		return false, Recorded{Code: "found-different"}, nil
	}
	return true, d.recorded(ctx, a.Platform, Receipt{After: state, Code: "found"}), nil
}

func (d *Driver) lookIntervention(ctx context.Context, i *Intervention) (bool, Recorded, error) {
	p, err := d.platform(i.Platform)
	if err != nil {
		return false, Recorded{}, err
	}
	if _, books := i.Kind.Books(); books {
		return d.lookDeal(ctx, p, i)
	}
	state, err := p.Account(ctx, i.Login)
	if err != nil {
		return false, Recorded{}, err
	}
	patch := i.patch()
	if patch.Group != nil && *patch.Group != state.Group || state.Rights&patch.RightsMask != patch.RightsValue {
		return false, Recorded{Code: "not-found"}, nil
	}
	return true, d.recorded(ctx, i.Platform, Receipt{After: state, Code: "found"}), nil
}

// lookDeal finds a posting by tag, amount and action, from before it was
// approved, and so from before it was sent: a look-up after a long outage still
// reaches back far enough. The attempt's own times are wall times, and say
// nothing about the platform's. Of several deals the oldest is ours; the sweep
// accuses the others.
func (d *Driver) lookDeal(ctx context.Context, p Platform, i *Intervention) (bool, Recorded, error) {
	clock, err := p.Clock(ctx)
	if err != nil {
		return false, Recorded{}, err
	}
	found, err := p.Find(ctx, i.op(), i.Login, i.Created.Add(clock.Offset()).Time().Add(-lookMargin))
	if err != nil {
		return false, Recorded{}, err
	}
	action, _ := i.Kind.Books()
	var ours *Deal
	for k := range found {
		if deal := &found[k]; deal.Action == action && deal.Minor == i.Minor && (ours == nil || deal.Ticket < ours.Ticket) {
			ours = deal
		}
	}
	if ours == nil {
		return false, Recorded{Code: "not-found"}, nil
	}
	return true, d.recorded(ctx, i.Platform, Receipt{Ticket: ours.Ticket, Code: "found", ServerTime: ours.Time}), nil
}
