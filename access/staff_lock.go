package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// LockStaff records that an account is locked, because emergency access was not
// reviewed in time, and ends the person's sessions with it. The lock took
// effect by the clock already; the review ends it.
type LockStaff struct {
	Grant core.Ref `json:"grant"`
}

// Action is access.staff.lock.
func (LockStaff) Action() command.Action { return "access.staff.lock" }

// Subject is the emergency access.
func (l LockStaff) Subject() core.Ref { return l.Grant }

type lockStaff struct{}

// locking is whose account is locked, and for which review.
type locking struct {
	review *BreakReview
	holder *Staff
}

// Load reads the review and the person.
func (lockStaff) Load(ctx context.Context, r store.Reader, in LockStaff) (f locking, res command.Resource, err error) {
	if f.review, err = BreakReviewOf(ctx, r, in.Grant); err != nil {
		return f, res, err
	}
	if f.review == nil {
		return f, res, command.ErrHidden
	}
	f.holder, err = loadStaff(ctx, r, f.review.Holder)
	if err != nil {
		return f, res, err
	}
	return f, f.holder.Resource(), nil
}

// Check refuses before its time, and a second record.
func (lockStaff) Check(_ LockStaff, f locking, m command.Moment) command.Verdict {
	if !f.review.overdueAt(m.Now) || f.review.Locked != 0 {
		return command.Refuse(command.Refusal{Code: "lock-not-due", Text: "No review of this person's emergency access is overdue, or its lock is recorded already."})
	}
	return command.Proceed()
}

// Apply records the lock and ends the sessions.
func (lockStaff) Apply(ctx context.Context, tx *command.Tx, _ LockStaff, f locking) ([]evidence.Event, error) {
	now := *f.review
	now.Locked = tx.Now
	if err := breakReviews.Update(ctx, tx.Tx, f.review, &now); err != nil {
		return nil, err
	}
	out := []evidence.Event{tx.With(evidence.Event{
		Type: EventStaffLocked, Entity: within(f.holder.Entity), Subjects: []core.Ref{f.holder.ID, now.Grant}, Reason: "emergency-not-reviewed",
		Details: []evidence.Detail{{Name: "due", Value: now.Due.String()}},
	})}
	ended, err := endSessions(ctx, tx, f.holder.ID, "account-locked", "")
	if err != nil {
		return nil, err
	}
	for _, ev := range ended {
		out = append(out, tx.With(ev))
	}
	return out, raise(ctx, tx, "break-unreviewed", f.holder.ID, string(now.Grant))
}

// errLocked tells somebody who proved who they are why they are kept out, and
// whom to ask.
func errLocked(b *BreakReview) *core.Fault {
	return core.NewFault(core.Denied, "account-locked", "Your account is locked: nobody reviewed within a day the emergency access that you took, by "+
		b.Due.Time().Format("2 January 2006 15:04 UTC")+". Ask a senior compliance officer, of the entity or of the group, to review it under Emergency access. You can sign in again when they have.")
}
