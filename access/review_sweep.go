package access

import (
	"context"
	"errors"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

var clockActor = evidence.Actor{Ref: SysClock}

// SweepReviews does what the clock does: opens the review of each entity whose
// turn has come, reminds, and closes what is done or at its end.
func SweepReviews(ctx context.Context, rd *command.Road) error {
	r, now := rd.Store.Reader(), rd.Clock.Now()
	errs := []error{openDue(ctx, rd, now)}
	open, err := reviews.Select(ctx, r, "WHERE state = 'open' ORDER BY closes, id LIMIT 100")
	errs = append(errs, err)
	for i := range open {
		errs = append(errs, sweepReview(ctx, rd, &open[i], now))
	}
	return errors.Join(errs...)
}

// sweepReview closes or reminds.
func sweepReview(ctx context.Context, rd *command.Road, v *Review, now core.Instant) error {
	var left int
	err := rd.Store.Reader().QueryRow(ctx, "SELECT COUNT(*) FROM access_review_item WHERE review = $1 AND decision IS NULL", v.ID).Scan(store.Scan(&left)...)
	if err != nil {
		return err
	}
	var in command.Input
	if _, remind := v.reminder(now); remind {
		in = RemindReview{Review: v.ID}
	}
	if left == 0 || now >= v.Closes {
		in = CloseReview{Review: v.ID}
	}
	if in == nil {
		return nil
	}
	_, err = rd.Run(ctx, clockActor, "", in)
	return passedBy(err)
}

// passedBy drops the refusals that only say that somebody else was quicker.
func passedBy(err error) error {
	for _, code := range []string{"review-over", "review-open", "review-not-done", "reminder-not-due", "nothing-to-review"} {
		if core.IsFault(err, code) {
			return nil
		}
	}
	return err
}

// openDue opens the reviews that the calendar demands. The group's rule is the
// firm's own.
func openDue(ctx context.Context, rd *command.Road, now core.Instant) error {
	r := rd.Store.Reader()
	list, err := Entities(ctx, r)
	if err != nil {
		return err
	}
	group := Entity{ID: Group}
	for _, e := range list {
		if group.Created == 0 || e.Created < group.Created {
			group.Created = e.Created
		}
	}
	if group.Created != 0 {
		list = append(list, group)
	}
	var errs []error
	for i := range list {
		e := &list[i]
		all, err := lastReview(ctx, r, e.ID, ScopeAll)
		if err != nil {
			return err
		}
		critical, err := lastReview(ctx, r, e.ID, ScopeCritical)
		if err != nil {
			return err
		}
		scope := e.reviewTurn(all, critical, now)
		if scope == "" {
			continue
		}
		var held int
		err = r.QueryRow(ctx, `SELECT COUNT(*) FROM role_grant WHERE entity = $1 AND state = 'granted' AND ends > $2
			AND holder IN (SELECT id FROM staff WHERE status = 'active')`, e.ID, now).Scan(store.Scan(&held)...)
		if err == nil && held > 0 { // where nobody holds a role there is nothing to look at, and no refusal to record
			_, err = rd.Run(ctx, clockActor, "", OpenReview{Entity: e.ID, Scope: scope, Cause: CauseSchedule})
		}
		errs = append(errs, passedBy(err))
	}
	return errors.Join(errs...)
}

// lastReview is when the calendar last had a scope reviewed in an entity.
func lastReview(ctx context.Context, r store.Reader, entity core.Ref, scope ReviewScope) (core.Instant, error) {
	v, err := reviews.One(ctx, r, "WHERE entity = $1 AND cause = 'schedule' AND scope = $2 ORDER BY opened DESC LIMIT 1", entity, string(scope))
	if err != nil || v == nil {
		return 0, err
	}
	return v.Opened, nil
}

// PersonReviews are the reviews of one person's roles, one for each place where
// they hold some: what a change of their work asks for.
func PersonReviews(ctx context.Context, r store.Reader, person core.Ref, cause ReviewCause, now core.Instant) ([]OpenReview, error) {
	rows, err := grants.Select(ctx, r, "WHERE holder = $1 AND state = 'granted' AND ends > $2 ORDER BY entity, id", person, now)
	var out []OpenReview
	for _, g := range rows {
		if n := len(out); n == 0 || out[n-1].Entity != g.Entity {
			out = append(out, OpenReview{Entity: g.Entity, Scope: ScopePerson, Cause: cause, About: person})
		}
	}
	return out, err
}

// RegisterReviews adds the commands of reviews of access.
func RegisterReviews(rd *command.Road, a *Authorizer) {
	h := reviewing{rd.Store, rd.Log, a, rd.Clock}
	reg := rd.Registry
	command.Handle[OpenReview, opening](reg, openReview{h}, command.Doc{Title: "Open a review of access", Kind: KindReview})
	command.Handle[DecideReview, deciding](reg, decideReview{h}, command.Doc{Title: "Decide whether a role is kept", Kind: KindReview, StepUp: true})
	command.Handle[RemindReview, reminding](reg, remindReview{h}, command.Doc{Title: "Remind those who review access", Kind: KindReview, System: true})
	command.Handle[CloseReview, closing](reg, closeReview{h}, command.Doc{
		Title: "Close a review of access", Kind: KindReview, ApproveStepUp: true,
		Floor: "Another senior compliance officer agrees where something is undecided before the end.", Approvers: []string{string(SeniorCompliance)},
	})
}
