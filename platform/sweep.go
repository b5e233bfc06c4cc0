package platform

import (
	"context"
	"fmt"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Overlap is how far each sweep reads back behind the last one: deals that
// arrived late, or while paging, are found by the next.
const Overlap = 2 * time.Hour

// perRequest bounds the logins of one read.
const perRequest = 100

// Sweep reads the deals of all accounts of a platform back and records what is
// new. A read in which rows moved is read again once and then left for the
// next sweep: a scan is usable only when it is complete.
func (d *Driver) Sweep(ctx context.Context, name string) error {
	p, err := d.platform(name)
	if err != nil {
		return err
	}
	clock, err := p.Clock(ctx)
	if err != nil {
		return err
	}
	byEntity := map[core.Ref][]Account{}
	if err := d.eachAccount(ctx, name, func(a Account) { byEntity[a.Entity] = append(byEntity[a.Entity], a) }); err != nil {
		return err
	}
	from, err := d.since(ctx, name, clock)
	if err != nil {
		return err
	}
	offset := int(clock.Offset() / time.Second)
	for entity := range d.Deps.ByEntity {
		if d.Deps.ByEntity[entity] != name {
			continue
		}
		rows, err := d.unseen(ctx, p, byEntity[entity], from, clock.Server.Add(time.Minute), offset)
		if err != nil {
			return err
		}
		in := RecordSweep{Platform: name, Entity: entity, SweptTo: core.At(clock.Server), OffsetS: offset, Deals: rows}
		if len(rows) == 0 && !d.waiting(ctx, name) {
			continue // nothing new and nothing to match: no news, no event
		}
		if _, err := d.Road.Run(ctx, actor(""), "", in); err != nil && !core.IsFault(err, "sweep-outdated") {
			return err
		}
	}
	return nil
}

func (d *Driver) waiting(ctx context.Context, platform string) bool {
	rows, err := interventions.Select(ctx, d.Road.Store.Reader(), "WHERE platform = $1 AND state = $2 LIMIT 1", platform, StateApplied)
	return err != nil || len(rows) > 0
}

func (d *Driver) eachAccount(ctx context.Context, platform string, fn func(Account)) error {
	rows, err := accounts.Select(ctx, d.Road.Store.Reader(), "WHERE platform = $1 AND state = $2 ORDER BY login", platform, AccountOpen)
	for _, a := range rows {
		fn(a)
	}
	return err
}

func (d *Driver) since(ctx context.Context, platform string, clock ClockSample) (time.Time, error) {
	last, err := sweeps.Get(ctx, d.Road.Store.Reader(), platform)
	if err != nil || last == nil {
		return clock.Server.AddDate(-1, 0, 0), err
	}
	return last.SweptTo.Time().Add(-Overlap), nil
}

// unseen reads a window and keeps the deals that are not imported yet.
func (d *Driver) unseen(ctx context.Context, p Platform, accounts []Account, from, to time.Time, offset int) ([]DealRow, error) {
	var out []DealRow
	byLogin := map[int64]*Account{}
	for k := range accounts {
		byLogin[accounts[k].Login] = &accounts[k]
	}
	for start := 0; start < len(accounts); start += perRequest {
		var logins []int64
		for _, a := range accounts[start:min(start+perRequest, len(accounts))] {
			logins = append(logins, a.Login)
		}
		scan, err := p.Deals(ctx, logins, from, to)
		if err == nil && !scan.Complete {
			scan, err = p.Deals(ctx, logins, from, to)
		}
		if err != nil {
			return nil, err
		}
		if !scan.Complete {
			return nil, fmt.Errorf("platform: deals of %s moved while they were read", p.Name())
		}
		known, err := imported(ctx, d.Road.Store.Reader(), p.Name(), logins, from)
		if err != nil {
			return nil, err
		}
		for _, deal := range scan.Deals {
			if !known[deal.Ticket] {
				out = append(out, rowOf("", p.Name(), offset, deal, byLogin[deal.Login]))
			}
		}
	}
	return out, nil
}

func imported(ctx context.Context, r store.Reader, platform string, logins []int64, from time.Time) (map[int64]bool, error) {
	where := store.And(store.Eq("platform", platform), store.In("login", logins), store.Compare("server_time", ">=", int64(core.At(from))))
	q, args := store.Slot("SELECT ticket FROM platform_deal WHERE {where}", where)
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out[n] = true
	}
	return out, rows.Err()
}
