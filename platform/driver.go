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
	q.Handle(JobDrive, jobs.Policy{MaxAttempts: driveTries, Backoff: driveBackoff, Lease: 2 * time.Minute}, d.drive)
	for _, p := range d.Deps.Platforms {
		q.Every(sweepSchedule(p.Name()), every, func(ctx context.Context) error { return d.Sweep(ctx, p.Name()) })
		q.Every("platform.deepsweep/"+p.Name(), max(every, deepEvery), func(ctx context.Context) error { return d.DeepSweep(ctx, p.Name()) })
	}
}

func sweepSchedule(platform string) string { return "platform.sweep/" + platform }

// An outage of the platform makes look-ups fail, not end: a drive is given up
// only after about a week of them.
const driveTries = 2000

func driveBackoff(failed int) time.Duration {
	return min(time.Second<<min(failed-1, 20), 5*time.Minute)
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
		err = d.send(ctx, operator, j.Subject, e)
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
func (d *Driver) send(ctx context.Context, operator, row core.Ref, e effect) error {
	name, err := d.nameFor(ctx, e)
	if err != nil {
		return err // before the beginning: this may be tried again
	}
	if _, err := d.Road.Run(ctx, actor(operator), "", BeginAttempt{Row: row}); err != nil {
		if core.IsFault(err, "not-ready") {
			return nil
		}
		return err
	}
	if e, _, err = loadEffect(ctx, d.Road.Store.Reader(), row); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, e.attempt().Deadline.Sub(d.Deps.Wall.Now()))
	defer cancel()
	receipt, certainty, err := d.transmit(bounded, e, name, operator)
	rec := d.recorded(ctx, e.platformName(), receipt)
	if err != nil && rec.Code == "" {
		rec.Code = core.AsFault(err).Code
	}
	return d.record(ctx, operator, RecordAttempt{Row: row, Number: e.attempt().Number, Certainty: certainty, Receipt: rec})
}

// nameFor is the name under which an account is opened.
func (d *Driver) nameFor(ctx context.Context, e effect) (string, error) {
	if e.account == nil {
		return "", nil
	}
	_, name, err := d.Deps.Clients.Basics(ctx, d.Road.Store.Reader(), e.account.Client)
	return name, err
}

func (e effect) platformName() string {
	if e.account != nil {
		return e.account.Platform
	}
	return e.i.Platform
}

// transmit makes the one request.
func (d *Driver) transmit(ctx context.Context, e effect, name string, operator core.Ref) (Receipt, command.Certainty, error) {
	if a := e.account; a != nil {
		p, err := d.platform(a.Platform)
		if err != nil {
			return Receipt{}, command.Rejected, err
		}
		op := command.Op{ID: a.ID, Attempt: a.Attempt.Number, Tag: a.Tag, Maker: operator, Operator: operator, Reason: "account_opening", Deadline: a.Attempt.Deadline}
		return p.Create(ctx, op, NewAccount{
			Login: a.Login, Name: name, Group: a.Group, Leverage: a.Leverage,
			Rights: openingRights, MainPassword: password(d.Road.Entropy), InvestorPassword: password(d.Road.Entropy),
		})
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
	op := command.Op{
		ID: i.ID, Attempt: i.Attempt.Number, Tag: i.Tag, Case: i.Case, Maker: i.Requester, Operator: i.Operator,
		Reason: i.Reason, Deadline: i.Attempt.Deadline,
	}
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

// password draws a password that no one ever sees: the client sets their own
// through the platform's reset. Sixteen characters of four sorts are the most
// that platforms take.
func password(e core.Entropy) string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b [12]byte
	e.Read(b[:])
	for k := range b {
		b[k] = letters[int(b[k])%len(letters)]
	}
	return string(b[:]) + "aZ7!"
}
