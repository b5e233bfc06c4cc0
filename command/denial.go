package command

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// recordDenial writes the denial of a run or query in a transaction of its
// own, into the log of the subject's entity. Beyond five a minute of one actor
// and action, one event carries the count.
func (rd *Road) recordDenial(ctx context.Context, r *run, ruling Ruling) (string, error) {
	count, write := rd.floods.note(string(r.actor.Ref)+"|"+string(r.e.action), r.at)
	if !write {
		return "", nil
	}
	home, err := r.home(ctx, rd.Store.Reader())
	if err != nil {
		return "", err
	}
	ev := evidence.Event{Type: EventDenied, Outcome: evidence.Denied, Entity: home, Subjects: subjects(r)}
	if count > 1 {
		ev.Type = EventFlooded
		ev.Details = []evidence.Detail{{Name: "count", Value: strconv.Itoa(count)}}
	}
	ev.Details = append(ev.Details, evidence.Detail{Name: "action", Value: string(r.e.action), Search: true})
	r.ruling = ruling
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

// solo writes one event that changes no row.
func (rd *Road) solo(ctx context.Context, r *run, ev evidence.Event) (string, error) {
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

// floods counts denials per actor and action in windows of a minute. The
// counts of a node that dies are lost with it; the first five are not.
type floods struct {
	mu   sync.Mutex
	seen map[string]*flood
}

type flood struct {
	since core.Instant
	count int
	held  int
}

const floodLimit = 5

// note counts one denial and says whether to write it now, and for how many.
func (f *floods) note(key string, at core.Instant) (count int, write bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil || len(f.seen) > 10_000 {
		f.seen = map[string]*flood{}
	}
	w := f.seen[key]
	if w == nil || at.Sub(w.since) >= time.Minute {
		held := 0
		if w != nil {
			held = w.held
		}
		f.seen[key] = &flood{since: at, count: 1}
		return held + 1, true
	}
	w.count++
	if w.count <= floodLimit {
		return 1, true
	}
	w.held++
	return 0, false
}
