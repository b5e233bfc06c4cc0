package platform

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// RecordAttempt records what is known of a request: its answer, or a look-up.
type RecordAttempt struct {
	Row       core.Ref          `json:"row"`
	Number    int               `json:"number"`
	Looked    bool              `json:"looked,omitempty"` // a look-up rather than an answer
	Found     bool              `json:"found,omitempty"`
	Certainty command.Certainty `json:"certainty,omitempty"`
	Receipt   Recorded          `json:"receipt"`
}

// Recorded is the part of a Receipt that is kept.
type Recorded struct {
	Ticket     int64        `json:"ticket,omitempty"`
	Code       string       `json:"code,omitempty"`
	ServerTime core.Instant `json:"server_time,omitempty"` // server wall clock as if UTC
	Observed   core.Instant `json:"observed,omitempty"`    // the same in UTC, by the server's offset
	Request    string       `json:"request_sha256,omitempty"`
	Answer     string       `json:"answer_sha256,omitempty"`
	Balance    int64        `json:"balance,omitempty"`
	Known      bool         `json:"balance_known,omitempty"`
	Registered core.Instant `json:"registered,omitempty"`
	Currency   string       `json:"currency,omitempty"`
}

// recorded keeps a receipt. UTC follows from the offset that the last sweep
// found; before the first sweep it is left open.
func (d *Driver) recorded(ctx context.Context, platform string, r Receipt) Recorded {
	out := Recorded{Ticket: r.Ticket, Code: r.Code}
	if !r.ServerTime.IsZero() {
		out.ServerTime = core.At(r.ServerTime)
		if last, err := sweeps.Get(ctx, d.Road.Store.Reader(), platform); err == nil && last != nil {
			out.Observed = utc(out.ServerTime, last.OffsetS)
		}
	}
	if r.Request != ([32]byte{}) {
		out.Request, out.Answer = hex.EncodeToString(r.Request[:]), hex.EncodeToString(r.Answer[:])
	}
	if r.After.Login != 0 {
		out.Balance, out.Known = r.After.Balance, true
		out.Registered, out.Currency = core.At(r.After.Registered), r.After.Currency
	}
	return out
}

// Action is platform.attempt.record.
func (RecordAttempt) Action() command.Action { return "platform.attempt.record" }

// Subject is the account or intervention.
func (r RecordAttempt) Subject() core.Ref { return r.Row }

type recordAttempt struct{ d Deps }

// Load reads the row and the wall clock.
func (h recordAttempt) Load(ctx context.Context, r store.Reader, in RecordAttempt) (effect, command.Resource, error) {
	e, res, err := loadEffect(ctx, r, in.Row)
	e.wall = h.d.Wall.Now()
	return e, res, err
}

func (in RecordAttempt) next(a command.Attempt, wall core.Instant) (command.Attempt, bool) {
	if in.Number != a.Number {
		return a, false
	}
	if in.Looked {
		return a.Looked(in.Found, wall)
	}
	return a.Answered(in.Certainty)
}

// Check refuses words about an attempt that is not under way.
func (recordAttempt) Check(in RecordAttempt, e effect, _ command.Moment) command.Verdict {
	if _, ok := in.next(e.attempt(), e.wall); !ok {
		return command.Refuse(command.Refusal{Code: "stale-attempt", Text: "This attempt is " + string(e.attempt().Phase) + "; what was reported is out of date."})
	}
	return command.Proceed()
}

// Apply moves the attempt on and keeps what the platform said.
func (recordAttempt) Apply(ctx context.Context, tx *command.Tx, in RecordAttempt, e effect) ([]evidence.Event, error) {
	a, ok := in.next(e.attempt(), e.wall)
	if !ok {
		return nil, fmt.Errorf("platform: stale attempt %d of %s", in.Number, in.Row)
	}
	t := EventRecorded
	if in.Looked {
		t = EventLooked
	}
	evs, err := e.update(ctx, tx, a, t, in.keep)
	if err != nil {
		return nil, err
	}
	ev := &evs[0]
	ev.Outcome = map[command.Phase]evidence.Outcome{
		command.PhaseRejected: evidence.Failed, command.PhaseUncertain: evidence.Unsure,
		command.PhasePerson: evidence.Unsure,
	}[a.Phase]
	ev.External = in.external(e)
	ev.Observed = in.Receipt.Observed
	ev.Details = append(ev.Details,
		evidence.Detail{Name: "attempt", Value: strconv.Itoa(in.Number)},
		evidence.Detail{Name: "outcome", Value: string(a.Phase)},
		evidence.Detail{Name: "code", Value: in.Receipt.Code},
		evidence.Detail{Name: "request_sha256", Value: in.Receipt.Request},
		evidence.Detail{Name: "answer_sha256", Value: in.Receipt.Answer})
	return evs, in.doubt(ctx, tx, e, ev)
}

// doubt raises what the answer itself shows to be wrong.
func (in RecordAttempt) doubt(ctx context.Context, tx *command.Tx, e effect, ev *evidence.Event) error {
	if in.Receipt.Code == "comment-cut" && in.Receipt.Ticket != 0 {
		return raise(ctx, tx, "comment-cut", ev.Entity, in.Row, dealRef(e.i.Platform, in.Receipt.Ticket))
	}
	if a := e.account; a != nil && in.Receipt.Currency != "" && in.Receipt.Currency != a.Currency {
		return raise(ctx, tx, "settings-drift", ev.Entity, a.ID, loginRef(a.Platform, a.Login)+"/currency")
	}
	return nil
}

func (in RecordAttempt) keep(a *Account, i *Intervention) {
	if a != nil {
		a.Code = in.Receipt.Code
		if in.Receipt.Currency != "" {
			a.Currency = in.Receipt.Currency // the group decides it; a difference from what was asked is a finding
		}
		if in.Receipt.Registered != 0 {
			a.Registered = in.Receipt.Registered
		}
		return
	}
	i.Code = in.Receipt.Code
	if in.Receipt.Ticket != 0 {
		i.Ticket = in.Receipt.Ticket
	}
	if in.Receipt.ServerTime != 0 {
		i.ServerTime = in.Receipt.ServerTime
	}
	if in.Receipt.Known {
		i.BalanceBefore, i.BalanceAfter = in.Receipt.Balance-booked(i), in.Receipt.Balance
	}
}

// booked is what the intervention moved on the balance: credit is apart.
func booked(i *Intervention) int64 {
	if i.Kind == CreditChange || i.Attempt.Phase != command.PhaseApplied {
		return 0
	}
	return i.Minor
}

func (in RecordAttempt) external(e effect) []string {
	switch {
	case e.account != nil:
		return []string{loginRef(e.account.Platform, e.account.Login)}
	case in.Receipt.Ticket != 0:
		return []string{dealRef(e.i.Platform, in.Receipt.Ticket)}
	}
	return nil
}

// dealRef and loginRef name records of a platform in evidence and findings.
func dealRef(platform string, ticket int64) string {
	return platform + ":deal/" + strconv.FormatInt(ticket, 10)
}

func loginRef(platform string, login int64) string {
	return platform + ":login/" + strconv.FormatInt(login, 10)
}

// utc is a server wall time in UTC.
func utc(server core.Instant, offsetS int) core.Instant {
	return server - core.Instant(offsetS)*1_000_000
}

// raise queues a finding for the cases domain.
func raise(ctx context.Context, tx *command.Tx, kind string, entity, subject core.Ref, external string) error {
	args := kind + "|" + string(entity) + "|" + string(subject) + "|" + external
	return tx.Enqueue(ctx, jobs.New{Kind: "cases.raise", Subject: subject, Args: args, Unique: args})
}
