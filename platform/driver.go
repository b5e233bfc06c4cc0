package platform

import (
	"context"
	"fmt"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
)

// Driver takes attempts to their end: it begins, sends once, records, and
// looks up what is uncertain. It keeps no state of its own; killed anywhere,
// its successor reads the rows and goes on.
type Driver struct {
	Road *command.Road
	Deps Deps
}

// HandleJobs registers the driver's jobs and the sweeps.
func (d *Driver) HandleJobs(q *jobs.Queue, every time.Duration) {
	q.Handle(JobDrive, jobs.Policy{MaxAttempts: 50, Lease: 2 * time.Minute}, d.drive)
	for _, p := range d.Deps.Platforms {
		q.Every("platform.sweep/"+p.Name(), every, func(ctx context.Context) error { return d.Sweep(ctx, p.Name()) })
	}
}

// actor is the system part that speaks to the platform, on behalf of the
// operator.
func actor(operator core.Ref) evidence.Actor {
	return evidence.Actor{Ref: "sys_platform", For: operator}
}

// drive makes one move of the row's attempt.
func (d *Driver) drive(ctx context.Context, j jobs.Job) jobs.Result {
	e, _, err := loadEffect(ctx, d.Road.Store.Reader(), j.Subject)
	if err != nil {
		return jobs.Retry(err)
	}
	operator := core.Ref(j.Args)
	switch move, wait := e.attempt().Next(d.Deps.Wall.Now()); move {
	case command.MoveStop:
		return jobs.Done()
	case command.MoveWait:
		return jobs.Snooze(wait)
	case command.MoveDoubt:
		err = d.record(ctx, operator, RecordAttempt{Row: j.Subject, Number: e.attempt().Number, Certainty: command.Uncertain, Receipt: Recorded{Code: "process-died"}})
	case command.MoveLook:
		err = d.look(ctx, operator, j.Subject, e)
	case command.MoveSend:
		err = d.send(ctx, operator, j.Subject)
	}
	if err != nil {
		return jobs.Retry(err)
	}
	return jobs.Snooze(0)
}

func (d *Driver) record(ctx context.Context, operator core.Ref, in RecordAttempt) error {
	key := command.Key(fmt.Sprintf("%s/%d/%t/%d", in.Row, in.Number, in.Looked, d.Deps.Wall.Now()))
	_, err := d.Road.Run(ctx, actor(operator), key, in)
	if core.IsFault(err, "stale-attempt") {
		return nil // another worker was first; the row says where it stands
	}
	return err
}

// send commits the beginning, sends one request, and records its outcome.
// Between the two commits the process may die: the row then says sending.
func (d *Driver) send(ctx context.Context, operator, row core.Ref) error {
	if _, err := d.Road.Run(ctx, actor(operator), "", BeginAttempt{Row: row}); err != nil {
		if core.IsFault(err, "not-ready") {
			return nil
		}
		return err
	}
	e, _, err := loadEffect(ctx, d.Road.Store.Reader(), row)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, e.attempt().Deadline.Sub(d.Deps.Wall.Now()))
	defer cancel()
	receipt, certainty, err := d.transmit(bounded, e, operator)
	rec := recorded(receipt)
	if err != nil && rec.Code == "" {
		rec.Code = core.AsFault(err).Code
	}
	return d.record(ctx, operator, RecordAttempt{Row: row, Number: e.attempt().Number, Certainty: certainty, Receipt: rec})
}

// transmit makes the one request.
func (d *Driver) transmit(ctx context.Context, e effect, operator core.Ref) (Receipt, command.Certainty, error) {
	if a := e.account; a != nil {
		p, err := d.platform(a.Platform)
		if err != nil {
			return Receipt{}, command.Rejected, err
		}
		op := command.Op{ID: a.ID, Attempt: a.Attempt.Number, Tag: a.Tag, Maker: operator, Operator: operator, Reason: "account_opening", Deadline: a.Attempt.Deadline}
		_, name, err := d.Deps.Clients.Basics(ctx, d.Road.Store.Reader(), a.Client)
		if err != nil {
			return Receipt{}, command.Rejected, err
		}
		return p.Create(ctx, op, NewAccount{Login: a.Login, Name: name, Group: a.Group, Leverage: a.Leverage,
			Rights: RightEnabled | RightPassword | RightReports, MainPassword: password(d.Road.Entropy), InvestorPassword: password(d.Road.Entropy)})
	}
	i := e.i
	p, err := d.platform(i.Platform)
	if err != nil {
		return Receipt{}, command.Rejected, err
	}
	op := i.op()
	if action, books := i.Kind.Books(); books {
		digits, _ := core.Exponent(i.Currency)
		return p.Post(ctx, op, i.Login, Posting{Action: action, Minor: i.Minor, Digits: digits, Comment: i.Tag})
	}
	return p.Change(ctx, op, i.Login, i.patch())
}

func (i *Intervention) op() command.Op {
	op := command.Op{ID: i.ID, Attempt: i.Attempt.Number, Tag: i.Tag, Case: i.Case, Maker: i.Requester, Operator: i.Operator,
		Reason: i.Reason, Deadline: i.Attempt.Deadline}
	if i.Approvers != "" {
		op.Approver = core.Ref(last(i.Approvers))
	}
	return op
}

func last(refs string) string {
	for k := len(refs) - 1; k >= 0; k-- {
		if refs[k] == ' ' {
			return refs[k+1:]
		}
	}
	return refs
}

// MT5 user rights, from the public SDK headers.
const (
	RightEnabled       int64 = 0x1
	RightPassword      int64 = 0x2
	RightTradeDisabled int64 = 0x4
	RightReports       int64 = 0x100
)

// patch is the settings change of a kind that books nothing.
func (i *Intervention) patch() Patch {
	switch i.Kind {
	case DisableTrading:
		return Patch{RightsMask: RightTradeDisabled, RightsValue: RightTradeDisabled}
	case EnableTrading:
		return Patch{RightsMask: RightTradeDisabled}
	case Reactivation:
		return Patch{RightsMask: RightEnabled | RightTradeDisabled, RightsValue: RightEnabled}
	case GroupChange:
		return Patch{Group: &i.ToGroup}
	}
	return Patch{}
}

func (d *Driver) platform(name string) (Platform, error) {
	if p := d.Deps.Platforms[name]; p != nil {
		return p, nil
	}
	return nil, core.Faultf(core.Unavailable, "platform-unknown", "No trading platform is configured under the name %s.", name)
}

// look asks the platform for the effect of a request that is certainly dead.
func (d *Driver) look(ctx context.Context, operator, row core.Ref, e effect) error {
	in := RecordAttempt{Row: row, Number: e.attempt().Number, Looked: true}
	var err error
	if e.account != nil {
		in.Found, in.Receipt, err = d.lookAccount(ctx, e.account)
	} else {
		in.Found, in.Receipt, err = d.lookIntervention(ctx, e.i)
	}
	if err != nil {
		return err // the platform does not answer: that is not an absence
	}
	return d.record(ctx, operator, in)
}

func (d *Driver) lookAccount(ctx context.Context, a *Account) (bool, Recorded, error) {
	p, err := d.platform(a.Platform)
	if err != nil {
		return false, Recorded{}, err
	}
	state, err := p.Account(ctx, a.Login)
	if core.IsFault(err, "no-such-account") {
		return false, Recorded{}, nil
	}
	return err == nil && state.Group == a.Group, recorded(Receipt{After: state, Code: "found"}), err
}

func (d *Driver) lookIntervention(ctx context.Context, i *Intervention) (bool, Recorded, error) {
	p, err := d.platform(i.Platform)
	if err != nil {
		return false, Recorded{}, err
	}
	if action, books := i.Kind.Books(); books {
		clock, err := p.Clock(ctx)
		if err != nil {
			return false, Recorded{}, err
		}
		found, err := p.Find(ctx, i.op(), i.Login, clock.Server.Add(-24*time.Hour))
		for _, deal := range found {
			if deal.Action == action && deal.Minor == i.Minor {
				return true, Recorded{Ticket: deal.Ticket, Code: "found", ServerTime: core.At(deal.Time)}, err
			}
		}
		return false, Recorded{}, err
	}
	state, err := p.Account(ctx, i.Login)
	if err != nil {
		return false, Recorded{}, err
	}
	patch := i.patch()
	same := patch.Group == nil || *patch.Group == state.Group
	return same && state.Rights&patch.RightsMask == patch.RightsValue, recorded(Receipt{After: state, Code: "found"}), nil
}

// password draws a password that no one ever sees: the client sets their own
// through the platform's reset.
func password(e core.Entropy) string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b [20]byte
	e.Read(b[:])
	for k := range b {
		b[k] = letters[int(b[k])%len(letters)]
	}
	return string(b[:16]) + "aZ7!"
}
