package command

import (
	"context"
	"slices"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BasisBook finds the clauses of an entity's manuals that were in force at a
// moment and apply to one of the named acts, policies or rules.
type BasisBook func(ctx context.Context, r store.Reader, entity core.Ref, by []string, at core.Instant) ([]string, error)

// rests adds to an event what it rests on: the one place where the firm's
// manuals come into evidence.
func (r *run) rests(ctx context.Context, reader store.Reader, ev *evidence.Event, act Action, rule string) error {
	if r.rd.Basis == nil || ev.Entity == "" || r.e.doc.System {
		return nil
	}
	by := append([]string{string(act)}, r.ruling.Policies...)
	if rule != "" {
		by = append(by, rule)
	}
	clauses, err := r.rd.Basis(ctx, reader, ev.Entity, by, r.at)
	for _, c := range clauses {
		if !slices.Contains(ev.Basis, c) {
			ev.Basis = append(ev.Basis, c)
		}
	}
	return err
}
