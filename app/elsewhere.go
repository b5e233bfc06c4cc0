package app

import (
	"context"
	"errors"
	"strconv"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/evidence"
	"vouchsafe/platform"
	"vouchsafe/store"
)

// staffElsewhere tells the register of access elsewhere who works here.
type staffElsewhere struct{}

// Person reads a member of staff; one who is not known has no reference.
func (staffElsewhere) Person(ctx context.Context, r store.Reader, staff core.Ref) (elsewhere.Person, error) {
	s, err := access.StaffByID(ctx, r, staff)
	if err != nil || s == nil {
		return elsewhere.Person{}, err
	}
	return elsewhere.Person{Ref: s.ID, Active: s.Status == access.Active, Left: s.Left, Record: s.Resource()}, nil
}

var _ elsewhere.People = staffElsewhere{}

// watchElsewhere looks at the accounts elsewhere of those who left: one that
// nobody closed within a day, and what was done with one, closed or not, after
// its holder left.
func (a *App) watchElsewhere(ctx context.Context) error {
	all, err := elsewhere.All(ctx, a.Store.Reader())
	errs := []error{err}
	for i := range all {
		errs = append(errs, a.watchAccount(ctx, &all[i]))
	}
	return errors.Join(errs...)
}

func (a *App) watchAccount(ctx context.Context, x *elsewhere.Account) error {
	who, err := staffElsewhere{}.Person(ctx, a.Store.Reader(), x.Holder)
	if err != nil || who.Ref == "" || who.Active {
		return err
	}
	if x.Overdue(who, a.Clock.Now()) {
		err = a.found(ctx, cases.RaiseFinding{Kind: "elsewhere-overdue", Entity: access.Group, About: x.Holder, External: string(x.ID)})
	}
	return errors.Join(err, a.watchDeals(ctx, x, who))
}

// watchDeals looks for what a manager's login did on a trading platform after
// its holder left.
func (a *App) watchDeals(ctx context.Context, x *elsewhere.Account, who elsewhere.Person) error {
	s, err := elsewhere.SystemByID(ctx, a.Store.Reader(), x.System)
	login, bad := strconv.ParseInt(x.Login, 10, 64)
	if err != nil || s.Kind != elsewhere.MTManager || s.Outside == "" || bad != nil {
		return err
	}
	deals, err := platform.DealsBy(ctx, a.Store.Reader(), s.Outside, login, who.Left)
	errs := []error{err}
	for _, d := range deals {
		errs = append(errs, a.found(ctx, cases.RaiseFinding{Kind: "use-after-leaving", Entity: access.Group, About: x.Holder, External: d.Platform + ":deal/" + strconv.FormatInt(d.Ticket, 10)}))
	}
	return errors.Join(errs...)
}

// found raises a finding that a schedule came upon, once.
func (a *App) found(ctx context.Context, in cases.RaiseFinding) error {
	in.Text = cases.Words(in.Kind)
	known, err := cases.Found(ctx, a.Store.Reader(), in)
	if err != nil || known {
		return err
	}
	_, err = a.Road.Run(ctx, evidence.Actor{Ref: access.SysFindings}, "", in)
	return ignore(err, "finding-known")
}
