package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Road runs commands. Its fields are set once, at wiring.
type Road struct {
	Store    *store.Store
	Log      *evidence.Log
	Registry *Registry
	Policy   Authorizer
	Clock    core.Clock // business clock
	Entropy  core.Entropy
	// Case says why a command may not name a case that is about none of the
	// subjects, is closed or is of the wrong type; nil when it may. It is asked
	// for every command that names one. May be nil.
	Case func(ctx context.Context, r store.Reader, id core.Ref, act Action, subjects []core.Ref) (*Refusal, error)
	// Rules finds the approval rules that an entity has adopted. May be nil:
	// then only what the program itself demands holds.
	Rules RuleBook
	// Basis finds the clauses of the firm's manuals that an act rests on. May be nil.
	Basis BasisBook
	// Apart keeps people from approving for those to whom they stand too near.
	// May be nil.
	Apart Apartness
	// Reactions names the jobs by which work follows from a type of event. They
	// are enqueued with it; see Happened. May be nil.
	Reactions func(typ string) []string
	// Nudge wakes the sequencer and the job queue after a commit; it must not
	// block. May be nil.
	Nudge func()

	floods floods
	last   atomic.Int64 // latest moment handed out
}

// moment reads the business clock, and later than any moment before: events of
// one node keep their order even while the clock stands still. The gap leaves
// room for the events of one transaction.
func (rd *Road) moment() core.Instant {
	const gap = 64 // microseconds
	for {
		last := rd.last.Load()
		next := max(int64(rd.Clock.Now()), last+gap)
		if last == 0 {
			next = int64(rd.Clock.Now())
		}
		if rd.last.CompareAndSwap(last, next) {
			return core.Instant(next)
		}
	}
}

func (rd *Road) nudge() {
	if rd.Nudge != nil {
		rd.Nudge()
	}
}

// run is one command on its way; what was drawn once stays the same when the
// transaction is retried.
type run struct {
	rd    *Road
	e     *entry
	in    Input
	body  []byte
	actor evidence.Actor
	key   Key
	at    core.Instant
	seed  [32]byte

	res    Resource
	ruling Ruling
	rule   []evidence.Detail // what the approval rules said
}

// Run takes one input down the road. The error is a core.Fault that a person
// can read; a denial or refusal has already left its evidence, and the fault
// names the event.
func (rd *Road) Run(ctx context.Context, a evidence.Actor, key Key, in Input) (Outcome, error) {
	e, err := rd.Registry.find(in.Action())
	if err != nil {
		return Outcome{}, err
	}
	if v, ok := in.(Validator); ok {
		if err := v.Validate(); err != nil {
			return Outcome{}, err
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return Outcome{}, fmt.Errorf("command: %s cannot be frozen: %w", in.Action(), err)
	}
	if in, err = e.prepare(ctx, in); err != nil {
		return Outcome{}, err
	}
	r := &run{rd: rd, e: e, in: in, body: body, actor: a, key: key, at: rd.moment()}
	rd.Entropy.Read(r.seed[:])
	var out Outcome
	err = rd.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = r.once(ctx, tx)
		return err
	})
	if err != nil {
		return Outcome{}, r.explain(ctx, err)
	}
	rd.nudge()
	return out, nil
}

// once is the whole of one try, inside the transaction.
func (r *run) once(ctx context.Context, tx *store.Tx) (Outcome, error) {
	f, res, failed := r.e.load(ctx, tx, r.in)
	if out, done, err := r.replay(ctx, tx); done || err != nil {
		return out, err
	}
	if failed != nil {
		return Outcome{}, failed
	}
	r.res = res
	if err := r.authorise(ctx, tx); err != nil {
		return Outcome{}, err
	}
	if why, err := r.caseRefusal(ctx, tx); err != nil {
		return Outcome{}, err
	} else if why != nil {
		return Outcome{}, &refused{[]Refusal{*why}}
	}
	v, err := r.verdict(ctx, tx, f, Moment{Now: r.at, Actor: r.actor}, r.ruling.Roles)
	if err != nil {
		return Outcome{}, err
	}
	if len(v.refusals) > 0 {
		return Outcome{}, &refused{v.refusals}
	}
	t := r.tx(tx, nil)
	if v.need != nil {
		return r.propose(ctx, t, v.need)
	}
	ids, subject, err := r.apply(ctx, t, f, nil)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{State: StateDone, Event: ids[0], Events: ids, Subject: subject}
	return out, r.remember(ctx, tx, out)
}

func (r *run) tx(tx *store.Tx, a *evidence.Approval) *Tx {
	return &Tx{Tx: tx, Now: r.at, Entropy: core.Replay(r.seed), Actor: r.actor, Approval: a, road: r.rd}
}

// systemPolicy names the road's own rule in a denial: commands of parts of the
// program are run by those.
const systemPolicy = "road.system-only"

func (r *run) authorise(ctx context.Context, tx store.Reader) error {
	ruling, err := r.rd.Policy.Authorize(ctx, tx, r.actor, r.e.action, r.res, r.at)
	if err != nil { // an evaluation error is a deny, with the error on record
		ruling.Allow = false
		ruling.Errors = append(ruling.Errors, core.AsFault(err).Code)
	}
	if r.e.doc.System && r.actor.Ref.Kind() != core.KindSystem { // what a part of the program found out is no person's word
		ruling.Allow, ruling.Policies = false, []string{systemPolicy}
	}
	r.ruling = ruling
	if !ruling.Allow {
		return &denied{ruling}
	}
	if r.e.doc.StepUp && !r.actor.StepUp {
		return ErrStepUp
	}
	return nil
}

// caseRefusal is why the command may not name its case. What is done to a case
// itself has rules of its own.
func (r *run) caseRefusal(ctx context.Context, reader store.Reader) (*Refusal, error) {
	c, ok := r.in.(Cased)
	if !ok || r.rd.Case == nil || c.CaseRef() == "" || c.CaseRef() == r.in.Subject() {
		return nil, nil
	}
	return r.rd.Case(ctx, reader, c.CaseRef(), r.in.Action(), subjects(r))
}

// ErrStepUp asks for a fresh second factor before a high-risk act.
var ErrStepUp = core.NewFault(core.Denied, "step-up-needed", "Confirm with your second factor first, then try again.")

// apply runs the handler and appends its events. An apply without an event is
// refused: there would be no proof of it.
func (r *run) apply(ctx context.Context, t *Tx, f any, correlate *string) ([]string, core.Ref, error) {
	events, err := r.e.apply(ctx, t, r.in, f)
	if err != nil {
		return nil, "", err
	}
	if len(events) == 0 {
		return nil, "", fmt.Errorf("command: %s returned no event", r.e.action)
	}
	events[0].Details = append(events[0].Details, r.rule...)
	var subject core.Ref
	if len(events[0].Subjects) > 0 {
		subject = events[0].Subjects[0]
	}
	var ids []string
	for _, ev := range events {
		s := r.stamp(t)
		if correlate != nil {
			s.Correlation = *correlate
		} else if len(ids) > 0 {
			s.Correlation = ids[0]
		}
		if c, ok := r.in.(Cased); ok && ev.Case == "" {
			ev.Case = c.CaseRef()
		}
		rule := ""
		if t.Approval != nil {
			rule = t.Approval.Rule
		}
		if err := r.rests(ctx, t.Tx, &ev, r.e.action, rule); err != nil {
			return nil, "", err
		}
		id, err := r.rd.Log.Append(ctx, t.Tx, s, ev)
		if err != nil {
			return nil, "", err
		}
		ids = append(ids, id)
		if err := t.react(ctx, id, ev); err != nil {
			return nil, "", err
		}
	}
	return ids, subject, nil
}

func (r *run) stamp(t *Tx) evidence.Stamp {
	a := r.actor
	a.Roles = r.ruling.Roles
	return evidence.Stamp{
		At: r.at, Entropy: t.Entropy, Actor: a, Action: string(r.e.action),
		Decision: r.ruling.Decision, Approval: t.Approval,
	}
}

// denied and refused leave the transaction as errors, so that it rolls back;
// explain then writes their evidence.
type denied struct{ ruling Ruling }

func (d *denied) Error() string { return "denied" }

type refused struct{ reasons []Refusal }

func (d *refused) Error() string { return "refused" }

// ErrHidden is the answer for records that do not exist and for those whose
// existence the asker may not learn: they look alike.
var ErrHidden = core.NewFault(core.Unknown, "no-such-record", "There is no such record, or it is not yours to see.")

// explain turns the end of a failed run into a fault and its evidence.
func (r *run) explain(ctx context.Context, err error) error {
	if d, ok := errors.AsType[*denied](err); ok {
		id, werr := r.rd.recordDenial(ctx, r, d.ruling)
		if werr != nil {
			return werr
		}
		if d.ruling.Hidden {
			return &core.Fault{Kind: ErrHidden.Kind, Code: ErrHidden.Code, Text: ErrHidden.Text, Event: id}
		}
		return &core.Fault{
			Kind: core.Denied, Code: "not-allowed", Event: id,
			Text: "Your roles do not allow this: " + r.e.doc.Title + ".",
		}
	}
	if d, ok := errors.AsType[*refused](err); ok {
		return r.refusal(ctx, d.reasons)
	}
	f := core.AsFault(err)
	if f.Kind == core.Refused {
		return r.refusal(ctx, []Refusal{{f.Code, f.Text}})
	}
	return err
}

func (r *run) refusal(ctx context.Context, rs []Refusal) error {
	id, err := r.rd.recordRefusal(ctx, r, rs)
	if err != nil {
		return err
	}
	f := &core.Fault{Kind: core.Refused, Code: rs[0].Code, Text: rs[0].Text, Event: id}
	for _, x := range rs[1:] {
		f.Text += " " + x.Text
	}
	return f
}
