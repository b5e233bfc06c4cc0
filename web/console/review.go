package console

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

func reviewPath(id core.Ref) string { return "/reviews/" + string(id) }

var reviewCauses = map[access.ReviewCause]string{
	access.CauseSchedule: "its turn had come", access.CauseStaff: "a colleague moved", access.CauseEntity: "the entity changed",
	access.CausePolicies: "roles may do more than before", access.CauseRules: "approval rules ask other people", access.CauseAsked: "asked for",
}

// reviewTitle says of whom a review is.
func reviewTitle(v access.ReviewRow, name func(core.Ref) string) string {
	switch v.Scope {
	case access.ScopeCritical:
		return "Roles of critical functions"
	case access.ScopePerson:
		return "Roles of " + name(v.About)
	case access.ScopeRoles:
		titles := make([]string, 0, len(v.Roles))
		for _, role := range v.Roles {
			titles = append(titles, lowerFirst(role.Title()))
		}
		return titled(enumerated(titles, "and"))
	}
	return "Every role"
}

// reviewState is where a review stands.
func reviewState(v access.ReviewRow) ui.StatusView {
	switch {
	case v.State != access.ReviewOpen:
		return ui.StatusView{Text: "closed " + day(v.Closed), Tone: ui.Good}
	case v.Overdue:
		return ui.StatusView{Text: "overdue", Tone: ui.Bad}
	case v.Mine > 0:
		return ui.StatusView{Text: "waits for you", Tone: ui.Note, Icon: "inbox"}
	}
	return ui.StatusView{Text: "open", Tone: ui.Warn}
}

func revokedIn(v access.ReviewRow) string {
	if v.DaysToRevoke < 0 {
		return ""
	}
	return ui.Plural(v.DaysToRevoke, "day", "days")
}

var reviewSegments = []struct{ state, text string }{{"", "All"}, {access.ReviewOpen, "Open"}, {access.ReviewClosed, "Closed"}}

// reviewList is every review of access that the reader may see.
func (s *Server) reviewList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := access.ListReviews{State: q.Get("state"), Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	page, err := command.Ask(r.Context(), s.Road, a, access.ListReviewsQuery, in)
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Access reviews", Sub: []ui.MetaView{{Text: "Who holds which role, looked at again by somebody who does not hold it. What nobody keeps is taken away."}}})
	v.Head.Actions = []ui.ButtonView{{Text: "Open a review", Icon: "plus", Href: "/reviews/new"}, {Text: "As a file", Icon: "download", Post: "/reviews/report"}, {Text: "How it works", Icon: "book-open", Href: "/docs/reviews"}}
	var bar ui.QueryBarView
	for _, x := range reviewSegments {
		bar.Segments = append(bar.Segments, ui.ChipView{Text: x.text, On: x.state == in.State, Href: listPath("/reviews", nil, "state", x.state)})
	}
	t := s.reviewTable(r, page.Rows)
	t.Pager = pagerOf("/reviews", url.Values{"state": {in.State}}, in.Page.After, page.Next)
	return s.render(w, r, v, listBody(bar, t))
}

func (s *Server) reviewTable(r *http.Request, rows []access.ReviewRow) ui.TableView {
	var refs []core.Ref
	for _, v := range rows {
		refs = append(refs, v.About)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Reviews, newest first", Empty: ui.EmptyView{Icon: "clipboard-check", Title: "No review yet", Text: "The first one opens by itself when an entity has had roles for as long as its rule says."},
		Columns: []ui.Column{
			{Title: "Review", Primary: true},
			{Title: "State"},
			{Title: "Opened", Tight: true},
			{Title: "Due", Tight: true},
			{Title: "Items", Number: true},
			{Title: "Kept", Number: true},
			{Title: "Revoked", Number: true},
			{Title: "Undecided", Number: true},
			{Title: "Late", Number: true},
			{Title: "Slowest revocation", Tight: true},
		},
	}
	for _, v := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(v.ID), Href: reviewPath(v.ID), Cells: []templ.Component{
			together(twoLines(entity(v.Entity)+": "+lowerFirst(reviewTitle(v, name)), reviewCauses[v.Cause])), ui.Status(reviewState(v)),
			ui.Text(day(v.Opened)), ui.Text(day(v.Due)), ui.Text(strconv.Itoa(v.Items)), ui.Text(strconv.Itoa(v.Kept)), ui.Text(strconv.Itoa(v.Revoked)),
			ui.Text(strconv.Itoa(v.Undecided)), ui.Text(strconv.Itoa(v.Late)), ui.Val(ui.V(revokedIn(v))),
		}})
	}
	return t
}

// file answers with a report.
func (s *Server) file(w http.ResponseWriter, f access.ReportFile) error {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Body)))
	if _, err := w.Write(f.Body); err != nil {
		s.report(err) // the reader went away; the export is on record all the same
	}
	return nil
}

func (s *Server) reviewsReport(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	f, err := command.Ask(r.Context(), s.Road, a, access.ReviewsReportQuery, access.ReviewsReport{})
	if err != nil {
		return err
	}
	return s.file(w, f)
}

func (s *Server) reviewReport(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	f, err := command.Ask(r.Context(), s.Road, a, access.ReviewReportQuery, access.ReviewReport{Review: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	return s.file(w, f)
}

// reviewRead reads the review in the address, with the item that it names.
func (s *Server) reviewRead(r *http.Request) (access.ReviewView, error) {
	if s.Policies == nil {
		return access.ReviewView{}, command.ErrHidden
	}
	a, _ := s.actor(r)
	in := access.ViewReview{Review: core.Ref(r.PathValue("id")), Item: core.Ref(r.PathValue("item"))}
	return command.Ask(r.Context(), s.Road, a, access.ViewReviewQuery(s.Road, s.Policies), in)
}

// reviewNames names everybody whom a review names.
func (s *Server) reviewNames(r *http.Request, v access.ReviewView) func(core.Ref) string {
	refs := []core.Ref{v.About, v.OpenedBy, v.ClosedBy}
	for _, x := range v.Rows {
		refs = append(append(append(append(refs, x.Asked...), x.Agreed...), x.Reviewers...), x.Others...)
		refs = append(refs, x.DecidedBy)
	}
	return s.names(r, refs...)
}

// review is one review, with the item in its address open beside it.
func (s *Server) review(w http.ResponseWriter, r *http.Request) error {
	return s.drawReview(w, r, access.DecideReview{}, nil)
}

// drawReview draws the review; f is what was wrong with a decision.
func (s *Server) drawReview(w http.ResponseWriter, r *http.Request, in access.DecideReview, f *core.Fault) error {
	v, err := s.reviewRead(r)
	if err != nil {
		return err
	}
	name := s.reviewNames(r, v)
	split := ui.SplitView{Label: "Role", Back: reviewPath(v.ID), Hint: "Choose a role to see what it allows, since when, who gave it and when it was last used. j and k move, Enter opens."}
	item := v.Item(core.Ref(r.PathValue("item")))
	if item != nil {
		split.Panel = reviewItemPanel(s.reviewItemParts(r, v, *item, name, in, f))
		if ui.WantsFragment(r, "panel") {
			return s.draw(w, r, ui.PanelFragment(split))
		}
	}
	page := s.page(r, s.reviewHead(r, v, name, ""))
	return s.renderSplit(w, r, page, split, reviewBody(reviewParts{ReviewView: v, Table: s.reviewItems(r, v, item, name), Names: name, Now: page.Now}))
}

func (s *Server) reviewHead(r *http.Request, v access.ReviewView, name func(core.Ref) string, tab string) ui.HeadView {
	state := reviewState(v.ReviewRow)
	h := ui.HeadView{
		Title: s.entityName(r)(v.Entity) + ": " + lowerFirst(reviewTitle(v.ReviewRow, name)), Crumbs: []ui.Link{{Text: "Access reviews", Href: "/reviews"}, {Text: v.ID.Short()}},
		Sub: []ui.MetaView{{Label: "opened", Text: day(v.Opened) + " by " + name(v.OpenedBy)}, {Label: "because", Text: reviewCauses[v.Cause]}, {Label: "due", Text: day(v.Due)}},
		Facts: []ui.FactView{
			{Label: "State", Value: ui.V(state.Text), Tone: state.Tone},
			{Label: "Items", Value: ui.V(strconv.Itoa(v.Items))},
			{Label: "Kept", Value: ui.V(strconv.Itoa(v.Kept))},
			{Label: "Revoked", Value: ui.V(strconv.Itoa(v.Revoked))},
			{Label: "Undecided", Value: ui.V(strconv.Itoa(v.Undecided))},
		},
		Tabs: s.storyTabs(r, reviewPath(v.ID), tab, command.Resource{Kind: access.KindReview, Ref: v.ID, Entity: noGroup(v.Entity)}),
	}
	if v.MayClose {
		h.Actions = append(h.Actions, ui.ButtonView{Text: "Close it", Icon: "archive", Href: reviewPath(v.ID) + "/close"})
	}
	h.Actions = append(h.Actions, ui.ButtonView{Text: "As a file", Icon: "download", Post: reviewPath(v.ID) + "/report"})
	h.Actions = append(h.Actions, s.packButton(r, "review", v.ID, noGroup(v.Entity))...)
	return h
}

// noGroup is an entity as policy names it.
func noGroup(entity core.Ref) core.Ref {
	if entity == access.Group {
		return ""
	}
	return entity
}

// reviewParts is the page of a review.
type reviewParts struct {
	access.ReviewView
	Table ui.TableView
	Names func(core.Ref) string
	Now   core.Instant
}

// told is what a reader must know about the whole review.
func (p reviewParts) told() *ui.NoticeView {
	switch {
	case p.State != access.ReviewOpen && p.Undecided > 0:
		return &ui.NoticeView{Tone: ui.Note, Text: "Closed on " + ui.Stamp(p.Closed) + " by " + p.Names(p.ClosedBy) + ". Nobody had decided " + ui.Plural(p.Undecided, "item", "items") + ": by the rule, what is undecided at the close is revoked."}
	case p.State != access.ReviewOpen:
		return &ui.NoticeView{Tone: ui.Good, Text: "Closed on " + ui.Stamp(p.Closed) + " by " + p.Names(p.ClosedBy) + ". Every item was decided."}
	case p.Overdue:
		return &ui.NoticeView{Tone: ui.Bad, Title: "This review is overdue", Text: "It closes on " + ui.Stamp(p.Closes) + ". What is undecided then is revoked."}
	case p.Mine > 0:
		return &ui.NoticeView{Tone: ui.Note, Text: ui.Plural(p.Mine, "item waits", "items wait") + " for you. What nobody decides by " + ui.Stamp(p.Closes) + " is revoked."}
	}
	return nil
}

func (p reviewParts) locked() *ui.NoticeView {
	if p.Protected == 0 {
		return nil
	}
	return &ui.NoticeView{
		Tone: ui.Bad, Title: ui.Plural(p.Protected, "role was", "roles were") + " not taken away",
		Text: "Nobody could have given roles any more. A critical finding says so: give the role to another colleague, then take this one away.",
	}
}

// reviewItems lists the items: whose turn it is first.
func (s *Server) reviewItems(r *http.Request, v access.ReviewView, at *access.ReviewItemRow, name func(core.Ref) string) ui.TableView {
	t := ui.TableView{Caption: "Roles in this review", Peek: true, Columns: []ui.Column{
		{Title: "Who and what", Primary: true}, {Title: "Last used", Tight: true}, {Title: "Until", Tight: true}, {Title: "State", Tight: true},
	}}
	now := s.Road.Clock.Now()
	for i := range v.Rows {
		x := &v.Rows[i]
		who := x.HolderName.Text
		if x.HolderName.Masked || who == "" {
			who = x.Holder.Short()
		}
		t.Rows = append(t.Rows, ui.Row{
			ID: string(x.ID), Href: reviewPath(v.ID) + "/items/" + string(x.ID), Current: at != nil && at.ID == x.ID,
			Cells: []templ.Component{
				together(twoLines(who, x.Role.Title()+conflictNote(x))), ui.Text(usedText(x, now)), ui.Text(day(x.Ends)), stateCell(itemState(x), itemNote(x, name)),
			},
		})
	}
	return t
}

func conflictNote(x *access.ReviewItemRow) string {
	if len(x.Conflicts) == 0 {
		return ""
	}
	return " · " + ui.Plural(len(x.Conflicts), "conflict", "conflicts")
}

func usedText(x *access.ReviewItemRow, now core.Instant) string {
	if x.Used == 0 {
		return "never"
	}
	return ui.LongAgo(now.Sub(x.Used))
}

func itemState(x *access.ReviewItemRow) ui.StatusView {
	switch {
	case x.Effect == access.EffectProtected:
		return ui.StatusView{Text: "Not taken away", Tone: ui.Bad, Icon: "triangle-alert"}
	case x.Decision == access.KeepRole:
		return ui.StatusView{Text: "Kept", Tone: ui.Good}
	case x.Decision == access.RevokeRole:
		return ui.StatusView{Text: "Revoked", Tone: ui.Bad}
	case x.Decision == access.UndecidedRole && x.Effect == access.EffectEnded:
		return ui.StatusView{Text: "Undecided", Tone: ui.Warn}
	case x.Decision == access.UndecidedRole:
		return ui.StatusView{Text: "Undecided, revoked", Tone: ui.Bad}
	case x.Mine:
		return ui.StatusView{Text: "For you", Tone: ui.Note, Icon: "inbox"}
	case len(x.Reviewers) == 0:
		return ui.StatusView{Text: "Nobody can decide", Tone: ui.Bad}
	}
	return ui.StatusView{Text: "Waits", Icon: "clock"}
}

func itemNote(x *access.ReviewItemRow, name func(core.Ref) string) string {
	var out []string
	switch {
	case x.Decision != "":
		out = append(out, day(x.Decided))
	case !x.Mine:
		for _, ref := range x.Reviewers {
			out = append(out, name(ref))
		}
	}
	if x.Effect == access.EffectEnded {
		out = append(out, "was over already")
	}
	if x.Late {
		out = append(out, "late")
	}
	return strings.Join(out, ", ")
}

// reviewEvidence is everything that was done in a review.
func (s *Server) reviewEvidence(w http.ResponseWriter, r *http.Request) error {
	v, err := s.reviewRead(r)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, s.reviewHead(r, v, s.reviewNames(r, v), "/evidence")), timelineOf{Of: v.ID})
}

// reviewsOf is when a colleague's roles were reviewed, for their page; nil for
// who may see no reviews.
func (s *Server) reviewsOf(r *http.Request, staff core.Ref) (*ui.TableView, error) {
	if !s.may(r, access.ListReviews{}.Action(), access.KindReview) {
		return nil, nil
	}
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListReviewsOfQuery, access.ListReviewsOf{Staff: staff})
	if err != nil {
		return nil, err
	}
	var refs []core.Ref
	for _, x := range rows {
		refs = append(append(refs, x.DecidedBy), x.Reviewers...)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Reviewed, newest first", Empty: ui.EmptyView{Icon: "clipboard-check", Title: "Not reviewed yet", Text: "Every entity reviews who holds which role, by its own rule."},
		Columns: []ui.Column{{Title: "Role", Primary: true}, {Title: "Entity"}, {Title: "Outcome"}, {Title: "When", Tight: true}, {Title: "By"}, {Title: "In their words"}},
	}
	for i := range rows {
		x := &rows[i]
		by := name(x.DecidedBy)
		if x.Decision == "" {
			by = ""
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: reviewPath(x.Review) + "/items/" + string(x.ID), Cells: []templ.Component{
			ui.Text(x.Role.Title()), ui.Text(entity(x.Entity)), ui.Status(itemState(x)), ui.Val(ui.V(day(x.Decided))), ui.Val(ui.V(by)), ui.Val(fieldValue(x.Words)),
		}})
	}
	return &t, nil
}
