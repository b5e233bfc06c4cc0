package store

import (
	"context"
	"time"

	"vouchsafe/core"
)

// Lease is a claim to do a single-writer duty (sealing, schedules). Fence
// grows with each new holder; a transaction of the duty calls Hold, which
// fails for a holder that was overtaken, so that a paused process cannot
// commit after its successor began.
type Lease struct {
	Name, Holder string
	Fence        int64
}

type leaseRow struct {
	Name, Holder string
	Fence        int64
	Until        core.Instant
	Rev          int64
}

var leaseTable = Declare(Table[leaseRow]{
	Name: "lease", Kind: Operational, Rev: func(r *leaseRow) *int64 { return &r.Rev },
	Columns: []Column[leaseRow]{
		{Name: "name", Class: core.Public, Field: func(r *leaseRow) any { return &r.Name }},
		{Name: "holder", Class: core.Public, Field: func(r *leaseRow) any { return &r.Holder }},
		{Name: "fence", Class: core.Public, Field: func(r *leaseRow) any { return &r.Fence }},
		{Name: "until", Class: core.Public, Field: func(r *leaseRow) any { return &r.Until }},
	},
})

// ErrLeaseLost says that another node holds the duty.
var ErrLeaseLost = core.NewFault(core.Conflict, "lease-lost", "Another node does this now.")

// TakeLease claims the duty until wall time now+term, or reports ErrLeaseLost
// while another holder's claim is alive. The same holder keeps its fence.
func (s *Store) TakeLease(ctx context.Context, name, holder string, now core.Instant, term time.Duration) (Lease, error) {
	var out Lease
	err := s.Write(ctx, func(ctx context.Context, tx *Tx) error {
		was, err := leaseTable.Get(ctx, tx, name)
		if err != nil {
			return err
		}
		if was == nil {
			out = Lease{name, holder, 1}
			return leaseTable.Insert(ctx, tx, &leaseRow{Name: name, Holder: holder, Fence: 1, Until: now.Add(term)})
		}
		next := *was
		if was.Holder != holder {
			if was.Until > now {
				return ErrLeaseLost
			}
			next.Holder, next.Fence = holder, was.Fence+1
		}
		next.Until = now.Add(term)
		out = Lease{name, holder, next.Fence}
		return leaseTable.Update(ctx, tx, was, &next)
	})
	return out, err
}

// Hold proves inside a transaction that l is still the newest claim; the
// transaction fails when a successor has begun, even one that began after this
// read, because both write the same row. A caller on its own node's last
// breath thus commits before its successor or not at all.
func (t *Tx) Hold(ctx context.Context, l Lease) error {
	was, err := leaseTable.Get(ctx, t, l.Name)
	if err != nil {
		return err
	}
	if was == nil || was.Fence != l.Fence || was.Holder != l.Holder {
		return ErrLeaseLost
	}
	next := *was
	return leaseTable.Update(ctx, t, was, &next)
}
