package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EnrolCredential gives a new staff member their first password and code
// generator. Only the system does it, for an empty firm or the demo; people
// are invited instead.
type EnrolCredential struct {
	Staff core.Ref `json:"staff"`

	try *firstCredential
}

type firstCredential struct {
	password string
	seed     []byte

	hash   string
	sealed []byte
}

// Action is access.credential.enrol.
func (EnrolCredential) Action() command.Action { return "access.credential.enrol" }

// Subject is the new staff member.
func (in EnrolCredential) Subject() core.Ref { return in.Staff }

type enrolCredential struct{ a *Auth }

// Prepare hashes the password and seals the seed.
func (h enrolCredential) Prepare(ctx context.Context, in EnrolCredential) (EnrolCredential, error) {
	t := in.try
	if t == nil {
		return in, errNoSecrets
	}
	staff, err := loadStaff(ctx, h.a.reader(), in.Staff)
	if err != nil {
		return in, err
	}
	if err := checkNewPassword(t.password, staff); err != nil {
		return in, err
	}
	if t.hash, err = h.a.hash(ctx, t.password); err != nil {
		return in, err
	}
	if len(t.seed) > 0 {
		t.sealed, err = h.a.cfg.Sealer.Seal(t.seed, seedAD(in.Staff))
	}
	return in, err
}

// Load reads the account.
func (enrolCredential) Load(ctx context.Context, r store.Reader, in EnrolCredential) (holderFacts, command.Resource, error) {
	return loadHolder(ctx, r, in.Staff)
}

// Check refuses people, and accounts that have credentials.
func (enrolCredential) Check(_ EnrolCredential, f holderFacts, m command.Moment) command.Verdict {
	if r := systemOnly(m); r != nil {
		return verdict(r)
	}
	if f.cred != nil {
		return command.Refuse(command.Refusal{Code: "has-credentials", Text: "This person has credentials already."})
	}
	return command.Proceed()
}

// Apply stores both.
func (h enrolCredential) Apply(ctx context.Context, tx *command.Tx, in EnrolCredential, f holderFacts) ([]evidence.Event, error) {
	t := in.try
	err := changeCredential(ctx, tx, in.Staff, f.cred, func(c *credential) {
		c.Password, c.PasswordSet = t.hash, tx.Now
		if len(t.seed) > 0 {
			c.TOTP = digest(string(t.seed))
		}
	})
	if err == nil && len(t.seed) > 0 {
		err = h.a.sealSeed(ctx, tx.Tx, in.Staff, t.sealed)
	}
	return []evidence.Event{{Type: EventCredentialMade, Subjects: []core.Ref{in.Staff}}}, err
}

// Enrol gives a new staff member a first password and, unless it is empty, the
// seed of a code generator (20 bytes).
func (a *Auth) Enrol(ctx context.Context, by evidence.Actor, staff core.Ref, password string, seed []byte) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, by, "", EnrolCredential{Staff: staff, try: &firstCredential{password: password, seed: seed}})
}
