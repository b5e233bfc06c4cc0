package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// OpenReview freezes who holds which role in an entity, one item for each role
// of each person, to be decided before it closes. With About a person and the
// scope person it is of that person's roles there alone.
type OpenReview struct {
	Entity core.Ref    `json:"entity"`
	Scope  ReviewScope `json:"scope"`
	Roles  []Role      `json:"roles,omitempty"` // of scope roles
	Cause  ReviewCause `json:"cause"`
	About  core.Ref    `json:"about,omitempty"`
	Words  string      `json:"words,omitempty"` // of a person who opens it

	used map[heldRole]usedAt // found out before the transaction
}

// Action is access.review.open.
func (OpenReview) Action() command.Action { return "access.review.open" }

// Subject is the entity: the review has no record yet.
func (in OpenReview) Subject() core.Ref { return in.Entity }

// Validate checks the form of every field.
func (in OpenReview) Validate() error {
	causes := []ReviewCause{CauseSchedule, CauseStaff, CauseEntity, CausePolicies, CauseRules, CauseAsked}
	switch {
	case !slices.Contains([]ReviewScope{ScopeAll, ScopeCritical, ScopeRoles, ScopePerson}, in.Scope):
		return core.InvalidField("scope", "Choose of whom the review is: everybody, critical functions, named roles or one person.")
	case !slices.Contains(causes, in.Cause):
		return core.InvalidField("cause", "Choose why: schedule, staff, entity, policies, rules or asked.")
	case in.Scope == ScopePerson && in.About.Kind() != core.KindStaff:
		return core.InvalidField("about", "Choose the colleague whose roles are reviewed.")
	case (in.Scope == ScopeRoles) != (len(in.Roles) > 0) || slices.ContainsFunc(in.Roles, func(r Role) bool { return !r.Valid() }):
		return core.InvalidField("roles", "Name roles when the review is of named roles, and none otherwise.")
	}
	if in.Cause == CauseAsked {
		return needWords(in.Words)
	}
	return nil
}

// covers reports whether a grant belongs into the review.
func (in OpenReview) covers(g *Grant) bool {
	switch in.Scope {
	case ScopePerson:
		return g.Holder == in.About
	case ScopeCritical:
		return g.Role.Critical()
	case ScopeRoles:
		return slices.Contains(in.Roles, g.Role)
	}
	return true
}

type openReview struct{ reviewing }

// opening is what a review is made of.
type opening struct {
	entity *Entity
	items  []ReviewItem
	set    string  // the policies in force
	same   *Review // one for the same reason that stands open
}

// Prepare finds out when each role was last used. The log can be long: nobody
// waits for that behind a transaction.
func (h openReview) Prepare(ctx context.Context, in OpenReview) (OpenReview, error) {
	return in, h.store.Snapshot(ctx, func(r store.Reader) error {
		theirs, err := reviewed(ctx, r, in)
		if err != nil {
			return err
		}
		in.used, err = h.lastUsed(ctx, r, theirs)
		return err
	})
}

// reviewed are the grants that a review would be of: given and not over, also
// those that begin later, of people who work here.
func reviewed(ctx context.Context, r store.Reader, in OpenReview) ([]Grant, error) {
	rows, err := grants.Select(ctx, r, `WHERE entity = $1 AND state = 'granted'
		AND holder IN (SELECT id FROM staff WHERE status = 'active') ORDER BY holder, role, starts, id`, in.Entity)
	return slices.DeleteFunc(rows, func(g Grant) bool { return !in.covers(&g) }), err
}

// Load freezes the grants.
func (h openReview) Load(ctx context.Context, r store.Reader, in OpenReview) (opening, command.Resource, error) {
	var f opening
	var err error
	if f.entity, err = EntityByID(ctx, r, in.Entity); err == nil && f.entity == nil {
		err = command.ErrHidden
	}
	res := reviewResource(in.Entity, in.Entity)
	if err != nil {
		return f, res, err
	}
	f.same, err = reviews.One(ctx, r, "WHERE entity = $1 AND state = 'open' AND cause = $2 AND scope = $3 AND COALESCE(about, '') = $4 ORDER BY id LIMIT 1",
		in.Entity, string(in.Cause), string(in.Scope), string(in.About))
	if err != nil {
		return f, res, err
	}
	now, err := h.policies.InForce(ctx, r)
	if err != nil {
		return f, res, err
	}
	f.set = now.SetHash()
	f.items, err = h.snapshot(ctx, r, in)
	return f, res, err
}

// Check refuses a second one for the same reason, and one about nothing. What
// the calendar or a change demands, the clock opens; a person says why.
func (openReview) Check(in OpenReview, f opening, m command.Moment) command.Verdict {
	switch {
	case m.Actor.Ref.Kind() == core.KindStaff && in.Cause != CauseAsked:
		return command.Refuse(command.Refusal{Code: "not-your-cause", Text: "A review that you open is one that you asked for; the others open by themselves."})
	case f.same != nil && in.Cause != CauseAsked:
		return command.Refuse(command.Refusal{Code: "review-open", Text: "A review for this reason stands open already: " + f.same.ID.Short() + "."})
	case !slices.ContainsFunc(f.items, func(x ReviewItem) bool { return m.Now < x.Ends }):
		return command.Refuse(command.Refusal{Code: "nothing-to-review", Text: "Nobody holds a role that this review would be of."})
	}
	return command.Proceed()
}

// Apply records the review with its items.
func (openReview) Apply(ctx context.Context, tx *command.Tx, in OpenReview, f opening) ([]evidence.Event, error) {
	v := &Review{
		ID: tx.NewRef(KindReview), Entity: f.entity.ID, Scope: in.Scope, Roles: listing(in.Roles), Cause: in.Cause, About: in.About,
		OpenedBy: tx.Actor.Ref, Opened: tx.Now, Due: tx.Now.Add(reviewDue), Closes: tx.Now.Add(reviewDue + reviewGrace),
		Policies: f.set, State: ReviewOpen,
	}
	var items []ReviewItem
	for _, x := range f.items {
		if x.Ends > tx.Now {
			x.ID, x.Review = tx.NewRef(KindReviewItem), v.ID
			items = append(items, x)
		}
	}
	v.Items = len(items)
	if err := reviews.Insert(ctx, tx.Tx, v); err != nil {
		return nil, err
	}
	for i := range items {
		if err := reviewItems.Insert(ctx, tx.Tx, &items[i]); err != nil {
			return nil, err
		}
	}
	ev := v.event(EventReviewOpened, string(v.Cause), in.Words)
	if v.About != "" && v.About != v.Entity {
		ev.Subjects = append(ev.Subjects, v.About)
	}
	return []evidence.Event{ev}, nil
}

// event is an event about the whole review, in the log of its entity.
func (v *Review) event(typ evidence.Type, reason, words string) evidence.Event {
	return evidence.Event{Type: typ, Entity: within(v.Entity), Subjects: []core.Ref{v.ID, v.Entity}, Reason: reason, Text: words}
}
