package app

import (
	"context"
	"slices"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/store"
)

// The introductions: each gives one domain the small reading interface that
// another one asked for, in the words of the asker.

// subjects tells cases which legal entity a record belongs to.
type subjects struct{ clients clients.Service }

// EntityOf answers for clients, trading accounts, withdrawals and staff.
func (s subjects) EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error) {
	switch ref.Kind() {
	case core.KindClient:
		entity, err := s.clients.EntityOf(ctx, r, ref)
		if core.AsFault(err) != nil && core.AsFault(err).Kind == core.Unknown {
			return "", nil
		}
		return entity, err
	case core.KindAccount:
		a, err := platform.AccountByID(ctx, r, ref)
		if err != nil || a == nil {
			return "", err
		}
		return a.Entity, nil
	case core.KindWithdrawal:
		w, err := payments.WithdrawalByID(ctx, r, ref)
		if err != nil || w == nil {
			return "", err
		}
		return w.Entity, nil
	case core.KindStaff:
		st, err := access.StaffByID(ctx, r, ref)
		if err != nil || st == nil {
			return "", err
		}
		return access.Group, nil
	case access.KindReview:
		v, err := access.ReviewByID(ctx, r, ref)
		if err != nil || v == nil {
			return "", err
		}
		return v.Entity, nil
	}
	return "", nil
}

// owners tells cases who may own one: those whom policy lets see it.
type owners struct {
	policy *access.Authorizer
	clock  core.Clock
}

// MayOwn asks policy in the name of the owner to be.
func (o owners) MayOwn(ctx context.Context, r store.Reader, who core.Ref, file command.Resource) (bool, error) {
	ruling, err := o.policy.Authorize(ctx, r, evidence.Actor{Ref: who}, cases.ViewCase{}.Action(), file, o.clock.Now())
	return ruling.Allow, err
}

// caseOwners are all of them, for a page on which one is chosen.
func (a *App) caseOwners(ctx context.Context, file command.Resource) (out []core.Ref, err error) {
	err = a.Store.Snapshot(ctx, func(r store.Reader) error {
		out, err = a.Domains.Policy.WhoMay(ctx, r, cases.ViewCase{}.Action(), file, a.Clock.Now())
		return err
	})
	return out, err
}

// records tells whose story a record belongs to, for pages: those
// that subjects knows, and those that are about them.
type records struct{ subjects }

// EntityOf answers for interventions, deposits, cases and findings too.
func (s records) EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error) {
	switch ref.Kind() {
	case core.KindIntervention:
		i, err := platform.InterventionByID(ctx, r, ref)
		if err != nil || i == nil {
			return "", err
		}
		return i.Entity, nil
	case core.KindDeposit:
		d, err := payments.DepositByID(ctx, r, ref)
		if err != nil || d == nil {
			return "", err
		}
		return d.Entity, nil
	case core.KindCase:
		c, err := cases.CaseByID(ctx, r, ref)
		if err != nil || c == nil {
			return "", err
		}
		return c.Entity, nil
	case core.KindFinding:
		f, err := cases.FindingByID(ctx, r, ref)
		if err != nil || f == nil {
			return "", err
		}
		return f.Entity, nil
	}
	return s.subjects.EntityOf(ctx, r, ref)
}

// profiles tells domains by which rules a legal entity lives. The European
// Economic Area's rules come from MiFID II and ESMA, whoever supervises.
type profiles struct{}

var eea = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
	"LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
}

// Profile names the rule profile and the base currency of an entity.
func (profiles) Profile(ctx context.Context, r store.Reader, entity core.Ref) (name, currency string, err error) {
	e, err := access.EntityByID(ctx, r, entity)
	if err != nil || e == nil {
		return "", "", err
	}
	if slices.Contains(eea, e.Jurisdiction) {
		return "eu", e.Currency, nil
	}
	return "offshore", e.Currency, nil
}

// basics tells platform and payments who a client is.
type basics struct{ clients clients.Service }

// Basics is the client's entity and name; "" when there is no such client.
func (b basics) Basics(ctx context.Context, r store.Reader, client core.Ref) (entity core.Ref, name string, err error) {
	c, err := b.clients.Client(ctx, r, client)
	if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return c.Entity, c.Name, nil
}

// payees tells payments who a client is, and where their money goes.
type payees struct{ basics }

// Destination reads a bank detail as it stands now.
func (p payees) Destination(ctx context.Context, r store.Reader, detail core.Ref) (payments.Destination, error) {
	b, err := p.clients.BankDetail(ctx, r, detail)
	if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
		return payments.Destination{}, nil
	}
	if err != nil {
		return payments.Destination{}, err
	}
	return payments.Destination{
		Client: b.Client, Holder: b.Holder, Account: b.Account, Bank: b.Bank, Currency: b.Currency, Active: b.Active, Changed: b.ChangedAt,
	}, nil
}

// ByReference finds the client whom a payer meant.
func (p payees) ByReference(ctx context.Context, r store.Reader, reference string) (core.Ref, error) {
	return p.clients.ByReference(ctx, r, reference)
}

var (
	_ payments.Clients  = payees{}
	_ payments.Entities = profiles{}
	_ payments.Cases    = cases.Service{}
	_ cases.Subjects    = subjects{}
	_ cases.Owners      = owners{}
	_ platform.Clients  = basics{}
	_ platform.Entities = profiles{}
	_ platform.Cases    = cases.Service{}
)

// knownEntity tells approvals whether there is such a legal entity.
func knownEntity(ctx context.Context, r store.Reader, entity core.Ref) (bool, error) {
	e, err := access.EntityByID(ctx, r, entity)
	return e != nil && entity != access.Group, err
}

// releaseRules tells approvals what payments has built in and looks at.
type releaseRules struct{ payments payments.Deps }

func (x releaseRules) builtin(ctx context.Context, r store.Reader, entity core.Ref, act command.Action) (*command.RuleSet, error) {
	if act != (payments.ReleaseWithdrawal{}).Action() {
		return nil, nil
	}
	return x.payments.ReleaseRules(ctx, r, entity)
}

func (x releaseRules) weigh(ctx context.Context, r store.Reader, entity core.Ref, act command.Action, about core.Ref) (*command.Inputs, error) {
	if act != (payments.ReleaseWithdrawal{}).Action() {
		return nil, command.ErrHidden
	}
	return x.payments.WeighRelease(ctx, r, entity, about)
}
