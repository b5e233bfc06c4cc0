package oversight

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// Gauge measures how far delivery is behind, per stream: the age of its oldest
// entry that was not delivered, and how many wait.
func (d *Delivery) Gauge(clock core.Clock, bound time.Duration) Gauge {
	return func(ctx context.Context, r store.Reader) ([]Measure, error) {
		sizes, err := evidence.Sizes(ctx, r)
		if err != nil {
			return nil, err
		}
		var out []Measure
		for _, s := range d.Streams {
			m := Measure{Name: MeasureDelivery, Of: s.Name, Bound: bound}
			begun, err := cursors.Get(ctx, r, s.begun())
			if err != nil {
				return nil, err
			}
			for _, log := range slices.Sorted(maps.Keys(sizes)) {
				if !s.carries(log) {
					continue
				}
				if err := s.behind(ctx, r, log, sizes[log], clock.Now(), begun != nil, &m); err != nil {
					return nil, err
				}
			}
			if s.Each {
				if err := s.owed(ctx, r, clock.Now(), &m); err != nil {
					return nil, err
				}
			}
			out = append(out, m)
		}
		return out, nil
	}
}

// behind adds what one log owes to a stream.
func (s *Stream) behind(ctx context.Context, r store.Reader, log string, size int64, now core.Instant, begun bool, m *Measure) error {
	c, err := cursors.Get(ctx, r, s.Name+" "+log)
	if err != nil {
		return err
	}
	from := int64(0)
	switch {
	case c != nil:
		from = c.Index
		if c.Error != "" {
			m.Trouble = c.Error
		}
	case s.FromNow && !begun:
		from = size
	}
	if from >= size {
		return nil
	}
	m.Waiting += size - from
	oldest, _, err := evidence.Sealed(ctx, r, log, from, 1)
	if err == nil && len(oldest) > 0 {
		m.Value = max(m.Value, now.Sub(oldest[0].At))
	}
	return err
}

// owed adds the jobs of a stream that wait or were given up. One that was given
// up waits for a person, for as long as that takes.
func (s *Stream) owed(ctx context.Context, r store.Reader, now core.Instant, m *Measure) error {
	waiting, err := jobs.Waiting(ctx, r, JobDeliver)
	for _, j := range waiting {
		name, rest, _ := strings.Cut(j.Args, "|")
		if name != s.Name {
			continue
		}
		m.Waiting++
		if j.Error != "" {
			m.Trouble = j.Error
		}
		event, _, _ := strings.Cut(rest, "|")
		rec, err := evidence.Get(ctx, r, event)
		if err != nil {
			return err
		}
		if rec != nil {
			m.Value = max(m.Value, now.Sub(rec.At))
		}
	}
	return err
}
