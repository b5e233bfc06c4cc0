package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// BreakRow is emergency access with its review.
type BreakRow struct {
	Grant      core.Ref     `json:"grant"`
	Holder     core.Ref     `json:"holder"`
	HolderName Field        `json:"holder_name"`
	Entity     core.Ref     `json:"entity"`
	Role       Role         `json:"role"`
	Taken      core.Instant `json:"taken"`
	Due        core.Instant `json:"due"`
	Overdue    bool         `json:"overdue,omitempty"` // the holder is kept out
	Outcome    BreakOutcome `json:"outcome,omitempty"`
	Reviewer   core.Ref     `json:"reviewer,omitempty"`
	Words      Field        `json:"words"` // the reviewer's
	Acts       int          `json:"acts"`
	Reviewed   core.Instant `json:"reviewed,omitempty"`
	// MayReview says that the reader may review it now; Seen is then the digest
	// of the acts that they are shown.
	MayReview bool   `json:"may_review,omitempty"`
	Seen      string `json:"seen,omitempty"`
}

func breakRow(see *command.Sight, b *BreakReview, g *Grant, name string) BreakRow {
	res := g.Resource()
	return BreakRow{
		Grant: b.Grant, Holder: b.Holder, Entity: b.Entity, Role: g.Role, Taken: g.Starts, Due: b.Due, Overdue: b.overdueAt(see.Now),
		Outcome: b.Outcome, Reviewer: b.Reviewer, Acts: b.Acts, Reviewed: b.Reviewed,
		HolderName: show(see, res, "holder_name", name), Words: show(see, res, "review", b.Words),
	}
}

// breakOf adds the review of emergency access to a grant's story, and says
// whether the reader is one who may review it.
func (q viewGrant) breakOf(ctx context.Context, r store.Reader, g *Grant, s *Staff, v *GrantStory, see *command.Sight) (bool, error) {
	b, err := BreakReviewOf(ctx, r, g.ID)
	if err != nil || b == nil {
		return false, err
	}
	row := breakRow(see, b, g, s.Name)
	may := see.Allowed(ReviewGrant{}.Action(), g.Resource())
	row.MayReview = may && b.Outcome == "" && v.Stopped != 0
	if row.MayReview {
		_, row.Seen, err = q.underBreak(ctx, r, g, s)
	}
	v.Break = &row
	return may, err
}

// underBreak reads everything that was done under emergency access: how many
// acts, and the digest of their events by which a review is bound to the list.
func (q viewGrant) underBreak(ctx context.Context, r store.Reader, g *Grant, s *Staff) (int, string, error) {
	v := GrantStory{Stopped: g.stopped(g.Ends, s.Left)}
	if err := q.acts(ctx, r, g, &v, g.Ends, store.True); err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	for _, x := range v.Acts {
		sum.Write([]byte(x.Event + "\n"))
	}
	return len(v.Acts), hex.EncodeToString(sum.Sum(nil)), nil
}

// ListBreaks asks for emergency access, that which waits for its review first.
type ListBreaks struct {
	// Quiet asks for what waits alone, without any personal value, so that a menu
	// can count.
	Quiet bool `json:"quiet,omitempty"`
}

// Action is access.grant.list.
func (ListBreaks) Action() command.Action { return "access.grant.list" }

// Subject is nobody in particular.
func (ListBreaks) Subject() core.Ref { return "" }

// mostBreaks bounds the list; emergencies are few.
const mostBreaks = 200

type listBreaks struct{}

// ListBreaksQuery answers ListBreaks.
var ListBreaksQuery command.Query[ListBreaks, []BreakRow] = listBreaks{}

// Target leaves the choice of rows to policy.
func (listBreaks) Target(context.Context, store.Reader, ListBreaks) (command.Resource, error) {
	return command.Resource{Kind: core.KindGrant}, nil
}

// Read lists them under the policy's filter over their grants.
func (listBreaks) Read(ctx context.Context, r store.Reader, in ListBreaks, see *command.Sight) ([]BreakRow, error) {
	rows, err := grants.Filter(ctx, r, "WHERE {where} ORDER BY starts DESC, id DESC LIMIT $1", store.And(see.Where, store.Eq("origin", string(Broken))), mostBreaks)
	if err != nil {
		return nil, err
	}
	people, err := holders(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	waiting, done := []BreakRow{}, []BreakRow{}
	for i := range rows {
		g := &rows[i]
		b, err := BreakReviewOf(ctx, r, g.ID)
		if err != nil || b == nil {
			return nil, err
		}
		name := people[g.Holder].Name
		if in.Quiet {
			name, b.Words = "", ""
		}
		row := breakRow(see, b, g, name)
		row.MayReview = b.Outcome == "" && g.stopped(see.Now, people[g.Holder].Left) != 0 && see.Allowed(ReviewGrant{}.Action(), g.Resource())
		if b.Outcome == "" {
			waiting = append(waiting, row)
		} else {
			done = append(done, row)
		}
	}
	see.Counted(len(rows))
	return append(waiting, done...), nil
}
