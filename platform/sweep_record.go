package platform

import (
	"context"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordSweep records one read-back of the accounts of one entity on a
// platform: the deals not seen before, the settings that differ, and the
// matches and findings that follow.
type RecordSweep struct {
	Platform string       `json:"platform"`
	Entity   core.Ref     `json:"entity"`
	SweptTo  core.Instant `json:"swept_to"` // the mark that the next sweep reads from, server wall clock
	ReadTo   core.Instant `json:"read_to"`  // when the platform was read, server wall clock
	OffsetS  int          `json:"offset_s"`
	Deals    []DealRow    `json:"deals"`
	Drifts   []Drift      `json:"drifts,omitempty"`
}

// Action is platform.sweep.record.
func (RecordSweep) Action() command.Action { return "platform.sweep.record" }

// Subject is empty: a sweep is about the platform.
func (RecordSweep) Subject() core.Ref { return "" }

type sweepFacts struct {
	last    *sweepRow
	fresh   []DealRow // those of the input that are still new
	ops     operations
	pending []pendingDeal
	drifts  []drifted
}

type recordSweep struct{ d Deps }

// Load drops what another sweep has recorded meanwhile, and reads the
// interventions that the deals are about or that wait for theirs.
func (h recordSweep) Load(ctx context.Context, r store.Reader, in RecordSweep) (sweepFacts, command.Resource, error) {
	f := sweepFacts{ops: newOperations()}
	res := command.Resource{Kind: core.KindEntity, Ref: in.Entity, Entity: in.Entity, Attrs: map[string]any{}}
	var err error
	if f.last, err = sweeps.Get(ctx, r, in.Platform); err != nil {
		return f, res, err
	}
	if f.fresh, err = unrecorded(ctx, r, in.Deals); err != nil {
		return f, res, err
	}
	for k := range f.fresh {
		if d := &f.fresh[k]; manual(d.Action) {
			if err := h.about(ctx, r, &f.ops, d); err != nil {
				return f, res, err
			}
		}
	}
	if f.pending, err = waiting(ctx, r, in.Platform, in.Entity); err != nil {
		return f, res, err
	}
	f.drifts, err = unexplained(ctx, r, in.Drifts)
	return f, res, err
}

// unrecorded drops deals that are imported already.
func unrecorded(ctx context.Context, r store.Reader, in []DealRow) ([]DealRow, error) {
	known := map[string]bool{}
	for part := range slices.Chunk(in, 500) {
		ids := make([]string, len(part))
		for k := range part {
			ids[k] = part[k].ID
		}
		rows, err := deals.Filter(ctx, r, "WHERE {where}", store.In("id", ids))
		if err != nil {
			return nil, err
		}
		for k := range rows {
			known[rows[k].ID] = true
		}
	}
	var out []DealRow
	for _, d := range in {
		if !known[d.ID] {
			out = append(out, d)
		}
	}
	return out, nil
}

// about reads the interventions that one deal can be about: those of its
// account, and the one whose tag it carries.
func (h recordSweep) about(ctx context.Context, r store.Reader, ops *operations, d *DealRow) error {
	if _, known := ops.onLogin[d.Login]; !known {
		rows, err := interventions.Select(ctx, r, "WHERE account = $1 ORDER BY created, id", d.Account)
		if err != nil {
			return err
		}
		ops.onLogin[d.Login] = nil
		for k := range rows {
			ops.onLogin[d.Login] = append(ops.onLogin[d.Login], &rows[k])
			ops.add(&rows[k])
		}
	}
	tag, _, genuine := h.d.Tags.Read(d.Comment)
	if !genuine {
		return nil
	}
	i := ops.byTag[tag]
	if i == nil {
		var err error
		if i, err = interventions.One(ctx, r, "WHERE tag = $1", tag); err != nil || i == nil {
			return err
		}
		ops.byTag[tag] = i
	}
	if ops.holder[tag] == 0 {
		first, err := tagged(ctx, r, h.d.Tags, i)
		if err != nil || first == nil {
			return err
		}
		ops.holder[tag] = first.Ticket
	}
	return nil
}

// pendingDeal is an applied intervention that no deal has settled yet, with its
// deal where that is imported.
type pendingDeal struct {
	i    *Intervention
	deal *DealRow
}

// waiting reads the applied interventions of an entity on a platform. Their
// deal may have been imported before the answer was known: a deal settles
// nothing before the answer, or the look-up, says applied.
func waiting(ctx context.Context, r store.Reader, platform string, entity core.Ref) ([]pendingDeal, error) {
	rows, err := interventions.Select(ctx, r, "WHERE state = $1 AND platform = $2 AND entity = $3 ORDER BY created, id LIMIT 500", StateApplied, platform, entity)
	if err != nil {
		return nil, err
	}
	out := make([]pendingDeal, len(rows))
	for k := range rows {
		i := &rows[k]
		d, err := deals.Get(ctx, r, dealID(platform, i.Ticket))
		if err != nil {
			return nil, err
		}
		out[k] = pendingDeal{i: i}
		if d != nil && i.equals(d) {
			out[k].deal = d
		}
	}
	return out, nil
}

// Check keeps sweeps from going back. Server wall clocks do, once a year; UTC
// does not.
func (recordSweep) Check(in RecordSweep, f sweepFacts, _ command.Moment) command.Verdict {
	if f.last != nil && utc(in.ReadTo, in.OffsetS) < utc(f.last.SweptTo, f.last.OffsetS) {
		return command.Refuse(command.Refusal{Code: "sweep-outdated", Text: "A later sweep of this platform is recorded already."})
	}
	return command.Proceed()
}

// Apply imports the deals, matches what fits and raises the rest.
func (h recordSweep) Apply(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts) ([]evidence.Event, error) {
	if err := h.mark(ctx, tx, in, f); err != nil {
		return nil, err
	}
	out := []evidence.Event{{Type: EventSwept, Entity: in.Entity, Observed: utc(in.ReadTo, in.OffsetS), Details: []evidence.Detail{
		{Name: "platform", Value: in.Platform},
		{Name: "deals", Value: strconv.Itoa(len(f.fresh))},
		{Name: "server_offset_s", Value: strconv.Itoa(in.OffsetS)},
	}}}
	if err := importDeals(ctx, tx, f.fresh); err != nil {
		return nil, err
	}
	for k := range f.fresh {
		if err := h.accuse(ctx, tx, in, f, &f.fresh[k]); err != nil {
			return nil, err
		}
	}
	matched, err := h.match(ctx, tx, in, f)
	if err != nil {
		return nil, err
	}
	out = append(out, matched...)
	for k := range f.drifts {
		ev, err := f.drifts[k].adopt(ctx, tx)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}

func (recordSweep) mark(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts) error {
	now := sweepRow{Platform: in.Platform, SweptTo: in.SweptTo, OffsetS: in.OffsetS, At: tx.Now, Deals: int64(len(f.fresh))}
	if f.last == nil {
		return sweeps.Insert(ctx, tx.Tx, &now)
	}
	now.Deals += f.last.Deals
	return sweeps.Update(ctx, tx.Tx, f.last, &now)
}

func importDeals(ctx context.Context, tx *command.Tx, rows []DealRow) error {
	if len(rows) == 0 {
		return nil
	}
	var salt [16]byte
	tx.Entropy.Read(salt[:])
	batch := tx.NewRef("db")
	for k := range rows {
		rows[k].Batch = batch
	}
	return deals.InsertBatch(ctx, tx.Tx, batch, salt[:], rows)
}

// accuse raises what is wrong with one new deal row.
func (h recordSweep) accuse(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts, d *DealRow) error {
	ref := dealRef(d.Platform, d.Ticket)
	switch {
	case d.Gone():
		return raise(ctx, tx, "deal-deleted", in.Entity, d.Account, ref+"/"+strconv.Itoa(d.Version()))
	case d.Version() > 1:
		return raise(ctx, tx, "deal-edited", in.Entity, d.Account, ref+"/"+strconv.Itoa(d.Version()))
	case !manual(d.Action):
		return nil
	}
	v := f.ops.judge(h.d.Tags, d)
	if v.finding == "" {
		return nil
	}
	subject := d.Account
	if v.intervention != nil && v.intervention.Account == d.Account {
		subject = v.intervention.ID // one of another account is not named: it may be behind an entity's wall
	}
	return raise(ctx, tx, v.finding, in.Entity, subject, ref)
}

// overdue is how long an applied intervention may go without its deal being
// read back.
const overdue = 10 * 60 * 1_000_000

// match settles applied interventions by their deals, imported now or before,
// and raises those whose deal should have been seen by now.
func (h recordSweep) match(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts) ([]evidence.Event, error) {
	fresh := map[int64]*DealRow{}
	for k := range f.fresh {
		if d := &f.fresh[k]; d.Version() == 1 {
			fresh[d.Ticket] = d
		}
	}
	var out []evidence.Event
	for _, p := range f.pending {
		d := p.deal
		if n := fresh[p.i.Ticket]; d == nil && n != nil && p.i.equals(n) {
			d = n
		}
		if d != nil {
			ev, err := p.i.settleBy(ctx, tx, d)
			if err != nil {
				return nil, err
			}
			out = append(out, ev)
			continue
		}
		if p.i.ServerTime != 0 && in.ReadTo > p.i.ServerTime+overdue {
			if err := raise(ctx, tx, "operation-without-effect", in.Entity, p.i.ID, dealRef(p.i.Platform, p.i.Ticket)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// settleBy matches the intervention with its deal.
func (i *Intervention) settleBy(ctx context.Context, tx *command.Tx, d *DealRow) (evidence.Event, error) {
	now := *i
	now.State, now.Matched, now.Ticket, now.ServerTime = StateMatched, tx.Now, d.Ticket, d.ServerTime
	ev := now.event(EventMatched)
	ev.External = []string{dealRef(d.Platform, d.Ticket)}
	ev.Observed = d.At
	ev.Details = append(ev.Details, evidence.Detail{Name: "dealer", Value: strconv.FormatInt(d.Dealer, 10)})
	return ev, interventions.Update(ctx, tx.Tx, i, &now)
}
