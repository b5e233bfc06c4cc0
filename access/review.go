package access

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// The kinds of reviews of access and of their items.
const (
	KindReview     core.Kind = "rv"
	KindReviewItem core.Kind = "ri"
)

// Review is one campaign: who holds which role in an entity, frozen as it was
// when it opened, to be kept or taken away by somebody who does not hold it.
//
//	open ──every item decided──▶ closed
//	open ──its end: what is undecided is revoked──▶ closed
//	open ──closed early, agreed to by a second person──▶ closed
type Review struct {
	ID, Entity          core.Ref
	Scope               ReviewScope
	Roles               string // of scope roles, separated by blanks
	Cause               ReviewCause
	About               core.Ref
	OpenedBy            core.Ref
	Opened, Due, Closes core.Instant
	Policies            string // hash of the set by which its items' roles are told
	Items               int
	Reminded            string
	State               string
	Closed              core.Instant
	ClosedBy            core.Ref

	rev int64
}

// The states of a review.
const (
	ReviewOpen   = "open"
	ReviewClosed = "closed"
)

// ReviewScope says of whom a review is.
type ReviewScope string

// The scopes.
const (
	ScopeAll      ReviewScope = "all"      // every role that anybody holds
	ScopeCritical ReviewScope = "critical" // roles of critical functions
	ScopeRoles    ReviewScope = "roles"    // the named roles
	ScopePerson   ReviewScope = "person"   // the roles of one person
)

// ReviewCause says why a review was opened.
type ReviewCause string

// The causes.
const (
	CauseSchedule ReviewCause = "schedule" // the entity's turn has come
	CauseStaff    ReviewCause = "staff"    // a person moved
	CauseEntity   ReviewCause = "entity"   // the entity's particulars changed
	CausePolicies ReviewCause = "policies" // roles may do more than before
	CauseRules    ReviewCause = "rules"    // approval rules ask other roles
	CauseAsked    ReviewCause = "asked"    // a senior compliance officer wants it
)

// The decisions on an item, and what came of them.
const (
	KeepRole      = "keep"
	RevokeRole    = "revoke"
	Reassign      = "reassign"  // somebody else decides; the item stays open
	UndecidedRole = "undecided" // at the close

	EffectKept      = "kept"
	EffectRevoked   = "revoked"
	EffectEnded     = "ended"     // the role was over already
	EffectProtected = "protected" // it stayed: nobody could give roles any more
)

// ReviewItem is one role of one person in one entity, frozen as it was.
type ReviewItem struct {
	ID, Review, Entity, Holder core.Ref
	Role                       Role
	Grants                     string // references, separated by blanks
	Starts, Ends               core.Instant
	Asked, Agreed              string // people, separated by blanks
	Beside                     string // other roles of the person, as role@entity
	Conflicts                  string
	Used                       core.Instant // zero is never, as far as the log tells
	UsedEvent                  string
	Reviewer                   core.Ref // handed to this person; empty is whoever may
	Decision, Effect           string
	Decided                    core.Instant
	DecidedBy                  core.Ref
	Words                      string // personal

	rev int64
}

var reviews = store.Declare(store.Table[Review]{
	Name: "access_review", Kind: store.Recorded,
	Rev: func(v *Review) *int64 { return &v.rev },
	Columns: []store.Column[Review]{
		public("id", func(v *Review) any { return &v.ID }),
		public("entity", func(v *Review) any { return &v.Entity }),
		public("scope", func(v *Review) any { return (*string)(&v.Scope) }),
		public("roles", func(v *Review) any { return &v.Roles }),
		public("cause", func(v *Review) any { return (*string)(&v.Cause) }),
		public("about", func(v *Review) any { return &v.About }),
		public("opened_by", func(v *Review) any { return &v.OpenedBy }),
		public("opened", func(v *Review) any { return &v.Opened }),
		public("due", func(v *Review) any { return &v.Due }),
		public("closes", func(v *Review) any { return &v.Closes }),
		public("policies", func(v *Review) any { return &v.Policies }),
		public("items", func(v *Review) any { return &v.Items }),
		public("reminded", func(v *Review) any { return &v.Reminded }),
		public("state", func(v *Review) any { return &v.State }),
		public("closed", func(v *Review) any { return &v.Closed }),
		public("closed_by", func(v *Review) any { return &v.ClosedBy }),
	},
})

var reviewItems = store.Declare(store.Table[ReviewItem]{
	Name: "access_review_item", Kind: store.Recorded,
	Subject: func(v *ReviewItem) core.Ref { return v.Holder },
	Rev:     func(v *ReviewItem) *int64 { return &v.rev },
	Columns: []store.Column[ReviewItem]{
		public("id", func(v *ReviewItem) any { return &v.ID }),
		public("review", func(v *ReviewItem) any { return &v.Review }),
		public("entity", func(v *ReviewItem) any { return &v.Entity }),
		public("holder", func(v *ReviewItem) any { return &v.Holder }),
		public("role", func(v *ReviewItem) any { return (*string)(&v.Role) }),
		public("grants", func(v *ReviewItem) any { return &v.Grants }),
		public("starts", func(v *ReviewItem) any { return &v.Starts }),
		public("ends", func(v *ReviewItem) any { return &v.Ends }),
		public("asked", func(v *ReviewItem) any { return &v.Asked }),
		public("agreed", func(v *ReviewItem) any { return &v.Agreed }),
		public("beside", func(v *ReviewItem) any { return &v.Beside }),
		public("conflicts", func(v *ReviewItem) any { return &v.Conflicts }),
		public("used", func(v *ReviewItem) any { return &v.Used }),
		public("used_event", func(v *ReviewItem) any { return &v.UsedEvent }),
		public("reviewer", func(v *ReviewItem) any { return &v.Reviewer }),
		public("decision", func(v *ReviewItem) any { return &v.Decision }),
		public("effect", func(v *ReviewItem) any { return &v.Effect }),
		public("decided", func(v *ReviewItem) any { return &v.Decided }),
		public("decided_by", func(v *ReviewItem) any { return &v.DecidedBy }),
		personal("words", func(v *ReviewItem) any { return &v.Words }),
	},
})

// Resource is the review as policy sees it.
func (v *Review) Resource() command.Resource { return reviewResource(v.ID, v.Entity) }

func reviewResource(id, entity core.Ref) command.Resource {
	return command.Resource{Kind: KindReview, Ref: id, Entity: within(entity)}
}

// grant is the item as policy sees a grant: who may see whose it is.
func (x *ReviewItem) grant() command.Resource {
	first, _, _ := strings.Cut(x.Grants, " ")
	return grantResource(core.Ref(first), x.Holder, x.Role, x.Entity)
}

// involved are those who asked for the role or agreed to it.
func (x *ReviewItem) involved() []core.Ref { return append(refsOf(x.Asked), refsOf(x.Agreed)...) }

func refsOf(text string) (out []core.Ref) {
	for s := range strings.FieldsSeq(text) {
		out = append(out, core.Ref(s))
	}
	return out
}

// listing writes references once each, sorted.
func listing[T ~string](refs []T) string {
	out := make([]string, 0, len(refs))
	for _, r := range refs {
		if r != "" {
			out = append(out, string(r))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// ReviewByID reads one review; nil when there is none.
func ReviewByID(ctx context.Context, r store.Reader, id core.Ref) (*Review, error) {
	return reviews.Get(ctx, r, string(id))
}

// ReviewItems reads a review's items.
func ReviewItems(ctx context.Context, r store.Reader, review core.Ref) ([]ReviewItem, error) {
	return reviewItems.Select(ctx, r, "WHERE review = $1 ORDER BY id", review)
}
