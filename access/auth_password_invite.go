package access

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// InviteStaff sends a staff member a one-time invitation to set a password. It
// goes to their own address; whoever sends it never sees it. It replaces
// earlier invitations and, by itself, changes nothing: a second factor stays
// as it is.
type InviteStaff struct {
	Staff core.Ref `json:"staff"`

	try *invitation
}

type invitation struct {
	token   string
	expires core.Instant
	email   string
}

// inviteLife is how long an invitation can be accepted.
const inviteLife = 24 * time.Hour

// Action is access.password.invite.
func (InviteStaff) Action() command.Action { return "access.password.invite" }

// Subject is the invited person.
func (in InviteStaff) Subject() core.Ref { return in.Staff }

type inviteStaff struct{ a *Auth }

// Prepare draws the token.
func (h inviteStaff) Prepare(_ context.Context, in InviteStaff) (InviteStaff, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	in.try.token = h.a.newToken("vi_")
	in.try.expires = h.a.cfg.Wall.Now().Add(inviteLife)
	return in, nil
}

type inviteFacts struct {
	staff *Staff
	open  []invite
}

// Load reads the person and their open invitations.
func (inviteStaff) Load(ctx context.Context, r store.Reader, in InviteStaff) (f inviteFacts, res command.Resource, err error) {
	if f.staff, err = loadStaff(ctx, r, in.Staff); err != nil {
		return f, res, err
	}
	f.open, err = invites.Select(ctx, r, "WHERE staff = $1 AND closed IS NULL ORDER BY id", in.Staff)
	return f, f.staff.Resource(), err
}

// Check refuses invitations to oneself and to those who left.
func (inviteStaff) Check(_ InviteStaff, f inviteFacts, m command.Moment) command.Verdict {
	switch {
	case m.Actor.Token != "":
		return verdict(inPerson(m, f.staff.ID))
	case m.Actor.Ref == f.staff.ID:
		return command.Refuse(command.Refusal{Code: "own-invitation", Text: "Change your own password with the old one, or ask a colleague to invite you."})
	case f.staff.Status != Active:
		return command.Refuse(command.Refusal{Code: "not-active", Text: "This person no longer works here."})
	}
	return command.Proceed()
}

// Apply stores the invitation.
func (inviteStaff) Apply(ctx context.Context, tx *command.Tx, in InviteStaff, f inviteFacts) ([]evidence.Event, error) {
	for i := range f.open {
		if err := closeInvite(ctx, tx, &f.open[i], "replaced"); err != nil {
			return nil, err
		}
	}
	row := &invite{ID: tx.NewRef(KindInvite), Staff: in.Staff, token: digest(in.try.token), Created: tx.Now, Expires: in.try.expires}
	in.try.email = f.staff.Email
	err := invites.Insert(ctx, tx.Tx, row)
	return []evidence.Event{{
		Type: EventPasswordInvited, Subjects: []core.Ref{row.ID, in.Staff},
		Details: []evidence.Detail{{Name: "expires", Value: row.Expires.String()}},
	}}, err
}

func closeInvite(ctx context.Context, tx *command.Tx, was *invite, why string) error {
	now := *was
	now.Closed, now.ClosedReason = tx.Now, why
	return invites.Update(ctx, tx.Tx, was, &now)
}

// Invites says whether invitations can be delivered at all.
func (a *Auth) Invites() bool { return a.cfg.Deliver != nil }

// Invite sends a staff member an invitation to set a password.
func (a *Auth) Invite(ctx context.Context, actor evidence.Actor, key command.Key, staff core.Ref) (command.Outcome, error) {
	if !a.Invites() {
		return command.Outcome{}, errNoMail
	}
	t := &invitation{}
	out, err := a.cfg.Road.Run(ctx, actor, key, InviteStaff{Staff: staff, try: t})
	if err != nil || out.Replayed {
		return out, err
	}
	return out, a.deliver(ctx, t)
}

var errNoMail = core.NewFault(core.Unavailable, "no-mail", "This installation sends no messages, so nobody can be invited. Set mail_outbox in its configuration.")

func (a *Auth) deliver(ctx context.Context, t *invitation) error {
	if err := a.cfg.Deliver(ctx, t.email, t.token); err != nil {
		return core.NewFault(core.Unavailable, "mail-failed", "The invitation was made, and could not be sent. Invite again.").Because(err)
	}
	return nil
}
