package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ExpireGrant records that a role has ended: its time is over, or its holder
// left. The role stopped counting at that moment; this is the entry that makes
// a person's history complete.
type ExpireGrant struct {
	Grant core.Ref `json:"grant"`
}

// Action is access.grant.expire.
func (ExpireGrant) Action() command.Action { return "access.grant.expire" }

// Subject is the grant.
func (g ExpireGrant) Subject() core.Ref { return g.Grant }

type expireGrant struct{}

// expiring is a grant and whether its holder left.
type expiring struct {
	grant *Grant
	left  bool
}

// The reasons why a grant expires.
const (
	reasonEnded = "ended"
	reasonLeft  = "holder-left"
)

// Load reads the grant and its holder.
func (expireGrant) Load(ctx context.Context, r store.Reader, in ExpireGrant) (expiring, command.Resource, error) {
	g, res, err := loadGrant(ctx, r, in.Grant)
	if err != nil {
		return expiring{}, res, err
	}
	s, err := StaffByID(ctx, r, g.Holder)
	return expiring{g, s == nil || s.Status != Active}, res, err
}

// Check refuses before the time.
func (expireGrant) Check(_ ExpireGrant, f expiring, m command.Moment) command.Verdict {
	if f.grant.State != Granted || m.Now < f.grant.Ends && !f.left {
		return command.Refuse(command.Refusal{Code: "grant-not-due", Text: "This grant is not due to expire."})
	}
	return command.Proceed()
}

// Apply records the end.
func (expireGrant) Apply(ctx context.Context, tx *command.Tx, _ ExpireGrant, f expiring) ([]evidence.Event, error) {
	reason := reasonLeft
	if tx.Now >= f.grant.Ends {
		reason = reasonEnded
	}
	now := f.grant.close(Expired, tx, reason)
	if err := grants.Update(ctx, tx.Tx, f.grant, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventGrantExpired, reason, "")}, nil
}
