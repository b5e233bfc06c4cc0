package command

import (
	"context"
	"errors"
	"sync"
	"time"

	"vouchsafe/core"
)

// floods counts denials per actor and action in windows of a minute. The
// counts of a node that is killed are lost with it; the first five are not.
// There are as many windows as people and acts: who is not known is one actor.
type floods struct {
	mu   sync.Mutex
	seen map[string]*flood
}

type flood struct {
	since core.Instant
	count int
	held  int  // denied and not yet written
	last  *run // the last one of them
}

const (
	floodLimit  = 5
	floodWindow = time.Minute
)

func (r *run) floodKey() string { return string(r.actor.Ref) + "|" + string(r.e.action) }

// note counts one denial and says whether to write it now, and for how many.
func (f *floods) note(r *run) (count int, write bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[string]*flood{}
	}
	key := r.floodKey()
	w := f.seen[key]
	if w == nil || r.at.Sub(w.since) >= floodWindow {
		held := 0
		if w != nil {
			held = w.held
		}
		f.seen[key] = &flood{since: r.at, count: 1}
		return held + 1, true
	}
	w.count++
	if w.count <= floodLimit {
		return 1, true
	}
	w.held++
	w.last = r
	return 0, false
}

// over takes out the windows that are over, or all of them.
func (f *floods) over(now core.Instant, all bool) (out []*flood) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, w := range f.seen {
		if all || now.Sub(w.since) >= floodWindow {
			delete(f.seen, key)
			if w.held > 0 {
				out = append(out, w)
			}
		}
	}
	return out
}

// back counts again what could not be written.
func (f *floods) back(w *flood) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.seen[w.last.floodKey()]; now != nil {
		now.held += w.held
		now.last = w.last
		return
	}
	f.seen[w.last.floodKey()] = w
}

// SettleFloods writes down the denials that were only counted, once their
// minute is over: whoever stops trying must not take the count with them. All
// are written when the program ends. It is called by a schedule.
func (rd *Road) SettleFloods(ctx context.Context, all bool) error {
	var errs []error
	for _, w := range rd.floods.over(rd.Clock.Now(), all) {
		late := *w.last
		late.at = rd.moment()
		if _, err := rd.writeDenial(ctx, &late, w.held); err != nil {
			rd.floods.back(w)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
