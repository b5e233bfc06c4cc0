package command

import (
	"context"
	"errors"
	"slices"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// execute runs the proposed command in this transaction: maker and approvers
// are authorised again, and the check runs over today's facts.
func (r *run) execute(ctx context.Context, t *Tx, j *judged, closing *Refusal) (Outcome, error) {
	if closing == nil {
		var err error
		if closing, err = r.again(ctx, t.Tx, j); err != nil {
			return Outcome{}, err
		}
	}
	maker := evidence.Actor{Ref: j.p.Maker}
	var given []Approver
	for _, d := range append(slices.Clone(j.earlier), *j.mine) {
		given = append(given, Approver{d.Approver, d.Role})
	}
	inner := &run{rd: r.rd, e: j.e, in: j.in, actor: r.actor, at: r.at, seed: r.seed, res: j.res, ruling: r.ruling}
	v := Verdict{}
	if closing == nil {
		var err error
		if v, closing, err = inner.anew(ctx, t.Tx, j, Moment{Now: r.at, Actor: maker, Approvals: given, Rule: j.p.bound()}); err != nil {
			return Outcome{}, err
		}
	}
	if closing != nil {
		return r.settle(ctx, t, j, Closed, EventClosed, closing.Code+": "+closing.Text)
	}
	if v.need != nil {
		more := !fills(given, v.need.Seats) // the rule now asks for more
		if err := j.today(ctx, t, v.need, more); err != nil {
			return Outcome{}, err
		}
		if more {
			return r.settle(ctx, t, j, Open, EventApproved, "")
		}
	}
	out, err := r.settle(ctx, t, j, Executed, EventApproved, "")
	if err != nil {
		return Outcome{}, err
	}
	inner.ruling.Decision = j.ruling.Decision
	t.Actor, t.Approval = maker, j.approval(r)
	ids, subject, err := inner.apply(ctx, t, j.facts, &out.Event)
	if err != nil {
		if f, ok := errors.AsType[*core.Fault](err); ok && f.Kind == core.Refused {
			return Outcome{}, &execution{f}
		}
		return Outcome{}, err
	}
	out.Events = append(out.Events, ids...)
	out.Event, out.Subject = ids[0], subject
	return out, nil
}

// today writes down the rule that holds now, where it is another one than when
// the proposal was made: what executes names the rule by which it does.
func (j *judged) today(ctx context.Context, t *Tx, n *Need, more bool) error {
	if err := j.e.demands(n); err != nil {
		return err
	}
	now := *j.p
	now.Rule, now.RuleText, now.Floor = n.Rule, n.Text, n.floor
	if more {
		now.Seats, now.seats = n.Seats, ""
	}
	if err := proposals.Update(ctx, t.Tx, j.p, &now); err != nil {
		return err
	}
	j.p = &now
	return nil
}

// anew checks the proposed command over today's facts, rules and case.
func (r *run) anew(ctx context.Context, tx *store.Tx, j *judged, m Moment) (Verdict, *Refusal, error) {
	v, err := r.verdict(ctx, tx, j.facts, m, j.ruling.Roles)
	if err != nil {
		return v, nil, err
	}
	if len(v.refusals) > 0 {
		return v, &v.refusals[0], nil
	}
	why, err := r.caseRefusal(ctx, tx)
	return v, why, err
}

// again authorises the maker for the act and every approver for the approval,
// as of now: rights that were lost meanwhile close the proposal.
func (r *run) again(ctx context.Context, tx *store.Tx, j *judged) (*Refusal, error) {
	ruling, err := r.rd.Policy.Authorize(ctx, tx, evidence.Actor{Ref: j.p.Maker}, j.p.Action, j.res, r.at)
	if err != nil || !ruling.Allow {
		return &Refusal{"maker-lost-rights", "The person who asked for this may no longer do so."}, nil
	}
	j.ruling = ruling
	for _, d := range j.earlier {
		ruling, err := r.rd.Policy.Authorize(ctx, tx, evidence.Actor{Ref: d.Approver}, ActApprove, j.p.Resource(), r.at)
		if err != nil || !ruling.Allow || !slices.Contains(ruling.Roles, d.Role) {
			return &Refusal{"approver-lost-rights", "One who approved this no longer holds the role for it."}, nil
		}
		if why, err := r.rd.Apart.between(ctx, tx, j.p, d.Approver); err != nil || why != nil {
			return why, err
		}
	}
	return nil, nil
}

// fills reports whether each seat has its own approver.
func fills(given []Approver, seats []Seat) bool {
	if len(seats) == 0 {
		return true
	}
	for i, a := range given {
		if slices.Contains(seats[0].Roles, a.Role) && fills(slices.Delete(slices.Clone(given), i, i+1), seats[1:]) {
			return true
		}
	}
	return false
}
