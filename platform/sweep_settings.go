package platform

import (
	"context"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Drift is an account whose settings the platform shows otherwise than our row
// said at revision Rev.
type Drift struct {
	Account core.Ref `json:"account"`
	Rev     int64    `json:"rev"`
	Seen    settings `json:"seen"`
}

// settings reads the settings of the open accounts back and keeps those that
// differ. The rows were read before the platform, so that an intervention that
// is applied meanwhile moves the row on and the difference is dropped.
func (s *sweep) settings(ctx context.Context, list []Account) ([]Drift, error) {
	var out []Drift
	for k := range list {
		a := &list[k]
		if a.State != AccountOpen {
			continue
		}
		state, err := s.p.Account(ctx, a.Login)
		seen := settingsOf(state)
		if core.IsFault(err, "no-such-account") {
			seen, err = a.settings(), nil
			seen.Missing = true
		}
		if err != nil {
			return nil, err
		}
		if len(differences(a.settings(), seen)) > 0 {
			out = append(out, Drift{Account: a.ID, Rev: a.rev, Seen: seen})
		}
	}
	return out, nil
}

// drifted is a drift that nothing explains.
type drifted struct {
	was, now *Account
	parts    []difference
}

// unexplained drops what an intervention explains: one that was recorded since
// the row was read (the row moved on), or one under way, whose answer may still
// be out.
func unexplained(ctx context.Context, r store.Reader, drifts []Drift) ([]drifted, error) {
	var out []drifted
	for _, x := range drifts {
		a, err := accounts.Get(ctx, r, string(x.Account))
		if err != nil {
			return nil, err
		}
		if a == nil || a.rev != x.Rev {
			continue
		}
		underway, err := interventions.Select(ctx, r, "WHERE account = $1 AND state IN ($2, $3, $4) ORDER BY id", a.ID, StateExecuting, StateUncertain, StatePerson)
		if err != nil {
			return nil, err
		}
		ours := a.settings()
		for k := range underway {
			if i := &underway[k]; i.sent() {
				ours = ours.explained(x.Seen, i.patch())
			}
		}
		parts := differences(ours, x.Seen)
		if len(parts) == 0 {
			continue
		}
		now := *a
		now.set(a.settings().take(parts, x.Seen))
		out = append(out, drifted{a, &now, parts})
	}
	return out, nil
}

// take is s with the named parts as the platform shows them.
func (s settings) take(parts []difference, seen settings) settings {
	for _, p := range parts {
		switch p.Name {
		case "group":
			s.Group = seen.Group
		case "leverage":
			s.Leverage = seen.Leverage
		case "rights":
			s.Rights = seen.Rights
		case "account":
			s.Missing = seen.Missing
		}
	}
	return s
}

// adopt makes our row say what the platform shows, and raises one finding for
// each setting. The row must say what is: only so can an intervention set it
// right, and only so is the same change raised once and the next one again.
func (x *drifted) adopt(ctx context.Context, tx *command.Tx) (evidence.Event, error) {
	ev := evidence.Event{
		Type: EventDrifted, Outcome: evidence.Unsure, Entity: x.now.Entity, Subjects: []core.Ref{x.now.ID, x.now.Client},
		External: []string{loginRef(x.now.Platform, x.now.Login)},
	}
	if err := accounts.Update(ctx, tx.Tx, x.was, x.now); err != nil {
		return ev, err
	}
	for _, p := range x.parts {
		ev.Details = append(ev.Details, evidence.Detail{Name: p.Name, Value: p.Ours + " → " + p.Theirs})
		ref := loginRef(x.now.Platform, x.now.Login) + "/" + p.Name + "/" + strconv.FormatInt(x.now.rev, 10)
		if err := raise(ctx, tx, "settings-drift", x.now.Entity, x.now.ID, ref); err != nil {
			return ev, err
		}
	}
	return ev, nil
}
