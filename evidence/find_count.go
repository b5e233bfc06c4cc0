package evidence

import (
	"context"

	"vouchsafe/store"
)

// Count counts the events of a filter, up to most; more reports whether there
// are others. It costs about as much as reading so many events, so it is for
// those who ask.
func (l *Log) Count(ctx context.Context, r store.Reader, f Filter, most int) (n int, more bool, err error) {
	f.Oldest = false
	s := &find{ctx: ctx, r: r, f: f, n: most + 1}
	walks, err := s.walks(l.leads(&f), l.words(&f))
	if err != nil {
		return 0, false, err
	}
	seen := map[string]bool{}
	for _, w := range walks {
		if err := s.tally(w, seen); err != nil || len(seen) > most {
			return min(len(seen), most), len(seen) > most, err
		}
	}
	return len(seen), false, nil
}

// tally notes the events of one walk, until there are too many. An event that an
// entry gives twice takes two places, so the walk may have to be taken up again.
func (s *find) tally(w walk, seen map[string]bool) error {
	from, column := "event", "event.id"
	if w.table != "" {
		from, column = w.table+" CROSS JOIN event", w.table+".event"
	}
	at := *s
	for {
		n, err := at.note("SELECT "+column+" FROM "+from+" WHERE {where} ORDER BY "+column+" DESC LIMIT $1",
			store.And(w.where, at.bounds(column)), seen)
		if err != nil || n < s.n || len(seen) >= s.n {
			return err
		}
	}
}

func (s *find) note(query string, where store.Where, seen map[string]bool) (n int, err error) {
	q, args := store.Slot(query, where, s.n)
	rows, err := s.r.Query(s.ctx, q, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := rows.Scan(&s.after); err != nil {
			return n, err
		}
		seen[s.after] = true
	}
	return n, rows.Err()
}
