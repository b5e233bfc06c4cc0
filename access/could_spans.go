package access

import (
	"context"
	"slices"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CouldSpan is a time in which somebody could do one side, or both.
type CouldSpan struct {
	From    core.Instant `json:"from"`
	To      core.Instant `json:"to"`
	OneIn   core.Ref     `json:"one_in,omitempty"`
	OtherIn core.Ref     `json:"other_in,omitempty"`
	// One and Other are the grants that gave each side.
	One   []core.Ref `json:"one" nullable:"false"`
	Other []core.Ref `json:"other" nullable:"false"`
	// Exceptions let it be held, for all or a part of the time.
	Exceptions []core.Ref `json:"exceptions" nullable:"false"`
}

// joins puts a span behind the last of its kind, or makes that one longer where
// it ends as this one begins.
func joins(list []CouldSpan, s CouldSpan) []CouldSpan {
	for i := range list {
		last := &list[i]
		if last.OneIn == s.OneIn && last.OtherIn == s.OtherIn && last.To == s.From {
			last.To, last.One, last.Other = s.To, merged(last.One, s.One), merged(last.Other, s.Other)
			return list
		}
	}
	return append(list, s)
}

// spans finds out, moment by moment and by the policies of each, what a person
// could do.
func (q could) spans(p *past, c Combination, sees func(Grant) bool) (one, other, both []CouldSpan) {
	moments := p.moments(q.from, q.to, q.changes)
	for i, at := range moments {
		to := q.to
		if i+1 < len(moments) {
			to = moments[i+1]
		}
		live := slices.DeleteFunc(p.liveAt(at), func(g Grant) bool { return !sees(g) })
		if len(live) == 0 {
			continue
		}
		then := q.then(at)
		places := merged(placesOf(live), []core.Ref{q.entity}) // roles of the group may reach there
		for _, place := range places {
			if then.side(c.One, rolesIn(live, place), rolesIn(live, Group)) {
				one = joins(one, CouldSpan{From: at, To: to, OneIn: place, One: then.giving(c.One, place, live), Other: []core.Ref{}, Exceptions: []core.Ref{}})
			}
			if then.side(c.Other, rolesIn(live, place), rolesIn(live, Group)) {
				other = joins(other, CouldSpan{From: at, To: to, OtherIn: place, One: []core.Ref{}, Other: then.giving(c.Other, place, live), Exceptions: []core.Ref{}})
			}
		}
		for _, x := range then.conflictsIn([]Combination{c}, live, places) {
			both = joins(both, CouldSpan{From: at, To: to, OneIn: x.OneIn, OtherIn: x.OtherIn, One: x.One, Other: x.Other, Exceptions: []core.Ref{}})
		}
	}
	return one, other, both
}

// could is one question about the past: by which policies each moment is
// judged.
type could struct {
	entity   core.Ref
	from, to core.Instant
	changes  []core.Instant // when other policies came, within the time asked about
	sets     []*Authorizer  // in force from the beginning, and from each change
}

func (q could) then(at core.Instant) *Authorizer {
	set := q.sets[0]
	for i, change := range q.changes {
		if change <= at {
			set = q.sets[i+1]
		}
	}
	return set
}

// judges loads the policies of the time asked about. Where they cannot be asked
// today, today's stand in for them, and that is said.
func (a *Authorizer) judges(ctx context.Context, r store.Reader, l *evidence.Log, all *careers, v *CouldView) (q could, doubt []string, err error) {
	from, to := v.From, v.To
	q = could{entity: v.Entity, from: from, to: to}
	for _, at := range all.policies {
		if at > from && at < to {
			q.changes = append(q.changes, at)
		}
	}
	today, err := a.InForce(ctx, r)
	if err != nil {
		return q, nil, err
	}
	loaded := map[string]*Authorizer{}
	for _, at := range append([]core.Instant{from}, q.changes...) {
		set, err := setAt(ctx, r, l, at)
		if err != nil {
			return q, nil, err
		}
		then, known := loaded[set.Hash]
		if !known {
			var why string
			if set.Hash != "" {
				if then, why, err = a.kept(ctx, r, set.Hash, set.Engine); err != nil {
					return q, nil, err
				}
			}
			if then == nil {
				then = today
			}
			if why != "" {
				doubt = append(doubt, "From "+at.String()+" on, the policies of today are asked. "+why)
			}
			loaded[set.Hash] = then
		}
		q.sets = append(q.sets, then)
	}
	return q, doubt, nil
}
