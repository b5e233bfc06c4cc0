package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Apartness says why one person may not approve what another asked for, beside
// what policy and seats say; nil when they may.
type Apartness func(ctx context.Context, r store.Reader, entity, maker, approver core.Ref) (*Refusal, error)

// between asks about one proposal. Refusing a proposal needs no distance.
func (a Apartness) between(ctx context.Context, r store.Reader, p *Proposal, approver core.Ref) (*Refusal, error) {
	if a == nil || approver == p.Maker {
		return nil, nil // that the maker is never the checker is the seat's business
	}
	return a(ctx, r, p.Entity, p.Maker, approver)
}
