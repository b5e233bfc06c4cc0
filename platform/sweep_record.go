package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordSweep records one read-back of a platform's deals: those not seen
// before, and the matches and findings that follow.
type RecordSweep struct {
	Platform string       `json:"platform"`
	Entity   core.Ref     `json:"entity"`
	SweptTo  core.Instant `json:"swept_to"` // server wall clock
	OffsetS  int          `json:"offset_s"`
	Deals    []DealRow    `json:"deals"`
}

// Action is platform.sweep.record.
func (RecordSweep) Action() command.Action { return "platform.sweep.record" }

// Subject is empty: a sweep is about the platform.
func (RecordSweep) Subject() core.Ref { return "" }

func dealID(platform string, ticket int64) string {
	return platform + "/" + strconv.FormatInt(ticket, 10)
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

type sweepFacts struct {
	last    *sweepRow
	byTag   map[string]*Intervention
	used    map[string]int64 // tags already taken by a deal, with its ticket
	pending []Intervention   // applied, not yet matched
	seen    map[string]DealRow
}

type recordSweep struct{ d Deps }

// Load reads the interventions that the deals name and those that wait for
// their deal.
func (h recordSweep) Load(ctx context.Context, r store.Reader, in RecordSweep) (sweepFacts, command.Resource, error) {
	f := sweepFacts{byTag: map[string]*Intervention{}, used: map[string]int64{}, seen: map[string]DealRow{}}
	res := command.Resource{Kind: core.KindSystem, Entity: in.Entity, Attrs: map[string]any{}}
	var err error
	if f.last, err = sweeps.Get(ctx, r, in.Platform); err != nil {
		return f, res, err
	}
	for k := range in.Deals {
		tag, ours, _ := h.d.Tags.Read(in.Deals[k].Comment)
		if !ours || f.byTag[tag] != nil {
			continue
		}
		i, err := interventions.One(ctx, r, "WHERE tag = $1", tag)
		if err != nil {
			return f, res, err
		}
		f.byTag[tag] = i
		if i != nil && i.Matched != 0 {
			f.used[tag] = i.Ticket
		}
	}
	if f.pending, err = interventions.Select(ctx, r, "WHERE platform = $1 AND state = $2 ORDER BY created, id LIMIT 500", in.Platform, StateApplied); err != nil {
		return f, res, err
	}
	for k := range f.pending {
		i := &f.pending[k]
		if i.Ticket == 0 {
			continue
		}
		d, err := deals.Get(ctx, r, dealID(in.Platform, i.Ticket))
		if err != nil {
			return f, res, err
		}
		if d != nil {
			f.seen[i.Tag] = *d
		}
	}
	return f, res, nil
}

// Check keeps sweeps from going back.
func (recordSweep) Check(in RecordSweep, f sweepFacts, _ command.Moment) command.Verdict {
	if f.last != nil && in.SweptTo < f.last.SweptTo {
		return command.Refuse(command.Refusal{Code: "sweep-outdated", Text: "A later sweep of this platform is recorded already."})
	}
	return command.Proceed()
}

// Apply imports the deals, matches what fits and raises the rest.
func (h recordSweep) Apply(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts) ([]evidence.Event, error) {
	now := sweepRow{Platform: in.Platform, SweptTo: in.SweptTo, OffsetS: in.OffsetS, At: tx.Now, Deals: int64(len(in.Deals))}
	if f.last == nil {
		if err := sweeps.Insert(ctx, tx.Tx, &now); err != nil {
			return nil, err
		}
	} else {
		now.rev, now.Deals = f.last.rev, now.Deals+f.last.Deals
		if err := sweeps.Update(ctx, tx.Tx, f.last, &now); err != nil {
			return nil, err
		}
	}
	swept := evidence.Event{Type: EventSwept, Entity: in.Entity, Details: []evidence.Detail{{Name: "platform", Value: in.Platform},
		{Name: "deals", Value: strconv.Itoa(len(in.Deals))}, {Name: "server_offset_s", Value: strconv.Itoa(in.OffsetS)}}}
	if len(in.Deals) > 0 {
		var salt [16]byte
		tx.Entropy.Read(salt[:])
		batch := tx.NewRef("db")
		for k := range in.Deals {
			in.Deals[k].Batch = batch
		}
		if err := deals.InsertBatch(ctx, tx.Tx, batch, salt[:], in.Deals); err != nil {
			return nil, err
		}
	}
	matched, err := h.match(ctx, tx, in, f)
	if err != nil {
		return nil, err
	}
	return append([]evidence.Event{swept}, matched...), nil
}

func (h recordSweep) match(ctx context.Context, tx *command.Tx, in RecordSweep, f sweepFacts) ([]evidence.Event, error) {
	for k := range in.Deals {
		d := &in.Deals[k]
		if !manual(d.Action) {
			continue
		}
		v := judge(h.d.Tags, d, f.byTag, f.used)
		if v.finding == "" {
			f.seen[v.intervention.Tag] = *d
			continue
		}
		subject := d.Account
		if v.intervention != nil {
			subject = v.intervention.ID
		}
		if err := raise(ctx, tx, v.finding, in.Entity, subject, in.Platform+":deal/"+strconv.FormatInt(d.Ticket, 10)); err != nil {
			return nil, err
		}
	}
	var out []evidence.Event
	for _, tag := range slices.Sorted(maps.Keys(f.seen)) {
		d, i := f.seen[tag], f.byTag[tag]
		for k := range f.pending {
			if f.pending[k].Tag == tag {
				i = &f.pending[k]
			}
		}
		if i == nil || !i.matchable() {
			continue
		}
		now := *i
		now.State, now.Matched, now.Ticket, now.ServerTime = StateMatched, tx.Now, d.Ticket, d.ServerTime
		if err := interventions.Update(ctx, tx.Tx, i, &now); err != nil {
			return nil, err
		}
		ev := now.event(EventMatched)
		ev.External = []string{in.Platform + ":deal/" + strconv.FormatInt(d.Ticket, 10)}
		ev.Observed = d.At
		ev.Details = append(ev.Details, evidence.Detail{Name: "dealer", Value: strconv.FormatInt(d.Dealer, 10)})
		out = append(out, ev)
	}
	return out, nil
}
