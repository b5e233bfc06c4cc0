package console

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// fieldValue is a value of access as its reader may see it.
func fieldValue(f access.Field) ui.Value {
	if f.Masked {
		return ui.Hidden("", maskWhy(core.Personal))
	}
	return ui.V(f.Text)
}

// staffList is who works here.
func (s *Server) staffList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := access.ListStaff{Status: access.StaffStatus(q.Get("status")), Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	page, err := command.Ask(r.Context(), s.Road, a, access.ListStaffQuery, in)
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Staff", Sub: []ui.MetaView{{Text: "Who works here, in which roles, and since when"}}})
	for _, x := range []struct {
		status access.StaffStatus
		text   string
	}{{"", "All"}, {access.Active, "Active"}, {access.Inactive, "Left"}} {
		v.Head.Tabs = append(v.Head.Tabs, ui.TabView{Text: x.text, Href: "/staff?status=" + string(x.status), Current: x.status == in.Status})
	}
	if s.mayStaff(r, access.CreateStaff{}.Action()) {
		v.Head.Actions = []ui.ButtonView{{Text: "New colleague", Icon: "plus", Href: "/staff/new"}}
	}
	t := ui.TableView{
		Caption: "Staff", Empty: ui.EmptyView{Icon: "users", Title: "Nobody is listed", Text: "You see colleagues of the entities in which your roles let you."},
		Columns: []ui.Column{{Title: "Name", Primary: true}, {Title: "E-mail"}, {Title: "Employer"}, {Title: "Line of defence"}, {Title: "State"}, {Title: "Since", Tight: true}},
	}
	entity := s.entityName(r)
	for _, x := range page.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/staff/" + string(x.ID), Cells: []templ.Component{
			ui.Val(fieldValue(x.Name)), ui.Val(fieldValue(x.Email)), ui.Text(entity(x.Entity)), ui.Text(titled(string(x.Line))),
			ui.Status(staffState(x.Status)), ui.Text(x.Created.Time().Format("2 Jan 2006")),
		}})
	}
	if page.Next != "" {
		t.Pager.Next = "/staff?status=" + string(in.Status) + "&after=" + string(page.Next)
	}
	return s.render(w, r, v, inboxBody(t))
}

func staffState(st access.StaffStatus) ui.StatusView {
	if st == access.Active {
		return ui.StatusView{Text: "Active", Tone: ui.Good}
	}
	return ui.StatusView{Text: "Left", Icon: "log-out"}
}

// staffFrame is the head of a staff member's pages.
func (s *Server) staffFrame(r *http.Request, tab string) (access.StaffView, ui.PageView, error) {
	a, _ := s.actor(r)
	x, err := command.Ask(r.Context(), s.Road, a, access.ViewStaffQuery, access.ViewStaff{Staff: core.Ref(r.PathValue("id"))})
	if err != nil {
		return x, ui.PageView{}, err
	}
	title := x.Name.Text
	if x.Name.Masked || title == "" {
		title = x.ID.Short()
	}
	v := s.page(r, ui.HeadView{
		Title: title, Crumbs: []ui.Link{{Text: "Staff", Href: "/staff"}, {Text: x.ID.Short()}},
		Sub: []ui.MetaView{{Label: "Employer", Text: s.entityName(r)(x.Entity)}, {Text: titled(string(x.Line)) + " line of defence"}, {Label: "Since", Text: x.Created.Time().Format("2 January 2006")}},
	})
	state := staffState(x.Status)
	live := 0
	for _, g := range x.Grants {
		if g.Live {
			live++
		}
	}
	v.Head.Facts = []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}, {Label: "Roles in force", Value: ui.V(strconv.Itoa(live))}}
	base := "/staff/" + string(x.ID)
	tabs := []ui.TabView{{Text: "Roles", Href: base}}
	if may, err := s.Road.Offered(r.Context(), a, []command.Offer{{Action: "evidence.event.search", Kind: "ev"}}); err == nil && may[0] {
		tabs = append(tabs, ui.TabView{Text: "What they did", Href: base + "/did"}, ui.TabView{Text: "What they were refused", Href: base + "/refused"})
	}
	if x.May["access.session.revoke"] || x.ID == a.Ref {
		tabs = append(tabs, ui.TabView{Text: "Sessions", Href: base + "/sessions"})
	}
	tabs = append(tabs, ui.TabView{Text: "In hand", Href: base + "/work"})
	if s.Policies != nil {
		tabs = append(tabs, ui.TabView{Text: "What they could do", Href: base + "/on"})
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == base+tab
	}
	v.Head.Tabs = tabs
	return x, v, nil
}

// staff is a staff member with what they were allowed over time.
func (s *Server) staff(w http.ResponseWriter, r *http.Request) error {
	x, v, err := s.staffFrame(r, "")
	if err != nil {
		return err
	}
	v.Head.Actions = append(append(append(s.roleButtons(r, x), append(append(s.moveButton(r, x), s.resetButtons(r, x)...), s.certificateButton(r, x)...)...), s.deactivateButton(r, x)...), s.packButton(r, "staff", x.ID, x.Entity)...)
	var refs []core.Ref
	for _, g := range x.Grants {
		refs = append(refs, g.Maker, g.ClosedBy)
	}
	name := s.names(r, refs...)
	entity := s.entityName(r)
	p := staffParts{Bars: grantSpans(x.Grants, entity), Now: v.Now, Elsewhere: x.Elsewhere, Email: fieldValue(x.Email), Place: placeOf(x), Certificates: certificateTable(x, v.Now)}
	for _, u := range x.Untrained {
		p.Untrained = append(p.Untrained, u.Role.Title()+" in "+entity(u.Entity)+" demands “"+u.Training+"”, and there is no live certificate of it.")
	}
	p.Table = ui.TableView{
		Caption: "Grants, oldest first", Empty: ui.EmptyView{Icon: "key-round", Title: "No role was ever held", Text: "Without a grant a person can do nothing but sign in."},
		Columns: []ui.Column{{Title: "Role", Primary: true}, {Title: "Entity"}, {Title: "From", Tight: true}, {Title: "Until", Tight: true}, {Title: "State"}, {Title: "Asked by"}, {Title: "Why"}, {Title: "Agreed in"}},
	}
	for _, g := range x.Grants {
		t := grantState(g)
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(g.ID), Href: grantPath(g.ID), Cells: []templ.Component{
			ui.Text(g.Role.Title()), ui.Text(entity(g.Entity)), ui.Text(grantMoment(g.Starts, g)), ui.Text(grantMoment(g.Ends, g)), ui.Status(t),
			ui.Text(actorName(g.Maker, name)), grantWhy(g), proposalLink(g.Proposal),
		}})
	}
	p.Requests = s.requestsTable(r, x.Requests)
	if p.Reviews, err = s.reviewsOf(r, x.ID); err != nil {
		return err
	}
	return s.render(w, r, v, staffBody(p))
}

// staffParts is a staff member's first page.
type staffParts struct {
	Bars      []ui.SpanView
	Table     ui.TableView
	Requests  ui.TableView
	Elsewhere int
	Email     ui.Value
	Place     staffPlace

	Certificates ui.TableView
	Untrained    []string
	Now          core.Instant
	Reviews      *ui.TableView // nil for who may see none
}

func day(at core.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format("2 Jan 2006")
}

// ended is when a grant stopped, or will.
func ended(g access.GrantRow) core.Instant {
	if g.Closed != 0 {
		return min(g.Closed, g.Ends)
	}
	return g.Ends
}

// grantSpans are the grants over time; of one that was taken away, the end
// that it would have had is told too.
func grantSpans(gs []access.GrantRow, entity func(core.Ref) string) (out []ui.SpanView) {
	for _, g := range gs {
		x := ui.SpanView{Label: g.Role.Title(), Where: entity(g.Entity), From: g.Starts, To: ended(g), State: grantState(g)}
		if x.To < g.Ends {
			x.Planned = g.Ends
		}
		out = append(out, x)
	}
	return out
}

func grantState(g access.GrantRow) ui.StatusView {
	switch {
	case g.Live:
		return ui.StatusView{Text: "In force", Tone: ui.Good}
	case g.Phase == access.PhaseScheduled:
		return ui.StatusView{Text: "Scheduled", Icon: "calendar"}
	case g.State == access.Revoked:
		return ui.StatusView{Text: "Revoked " + day(g.Closed), Tone: ui.Bad}
	case g.State == access.Ended:
		return ui.StatusView{Text: "Given back " + day(g.Closed), Icon: "log-out"}
	}
	return ui.StatusView{Text: "Over", Icon: "clock"}
}

// grantMoment is the beginning or end of a grant: to the minute where it is
// short.
func grantMoment(at core.Instant, g access.GrantRow) string {
	if g.Ends.Sub(g.Starts) > 3*dayLong {
		return day(at)
	}
	return at.Time().Format("2 Jan 2006, 15:04")
}

// requestStates say what became of requests that gave nothing, or nothing yet.
var requestStates = map[access.Phase]ui.StatusView{
	access.PhaseRequested: {Text: "Waits for somebody else", Icon: "hourglass"},
	access.PhaseWithdrawn: {Text: "Taken back by its maker", Icon: "log-out"},
	access.PhaseRefused:   {Text: "Refused", Tone: ui.Bad},
	access.PhaseLapsed:    {Text: "Nobody answered in time", Icon: "clock"},
	access.PhaseStopped:   {Text: "Stopped by a rule", Tone: ui.Bad},
}

// requestsTable lists the requests that gave nothing, or nothing yet.
func (s *Server) requestsTable(r *http.Request, rows []access.RequestRow) ui.TableView {
	var refs []core.Ref
	for _, x := range rows {
		refs = append(refs, x.Maker)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Requests that gave nothing, or nothing yet, newest first",
		Columns: []ui.Column{{Title: "Role", Primary: true}, {Title: "Entity"}, {Title: "For how long"}, {Title: "State"}, {Title: "Asked", Tight: true}, {Title: "Asked by"}},
	}
	for _, x := range rows {
		length := "until " + day(x.Until)
		if x.Hours > 0 {
			length = ui.Plural(x.Hours, "hour", "hours")
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Proposal), Href: hrefOf(x.Proposal), Cells: []templ.Component{
			ui.Text(x.Role.Title()), ui.Text(entity(x.Entity)), ui.Text(length), ui.Status(requestStates[x.Phase]), ui.Text(day(x.Asked)), ui.Text(actorName(x.Maker, name)),
		}})
	}
	return t
}

func grantWhy(g access.GrantRow) templ.Component {
	if g.Words.Masked || g.Words.Text != "" {
		return ui.Val(fieldValue(g.Words))
	}
	return ui.Text(titled(g.Reason))
}

func proposalLink(ref core.Ref) templ.Component {
	if ref == "" {
		return ui.Val(ui.Value{})
	}
	return ui.Val(ui.Value{Text: ref.Short(), Href: hrefOf(ref)})
}

// staffDid is what a colleague did, as far as the reader may search.
func (s *Server) staffDid(w http.ResponseWriter, r *http.Request) error {
	x, v, err := s.staffFrame(r, "/did")
	if err != nil {
		return err
	}
	return s.timeline(w, r, v, timelineOf{Fixed: "by:" + string(x.ID), Empty: ui.EmptyView{
		Icon: "activity", Title: "Nothing yet",
		Text: "They have done nothing in the entities that you may search.",
	}})
}

// staffRefused is what a colleague tried and was not let.
func (s *Server) staffRefused(w http.ResponseWriter, r *http.Request) error {
	x, v, err := s.staffFrame(r, "/refused")
	if err != nil {
		return err
	}
	return s.timeline(w, r, v, timelineOf{Fixed: "by:" + string(x.ID), Show: oversight.ShowRefusals, Empty: ui.EmptyView{
		Icon: "ban", Title: "Nothing was refused",
		Text: "No policy and no rule has said no to them in the entities that you may search. Denials are evidence like everything else.",
	}})
}
