package platform

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"vouchsafe/core"
)

// The reach of sweeps.
const (
	// Overlap is how far each sweep reads back behind the last one: deals that
	// arrived late, or while paging, are found by the next, and so are edits and
	// deletions of what is so young.
	Overlap = 2 * time.Hour
	// young accounts are read from their beginning: a login can have deals
	// before our row says that it is open.
	young = 48 * time.Hour
	// Quiet is how long a sweep that finds nothing new goes unrecorded: evidence
	// of looking, once an hour.
	Quiet = time.Hour

	// DeepOverlap is how far a deep sweep reads back, every deepEvery: a manager
	// can stamp a deal with an earlier time, and edit or delete an old one.
	DeepOverlap = 31 * 24 * time.Hour
	deepEvery   = 6 * time.Hour

	perRequest = 100  // logins of one read
	perRecord  = 2000 // deals of one command
)

// swept is what one sweep read of the accounts of one entity.
type swept struct {
	entity core.Ref
	deals  []DealRow
	drifts []Drift
}

// Sweep reads the deals and settings of all accounts of a platform back and
// records what is new. A read in which rows moved is read again once and then
// left for the next sweep: a scan is usable only when it is complete.
//
// Everything is read before anything is recorded, and only the last record
// moves the platform's mark: whatever fails is read again.
func (d *Driver) Sweep(ctx context.Context, name string) error {
	return d.sweep(ctx, name, Overlap)
}

// DeepSweep is Sweep over a month.
func (d *Driver) DeepSweep(ctx context.Context, name string) error {
	return d.sweep(ctx, name, DeepOverlap)
}

func (d *Driver) sweep(ctx context.Context, name string, back time.Duration) error {
	p, err := d.platform(name)
	if err != nil {
		return err
	}
	clock, err := p.Clock(ctx)
	if err != nil {
		return err
	}
	last, err := sweeps.Get(ctx, d.Road.Store.Reader(), name)
	if err != nil {
		return err
	}
	byEntity, err := d.swept(ctx, name)
	if err != nil {
		return err
	}
	s := sweep{d: d, p: p, last: last, back: back, to: clock.Server.Add(time.Minute), offset: int(clock.Offset() / time.Second)}
	var all []swept
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		found, err := s.read(ctx, byEntity[entity])
		if err != nil {
			return err
		}
		found.entity = entity
		all = append(all, found)
	}
	return s.record(ctx, all, core.At(clock.Server))
}

// swept are the accounts that sweeps read, by entity. Those still opening are
// among them: the platform may have opened them already.
func (d *Driver) swept(ctx context.Context, platform string) (map[core.Ref][]Account, error) {
	rows, err := accounts.Select(ctx, d.Road.Store.Reader(), "WHERE platform = $1 AND state IN ($2, $3) ORDER BY login", platform, AccountOpen, AccountOpening)
	out := map[core.Ref][]Account{}
	for _, a := range rows {
		out[a.Entity] = append(out[a.Entity], a)
	}
	return out, err
}

// sweep is one sweep under way.
type sweep struct {
	d      *Driver
	p      Platform
	last   *sweepRow
	back   time.Duration // how far it reads back behind the last one
	to     time.Time     // end of the window, server time
	offset int
}

// from is where a window begins.
func (s *sweep) from(isYoung bool) time.Time {
	if s.last == nil || isYoung {
		return s.to.AddDate(-1, 0, 0)
	}
	return s.last.SweptTo.Time().Add(-s.back)
}

// read reads the accounts of one entity.
func (s *sweep) read(ctx context.Context, list []Account) (swept, error) {
	var out swept
	now := s.d.Deps.Clock.Now()
	isYoung := func(a Account) bool { return now.Sub(a.Opened) < young }
	old := slices.DeleteFunc(slices.Clone(list), isYoung)
	fresh := slices.DeleteFunc(slices.Clone(list), func(a Account) bool { return !isYoung(a) })
	for part := range slices.Chunk(old, perRequest) {
		rows, err := s.deals(ctx, part, s.from(false))
		if err != nil {
			return out, err
		}
		out.deals = append(out.deals, rows...)
	}
	for part := range slices.Chunk(fresh, perRequest) {
		rows, err := s.deals(ctx, part, s.from(true))
		if err != nil {
			return out, err
		}
		out.deals = append(out.deals, rows...)
	}
	slices.SortFunc(out.deals, func(a, b DealRow) int { return cmp.Compare(a.Ticket, b.Ticket) })
	var err error
	out.drifts, err = s.settings(ctx, list)
	return out, err
}

// deals reads a window and keeps what is new in it: deals not imported yet,
// and those that are no longer what was imported.
func (s *sweep) deals(ctx context.Context, list []Account, from time.Time) ([]DealRow, error) {
	byLogin := map[int64]*Account{}
	var logins []int64
	for k := range list {
		byLogin[list[k].Login] = &list[k]
		logins = append(logins, list[k].Login)
	}
	// What is imported is read first: what another sweep imports meanwhile is
	// taken for new, never for gone.
	known, err := imported(ctx, s.d.Road.Store.Reader(), s.p.Name(), logins, core.At(from), core.At(s.to))
	if err != nil {
		return nil, err
	}
	scan, err := s.p.Deals(ctx, logins, from, s.to)
	if err == nil && !scan.Complete {
		scan, err = s.p.Deals(ctx, logins, from, s.to)
	}
	if err != nil {
		return nil, err
	}
	if !scan.Complete {
		return nil, core.Faultf(core.Unavailable, "scan-moved", "The deals of %s changed while they were being read.", s.p.Name())
	}
	var out []DealRow
	for _, deal := range scan.Deals {
		account := byLogin[deal.Login]
		if account == nil {
			return nil, fmt.Errorf("platform: %s answered with a deal of login %d, which was not asked for", s.p.Name(), deal.Login)
		}
		row := rowOf(s.p.Name(), s.offset, deal, account)
		was, imported := known[deal.Ticket]
		delete(known, deal.Ticket)
		if imported && was.Digest == row.Digest {
			continue
		}
		if imported {
			row.after(&was)
		}
		out = append(out, row)
	}
	for _, was := range known {
		if was.Gone() {
			continue
		}
		row := was
		row.Batch, row.Digest = "", digestGone
		row.after(&was)
		out = append(out, row)
	}
	return out, nil
}

// record takes what was read down the road, in parts.
func (s *sweep) record(ctx context.Context, all []swept, to core.Instant) error {
	held := to // the mark until the last part
	if s.last != nil {
		held = s.last.SweptTo
	} else {
		held = core.At(s.from(false).Add(Overlap))
	}
	due, err := s.due(ctx, all)
	if err != nil {
		return err
	}
	var parts []RecordSweep
	for _, found := range all {
		if len(found.deals)+len(found.drifts) == 0 && !due[found.entity] {
			continue // nothing new, nothing to match, and looked lately: no news, no event
		}
		in := RecordSweep{Platform: s.p.Name(), Entity: found.entity, SweptTo: held, ReadTo: to, OffsetS: s.offset, Drifts: found.drifts}
		for len(found.deals) > perRecord {
			part := in
			part.Drifts, part.Deals = nil, found.deals[:perRecord]
			found.deals = found.deals[perRecord:]
			parts = append(parts, part)
		}
		in.Deals = found.deals
		parts = append(parts, in)
	}
	for k := range parts {
		if k == len(parts)-1 {
			parts[k].SweptTo = to
		}
		if _, err := s.d.Road.Run(ctx, actor(""), "", parts[k]); err != nil && !core.IsFault(err, "sweep-outdated") {
			return err
		}
	}
	return nil
}

// due says which entities have something to record although nothing new was
// read: an intervention whose deal is imported already, or an hour's silence.
func (s *sweep) due(ctx context.Context, all []swept) (map[core.Ref]bool, error) {
	out := map[core.Ref]bool{}
	silent := s.last == nil || s.d.Deps.Clock.Now().Sub(s.last.At) >= Quiet
	for _, found := range all {
		if out[found.entity] = silent; silent {
			continue
		}
		pending, err := waiting(ctx, s.d.Road.Store.Reader(), s.p.Name(), found.entity)
		if err != nil {
			return nil, err
		}
		for k := range pending {
			out[found.entity] = out[found.entity] || pending[k].deal != nil
		}
	}
	return out, nil
}
