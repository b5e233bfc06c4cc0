package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// DeactivateStaff ends somebody's work here, at once. In the same transaction
// end their sessions and API tokens, what they sign in with, invitations, and
// every grant, each told in the log of its own entity.
type DeactivateStaff struct {
	Staff core.Ref `json:"staff"`
	Words string   `json:"words"`
}

// Action is access.staff.deactivate.
func (DeactivateStaff) Action() command.Action { return "access.staff.deactivate" }

// Subject is the person.
func (d DeactivateStaff) Subject() core.Ref { return d.Staff }

// Validate asks for a reason.
func (d DeactivateStaff) Validate() error { return needWords(d.Words) }

type deactivateStaff struct{ sessions Sessions }

// Load reads the person.
func (deactivateStaff) Load(ctx context.Context, r store.Reader, in DeactivateStaff) (*Staff, command.Resource, error) {
	s, err := staffs.Get(ctx, r, string(in.Staff))
	if err == nil && s == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return s, s.Resource(), nil
}

// Check refuses somebody who left already, and oneself: the last
// administrator must not lock the firm out by mistake.
func (deactivateStaff) Check(in DeactivateStaff, s *Staff, m command.Moment) command.Verdict {
	switch {
	case s.Status == Inactive:
		return command.Refuse(command.Refusal{Code: "staff-not-active", Text: "This person is inactive already."})
	case m.Actor.Ref.Kind() == core.KindSystem && (s.Until == 0 || m.Now < s.Until):
		return command.Refuse(command.Refusal{Code: "employment-goes-on", Text: "The employment of this person has not ended."})
	case m.Actor.Ref == in.Staff:
		return command.Refuse(command.Refusal{Code: "own-account", Text: "You cannot deactivate yourself; ask a colleague."})
	}
	return command.Proceed()
}

// Apply closes the account, and everything that is held by it.
func (h deactivateStaff) Apply(ctx context.Context, tx *command.Tx, in DeactivateStaff, s *Staff) ([]evidence.Event, error) {
	now := *s
	now.Status, now.Left = Inactive, tx.Now
	if err := staffs.Update(ctx, tx.Tx, s, &now); err != nil {
		return nil, err
	}
	if h.sessions != nil {
		if err := h.sessions.EndAll(ctx, tx, s.ID); err != nil {
			return nil, err
		}
	}
	left := tx.With(evidence.Event{Type: EventStaffDeactivated, Entity: within(s.Entity), Subjects: []core.Ref{s.ID}, Text: in.Words})
	ended, err := endGrants(ctx, tx, s.ID)
	return append([]evidence.Event{left}, ended...), err
}

// endGrants ends every grant of a leaver, also those that have not begun.
func endGrants(ctx context.Context, tx *command.Tx, holder core.Ref) (out []evidence.Event, err error) {
	theirs, err := GrantsOf(ctx, tx, holder)
	if err != nil {
		return nil, err
	}
	for i := range theirs {
		g := &theirs[i]
		if g.State != Granted {
			continue
		}
		reason := reasonLeft
		if tx.Now >= g.Ends {
			reason = reasonEnded
		}
		now := g.close(Expired, tx, reason)
		if err := grants.Update(ctx, tx.Tx, g, &now); err != nil {
			return nil, err
		}
		out = append(out, tx.With(now.event(EventGrantExpired, reason, "")))
	}
	return out, nil
}
