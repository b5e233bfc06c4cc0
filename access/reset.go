package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// IdentityChecks are the ways in which an administrator can have made sure,
// before a reset, that the person who asks is who they say.
var IdentityChecks = []string{"in-person", "video-call", "call-back", "manager-confirmed", "identity-document"}

// reset is what both resets say: who, how identity was checked, and the case.
type reset struct {
	Staff    core.Ref `json:"staff"`
	Identity string   `json:"identity"` // one of IdentityChecks
	Words    string   `json:"words"`
	Case     core.Ref `json:"case"`
}

func (in reset) validate() error {
	switch {
	case !slices.Contains(IdentityChecks, in.Identity):
		return core.InvalidField("identity", "Say how you made sure who it is: in person, by video call, by calling back a number on record, by their manager, or by an identity document.")
	case in.Case.Kind() != core.KindCase:
		return core.InvalidField("case", "Name the open case in which the person asked for this. Compliance opens one of the type access request about the person.")
	}
	return needWords(in.Words)
}

// resetFacts are the person and what they hold.
type resetFacts struct {
	staff *Staff
	held  []Grant
	open  []invite
}

func loadReset(ctx context.Context, r store.Reader, staff core.Ref) (f resetFacts, res command.Resource, err error) {
	if f.staff, err = loadStaff(ctx, r, staff); err != nil {
		return f, res, err
	}
	if f.held, err = GrantsOf(ctx, r, staff); err != nil {
		return f, res, err
	}
	f.open, err = invites.Select(ctx, r, "WHERE staff = $1 AND closed IS NULL ORDER BY id", staff)
	return f, f.staff.Resource(), err
}

// against is why somebody may not reset the person's way in, or nil.
func (f resetFacts) against(m command.Moment) *command.Refusal {
	switch {
	case m.Actor.Token != "":
		return inPerson(m, f.staff.ID)
	case m.Actor.Ref == f.staff.ID:
		return &command.Refusal{Code: "own-reset", Text: "A colleague resets what you sign in with; you change it yourself under your account."}
	case f.staff.Status != Active:
		return &command.Refusal{Code: "not-active", Text: "This person no longer works here."}
	case slices.ContainsFunc(m.Approvals, func(a command.Approver) bool { return a.Ref == f.staff.ID }):
		return &command.Refusal{Code: "holder-is-not-approver", Text: "The person whose second factor is reset cannot approve it."}
	}
	return nil
}

// privileged reports whether the person holds a privileged role now.
func (f resetFacts) privileged(now core.Instant) bool {
	return slices.ContainsFunc(f.held, func(g Grant) bool { return g.Role.Privileged() && g.Live(now) })
}

// ResetPassword takes somebody's password away and sends them an invitation to
// set a new one, at their own address. Nobody but they ever sees or sets it.
// Their sessions and API tokens end with it.
type ResetPassword struct {
	reset

	try *invitation
}

// Action is access.password.reset.
func (ResetPassword) Action() command.Action { return "access.password.reset" }

// Subject is the person.
func (in ResetPassword) Subject() core.Ref { return in.Staff }

// CaseRef is the case in which they asked.
func (in ResetPassword) CaseRef() core.Ref { return in.Case }

// Validate checks the form.
func (in ResetPassword) Validate() error { return in.validate() }

type resetPassword struct{ a *Auth }

// Prepare draws the invitation.
func (h resetPassword) Prepare(_ context.Context, in ResetPassword) (ResetPassword, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	in.try.token = h.a.newToken("vi_")
	in.try.expires = h.a.cfg.Wall.Now().Add(inviteLife)
	return in, nil
}

// Load reads the person.
func (resetPassword) Load(ctx context.Context, r store.Reader, in ResetPassword) (resetFacts, command.Resource, error) {
	return loadReset(ctx, r, in.Staff)
}

// Check refuses resets of oneself and of those who left.
func (resetPassword) Check(_ ResetPassword, f resetFacts, m command.Moment) command.Verdict {
	return verdict(f.against(m))
}

// Apply ends what the old password was good for, and invites.
func (h resetPassword) Apply(ctx context.Context, tx *command.Tx, in ResetPassword, f resetFacts) ([]evidence.Event, error) {
	if err := dropPassword(ctx, tx, in.Staff, "password-reset"); err != nil {
		return nil, err
	}
	row := &invite{ID: tx.NewRef(KindInvite), Staff: in.Staff, token: digest(in.try.token), Created: tx.Now, Expires: in.try.expires}
	in.try.email = f.staff.Email
	if err := invites.Insert(ctx, tx.Tx, row); err != nil {
		return nil, err
	}
	ended, err := EndAccess(ctx, tx, in.Staff, "password-reset", "")
	return append([]evidence.Event{in.event(EventPasswordReset)}, ended...), err
}

func (in reset) event(typ evidence.Type) evidence.Event {
	return evidence.Event{Type: typ, Subjects: []core.Ref{in.Staff}, Case: in.Case, Reason: in.Identity, Text: in.Words}
}

// ResetPassword takes a colleague's password away and mails them an
// invitation. It needs a way to deliver that: without one nobody could come
// back.
func (a *Auth) ResetPassword(ctx context.Context, actor evidence.Actor, key command.Key, in ResetPassword) (command.Outcome, error) {
	if !a.Invites() {
		return command.Outcome{}, errNoMail
	}
	in.try = &invitation{}
	out, err := a.cfg.Road.Run(ctx, actor, key, in)
	if err != nil || out.Replayed {
		return out, err
	}
	return out, a.deliver(ctx, in.try)
}

// PasswordReset and FactorReset make the inputs of the two resets.
func PasswordReset(staff core.Ref, identity, words string, file core.Ref) ResetPassword {
	return ResetPassword{reset: reset{staff, identity, words, file}}
}

// FactorReset makes the input of a reset of somebody's second factors.
func FactorReset(staff core.Ref, identity, words string, file core.Ref) ResetFactors {
	return ResetFactors{reset{staff, identity, words, file}}
}
