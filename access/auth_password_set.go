package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SetPassword sets somebody's password. Its holder does it, with the old
// password within a session or with an invitation that was sent to their own
// address. There is no way for anybody else to set, see or reset one.
type SetPassword struct {
	Staff core.Ref `json:"staff"`

	try *newPassword
}

type newPassword struct {
	old, password, ip string
	invited           bool
	invitation        string // token of the invitation

	counters counters
	now      core.Instant
	proof    proof
	hash     string
	done     bool
}

// Action is access.password.set.
func (SetPassword) Action() command.Action { return "access.password.set" }

// Subject is the holder.
func (in SetPassword) Subject() core.Ref { return in.Staff }

type setPassword struct{ a *Auth }

// Prepare looks at the new password, compares the old one and hashes.
func (h setPassword) Prepare(ctx context.Context, in SetPassword) (SetPassword, error) {
	t := in.try
	if t == nil {
		return in, errNoSecrets
	}
	staff, err := StaffByID(ctx, h.a.reader(), in.Staff)
	if err != nil {
		return in, err
	}
	account := ""
	if staff != nil {
		account = "password|" + string(staff.ID)
	} else {
		staff = &Staff{}
	}
	if t.counters, err = h.a.countersFor(ctx, account, staff.ID, t.ip); err != nil {
		return in, err
	}
	if err = h.a.throttle(ctx, t.counters); err != nil {
		return in, err
	}
	if err = checkNewPassword(t.password, staff); err != nil {
		return in, err
	}
	if err = h.prove(ctx, t, staff); err != nil {
		return in, err
	}
	if t.proof.ok {
		t.hash, err = h.a.hash(ctx, t.password)
	}
	t.now = h.a.cfg.Wall.Now()
	return in, err
}

func (h setPassword) prove(ctx context.Context, t *newPassword, staff *Staff) error {
	t.proof = proof{staff: staff.ID, factor: FactorPassword}
	if t.invited { // what the invitation is worth is for the transaction
		t.proof.ok, t.proof.factor = true, "invitation"
		return nil
	}
	cred, err := credentials.Get(ctx, h.a.reader(), string(staff.ID))
	if err != nil {
		return err
	}
	stored := credential{}
	if cred != nil {
		stored = *cred
	}
	t.proof.against, t.proof.reason = stored.proves(), "wrong-password"
	if t.proof.ok, err = h.a.matches(ctx, t.old, stored.Password); err != nil {
		return err
	}
	if t.proof.ok && t.old == t.password {
		return core.InvalidField("password", "The new password is the old one. Choose another.")
	}
	return nil
}

type passwordFacts struct {
	staff   *Staff
	cred    *credential
	tally   tally
	invited *invite
	open    []invite
}

// Load reads the account, the counters and the invitation.
func (setPassword) Load(ctx context.Context, r store.Reader, in SetPassword) (f passwordFacts, res command.Resource, err error) {
	t := in.try
	res = command.Resource{Kind: core.KindStaff, Ref: in.Staff}
	if f.tally, err = readTally(ctx, r, t.counters); err != nil {
		return f, res, err
	}
	if f.staff, err = StaffByID(ctx, r, in.Staff); err != nil {
		return f, res, err
	}
	if f.staff != nil {
		res = f.staff.Resource()
	}
	if t.invited {
		if f.invited, err = invites.One(ctx, r, "WHERE token = $1", digest(t.invitation)); err != nil {
			return f, res, err
		}
	}
	if f.open, err = invites.Select(ctx, r, "WHERE staff = $1 AND closed IS NULL ORDER BY id", in.Staff); err != nil {
		return f, res, err
	}
	f.cred, err = credentials.Get(ctx, r, string(in.Staff))
	return f, res, err
}

// Check lets the holder in, and whoever holds their invitation.
func (setPassword) Check(in SetPassword, f passwordFacts, m command.Moment) command.Verdict {
	if in.try.invited {
		return verdict(systemOnly(m))
	}
	return verdict(inPerson(m, in.Staff))
}

// doubt is why the password is not set, or "".
func (f passwordFacts) doubt(t *newPassword) string {
	if why := t.proof.doubt(f.cred, t.now, f.tally); why != "" {
		return why
	}
	switch {
	case f.staff == nil || f.staff.Status != Active:
		return "not-active"
	case t.invited && (f.invited == nil || f.invited.Staff != f.staff.ID || f.invited.Closed != 0):
		return "wrong-invitation"
	case t.invited && t.now >= f.invited.Expires:
		return "invitation-expired"
	}
	return ""
}

// Apply sets the password, closes the open invitations and ends the holder's
// other sessions and their API tokens: who changes a password because somebody
// else had it must not leave them a token.
func (h setPassword) Apply(ctx context.Context, tx *command.Tx, in SetPassword, f passwordFacts) ([]evidence.Event, error) {
	t := in.try
	t.done = false
	if why := f.doubt(t); why != "" {
		if _, err := f.tally.failed(ctx, tx.Tx, t.counters, t.now); err != nil {
			return nil, err
		}
		return []evidence.Event{h.a.failure(tx, t.counters, oneRef(in.Staff), why, t.proof.factor)}, nil
	}
	if err := f.tally.succeeded(ctx, tx.Tx); err != nil {
		return nil, err
	}
	err := changeCredential(ctx, tx, in.Staff, f.cred, func(c *credential) { c.Password, c.PasswordSet = t.hash, tx.Now })
	if err != nil {
		return nil, err
	}
	for i := range f.open {
		if err := closeInvite(ctx, tx, &f.open[i], "password-set"); err != nil {
			return nil, err
		}
	}
	out := []evidence.Event{{
		Type: EventPasswordChanged, Subjects: []core.Ref{in.Staff},
		Details: []evidence.Detail{{Name: "proven_by", Value: t.proof.factor}},
	}}
	ended, err := EndAccess(ctx, tx, in.Staff, "password-changed", tx.Actor.Session)
	t.done = err == nil
	return append(out, ended...), err
}

// changeCredential makes or changes somebody's credential row.
func changeCredential(ctx context.Context, tx *command.Tx, staff core.Ref, was *credential, change func(*credential)) error {
	if was == nil {
		now := &credential{Staff: staff, Created: tx.Now}
		change(now)
		return credentials.Insert(ctx, tx.Tx, now)
	}
	now := *was
	change(&now)
	return credentials.Update(ctx, tx.Tx, was, &now)
}

// ErrPassword is the answer to an old password that is not right, ErrInvite to
// an invitation that does not, or no longer, exist.
var (
	ErrPassword = core.NewFault(core.Denied, "wrong-password", "The old password is not right.")
	ErrInvite   = core.NewFault(core.Denied, "wrong-invitation", "This invitation is not valid, was used, or is too old. Ask for a new one.")
)

// SetPassword changes the actor's own password. Their other sessions and their
// API tokens end.
func (a *Auth) SetPassword(ctx context.Context, actor evidence.Actor, old, password string) (command.Outcome, error) {
	return a.setPassword(ctx, actor, ErrPassword, SetPassword{Staff: actor.Ref, try: &newPassword{old: old, password: password, ip: actor.IP}})
}

// AcceptInvite sets the password of whoever was invited. It does not sign in:
// the next step is to sign in with it.
func (a *Auth) AcceptInvite(ctx context.Context, token, password, ip string) (command.Outcome, error) {
	row, err := invites.One(ctx, a.reader(), "WHERE token = $1", digest(token))
	if err != nil {
		return command.Outcome{}, err
	}
	in := SetPassword{try: &newPassword{password: password, ip: tidy(ip, 64), invited: true, invitation: token}}
	if row != nil {
		in.Staff = row.Staff
	}
	return a.setPassword(ctx, stranger(ip), ErrInvite, in)
}

func (a *Auth) setPassword(ctx context.Context, actor evidence.Actor, wrong *core.Fault, in SetPassword) (command.Outcome, error) {
	out, err := a.cfg.Road.Run(ctx, actor, "", in)
	if err == nil && !in.try.done {
		return command.Outcome{}, failedAt(wrong, out.Event)
	}
	return out, err
}
