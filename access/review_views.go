package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ReviewRow is one review with what became of its items.
type ReviewRow struct {
	ID       core.Ref     `json:"id"`
	Entity   core.Ref     `json:"entity"`
	Scope    ReviewScope  `json:"scope"`
	Roles    []Role       `json:"roles" nullable:"false"`
	Cause    ReviewCause  `json:"cause"`
	About    core.Ref     `json:"about,omitempty"`
	OpenedBy core.Ref     `json:"opened_by"`
	Opened   core.Instant `json:"opened"`
	Due      core.Instant `json:"due"`
	Closes   core.Instant `json:"closes"`
	State    string       `json:"state"`
	Closed   core.Instant `json:"closed,omitempty"`
	ClosedBy core.Ref     `json:"closed_by,omitempty"`
	Policies string       `json:"policies"`
	Reminded string       `json:"reminded,omitempty"` // days that were left at the last reminder

	Items     int `json:"items"`
	Kept      int `json:"kept"`
	Revoked   int `json:"revoked"`   // by decision
	Undecided int `json:"undecided"` // still, or at the close
	Protected int `json:"protected"` // could not be taken away
	Late      int `json:"late"`      // decided after it was due, or not yet
	Mine      int `json:"mine"`      // wait for the reader
	// DaysToRevoke is how many days the slowest revocation took from the
	// opening; -1 when nothing was revoked.
	DaysToRevoke int  `json:"days_to_revoke"`
	Overdue      bool `json:"overdue"`
}

// ReviewItemRow is one role of one person in a review.
type ReviewItemRow struct {
	ID         core.Ref     `json:"id"`
	Review     core.Ref     `json:"review"`
	Entity     core.Ref     `json:"entity"`
	Holder     core.Ref     `json:"holder"`
	HolderName Field        `json:"holder_name"`
	Role       Role         `json:"role"`
	Grants     []core.Ref   `json:"grants" nullable:"false"`
	Starts     core.Instant `json:"starts"`
	Ends       core.Instant `json:"ends"`
	Asked      []core.Ref   `json:"asked" nullable:"false"`
	Agreed     []core.Ref   `json:"agreed" nullable:"false"`
	Beside     []string     `json:"beside" nullable:"false"` // role@entity
	// Conflicts are the toxic combinations in which the role had a part.
	Conflicts []string     `json:"conflicts" nullable:"false"`
	Used      core.Instant `json:"used,omitempty"` // zero is never
	UsedEvent string       `json:"used_event,omitempty"`

	// Reviewers are who decides it now; FromGroup says that nobody of the
	// entity itself can. Others are those to whom it could be handed.
	Reviewers []core.Ref `json:"reviewers" nullable:"false"`
	FromGroup bool       `json:"from_group"`
	Handed    bool       `json:"handed"`
	Others    []core.Ref `json:"others" nullable:"false"`
	Mine      bool       `json:"mine"` // the reader decides it now

	Decision  string       `json:"decision,omitempty"`
	Effect    string       `json:"effect,omitempty"`
	Decided   core.Instant `json:"decided,omitempty"`
	DecidedBy core.Ref     `json:"decided_by,omitempty"`
	Words     Field        `json:"words"`
	Late      bool         `json:"late"`
	Closed    bool         `json:"closed"` // its review
}

func reviewRow(v *Review, items []ReviewItemRow, now core.Instant) ReviewRow {
	out := ReviewRow{
		ID: v.ID, Entity: v.Entity, Scope: v.Scope, Roles: []Role{}, Cause: v.Cause, About: v.About, OpenedBy: v.OpenedBy,
		Opened: v.Opened, Due: v.Due, Closes: v.Closes, State: v.State, Closed: v.Closed, ClosedBy: v.ClosedBy,
		Policies: v.Policies, Reminded: v.Reminded, Items: len(items), DaysToRevoke: -1,
		Overdue: v.State == ReviewOpen && now >= v.Due,
	}
	for s := range strings.FieldsSeq(v.Roles) {
		out.Roles = append(out.Roles, Role(s))
	}
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for i := range items {
		x := &items[i]
		count(&out.Kept, x.Decision == KeepRole)
		count(&out.Revoked, x.Decision == RevokeRole && x.Effect != EffectProtected)
		count(&out.Undecided, x.Decision == "" || x.Decision == UndecidedRole)
		count(&out.Protected, x.Effect == EffectProtected)
		count(&out.Late, x.Late)
		count(&out.Mine, x.Mine)
		if x.Effect == EffectRevoked {
			out.DaysToRevoke = max(out.DaysToRevoke, int(x.Decided.Sub(v.Opened)/(24*time.Hour)))
		}
	}
	return out
}

// itemRows renders items for one reader: who decides them, and what became of
// them. Names shows whose they are; nil leaves everything personal out.
func itemRows(ctx context.Context, r store.Reader, see *command.Sight, names map[core.Ref]Staff, of map[core.Ref]*Review, items []ReviewItem) ([]ReviewItemRow, error) {
	s, err := seniorsOf(ctx, r, see.Now)
	out := make([]ReviewItemRow, 0, len(items))
	for i := range items {
		x, v := &items[i], of[items[i].Review]
		row := x.row()
		if names != nil {
			row.HolderName = show(see, x.grant(), "holder_name", names[x.Holder].Name)
			row.Words = show(see, x.grant(), "words", x.Words)
		}
		row.Late = x.Decision == "" && see.Now >= v.Due || x.Decided >= v.Due
		row.Closed = v.State != ReviewOpen
		if x.Decision == "" {
			row.Reviewers, row.FromGroup = s.decide(x)
			row.Handed = x.Reviewer != "" && slices.Equal(row.Reviewers, []core.Ref{x.Reviewer})
			row.Others = mayReassignTo(x, s[x.Entity], s[Group])
			row.Mine = slices.Contains(row.Reviewers, see.Actor.Ref) && v.State == ReviewOpen && see.Now < v.Closes
		}
		out = append(out, row)
	}
	return out, err
}

func (x *ReviewItem) row() ReviewItemRow {
	row := ReviewItemRow{
		ID: x.ID, Review: x.Review, Entity: x.Entity, Holder: x.Holder, Role: x.Role, Grants: refsOf(x.Grants), Starts: x.Starts, Ends: x.Ends,
		Asked: refsOf(x.Asked), Agreed: refsOf(x.Agreed), Beside: strings.Fields(x.Beside), Conflicts: []string{},
		Used: x.Used, UsedEvent: x.UsedEvent, Reviewers: []core.Ref{}, Others: []core.Ref{},
		Decision: x.Decision, Effect: x.Effect, Decided: x.Decided, DecidedBy: x.DecidedBy,
	}
	if x.Conflicts != noConflicts {
		row.Conflicts = strings.Fields(x.Conflicts)
	}
	return row
}

// ListReviews asks for the reviews of access, newest first.
type ListReviews struct {
	Entity core.Ref         `json:"entity,omitempty"`
	State  string           `json:"state,omitempty"`
	Page   core.PageRequest `json:"page"`
}

// Action is access.review.list.
func (ListReviews) Action() command.Action { return "access.review.list" }

// Subject is nothing in particular.
func (ListReviews) Subject() core.Ref { return "" }

type listReviews struct{}

// ListReviewsQuery answers ListReviews.
var ListReviewsQuery command.Query[ListReviews, core.Page[ReviewRow]] = listReviews{}

// Target leaves the choice of rows to policy.
func (listReviews) Target(_ context.Context, _ store.Reader, in ListReviews) (command.Resource, error) {
	return command.Resource{Kind: KindReview, Entity: in.Entity}, nil
}

// Read reads the page with what became of every item. It shows no names.
func (listReviews) Read(ctx context.Context, r store.Reader, in ListReviews, see *command.Sight) (core.Page[ReviewRow], error) {
	var out core.Page[ReviewRow]
	after, err := afterCursor(in.Page.After, "opened")
	if err != nil {
		return out, err
	}
	where := store.And(see.Where, after)
	if in.Entity != "" {
		where = store.And(where, store.Eq("entity", in.Entity))
	}
	if in.State != "" {
		where = store.And(where, store.Eq("state", in.State))
	}
	n := in.Page.Size()
	rows, err := reviews.Filter(ctx, r, "WHERE {where} ORDER BY opened DESC, id DESC LIMIT $1", where, n+1)
	if err != nil {
		return out, err
	}
	if out.Rows, err = reviewRows(ctx, r, see, rows[:min(n, len(rows))]); len(rows) > n {
		out.Next = cursorOf(rows[n-1].Opened, rows[n-1].ID)
	}
	see.Counted(len(out.Rows))
	return out, err
}

// reviewRows counts what became of the items of reviews.
func reviewRows(ctx context.Context, r store.Reader, see *command.Sight, page []Review) ([]ReviewRow, error) {
	of, ids := map[core.Ref]*Review{}, make([]core.Ref, 0, len(page))
	for i := range page {
		of[page[i].ID] = &page[i]
		ids = append(ids, page[i].ID)
	}
	items, err := reviewItems.Filter(ctx, r, "WHERE {where} ORDER BY id", store.In("review", ids))
	if err != nil {
		return nil, err
	}
	told, err := itemRows(ctx, r, see, nil, of, items)
	by := map[core.Ref][]ReviewItemRow{}
	for _, x := range told {
		by[x.Review] = append(by[x.Review], x)
	}
	out := make([]ReviewRow, 0, len(page))
	for i := range page {
		out = append(out, reviewRow(&page[i], by[page[i].ID], see.Now))
	}
	return out, err
}

// CountReviews asks how many items wait for the reader, for the sidebar.
type CountReviews struct{}

// Action is access.review.list.
func (CountReviews) Action() command.Action { return "access.review.list" }

// Subject is nothing in particular.
func (CountReviews) Subject() core.Ref { return "" }

type countReviews struct{}

// CountReviewsQuery answers CountReviews, with 99 for more.
var CountReviewsQuery command.Query[CountReviews, int] = countReviews{}

// Target is every review that policy lets the reader see.
func (countReviews) Target(context.Context, store.Reader, CountReviews) (command.Resource, error) {
	return command.Resource{Kind: KindReview}, nil
}

// Read counts the undecided items that the reader decides.
func (countReviews) Read(ctx context.Context, r store.Reader, _ CountReviews, see *command.Sight) (n int, err error) {
	items, err := reviewItems.Select(ctx, r, `WHERE decision IS NULL AND holder <> $1
		AND review IN (SELECT id FROM access_review WHERE state = 'open' AND closes > $2) ORDER BY id LIMIT 500`, see.Actor.Ref, see.Now)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	s, err := seniorsOf(ctx, r, see.Now)
	for i := range items {
		if pool, _ := s.decide(&items[i]); slices.Contains(pool, see.Actor.Ref) {
			n++
		}
	}
	return min(n, 99), err
}
