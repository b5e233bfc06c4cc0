package command

import (
	"context"
	"slices"
	"strconv"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// recordDenial writes the denial of a run or query in a transaction of its
// own, into the log of the subject's entity. Beyond five a minute of one actor
// and action, one event carries the count.
func (rd *Road) recordDenial(ctx context.Context, r *run, ruling Ruling) (string, error) {
	r.ruling = ruling
	count, write := rd.floods.note(r)
	if !write {
		return "", nil
	}
	return rd.writeDenial(ctx, r, count)
}

// writeDenial writes one denial, or one event for several.
func (rd *Road) writeDenial(ctx context.Context, r *run, count int) (string, error) {
	home, err := r.home(context.WithoutCancel(ctx), rd.Store.Reader())
	if err != nil {
		return "", err
	}
	ev := evidence.Event{Type: EventDenied, Outcome: evidence.Denied, Entity: home, Subjects: subjects(r)}
	if count > 1 {
		ev.Type = EventFlooded
		ev.Details = []evidence.Detail{{Name: "count", Value: strconv.Itoa(count)}}
	}
	ev.Details = append(ev.Details, evidence.Detail{Name: "action", Value: string(r.e.action), Search: true})
	return rd.solo(ctx, r, ev)
}

func (rd *Road) recordRefusal(ctx context.Context, r *run, rs []Refusal) (string, error) {
	ev := evidence.Event{Type: EventRefused, Outcome: evidence.Refused, Entity: r.res.Entity, Subjects: subjects(r), Reason: rs[0].Code}
	if c, ok := r.in.(Cased); ok {
		ev.Case = c.CaseRef()
	}
	ev.Details = append(ev.Details, evidence.Detail{Name: "action", Value: string(r.e.action), Search: true})
	for i, x := range rs {
		ev.Details = append(ev.Details, evidence.Detail{Name: "refusal." + strconv.Itoa(i+1), Value: x.Code + ": " + x.Text, Class: core.Personal})
	}
	return rd.solo(ctx, r, ev)
}

// subjects are the records that a run's own evidence is about: so that what
// was tried with a withdrawal or a proposal stands in its client's story too.
func subjects(r *run) []core.Ref {
	client, _ := r.res.Attrs["client"].(string)
	var out []core.Ref
	for _, s := range append([]core.Ref{r.res.Ref, r.in.Subject(), core.Ref(client)}, r.res.About...) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// home is the legal entity in whose log the evidence of a run belongs that
// changed nothing: the resource's, or that of the record asked about, which a
// list names as its subject. What concerns no entity in particular is the
// group's.
func (r *run) home(ctx context.Context, reader store.Reader) (core.Ref, error) {
	if r.res.Entity != "" || r.res.Ref != "" || r.in.Subject() == "" {
		return r.res.Entity, nil
	}
	home, _, err := evidence.HomeOf(ctx, reader, r.in.Subject())
	return home, err
}

// solo writes one event that changes no row. Whoever hangs up does not take
// the record of what they tried with them.
func (rd *Road) solo(ctx context.Context, r *run, ev evidence.Event) (string, error) {
	ctx = context.WithoutCancel(ctx)
	var id string
	var seed [32]byte
	rd.Entropy.Read(seed[:])
	err := rd.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		t := &Tx{Tx: tx, Entropy: core.Replay(seed)}
		id, err = rd.Log.Append(ctx, tx, r.stamp(t), ev)
		return err
	})
	rd.nudge()
	return id, err
}
