package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Peek asks policy ahead for one reader: which questions would be answered if
// they were asked now. It is for pages that offer no way to what is not for
// their reader. It shows nothing, permits nothing and leaves no evidence; the
// road decides when the question comes.
type Peek struct {
	rd     *Road
	ctx    context.Context
	r      store.Reader
	actor  evidence.Actor
	at     core.Instant
	filter map[Offer]bool
}

// Peek runs fn over one reading of the store.
func (rd *Road) Peek(ctx context.Context, a evidence.Actor, fn func(*Peek)) error {
	return rd.Store.Snapshot(ctx, func(r store.Reader) error {
		fn(&Peek{rd: rd, ctx: ctx, r: r, actor: a, at: rd.Clock.Now(), filter: map[Offer]bool{}})
		return nil
	})
}

// Opens says whether policy would let the reader ask in. A record that is not
// there opens for nobody.
func Opens[I Input, V any](p *Peek, q Query[I, V], in I) bool {
	res, err := q.Target(p.ctx, p.r, in)
	switch {
	case err != nil:
		return false
	case res.Ref == "":
		return p.Lists(Offer{Action: in.Action(), Kind: res.Kind})
	}
	return p.May(in.Action(), res)
}

// Lists says whether policy would allow the act on any record of the kind.
func (p *Peek) Lists(o Offer) bool {
	if v, ok := p.filter[o]; ok {
		return v
	}
	_, ruling, err := p.rd.Policy.Filter(p.ctx, p.r, p.actor, o.Action, o.Kind, p.at)
	p.filter[o] = err == nil && ruling.Allow
	return p.filter[o]
}

// May says whether policy would allow the act on the record.
func (p *Peek) May(act Action, res Resource) bool {
	ruling, err := p.rd.Policy.Authorize(p.ctx, p.r, p.actor, act, res, p.at)
	return err == nil && ruling.Allow
}

// Home is the legal entity of a record; ok is false when there is none.
func (p *Peek) Home(records interface {
	EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error)
}, ref core.Ref,
) (entity core.Ref, ok bool) {
	entity, err := records.EntityOf(p.ctx, p.r, ref)
	return entity, err == nil && entity != ""
}
