package oversight

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Resolve finds the records that a reference means to one reader: those whose
// story they may read, or which an event names that they may search. It tells
// nothing else about them, so it leaves no evidence; a record that does not
// exist and one that is not theirs to see are both missing from the answer.
func Resolve(ctx context.Context, rd *command.Road, records Records, a evidence.Actor, t Term) (out []core.Ref, err error) {
	if t.Ref == "" && len(t.Tail) < 4 {
		return nil, nil // guessing short tails would list what exists
	}
	err = rd.Store.Snapshot(ctx, func(r store.Reader) error {
		candidates := []core.Ref{t.Ref}
		if t.Ref == "" {
			if candidates, err = refsEnding(ctx, r, t); err != nil {
				return err
			}
		}
		now := rd.Clock.Now()
		scope, ruling, err := rd.Policy.Filter(ctx, r, a, SearchEvents{}.Action(), kindEvent, now)
		if err != nil || !ruling.Allow {
			scope = store.False
		}
		scope = store.And(scope, store.Compare("event.log", "<>", evidence.MLROLog))
		for _, ref := range candidates {
			page, err := rd.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{ref}, Scope: scope}, core.PageRequest{Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Rows) > 0 || mayRead(ctx, r, rd, records, a, ref, now) {
				out = append(out, ref)
			}
		}
		return nil
	})
	return out, err
}

func mayRead(ctx context.Context, r store.Reader, rd *command.Road, records Records, a evidence.Actor, ref core.Ref, now core.Instant) bool {
	res, err := resourceOf(ctx, r, records, ref)
	if err != nil {
		return false
	}
	act := command.Action("evidence.event.search")
	if ref.Kind() == core.KindProposal {
		act = "command.proposal.view"
	}
	ruling, err := rd.Policy.Authorize(ctx, r, a, act, res, now)
	return err == nil && ruling.Allow
}
