package access

import (
	"context"
	"errors"
	"slices"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// careers is what the log says about everybody up to a moment: the same as past
// for one person, told moment by moment.
type careers struct {
	people     map[core.Ref]*past
	order      []core.Ref // as the log first names them
	exceptions map[core.Ref]*Exception
	whose      map[string]core.Ref // holder of a grant, a review, by their key
	policies   []core.Instant      // when other policies came
	altered    []string
}

// careersOf reads everybody's past: the log's entries, folded.
func careersOf(ctx context.Context, r store.Reader, l *evidence.Log, until core.Instant) (*careers, error) {
	c := &careers{people: map[core.Ref]*past{}, exceptions: map[core.Ref]*Exception{}, whose: map[string]core.Ref{}}
	types := append(pastTypes(), EventExceptionGranted.Name, EventExceptionEnded.Name, EventExceptionExpired.Name, EventPolicyAdopted.Name, EventPolicyActivated.Name)
	f := evidence.Filter{Types: types, To: until + 1, Scope: store.True, Oldest: true}
	for page := (core.PageRequest{Limit: core.MaxPage}); ; {
		found, err := l.Find(ctx, r, f, page)
		if err != nil {
			return nil, err
		}
		for i := range found.Rows {
			if err := c.add(&found.Rows[i]); err != nil {
				return nil, err
			}
		}
		if page.After = found.Next; found.Next == "" {
			return c, nil
		}
	}
}

func (c *careers) add(rec *evidence.Record) error {
	if rec.Type == EventPolicyAdopted.Name || rec.Type == EventPolicyActivated.Name {
		c.policies = append(c.policies, rec.At)
		return nil
	}
	told, lines, err := changesOf(rec)
	if errors.Is(err, errAltered) {
		c.altered = append(c.altered, rec.ID)
		return nil
	}
	errs := []error{err}
	for _, l := range lines {
		if l.Table == "access_exception" {
			errs = append(errs, c.exception(l))
			continue
		}
		if who := c.holder(l); who != "" {
			errs = append(errs, c.of(who).take(rec, told, l, who))
		}
	}
	return errors.Join(errs...)
}

// holder is the person whom a changed row is about.
func (c *careers) holder(l evidence.Line) core.Ref {
	if l.Table == "staff" {
		return core.Ref(l.Key)
	}
	key := l.Table + "|" + l.Key
	if cell, ok := l.Cells["holder"]; ok && cell.New != nil {
		c.whose[key] = core.Ref(*cell.New)
	}
	return c.whose[key]
}

func (c *careers) of(who core.Ref) *past {
	p := c.people[who]
	if p == nil {
		p = &past{}
		c.people[who] = p
		c.order = append(c.order, who)
	}
	return p
}

// exception takes one change of an exception over.
func (c *careers) exception(l evidence.Line) error {
	x := c.exceptions[core.Ref(l.Key)]
	if x == nil {
		x = &Exception{ID: core.Ref(l.Key)}
		c.exceptions[x.ID] = x
	}
	var errs []error
	for name, cell := range l.Cells {
		if cell.New == nil {
			continue
		}
		switch name {
		case "holder":
			x.Holder = core.Ref(*cell.New)
		case "combination":
			x.Combination = *cell.New
		case "entity":
			x.Entity = core.Ref(*cell.New)
		case "other":
			x.Other = core.Ref(*cell.New)
		case "starts":
			errs = append(errs, x.Starts.UnmarshalText([]byte(*cell.New)))
		case "ends":
			errs = append(errs, x.Ends.UnmarshalText([]byte(*cell.New)))
		case "closed":
			errs = append(errs, x.Closed.UnmarshalText([]byte(*cell.New)))
		}
	}
	return errors.Join(errs...)
}

// over reports whether an exception was in force at some moment of a span.
func (x *Exception) over(s CouldSpan) bool {
	ends := x.Ends
	if x.Closed != 0 {
		ends = min(ends, x.Closed)
	}
	return x.Entity == s.OneIn && x.Other == s.OtherIn && x.Starts < s.To && s.From < ends
}

// at are the grants in force at a moment, none while the person did not work
// here or was kept out.
func (p *past) liveAt(at core.Instant) (out []Grant) {
	works := false
	for _, t := range p.turns {
		if t.at <= at {
			works = t.active
		}
	}
	for _, b := range p.breaks {
		works = works && !b.overdueAt(at)
	}
	if !works {
		return nil
	}
	for _, g := range p.grants {
		if g.Starts <= at && at < g.Ends && (g.Closed == 0 || at < g.Closed) {
			g.State = Granted // as it stood then
			out = append(out, g.Grant)
		}
	}
	return out
}

// moments are those within a span at which what the person may do can change,
// its beginning among them.
func (p *past) moments(from, to core.Instant, others []core.Instant) []core.Instant {
	out := append([]core.Instant{from}, others...)
	for _, t := range p.turns {
		out = append(out, t.at)
	}
	for _, b := range p.breaks {
		out = append(out, b.Due, b.Reviewed)
	}
	for _, g := range p.grants {
		out = append(out, g.Starts, g.Ends, g.Closed)
	}
	out = slices.DeleteFunc(out, func(at core.Instant) bool { return at < from || at >= to })
	slices.Sort(out)
	return slices.Compact(out)
}
