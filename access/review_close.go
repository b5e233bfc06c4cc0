package access

import (
	"context"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CloseReview ends a review, whole: what is undecided is revoked by default,
// and all of it is done or nothing is. The clock closes a review at its end, or
// when everything is decided.
//
// A person can close one early. Where something is undecided this is a
// proposal: it takes roles from people about whom nobody decided, before the
// day that reviewers were told, and whoever wants that must convince another
// senior compliance officer.
type CloseReview struct {
	Review core.Ref `json:"review"`
	Words  string   `json:"words,omitempty"` // of a person
}

// closeEarly names the rule that makes an early close a proposal.
const closeEarly = "access.review.close/1#early"

// Action is access.review.close.
func (CloseReview) Action() command.Action { return "access.review.close" }

// Subject is the review.
func (in CloseReview) Subject() core.Ref { return in.Review }

// Reasons are the maker's own words.
func (in CloseReview) Reasons() (code, words string) { return "", in.Words }

type closing struct {
	review *Review
	items  []ReviewItem // the undecided
	left   map[core.Ref][]Grant
	givers *givers
}

type closeReview struct{ reviewing }

// Load reads what is undecided, with the grants as they stand now.
func (h closeReview) Load(ctx context.Context, r store.Reader, in CloseReview) (closing, command.Resource, error) {
	v, err := ReviewByID(ctx, r, in.Review)
	if err == nil && v == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return closing{}, command.Resource{}, err
	}
	f := closing{review: v, left: map[core.Ref][]Grant{}}
	if f.items, err = reviewItems.Select(ctx, r, "WHERE review = $1 AND decision IS NULL ORDER BY id", v.ID); err != nil {
		return f, v.Resource(), err
	}
	for i := range f.items {
		x := &f.items[i]
		if f.left[x.ID], err = x.left(ctx, r); err != nil {
			return f, v.Resource(), err
		}
	}
	f.givers, err = h.givers(ctx, r, h.clock.Now())
	return f, v.Resource(), err
}

// Check refuses what is over or, to the clock, not due; and asks for a second
// person where a person closes early what is undecided.
func (closeReview) Check(in CloseReview, f closing, m command.Moment) command.Verdict {
	person := m.Actor.Ref.Kind() == core.KindStaff
	early := len(f.items) > 0 && m.Now < f.review.Closes
	switch {
	case f.review.State != ReviewOpen:
		return command.Refuse(command.Refusal{Code: "review-over", Text: "This review is closed already."})
	case early && !person:
		return command.Refuse(command.Refusal{Code: "review-not-done", Text: "Items of this review are undecided, and its end has not come."})
	case person && needWords(in.Words) != nil:
		return command.Refuse(command.Refusal{Code: "words-missing", Text: "Say in your own words why it is closed now (at least five characters)."})
	case early:
		return command.Needs(command.Need{
			Rule: closeEarly, Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}},
			Facts: []evidence.Detail{
				{Name: "due", Value: f.review.Due.String()},
				{Name: "items", Value: strconv.Itoa(f.review.Items)},
				{Name: "undecided", Value: strconv.Itoa(len(f.items))},
				{Name: "why", Value: in.Words}, // the group's compliance agrees too, and sees no personal value of an entity
			},
		})
	}
	return command.Proceed()
}

// Apply closes it. The event of the close comes first; each item that nobody
// decided has one of its own, with the grants that end by it.
func (closeReview) Apply(ctx context.Context, tx *command.Tx, in CloseReview, f closing) ([]evidence.Event, error) {
	now := *f.review
	now.State, now.Closed, now.ClosedBy = ReviewClosed, tx.Now, tx.Actor.Ref
	if err := reviews.Update(ctx, tx.Tx, f.review, &now); err != nil {
		return nil, err
	}
	reason := "done"
	switch {
	case len(f.items) > 0 && tx.Now < now.Closes:
		reason = "early"
	case len(f.items) > 0:
		reason = "end"
	}
	ev := now.event(EventReviewClosed, reason, in.Words)
	ev.Details = []evidence.Detail{{Name: "items", Value: strconv.Itoa(now.Items)}, {Name: "undecided", Value: strconv.Itoa(len(f.items))}}
	events := []evidence.Event{tx.With(ev)}
	for i := range f.items {
		x := &f.items[i]
		ev, err := x.settle(ctx, tx, UndecidedRole, "", f.left[x.ID], f.givers)
		if err != nil {
			return nil, err
		}
		ev.Basis = []string{undecidedRule}
		events = append(events, tx.With(ev))
	}
	return events, nil
}

// undecidedRule is the rule that the event of an undecided item names.
const undecidedRule = "access.review/1: what nobody decided when a review closes is revoked"
