package app

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// reviewAfter is what changes outside the calendar put to review at once.
var reviewAfter = []reviewed{
	{access.EventStaffMoved, reviewMover},
	{access.EventEntityChanged, reviewEntity},
	{access.EventPolicyAdopted, reviewWidened},
	{access.EventPolicyActivated, reviewWidened},
	{approvals.EventChanged, reviewAsked},
}

// reviewed is one kind of change, and the reviews that it asks for.
type reviewed struct {
	on evidence.Type
	of func(ctx context.Context, a *App, r store.Reader, h command.Happened) ([]access.OpenReview, error)
}

func reviewTypes() (out []evidence.Type) {
	for _, x := range reviewAfter {
		out = append(out, x.on)
	}
	return out
}

// reviewChanged opens the reviews that follow from a change.
func reviewChanged(ctx context.Context, a *App, key command.Key, h command.Happened) error {
	i := slices.IndexFunc(reviewAfter, func(x reviewed) bool { return x.on.Name == h.Type })
	if i < 0 {
		return errNotToDo
	}
	list, err := reviewAfter[i].of(ctx, a, a.Store.Reader(), h)
	errs := []error{err}
	for n, in := range list {
		_, err := a.Road.Run(ctx, clock, key+command.Key("-"+strconv.Itoa(n)), in)
		errs = append(errs, ignore(ignore(err, "nothing-to-review"), "review-open"))
	}
	return errors.Join(errs...)
}

// reviewMover: a colleague moved to other work; all of their roles, everywhere.
func reviewMover(ctx context.Context, a *App, r store.Reader, h command.Happened) ([]access.OpenReview, error) {
	return access.PersonReviews(ctx, r, h.About(core.KindStaff), access.CauseStaff, a.Clock.Now())
}

// reviewEntity: an entity's particulars changed; everybody's roles there.
func reviewEntity(_ context.Context, _ *App, _ store.Reader, h command.Happened) ([]access.OpenReview, error) {
	return []access.OpenReview{{Entity: h.Entity, Scope: access.ScopeAll, Cause: access.CauseEntity, About: h.Entity}}, nil
}

// reviewWidened: other policies were adopted; everywhere, the roles that may do
// more than before.
func reviewWidened(ctx context.Context, a *App, r store.Reader, h command.Happened) (out []access.OpenReview, err error) {
	set := h.About(access.KindPolicySet)
	roles, err := a.Domains.Policy.RolesWidened(ctx, r, set, a.Clock.Now())
	if err != nil || len(roles) == 0 {
		return nil, err
	}
	list, err := access.Entities(ctx, r)
	for _, e := range append(list, access.Entity{ID: access.Group}) {
		out = append(out, access.OpenReview{Entity: e.ID, Scope: access.ScopeRoles, Roles: roles, Cause: access.CausePolicies, About: set})
	}
	return out, err
}

// reviewAsked: an entity adopted approval rules; the roles that they ask.
func reviewAsked(ctx context.Context, _ *App, r store.Reader, h command.Happened) ([]access.OpenReview, error) {
	version := h.About(core.KindRules)
	names, err := approvals.RolesAsked(ctx, r, version)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	in := access.OpenReview{Entity: h.Entity, Scope: access.ScopeRoles, Cause: access.CauseRules, About: version}
	for _, name := range names {
		in.Roles = append(in.Roles, access.Role(name))
	}
	return []access.OpenReview{in}, nil
}
