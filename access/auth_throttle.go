package access

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// attempt counts the failed tries of one account, one address, or one account
// from an address that it is known at. Nothing is ever locked: a wait grows
// with each failure up to a few minutes, and is forgotten in time.
type attempt struct {
	ID    string // keyed hash: the table names neither accounts nor addresses
	Fails int64
	Last  core.Instant
	Until core.Instant

	rev int64
}

var attempts = store.Declare(store.Table[attempt]{
	Name: "sign_in_attempt", Kind: store.Operational,
	Rev: func(a *attempt) *int64 { return &a.rev },
	Columns: []store.Column[attempt]{
		public("id", func(a *attempt) any { return &a.ID }),
		public("fails", func(a *attempt) any { return &a.Fails }),
		public("last", func(a *attempt) any { return &a.Last }),
		public("until", func(a *attempt) any { return &a.Until }),
	},
})

// pace says how the wait grows: free tries first, then first, doubling to most.
type pace struct {
	free        int64
	first, most time.Duration
	forget      time.Duration
}

var (
	accountPace = pace{free: 4, first: time.Second, most: 5 * time.Minute, forget: 24 * time.Hour}
	addressPace = pace{free: 5, first: 2 * time.Second, most: 5 * time.Minute, forget: time.Hour}
)

// wait is the delay after so many failures.
func (p pace) wait(fails int64) time.Duration {
	if fails <= p.free {
		return 0
	}
	doubled := math.Exp2(float64(min(fails-p.free-1, 30)))
	return min(time.Duration(float64(p.first)*doubled), p.most)
}

// knownFor is how long an address where a person signed in counts as theirs.
const knownFor = 30 * 24 * time.Hour

// counters are the attempts that one try is counted under; an empty id counts
// nothing. Passkeys cannot be guessed and count under the address alone, so
// nobody can keep their holder waiting by guessing passwords.
type counters struct{ account, address, ip string }

// countersFor finds the ids. An account is counted apart at addresses where its
// holder signed in lately: a stranger's guesses elsewhere do not make them wait.
func (a *Auth) countersFor(ctx context.Context, account string, staff core.Ref, ip string) (counters, error) {
	c := counters{ip: ip}
	if ip != "" {
		c.address = a.counterID("address", source(ip))
	}
	if account == "" {
		return c, nil
	}
	since := a.cfg.Wall.Now().Add(-knownFor)
	var known int64
	err := a.reader().QueryRow(ctx, `SELECT COUNT(*) FROM session WHERE principal = $1 AND ip = $2 AND auth_time > $3`,
		staff, ip, since).Scan(store.Scan(&known)...)
	c.account = a.counterID("account", account)
	if known > 0 {
		c.account = a.counterID("account at address", account+"|"+ip)
	}
	return c, err
}

// source is what counts as one address: of IPv6 the /64, whose holder has all
// of its addresses.
func source(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}

func (a *Auth) counterID(what, value string) string {
	return a.cfg.Road.Log.Keys.Term(what + "|" + value)
}

// tally is the counters as one transaction found them.
type tally struct{ account, address *attempt }

func readTally(ctx context.Context, r store.Reader, c counters) (tally, error) {
	var t tally
	var err error
	if c.account != "" {
		if t.account, err = attempts.Get(ctx, r, c.account); err != nil {
			return t, err
		}
	}
	if c.address != "" {
		t.address, err = attempts.Get(ctx, r, c.address)
	}
	return t, err
}

// until is the instant before which no try is looked at.
func (t tally) until() core.Instant {
	var u core.Instant
	for _, at := range []*attempt{t.account, t.address} {
		if at != nil && at.Until > u {
			u = at.Until
		}
	}
	return u
}

// failed counts one more failure and returns the instant until which to wait.
func (t tally) failed(ctx context.Context, tx *store.Tx, c counters, now core.Instant) (core.Instant, error) {
	a, err := bump(ctx, tx, t.account, c.account, accountPace, now)
	if err != nil {
		return 0, err
	}
	b, err := bump(ctx, tx, t.address, c.address, addressPace, now)
	return max(a, b), err
}

func bump(ctx context.Context, tx *store.Tx, was *attempt, id string, p pace, now core.Instant) (core.Instant, error) {
	if id == "" {
		return 0, nil
	}
	next := attempt{ID: id, Fails: 1, Last: now}
	if was != nil && now.Sub(was.Last) < p.forget {
		next.Fails = was.Fails + 1
	}
	if d := p.wait(next.Fails); d > 0 {
		next.Until = now.Add(d)
	}
	if was == nil {
		return next.Until, attempts.Insert(ctx, tx, &next)
	}
	return next.Until, attempts.Update(ctx, tx, was, &next)
}

// succeeded forgets the account's failures. The address keeps its own: one
// good account must not reset the wait for guesses at others.
func (t tally) succeeded(ctx context.Context, tx *store.Tx) error {
	if t.account == nil {
		return nil
	}
	_, err := attempts.Delete(ctx, tx, t.account.ID)
	return err
}

// throttle refuses a try that comes too early, before anything is looked at.
// Such tries are counted; see holdBack.
func (a *Auth) throttle(ctx context.Context, c counters) error {
	t, err := readTally(ctx, a.reader(), c)
	if err != nil {
		return err
	}
	wait := t.until().Sub(a.cfg.Wall.Now())
	if wait <= 0 {
		return nil
	}
	a.holdBack(c, a.cfg.Wall.Now())
	return tooEarly(wait)
}

// waitError carries the seconds for Retry-After.
type waitError struct{ wait time.Duration }

func (w *waitError) Error() string { return "wait " + w.wait.String() }

func tooEarly(wait time.Duration) error {
	wait = (wait + time.Second - 1).Truncate(time.Second)
	return core.Faultf(core.Throttled, "too-many-tries",
		"Too many tries did not work. Wait %d seconds, then try again.", int(wait.Seconds())).Because(&waitError{wait})
}

// RetryAfter is how long a Throttled fault of this package asks to wait, whole
// seconds; 0 for other errors.
func RetryAfter(err error) time.Duration {
	if w, ok := errors.AsType[*waitError](err); ok {
		return w.wait
	}
	return 0
}

// failure is the event of a try that did not prove who it was. The account is
// named when there is one: the event is for those who watch, the answer to the
// person is the same either way. What was typed as a name is not kept, since
// people type passwords there; its keyed hash tells equal ones.
func (a *Auth) failure(tx *command.Tx, c counters, subjects []core.Ref, reason, factor string) evidence.Event {
	if len(subjects) == 0 {
		subjects = []core.Ref{SysSignin} // nobody that we know: the door itself
	}
	ev := evidence.Event{
		Type: EventSessionFailed, Outcome: evidence.Failed, Reason: reason, Subjects: subjects,
		Details: []evidence.Detail{{Name: "factor", Value: factor}},
	}
	if c.account != "" {
		ev.Details = append(ev.Details, evidence.Detail{Name: "account", Value: c.account})
	}
	return a.withHeld(tx, c, ev)
}

// withHeld adds the tries that were held back meanwhile; they are forgotten
// once the event is durable.
func (a *Auth) withHeld(tx *command.Tx, c counters, ev evidence.Event) evidence.Event {
	if n := a.held(c, false); n > 0 {
		ev.Details = append(ev.Details, evidence.Detail{Name: "held_back", Value: strconv.Itoa(n)})
		tx.AfterCommit(func() { a.held(c, true) })
	}
	return ev
}
