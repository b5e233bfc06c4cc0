package access

import (
	"context"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RemindReview reminds those who have to decide: fourteen, seven and two days
// before the review is due, and on the day. Their inbox shows the items all
// the time; this is the entry that they were told.
type RemindReview struct {
	Review core.Ref `json:"review"`
}

// Action is access.review.remind.
func (RemindReview) Action() command.Action { return "access.review.remind" }

// Subject is the review.
func (in RemindReview) Subject() core.Ref { return in.Review }

type reminding struct {
	review    *Review
	undecided int
	reviewers []core.Ref
}

type remindReview struct{ reviewing }

// Load reads what is undecided, and who decides it.
func (h remindReview) Load(ctx context.Context, r store.Reader, in RemindReview) (reminding, command.Resource, error) {
	v, err := ReviewByID(ctx, r, in.Review)
	if err == nil && v == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return reminding{}, command.Resource{}, err
	}
	f := reminding{review: v}
	items, err := reviewItems.Select(ctx, r, "WHERE review = $1 AND decision IS NULL ORDER BY id", v.ID)
	if err != nil {
		return f, v.Resource(), err
	}
	f.undecided = len(items)
	s, err := seniorsOf(ctx, r, h.clock.Now())
	for i := range items {
		pool, _ := s.decide(&items[i])
		f.reviewers = append(f.reviewers, pool...)
	}
	slices.Sort(f.reviewers)
	f.reviewers = slices.Compact(f.reviewers)
	return f, v.Resource(), err
}

// Check refuses a reminder that is not due, or of nothing.
func (remindReview) Check(_ RemindReview, f reminding, m command.Moment) command.Verdict {
	if _, due := f.review.reminder(m.Now); !due || f.undecided == 0 || f.review.State != ReviewOpen {
		return command.Refuse(command.Refusal{Code: "reminder-not-due", Text: "Nobody has to be reminded of this review now."})
	}
	return command.Proceed()
}

// Apply records it.
func (remindReview) Apply(ctx context.Context, tx *command.Tx, _ RemindReview, f reminding) ([]evidence.Event, error) {
	days, _ := f.review.reminder(tx.Now)
	now := *f.review
	now.Reminded = strconv.Itoa(days)
	if err := reviews.Update(ctx, tx.Tx, f.review, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventReviewReminded, "", "")
	ev.Subjects = append(ev.Subjects, f.reviewers[:min(len(f.reviewers), 32)]...)
	ev.Details = []evidence.Detail{
		{Name: "days_left", Value: now.Reminded}, {Name: "undecided", Value: strconv.Itoa(f.undecided)}, {Name: "due", Value: now.Due.String()},
	}
	return []evidence.Event{ev}, nil
}
