package bench

import (
	"context"
	"fmt"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// Reading is what one search costs, beside the bare query for the same rows
// where there is one.
type Reading struct {
	Name   string
	Rows   int // of all pages together
	Road   []time.Duration
	Bare   []time.Duration
	Whole  []time.Duration // the answer as a person gets it: policy, places, sentences, and the record that it was read
	Ratios []float64       // road to bare, of each turn
}

// bareTimeline is the least that a database does for a timeline: walk the
// subject index and fetch the events.
const bareTimeline = `SELECT e.id, e.log, e.at, e.type, e.actor, e.entity, e.outcome, e.case_ref, e.refs, e.leaf, e.changes
	FROM event_ref x JOIN event e ON e.id = x.event WHERE x.ref = $1 ORDER BY x.event DESC LIMIT 50`

// Timeline reads the newest 50 events of so many clients, chosen at random,
// both ways in turn.
func (s *Site) Timeline(ctx context.Context, f *Firm, turns int) (Reading, error) {
	out := Reading{Name: "one client's newest 50 events"}
	for i := range turns {
		ref := f.Clients[i*7919%len(f.Clients)]
		var road, bare time.Duration
		for _, first := range []bool{i%2 == 0, i%2 != 0} { // who begins has the colder cache
			start := time.Now()
			var n int
			var err error
			if first {
				n, err = s.find(ctx, evidence.Filter{Refs: []core.Ref{ref}})
				road = time.Since(start)
			} else {
				n, err = s.bareTimeline(ctx, ref)
				bare = time.Since(start)
			}
			if err != nil {
				return out, err
			}
			out.Rows += n
		}
		start := time.Now()
		if _, err := s.ask(ctx, f.Auditor, "client:"+string(ref)); err != nil {
			return out, err
		}
		out.Whole = append(out.Whole, time.Since(start))
		out.Road, out.Bare = append(out.Road, road), append(out.Bare, bare)
		out.Ratios = append(out.Ratios, road.Seconds()/bare.Seconds())
	}
	return out, nil
}

func (s *Site) find(ctx context.Context, filter evidence.Filter) (int, error) {
	filter.Scope = store.True
	page, err := s.Log.Find(ctx, s.Store.Reader(), filter, core.PageRequest{})
	return len(page.Rows), err
}

func (s *Site) bareTimeline(ctx context.Context, ref core.Ref) (n int, err error) {
	rows, err := s.Store.Reader().Query(ctx, bareTimeline, ref)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, log, typ, actor, outcome, leaf, changes string
		var entity, caseRef, refs *string
		var at int64
		if err := rows.Scan(&id, &log, &at, &typ, &actor, &entity, &outcome, &caseRef, &refs, &leaf, &changes); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func (s *Site) ask(ctx context.Context, who evidence.Actor, query string) (oversight.Found, error) {
	return command.Ask(ctx, s.Road, who, oversight.SearchEventsQuery(s.Road, s.Records), oversight.SearchEvents{Query: query})
}

// Searches answers the combinations that people ask for, each in so many
// turns with other values, as an auditor at the query bar.
func (s *Site) Searches(ctx context.Context, f *Firm, h *History, turns int) ([]Reading, error) {
	pick := func(refs []core.Ref, i int) core.Ref { return refs[(i*7919+1)%len(refs)] }
	day := func(i int) (string, string) {
		from := h.From.Add(time.Duration(i*5%700) * 24 * time.Hour).Time()
		return from.Format(time.DateOnly), from.AddDate(0, 0, 7).Format(time.DateOnly)
	}
	var out []Reading
	for _, q := range []struct {
		name  string
		query func(i int) string
	}{
		{"client", func(i int) string { return "client:" + string(pick(f.Clients, i)) }},
		{"client and action", func(i int) string { return "client:" + string(pick(f.Clients, i)) + " action:command.run" }},
		{"staff", func(i int) string { return "staff:" + string(pick(f.Staff, i)) }},
		{"staff and a week", func(i int) string {
			a, b := day(i)
			return "staff:" + string(pick(f.Staff, i)) + " after:" + a + " before:" + b
		}},
		{"client and a year", func(i int) string {
			a, _ := day(0)
			return "client:" + string(pick(f.Clients, i)) + " after:" + a
		}},
		{"entity and a week", func(i int) string {
			a, b := day(i)
			return "entity:bench after:" + a + " before:" + b
		}},
		{"entity and action", func(i int) string { return "entity:bench action:command.data.exported" }},
		{"case", func(i int) string { return "case:" + string(pick(h.Cases, i)) }},
		{"account", func(i int) string { return "account:" + string(pick(h.Accounts, i)) }},
		{"client and staff", func(i int) string { return "client:" + string(pick(f.Clients, i)) + " by:" + string(pick(f.Staff, i)) }},
		{"denials of one person", func(i int) string { return "by:" + string(pick(f.Staff, i)) + " outcome:denied" }},
		{"a rare word", func(i int) string { return fmt.Sprintf("iban%d", i*13%5000) }},
		{"a frequent word", func(int) string { return "address" }},
		{"two words", func(i int) string { return fmt.Sprintf("proof %d", 20*(i*17%(h.Events/40))+5) }},
		{"a rare word and a client", func(i int) string { return "release client:" + string(pick(f.Clients, i)) }},
		{"nothing that exists", func(i int) string { return fmt.Sprintf("nosuchword%d", i) }},
	} {
		r := Reading{Name: q.name}
		for i := range turns {
			start := time.Now()
			found, err := s.ask(ctx, f.Auditor, q.query(i))
			if err != nil {
				return out, fmt.Errorf("%s: %w", q.name, err)
			}
			r.Whole = append(r.Whole, time.Since(start))
			r.Rows += len(found.Rows)
		}
		out = append(out, r)
	}
	return out, nil
}
