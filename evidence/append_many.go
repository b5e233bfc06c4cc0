package evidence

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Stamped is an event with what is known about the act.
type Stamped struct {
	Stamp Stamp
	Event Event
}

// AppendMany writes events that change no row, in their order and with few
// statements: histories that are brought in at once. Each is exactly what
// Append would have made of it. They are made on all processors, so each stamp
// needs an entropy of its own.
func (l *Log) AppendMany(ctx context.Context, tx *store.Tx, list []Stamped) error {
	if len(tx.TakeChanges()) > 0 {
		return errors.New("evidence: rows changed before events that change no row")
	}
	ids := make([]string, len(list))
	for i := range list {
		if err := checkEvent(&list[i].Event, &list[i].Stamp); err != nil {
			return err
		}
		ids[i] = core.NewEventID(list[i].Stamp.At+core.Instant(tx.Sequence()), list[i].Stamp.Entropy)
	}
	ms, errs := make([]*made, len(list)), make([]error, len(list))
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(list); i += workers {
				ms[i], errs[i] = l.make(ctx, ids[i], &list[i].Stamp, &list[i].Event, nil)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return write(ctx, tx, ms...)
}
