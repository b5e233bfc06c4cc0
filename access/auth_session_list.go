package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ListSessions asks for the open sessions of one person.
type ListSessions struct {
	Holder core.Ref `json:"holder"`
}

// Action is access.session.list.
func (ListSessions) Action() command.Action { return "access.session.list" }

// Subject is the holder.
func (in ListSessions) Subject() core.Ref { return in.Holder }

// SessionView is one open session for a page.
type SessionView struct {
	ID           core.Ref
	Factors      []string
	Created      core.Instant
	AuthTime     core.Instant
	Seen         core.Instant // to the minute
	Expires      core.Instant
	IP, Agent    string
	Masked       bool // IP and Agent exist and are not for this reader
	Current      bool // the reader's own, this one
	SteppedUpTil core.Instant
}

type listSessions struct{}

// Target is the sessions of the holder.
func (listSessions) Target(ctx context.Context, r store.Reader, in ListSessions) (command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Holder)
	return ownResource(core.KindSession, in.Holder, s), err
}

// Read lists the sessions, newest first.
func (listSessions) Read(ctx context.Context, r store.Reader, in ListSessions, see *command.Sight) ([]SessionView, error) {
	holder, err := loadStaff(ctx, r, in.Holder)
	if err != nil {
		return nil, err
	}
	rows, err := sessions.Select(ctx, r, "WHERE principal = $1 AND ended IS NULL ORDER BY created DESC, id DESC LIMIT 100", in.Holder)
	if err != nil {
		return nil, err
	}
	res := ownResource(core.KindSession, in.Holder, holder)
	out := make([]SessionView, 0, len(rows))
	for i := range rows {
		s := &rows[i]
		v := SessionView{
			ID: s.ID, Factors: s.Factors(), Created: s.Created, AuthTime: s.AuthTime, Expires: s.Expires,
			SteppedUpTil: s.StepUpUntil, Current: s.ID == see.Actor.Session,
		}
		if v.Seen, err = LastUsed(ctx, r, s.ID); err != nil {
			return nil, err
		}
		v.IP, v.Masked = see.Show(core.Personal, res, "session.ip", s.IP)
		agent, masked := see.Show(core.Personal, res, "session.agent", s.Agent)
		v.Agent, v.Masked = agent, v.Masked || masked
		out = append(out, v)
	}
	see.Counted(len(out))
	return out, nil
}

// List reads the open sessions of a staff member, for themselves or for whom
// policy lets look.
func (a *Auth) List(ctx context.Context, actor evidence.Actor, staff core.Ref) ([]SessionView, error) {
	return command.Ask[ListSessions, []SessionView](ctx, a.cfg.Road, actor, listSessions{}, ListSessions{Holder: staff})
}
