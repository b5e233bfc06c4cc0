package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/jobs"
)

// EndPerson ends everything by which somebody could be here again, in the
// transaction of whatever ends their right to: sessions, API tokens,
// invitations, identities outside, password, code generator and passkeys. The rows go with the
// event of that command.
func EndPerson(ctx context.Context, tx *command.Tx, staff core.Ref, why string) error {
	if _, err := EndAccess(ctx, tx, staff, why, ""); err != nil {
		return err
	}
	if err := endIdentities(ctx, tx, staff, why); err != nil {
		return err
	}
	if err := dropPassword(ctx, tx, staff, why); err != nil {
		return err
	}
	_, err := dropFactors(ctx, tx, staff)
	return err
}

// dropPassword takes somebody's password away, and every invitation to set
// one.
func dropPassword(ctx context.Context, tx *command.Tx, staff core.Ref, why string) error {
	open, err := invites.Select(ctx, tx, "WHERE staff = $1 AND closed IS NULL ORDER BY id", staff)
	if err != nil {
		return err
	}
	for i := range open {
		if err := closeInvite(ctx, tx, &open[i], why); err != nil {
			return err
		}
	}
	cred, err := credentials.Get(ctx, tx, string(staff))
	if err != nil || cred == nil || cred.Password == "" {
		return err
	}
	return changeCredential(ctx, tx, staff, cred, func(c *credential) { c.Password = "" })
}

// dropFactors takes somebody's second factors away and counts them.
func dropFactors(ctx context.Context, tx *command.Tx, staff core.Ref) (n int, err error) {
	keys, err := passkeys.Select(ctx, tx, "WHERE staff = $1 AND ended IS NULL ORDER BY id", staff)
	if err != nil {
		return 0, err
	}
	for i := range keys {
		now := keys[i]
		now.Ended, now.EndedBy = tx.Now, tx.Actor.Ref
		if err := passkeys.Update(ctx, tx.Tx, &keys[i], &now); err != nil {
			return n, err
		}
		n++
	}
	cred, err := credentials.Get(ctx, tx, string(staff))
	if err != nil || cred == nil || cred.TOTP == "" {
		return n, err
	}
	if _, err := totpSeeds.Delete(ctx, tx.Tx, string(staff)); err != nil {
		return n, err
	}
	return n + 1, changeCredential(ctx, tx, staff, cred, func(c *credential) { c.TOTP = "" })
}

// raise queues a finding about a person for the cases domain. Findings about
// staff are the group's, as their cases are.
func raise(ctx context.Context, tx *command.Tx, kind string, about core.Ref, external string) error {
	args := kind + "|" + string(Group) + "|" + string(about) + "|" + external
	return tx.Enqueue(ctx, jobs.New{Kind: "cases.raise", Subject: about, Args: args, Unique: args})
}

// usedAfterLeaving raises the finding that something of a leaver was used: one
// for each day and way, however often it was tried.
func usedAfterLeaving(ctx context.Context, tx *command.Tx, leaver core.Ref, way string) error {
	if leaver == "" {
		return nil
	}
	return raise(ctx, tx, "use-after-leaving", leaver, way+":"+tx.Now.Time().Format("2006-01-02"))
}

// leaver is the person, if they left.
func leaver(s *Staff) core.Ref {
	if s == nil || s.Status != Inactive {
		return ""
	}
	return s.ID
}
