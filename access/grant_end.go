package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EndGrant gives a role back before its end: whoever needs it no more need not
// wait for the clock. Having it again is a new request.
type EndGrant struct {
	Grant core.Ref `json:"grant"`
	Words string   `json:"words"`
}

// Action is access.grant.end.
func (EndGrant) Action() command.Action { return "access.grant.end" }

// Subject is the grant.
func (g EndGrant) Subject() core.Ref { return g.Grant }

// Validate asks for words.
func (g EndGrant) Validate() error { return needWords(g.Words) }

type endGrant struct{}

// Load reads the grant.
func (endGrant) Load(ctx context.Context, r store.Reader, in EndGrant) (*Grant, command.Resource, error) {
	return loadGrant(ctx, r, in.Grant)
}

// Check lets nobody but the holder give it back, and only while there is
// something to give.
func (endGrant) Check(_ EndGrant, g *Grant, m command.Moment) command.Verdict {
	switch {
	case g.Holder != m.Actor.Ref:
		return command.Refuse(command.Refusal{Code: "not-the-holder", Text: "Only the person who holds a role can give it back. You may take it away instead."})
	case g.State != Granted || m.Now >= g.Ends:
		return command.Refuse(command.Refusal{Code: "grant-over", Text: "This grant has ended already."})
	}
	return command.Proceed()
}

// Apply ends it now.
func (endGrant) Apply(ctx context.Context, tx *command.Tx, in EndGrant, g *Grant) ([]evidence.Event, error) {
	now := g.close(Ended, tx, reasonGivenBack)
	if err := grants.Update(ctx, tx.Tx, g, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventGrantEnded, reasonGivenBack, in.Words)}, nil
}

const reasonGivenBack = "given-back"

// EventGrantEnded is the event of giving a role back.
var EventGrantEnded = evidence.Register("access.grant.ended", evidence.UserAccess, "A person gave a role back before its end.")
