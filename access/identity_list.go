package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ListIdentities asks at which providers outside somebody can sign in here.
type ListIdentities struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.identity.list.
func (ListIdentities) Action() command.Action { return "access.identity.list" }

// Subject is the holder.
func (in ListIdentities) Subject() core.Ref { return in.Staff }

// IdentityView is one identity at a provider outside.
type IdentityView struct {
	ID       core.Ref     `json:"id"`
	Provider string       `json:"provider"` // as people call it
	Issuer   string       `json:"issuer"`
	Account  Field        `json:"account"` // what the provider calls the person
	Created  core.Instant `json:"created"`
	By       core.Ref     `json:"by"`
}

type listIdentities struct{ a *Auth }

// Target is the holder.
func (listIdentities) Target(ctx context.Context, r store.Reader, in ListIdentities) (command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return command.Resource{}, err
	}
	return s.Resource(), nil
}

// Read lists those in force, oldest first.
func (q listIdentities) Read(ctx context.Context, r store.Reader, in ListIdentities, see *command.Sight) ([]IdentityView, error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return nil, err
	}
	rows, err := identitiesOf(ctx, r, in.Staff)
	out := make([]IdentityView, 0, len(rows))
	for i := range rows {
		x := &rows[i]
		v := IdentityView{ID: x.ID, Provider: q.a.label(x.Issuer), Issuer: x.Issuer, Created: x.Created, By: x.By}
		v.Account.Text, v.Account.Masked = see.Show(core.Personal, s.Resource(), "identity.subject", x.subject)
		out = append(out, v)
	}
	see.Counted(len(out))
	return out, err
}

// ListIdentitiesQuery answers ListIdentities.
func (a *Auth) ListIdentitiesQuery() command.Query[ListIdentities, []IdentityView] {
	return listIdentities{a}
}

// Identities reads at which providers a staff member can sign in, for
// themselves or for whom policy lets look.
func (a *Auth) Identities(ctx context.Context, actor evidence.Actor, staff core.Ref) ([]IdentityView, error) {
	return command.Ask(ctx, a.cfg.Road, actor, a.ListIdentitiesQuery(), ListIdentities{Staff: staff})
}

// Linked reports whether a staff member can sign in at a provider.
func (a *Auth) Linked(ctx context.Context, staff core.Ref, issuer string) bool {
	rows, err := identitiesOf(ctx, a.reader(), staff)
	return err == nil && slices.ContainsFunc(rows, func(x identity) bool { return x.Issuer == issuer })
}
