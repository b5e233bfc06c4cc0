package access

import (
	"context"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ReviewGrant is the review of emergency access by somebody else: whether it
// was justified, over the list of everything that was done under it. It ends a
// lock that waited for it.
type ReviewGrant struct {
	Grant   core.Ref     `json:"grant"`
	Outcome BreakOutcome `json:"outcome"`
	Seen    string       `json:"seen"` // digest of the acts that the reviewer was shown
	Words   string       `json:"words"`
}

// Action is access.grant.review.
func (ReviewGrant) Action() command.Action { return "access.grant.review" }

// Subject is the grant.
func (v ReviewGrant) Subject() core.Ref { return v.Grant }

// Validate asks for an outcome and for words.
func (v ReviewGrant) Validate() error {
	switch {
	case v.Outcome != Justified && v.Outcome != NotJustified:
		return core.InvalidField("outcome", "Say whether it was justified or not.")
	case len(strings.TrimSpace(v.Words)) < 15:
		return core.InvalidField("words", "Say in your own words what you looked at and what you found (at least 15 characters).")
	}
	return nil
}

type reviewGrant struct{ story viewGrant }

// reviewFacts are the grant, its review, and what was done under it.
type reviewFacts struct {
	grant  *Grant
	review *BreakReview
	left   core.Instant
	acts   int
	digest string
}

// Load reads the grant and everything that was done under it.
func (h reviewGrant) Load(ctx context.Context, r store.Reader, in ReviewGrant) (f reviewFacts, res command.Resource, err error) {
	if f.grant, res, err = loadGrant(ctx, r, in.Grant); err != nil {
		return f, res, err
	}
	if f.review, err = BreakReviewOf(ctx, r, in.Grant); err != nil || f.review == nil {
		return f, res, err
	}
	s, err := StaffByID(ctx, r, f.grant.Holder)
	if err != nil || s == nil {
		return f, res, err
	}
	f.left = s.Left
	f.acts, f.digest, err = h.story.underBreak(ctx, r, f.grant, s)
	return f, res, err
}

// Check wants somebody else, once, when it is over, and over the whole list.
func (reviewGrant) Check(in ReviewGrant, f reviewFacts, m command.Moment) command.Verdict {
	switch {
	case f.review == nil:
		return command.Refuse(command.Refusal{Code: "no-emergency", Text: "This grant was not taken in an emergency; there is nothing to review."})
	case m.Actor.Ref == f.grant.Holder:
		return command.Refuse(command.Refusal{Code: "own-emergency", Text: "You took this access; somebody else must review it."})
	case f.review.Outcome != "":
		return command.Refuse(command.Refusal{Code: "already-reviewed", Text: "This emergency access was reviewed already."})
	case f.grant.stopped(m.Now, f.left) == 0:
		return command.Refuse(command.Refusal{Code: "still-in-force", Text: "The role is still in force. Take it away, or wait until it has ended: then the list of what was done is whole."})
	case in.Seen != f.digest:
		return command.Refuse(command.Refusal{Code: "acts-not-seen", Text: "The list of what was done is not the one that you were shown. Open the page again and look at it."})
	}
	return command.Proceed()
}

// Apply records the review; a lock ends with it.
func (reviewGrant) Apply(ctx context.Context, tx *command.Tx, in ReviewGrant, f reviewFacts) ([]evidence.Event, error) {
	now := *f.review
	now.Outcome, now.Reviewer, now.Words, now.Reviewed, now.Acts, now.Digest = in.Outcome, tx.Actor.Ref, in.Words, tx.Now, f.acts, f.digest
	if err := breakReviews.Update(ctx, tx.Tx, f.review, &now); err != nil {
		return nil, err
	}
	if in.Outcome == NotJustified {
		if err := raise(ctx, tx, "break-not-justified", now.Holder, string(now.Grant)); err != nil {
			return nil, err
		}
	}
	ev := f.grant.event(EventGrantReviewed, string(in.Outcome), in.Words)
	ev.Details = append(ev.Details, evidence.Detail{Name: "acts", Value: strconv.Itoa(f.acts)}, evidence.Detail{Name: "acts_sha256", Value: f.digest})
	if f.review.overdueAt(tx.Now - 1) {
		ev.Details = append(ev.Details, evidence.Detail{Name: "unlocked", Value: string(now.Holder)})
	}
	return []evidence.Event{ev}, nil
}
