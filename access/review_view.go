package access

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewReview asks for one review with its items; with Item also for what that
// item's role allows.
type ViewReview struct {
	Review core.Ref `json:"review"`
	Item   core.Ref `json:"item,omitempty"`
}

// Action is access.review.view.
func (ViewReview) Action() command.Action { return "access.review.view" }

// Subject is the review.
func (v ViewReview) Subject() core.Ref { return v.Review }

// ReviewView is one review in full.
type ReviewView struct {
	ReviewRow
	Rows []ReviewItemRow `json:"rows" nullable:"false"`
	// Rights is what the role of the item asked for allows, by the policies
	// under which the review was opened; Why says that these cannot be asked.
	Rights *RoleRights `json:"rights,omitempty"`
	Why    string      `json:"why,omitempty"`
	// MayClose says that policy would let the reader close it.
	MayClose bool `json:"may_close"`
}

// Item is the item asked for; nil when it is none of this review.
func (v *ReviewView) Item(id core.Ref) *ReviewItemRow {
	for i := range v.Rows {
		if v.Rows[i].ID == id {
			return &v.Rows[i]
		}
	}
	return nil
}

// ViewReviewQuery answers ViewReview.
func ViewReviewQuery(rd *command.Road, a *Authorizer) command.Query[ViewReview, ReviewView] {
	return viewReview{rd, a}
}

type viewReview struct {
	rd       *command.Road
	policies *Authorizer
}

func reviewTarget(ctx context.Context, r store.Reader, id core.Ref) (command.Resource, error) {
	v, err := ReviewByID(ctx, r, id)
	if err == nil && v == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return command.Resource{}, err
	}
	return v.Resource(), nil
}

// Target is the review.
func (viewReview) Target(ctx context.Context, r store.Reader, in ViewReview) (command.Resource, error) {
	return reviewTarget(ctx, r, in.Review)
}

// Read shows the review with its items: what waits for the reader first, then
// what is undecided, each by name.
func (q viewReview) Read(ctx context.Context, r store.Reader, in ViewReview, see *command.Sight) (ReviewView, error) {
	out, err := readReview(ctx, r, in.Review, see)
	if err != nil {
		return out, err
	}
	slices.SortStableFunc(out.Rows, func(a, b ReviewItemRow) int {
		return cmp.Or(a.order()-b.order(), cmp.Compare(a.HolderName.Text, b.HolderName.Text), cmp.Compare(a.Holder, b.Holder), cmp.Compare(a.Role, b.Role))
	})
	out.MayClose = out.State == ReviewOpen && see.Allowed(CloseReview{}.Action(), reviewResource(out.ID, out.Entity))
	if x := out.Item(in.Item); x != nil {
		out.Rights, out.Why, err = viewRole(q).rights(ctx, r, x.Role, out.Policies, see.Now)
	} else if in.Item != "" {
		err = command.ErrHidden
	}
	return out, err
}

func (x *ReviewItemRow) order() int {
	switch {
	case x.Mine:
		return 0
	case x.Decision == "":
		return 1
	}
	return 2
}

func readReview(ctx context.Context, r store.Reader, id core.Ref, see *command.Sight) (ReviewView, error) {
	v, err := ReviewByID(ctx, r, id)
	if err != nil {
		return ReviewView{}, err
	}
	items, err := ReviewItems(ctx, r, id)
	if err != nil {
		return ReviewView{}, err
	}
	names, err := itemHolders(ctx, r, items)
	if err != nil {
		return ReviewView{}, err
	}
	out := ReviewView{}
	out.Rows, err = itemRows(ctx, r, see, names, map[core.Ref]*Review{id: v}, items)
	out.ReviewRow = reviewRow(v, out.Rows, see.Now)
	see.Counted(len(out.Rows))
	return out, err
}

func itemHolders(ctx context.Context, r store.Reader, items []ReviewItem) (map[core.Ref]Staff, error) {
	people := make([]Grant, 0, len(items))
	for _, x := range items {
		people = append(people, Grant{Holder: x.Holder})
	}
	return holders(ctx, r, people)
}

// ListReviewsOf asks when the roles of one person were reviewed, newest first.
type ListReviewsOf struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.review.list.
func (ListReviewsOf) Action() command.Action { return "access.review.list" }

// Subject is the person.
func (l ListReviewsOf) Subject() core.Ref { return l.Staff }

type listReviewsOf struct{}

// ListReviewsOfQuery answers ListReviewsOf.
var ListReviewsOfQuery command.Query[ListReviewsOf, []ReviewItemRow] = listReviewsOf{}

// Target leaves the choice of rows to policy.
func (listReviewsOf) Target(context.Context, store.Reader, ListReviewsOf) (command.Resource, error) {
	return command.Resource{Kind: KindReview}, nil
}

// Read reads the items of reviews that the reader may see.
func (listReviewsOf) Read(ctx context.Context, r store.Reader, in ListReviewsOf, see *command.Sight) ([]ReviewItemRow, error) {
	items, err := reviewItems.Filter(ctx, r, "WHERE {where} ORDER BY id DESC LIMIT 100", store.And(see.Where, store.Eq("holder", in.Staff)))
	if err != nil || len(items) == 0 {
		return nil, err
	}
	ids := make([]core.Ref, 0, len(items))
	for _, x := range items {
		ids = append(ids, x.Review)
	}
	rows, err := reviews.Filter(ctx, r, "WHERE {where} ORDER BY id", store.In("id", ids))
	if err != nil {
		return nil, err
	}
	of := map[core.Ref]*Review{}
	for i := range rows {
		of[rows[i].ID] = &rows[i]
	}
	names, err := itemHolders(ctx, r, items)
	if err != nil {
		return nil, err
	}
	see.Counted(len(items))
	return itemRows(ctx, r, see, names, of, items)
}

// ReviewReport asks for one review as a file for spreadsheets.
type ReviewReport struct {
	Review core.Ref `json:"review"`
}

// Action is access.review.view.
func (ReviewReport) Action() command.Action { return "access.review.view" }

// Subject is the review.
func (v ReviewReport) Subject() core.Ref { return v.Review }

// ReportFile is a report as it leaves.
type ReportFile struct {
	Name string
	Body []byte
}

type reviewReport struct{}

// ReviewReportQuery answers ReviewReport.
var ReviewReportQuery command.Query[ReviewReport, ReportFile] = reviewReport{}

// Target is the review.
func (reviewReport) Target(ctx context.Context, r store.Reader, in ReviewReport) (command.Resource, error) {
	return reviewTarget(ctx, r, in.Review)
}

// Read writes a line for each item. That it left is on record.
func (reviewReport) Read(ctx context.Context, r store.Reader, in ReviewReport, see *command.Sight) (ReportFile, error) {
	v, err := readReview(ctx, r, in.Review, see)
	if err != nil {
		return ReportFile{}, err
	}
	lines := [][]string{{
		"review", "entity", "opened", "due", "closed", "item", "person", "name", "role", "grants", "from", "until", "asked by", "agreed by",
		"last used", "conflicts", "decision", "effect", "decided", "decided by", "words", "late",
	}}
	for i := range v.Rows {
		x := &v.Rows[i]
		lines = append(lines, []string{
			string(v.ID), string(v.Entity), v.Opened.String(), v.Due.String(), v.Closed.String(), string(x.ID), string(x.Holder), x.HolderName.plain(),
			string(x.Role), listing(x.Grants), x.Starts.String(), x.Ends.String(), listing(x.Asked), listing(x.Agreed), x.Used.String(),
			first(strings.Join(x.Conflicts, " "), noConflicts), first(x.Decision, UndecidedRole), x.Effect, x.Decided.String(), string(x.DecidedBy), x.Words.plain(), yes(x.Late),
		})
	}
	see.Exported("csv")
	return ReportFile{Name: "review-" + v.ID.Short() + ".csv", Body: sheet(lines)}, nil
}

// ReviewsReport asks for all reviews that the reader may see as a file.
type ReviewsReport struct{}

// Action is access.review.list.
func (ReviewsReport) Action() command.Action { return "access.review.list" }

// Subject is nothing in particular.
func (ReviewsReport) Subject() core.Ref { return "" }

type reviewsReport struct{}

// ReviewsReportQuery answers ReviewsReport.
var ReviewsReportQuery command.Query[ReviewsReport, ReportFile] = reviewsReport{}

// Target leaves the choice of rows to policy.
func (reviewsReport) Target(context.Context, store.Reader, ReviewsReport) (command.Resource, error) {
	return command.Resource{Kind: KindReview}, nil
}

// mostReviews is how many reviews one file tells of: twenty years of quarters
// in more than ten entities.
const mostReviews = 1000

// Read writes a line for each review, newest first.
func (reviewsReport) Read(ctx context.Context, r store.Reader, _ ReviewsReport, see *command.Sight) (ReportFile, error) {
	page, err := reviews.Filter(ctx, r, "WHERE {where} ORDER BY opened DESC, id DESC LIMIT $1", see.Where, mostReviews)
	if err != nil {
		return ReportFile{}, err
	}
	rows, err := reviewRows(ctx, r, see, page)
	lines := [][]string{{
		"review", "entity", "scope", "cause", "opened", "due", "closed", "state", "items", "kept", "revoked", "undecided", "protected",
		"late", "days to revoke", "overdue",
	}}
	for _, v := range rows {
		line := []string{string(v.ID), string(v.Entity), string(v.Scope), string(v.Cause), v.Opened.String(), v.Due.String(), v.Closed.String(), v.State}
		for _, n := range []int{v.Items, v.Kept, v.Revoked, v.Undecided, v.Protected, v.Late, v.DaysToRevoke} {
			line = append(line, strings.TrimPrefix(strconv.Itoa(n), "-1"))
		}
		lines = append(lines, append(line, yes(v.Overdue)))
	}
	see.Exported("csv")
	see.Counted(len(rows))
	return ReportFile{Name: "reviews.csv", Body: sheet(lines)}, err
}

func (f Field) plain() string {
	if f.Masked {
		return "masked"
	}
	return f.Text
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// sheet writes CSV in which no cell is a formula to a spreadsheet.
func sheet(lines [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, line := range lines {
		for i, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				line[i] = "'" + cell
			}
		}
		_ = w.Write(line) // into memory: cannot fail
	}
	w.Flush()
	return b.Bytes()
}
