package access

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// DecideReview decides one item for good: the role is kept, or taken away at
// once. To reassign hands the item to another colleague, who then decides
// alone.
type DecideReview struct {
	Item     core.Ref `json:"item"`
	Decision string   `json:"decision"`
	To       core.Ref `json:"to,omitempty"` // of reassign
	Words    string   `json:"words"`
}

// Action is access.review.decide.
func (DecideReview) Action() command.Action { return "access.review.decide" }

// Subject is the item.
func (in DecideReview) Subject() core.Ref { return in.Item }

// Validate checks the form of every field.
func (in DecideReview) Validate() error {
	switch {
	case !slices.Contains([]string{KeepRole, RevokeRole, Reassign}, in.Decision):
		return core.InvalidField("decision", "Choose keep, revoke or reassign.")
	case (in.Decision == Reassign) != (in.To.Kind() == core.KindStaff):
		return core.InvalidField("to", "Name a colleague when you reassign, and nobody otherwise.")
	}
	return needWords(in.Words)
}

// deciding is one item with what it is about.
type deciding struct {
	item   *ReviewItem
	review *Review
	pool   []core.Ref // who decides it now
	others []core.Ref // to whom it could be handed
	left   []Grant    // its role, as it still stands
	givers *givers
}

type decideReview struct{ reviewing }

// Load reads the item, who decides it, and the grants as they stand now.
func (h decideReview) Load(ctx context.Context, r store.Reader, in DecideReview) (f deciding, res command.Resource, err error) {
	if f.item, err = reviewItems.Get(ctx, r, string(in.Item)); err == nil && f.item == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	if f.review, err = ReviewByID(ctx, r, f.item.Review); err != nil {
		return f, res, err
	}
	now := h.clock.Now()
	s, err := seniorsOf(ctx, r, now)
	if err != nil {
		return f, res, err
	}
	f.pool, _ = s.decide(f.item)
	f.others = mayReassignTo(f.item, s[f.item.Entity], s[Group])
	if f.left, err = f.item.left(ctx, r); err != nil {
		return f, res, err
	}
	f.givers, err = h.givers(ctx, r, now)
	return f, f.review.Resource(), err
}

// seniors are the senior compliance officers of each entity and of the group.
type seniors map[core.Ref][]core.Ref

func seniorsOf(ctx context.Context, r store.Reader, now core.Instant) (seniors, error) {
	rows, err := grants.Select(ctx, r, `WHERE role = $1 AND state = 'granted' AND starts <= $2 AND ends > $2
		AND holder IN (SELECT id FROM staff WHERE status = 'active') ORDER BY holder, id`, string(SeniorCompliance), now)
	out := seniors{}
	for _, g := range rows {
		if !slices.Contains(out[g.Entity], g.Holder) {
			out[g.Entity] = append(out[g.Entity], g.Holder)
		}
	}
	return out, err
}

// decide names who decides an item: the colleague to whom it was handed, for
// as long as they could be; otherwise those of the entity's rule.
func (s seniors) decide(x *ReviewItem) (pool []core.Ref, fromGroup bool) {
	if x.Reviewer != "" && slices.Contains(mayReassignTo(x, s[x.Entity], s[Group]), x.Reviewer) {
		return []core.Ref{x.Reviewer}, !slices.Contains(s[x.Entity], x.Reviewer)
	}
	return reviewerPool(x, s[x.Entity], s[Group])
}

// left are the grants of the item's role that stand, those among them that
// were given since the review opened: what is taken away is the role.
func (x *ReviewItem) left(ctx context.Context, r store.Reader) ([]Grant, error) {
	return grants.Select(ctx, r, "WHERE holder = $1 AND role = $2 AND entity = $3 AND state = 'granted' ORDER BY id", x.Holder, string(x.Role), x.Entity)
}

// Check keeps the holder from deciding on their own role, and everything from
// being decided twice or too late.
func (decideReview) Check(in DecideReview, f deciding, m command.Moment) command.Verdict {
	no := func(code, text string) command.Verdict {
		return command.Refuse(command.Refusal{Code: code, Text: text})
	}
	switch {
	case f.item.Holder == m.Actor.Ref:
		return no("own-item", "Somebody else must decide about a role of yours.")
	case f.item.Decision != "":
		return no("item-decided", "This item is decided already, and decisions of a review are final. A role that is needed again is asked for again.")
	case f.review.State != ReviewOpen || m.Now >= f.review.Closes:
		return no("review-over", "The time of this review is over: what was undecided is revoked.")
	case !slices.Contains(f.pool, m.Actor.Ref):
		return no("not-the-reviewer", notReviewer(f))
	case in.Decision == Reassign && (!slices.Contains(f.others, in.To) || in.To == m.Actor.Ref):
		return no("bad-reviewer", "Hand it to another senior compliance officer of the entity or the group, who does not hold the role and neither asked for it nor agreed to it.")
	}
	return command.Proceed()
}

// notReviewer says why somebody who may review here does not decide this item.
func notReviewer(f deciding) string {
	if f.item.Reviewer != "" && slices.Contains(f.pool, f.item.Reviewer) {
		return "This item was handed to a colleague, who decides it."
	}
	return "Another colleague decides this item: not who asked for the role or agreed to it, and the entity’s own senior compliance before the group’s."
}

// Apply records the decision, and ends the role where that is the decision.
func (decideReview) Apply(ctx context.Context, tx *command.Tx, in DecideReview, f deciding) ([]evidence.Event, error) {
	if in.Decision == Reassign {
		now := *f.item
		now.Reviewer = in.To
		if err := reviewItems.Update(ctx, tx.Tx, f.item, &now); err != nil {
			return nil, err
		}
		ev := f.item.event(EventReviewReassigned, Reassign, in.Words)
		ev.Subjects = append(ev.Subjects, in.To)
		return []evidence.Event{ev}, nil
	}
	ev, err := f.item.settle(ctx, tx, in.Decision, in.Words, f.left, f.givers)
	return []evidence.Event{ev}, err
}

// settle writes down what was decided about an item and does it, all of it in
// this transaction: grants end, or stay because nobody could give roles any
// more. The event names the item as the cause.
func (x *ReviewItem) settle(ctx context.Context, tx *command.Tx, decision, words string, left []Grant, g *givers) (evidence.Event, error) {
	now := *x
	now.Decision, now.Decided, now.DecidedBy, now.Words = decision, tx.Now, tx.Actor.Ref, words
	left = slices.DeleteFunc(slices.Clone(left), func(y Grant) bool { return y.Ends <= tx.Now })
	switch {
	case len(left) == 0:
		now.Effect = EffectEnded
	case decision == KeepRole:
		now.Effect = EffectKept
	case g.take(x):
		now.Effect = EffectRevoked
	default:
		now.Effect = EffectProtected
	}
	if err := reviewItems.Update(ctx, tx.Tx, x, &now); err != nil {
		return evidence.Event{}, err
	}
	typ := EventReviewDecided
	switch {
	case now.Effect == EffectProtected:
		typ = EventReviewProtected
		if err := tx.Enqueue(ctx, now.finding(left[0].ID)); err != nil {
			return evidence.Event{}, err
		}
	case decision == UndecidedRole:
		typ = EventReviewLapsed
	}
	ev := now.event(typ, decision, words)
	ev.Details = append(ev.Details, evidence.Detail{Name: "effect", Value: now.Effect, Search: true})
	if now.Effect != EffectRevoked {
		return ev, nil
	}
	for i := range left {
		ended := left[i].close(Revoked, tx, "review")
		if err := grants.Update(ctx, tx.Tx, &left[i], &ended); err != nil {
			return evidence.Event{}, err
		}
		ev.Subjects = append(ev.Subjects, ended.ID)
	}
	return ev, nil
}

// finding is the job that raises what a review could not do.
func (x *ReviewItem) finding(grant core.Ref) jobs.New {
	return jobs.New{
		Kind: jobRaise, Subject: grant, Args: strings.Join([]string{findingLockout, string(x.Entity), string(x.Holder), string(x.ID)}, "|"),
	}
}

// event is an event about one item, in the log of its entity.
func (x *ReviewItem) event(typ evidence.Type, reason, words string) evidence.Event {
	return evidence.Event{
		Type: typ, Entity: within(x.Entity), Subjects: []core.Ref{x.Review, x.ID, x.Holder}, Reason: reason, Text: words,
		Details: []evidence.Detail{{Name: "role", Value: string(x.Role), Search: true}},
	}
}
