package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Emergency access: one person takes a privileged role at once and alone, for
// an hour at most, where their legal entity lists the role for it. Somebody
// else reviews what was done within a day. Until they do, from then on, the
// account of the person who took it is locked: by the clock, whether or not
// that is recorded yet.
//
//	taken ──its end, at most 60 minutes──▶ to be reviewed ──review──▶ justified, or not
//	                                            │ 24 hours          ▲
//	                                            ▼                   │
//	                                     account locked ────review──┘
const (
	longestBreak = 60 * time.Minute
	reviewWithin = 24 * time.Hour
)

// BreakOutcome is what a review of emergency access found.
type BreakOutcome string

// The outcomes; empty is not reviewed yet.
const (
	Justified    BreakOutcome = "justified"
	NotJustified BreakOutcome = "not-justified"
)

// BreakReview is the review that emergency access must have.
type BreakReview struct {
	Grant    core.Ref
	Holder   core.Ref
	Entity   core.Ref
	Due      core.Instant
	Outcome  BreakOutcome
	Reviewer core.Ref
	Words    string // personal
	Acts     int    // how many acts were reviewed
	Digest   string // of their events
	Reviewed core.Instant
	Locked   core.Instant // when it was recorded that the account is locked

	rev int64
}

var breakReviews = store.Declare(store.Table[BreakReview]{
	Name: "break_review", Kind: store.Recorded,
	Subject: func(b *BreakReview) core.Ref { return b.Holder },
	Rev:     func(b *BreakReview) *int64 { return &b.rev },
	Columns: []store.Column[BreakReview]{
		public("id", func(b *BreakReview) any { return &b.Grant }),
		public("holder", func(b *BreakReview) any { return &b.Holder }),
		public("entity", func(b *BreakReview) any { return &b.Entity }),
		public("due", func(b *BreakReview) any { return &b.Due }),
		public("outcome", func(b *BreakReview) any { return (*string)(&b.Outcome) }),
		public("reviewer", func(b *BreakReview) any { return &b.Reviewer }),
		personal("words", func(b *BreakReview) any { return &b.Words }),
		public("acts", func(b *BreakReview) any { return &b.Acts }),
		public("digest", func(b *BreakReview) any { return &b.Digest }),
		public("reviewed", func(b *BreakReview) any { return &b.Reviewed }),
		public("locked", func(b *BreakReview) any { return &b.Locked }),
	},
})

// The events of emergency access.
var (
	EventGrantBroken   = evidence.Register("access.grant.broken", evidence.UserAccess, "A person took a privileged role at once and alone, for an emergency; somebody else must review it within a day.")
	EventGrantReviewed = evidence.Register("access.grant.reviewed", evidence.UserAccess, "Somebody else reviewed what was done under emergency access; a lock that waited for it ends.")
	EventStaffLocked   = evidence.Register("access.staff.locked", evidence.UserAccess, "Emergency access was not reviewed in time: the account of the person who took it is locked until it is.")
)

// overdueAt reports whether the review keeps its holder out at a moment.
func (b *BreakReview) overdueAt(at core.Instant) bool {
	return b.Due <= at && (b.Reviewed == 0 || at < b.Reviewed)
}

// lockOf is the review that keeps a person out at a moment; nil when none.
func lockOf(ctx context.Context, r store.Reader, who core.Ref, at core.Instant) (*BreakReview, error) {
	return breakReviews.One(ctx, r, "WHERE holder = $1 AND due <= $2 AND reviewed IS NULL ORDER BY due, id LIMIT 1", who, at)
}

// BreakReviewOf is the review of a grant; nil where it is not emergency access.
func BreakReviewOf(ctx context.Context, r store.Reader, grant core.Ref) (*BreakReview, error) {
	return breakReviews.Get(ctx, r, string(grant))
}

// DueLocks names the emergency access whose review is overdue without that
// being recorded yet, for the schedule that runs LockStaff.
func DueLocks(ctx context.Context, r store.Reader, now core.Instant) ([]core.Ref, error) {
	rows, err := breakReviews.Select(ctx, r, "WHERE reviewed IS NULL AND locked IS NULL AND due <= $1 ORDER BY due, id LIMIT 100", now)
	out := make([]core.Ref, 0, len(rows))
	for _, b := range rows {
		out = append(out, b.Grant)
	}
	return out, err
}

// Breakables are the roles that may be taken in an emergency.
func (e *Entity) Breakables() (out []Role) {
	for word := range strings.FieldsSeq(e.Breakable) {
		out = append(out, Role(word))
	}
	return out
}

// breakableText is a list of roles as it is stored: sorted, each once.
func breakableText(text string) (string, error) {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if role := Role(word); !role.Valid() || !role.Privileged() {
			return "", core.InvalidField("breakable", "Name privileged roles, such as payments_lead, with commas between; or none.")
		}
		out = append(out, word)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " "), nil
}
