package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// UnlinkIdentity ends that somebody can sign in by an identity outside: one's
// own, or somebody's that policy lets the actor end. It only takes access away,
// so one person is enough; sessions that began by it end as well.
type UnlinkIdentity struct {
	Identity core.Ref `json:"identity"`
	Words    string   `json:"words,omitempty"` // why, when it is not one's own
}

// Action is access.identity.unlink.
func (UnlinkIdentity) Action() command.Action { return "access.identity.unlink" }

// Subject is the identity.
func (in UnlinkIdentity) Subject() core.Ref { return in.Identity }

type unlinkIdentity struct{}

type unlinkFacts struct {
	holderFacts
	row *identity
}

// Load reads the link and its holder.
func (unlinkIdentity) Load(ctx context.Context, r store.Reader, in UnlinkIdentity) (f unlinkFacts, res command.Resource, err error) {
	if f.row, err = identities.Get(ctx, r, string(in.Identity)); err == nil && f.row == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	f.holderFacts, res, err = loadHolder(ctx, r, f.row.Staff)
	return f, res, err
}

// Check refuses programs, and asks those who unlink a colleague for their
// reason.
func (unlinkIdentity) Check(in UnlinkIdentity, f unlinkFacts, m command.Moment) command.Verdict {
	switch {
	case m.Actor.Token != "":
		return verdict(inPerson(m, f.row.Staff))
	case f.row.Ended != 0:
		return command.Refuse(command.Refusal{Code: "identity-ended", Text: "This identity is unlinked already."})
	case m.Actor.Ref == f.row.Staff:
		return verdict(changeFactor(f.holderFacts, m))
	}
	return verdict(sayWhy(in.Words))
}

func sayWhy(words string) *command.Refusal {
	if needWords(words) != nil {
		return &command.Refusal{Code: "say-why", Text: "Say in your own words why you unlink another person's identity (at least five characters)."}
	}
	return nil
}

// Apply ends it, and the sessions that it began.
func (unlinkIdentity) Apply(ctx context.Context, tx *command.Tx, in UnlinkIdentity, f unlinkFacts) ([]evidence.Event, error) {
	why := "by-holder"
	if tx.Actor.Ref != f.row.Staff {
		why = "by-administrator"
	}
	ev, err := endIdentity(ctx, tx, f.row, why)
	if err != nil {
		return nil, err
	}
	ev.Text = in.Words
	ended, err := endProviderSessions(ctx, tx, f.row.Staff)
	return append([]evidence.Event{ev}, ended...), err
}

func endIdentity(ctx context.Context, tx *command.Tx, was *identity, why string) (evidence.Event, error) {
	now := *was
	now.Ended, now.EndedBy, now.EndReason = tx.Now, tx.Actor.Ref, why
	ev := now.event(EventIdentityUnlinked)
	ev.Reason = why
	return ev, identities.Update(ctx, tx.Tx, was, &now)
}

// endIdentities ends every link of a person, in the transaction of whatever
// ends their right to be here; the rows go with that command's event.
func endIdentities(ctx context.Context, tx *command.Tx, staff core.Ref, why string) error {
	open, err := identitiesOf(ctx, tx, staff)
	for i := range open {
		if _, err := endIdentity(ctx, tx, &open[i], why); err != nil {
			return err
		}
	}
	return err
}

// endProviderSessions ends the sessions of a person that a provider began.
func endProviderSessions(ctx context.Context, tx *command.Tx, staff core.Ref) (out []evidence.Event, err error) {
	open, err := sessions.Select(ctx, tx, "WHERE principal = $1 AND ended IS NULL ORDER BY id", staff)
	if err != nil {
		return nil, err
	}
	for i := range open {
		if ownFactor(open[i].Factors()) {
			continue
		}
		evs, err := endSession(ctx, tx, &open[i], EventSessionRevoked, "identity-unlinked")
		if err != nil {
			return nil, err
		}
		out = append(out, evs...)
	}
	return out, nil
}

// Unlink ends the use of an identity outside.
func (a *Auth) Unlink(ctx context.Context, actor evidence.Actor, key command.Key, id core.Ref, words string) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, key, UnlinkIdentity{Identity: id, Words: words})
}
