package console

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/web/ui"
)

// page is the frame of a signed-in page: who is there, in which entity, where
// they can go. What cannot be found out is left out; the page is what counts.
func (s *Server) page(r *http.Request, head ui.HeadView) ui.PageView {
	a, _ := s.actor(r)
	v := ui.PageView{
		Theme: ui.ThemeFrom(r), Now: s.Road.Clock.Now(), Here: hereOf(r), Palette: "/palette", Head: head,
		Person: ui.PersonView{Name: s.names(r, a.Ref)(a.Ref), Href: "/account", SignOut: "/sign-out"},
	}
	held := s.entities(r, a)
	v.Person.Role, v.Entity = rolesOf(held), entityOf(held)
	v.Nav = s.navigation(r, a)
	return v
}

// hereOf is where a form comes back to: this page, or the one that held the
// form.
func hereOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	return "/"
}

// entities lists the firm's legal entities with the reader's roles in each.
func (s *Server) entities(r *http.Request, a evidence.Actor) []access.EntityRow {
	v := visitOf(r)
	if v.entities != nil {
		return v.entities
	}
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListEntitiesQuery, access.ListEntities{})
	if err != nil {
		s.report(err)
	}
	v.entities = rows
	return rows
}

// entityName tells the names of legal entities; the group and its log are the
// group.
func (s *Server) entityName(r *http.Request) func(core.Ref) string {
	a, _ := s.actor(r)
	rows := s.entities(r, a)
	return func(ref core.Ref) string {
		for _, e := range rows {
			if e.ID == ref {
				return e.Name
			}
		}
		if ref == access.Group || ref == evidence.GroupLog || ref == "" {
			return "Group"
		}
		return string(ref)
	}
}

func rolesOf(rows []access.EntityRow) string {
	var out []string
	seen := map[access.Role]bool{}
	for _, e := range rows {
		for _, role := range e.Roles {
			if !seen[role] {
				out, seen[role] = append(out, role.Title()), true
			}
		}
	}
	return strings.Join(out, ", ")
}

// entityOf names where the person acts: the one entity in which they hold
// roles, or how many there are.
func entityOf(rows []access.EntityRow) ui.EntityView {
	var mine []access.EntityRow
	for _, e := range rows {
		if len(e.Roles) > 0 {
			mine = append(mine, e)
		}
	}
	switch len(mine) {
	case 0:
		return ui.EntityView{Code: "—", Name: "No role in a legal entity"}
	case 1:
		return ui.EntityView{Code: mine[0].Jurisdiction, Name: mine[0].Name, Regulator: strings.TrimSpace(mine[0].Regulator + " " + mine[0].Licence)}
	}
	var names []string
	for _, e := range mine {
		names = append(names, e.Name)
	}
	return ui.EntityView{Code: ui.Count(len(mine)), Name: strings.Join(names, ", ")}
}

// counts says how much waits in a place of the sidebar; 99 stands for more.
var counts = map[string]func(context.Context, *command.Road, evidence.Actor) (int, error){
	"/approvals": func(ctx context.Context, rd *command.Road, a evidence.Actor) (int, error) {
		return rd.CountInbox(ctx, a, 99)
	},
	emergencyPath: countBreaks,
	"/findings": func(ctx context.Context, rd *command.Road, a evidence.Actor) (int, error) {
		return command.Ask(ctx, rd, a, cases.CountFindingsQuery, cases.CountFindings{})
	},
	"/reviews": func(ctx context.Context, rd *command.Road, a evidence.Actor) (int, error) {
		return command.Ask(ctx, rd, a, access.CountReviewsQuery, access.CountReviews{})
	},
}

// navigation is the sidebar as this person may use it.
func (s *Server) navigation(r *http.Request, a evidence.Actor) []ui.NavGroup {
	offers := make([]command.Offer, len(navigation))
	for i, n := range navigation {
		offers[i] = n.Offer
	}
	may, err := s.Road.Offered(r.Context(), a, offers)
	if err != nil {
		s.report(err)
		return nil
	}
	var out []ui.NavGroup
	for i, n := range navigation {
		if n.Action != "" && !may[i] || n.href == demoClockPath && !s.clockMoves() {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Title != n.group {
			out = append(out, ui.NavGroup{Title: n.group})
		}
		g := &out[len(out)-1]
		item := ui.NavItem{
			Text: n.text, Href: n.href, Icon: n.icon,
			Current: r.URL.Path == n.href || strings.HasPrefix(r.URL.Path, n.href+"/"),
		}
		if count := counts[n.href]; count != nil {
			if item.Count, err = count(r.Context(), s.Road, a); err != nil {
				s.report(err)
			}
		}
		g.Items = append(g.Items, item)
	}
	return out
}

// may says whether policy would allow an act on any record of a kind, for what
// a page offers. It permits nothing: the road decides when the act comes.
func (s *Server) may(r *http.Request, act command.Action, k core.Kind) bool {
	a, _ := s.actor(r)
	may, err := s.Road.Offered(r.Context(), a, []command.Offer{{Action: act, Kind: k}})
	if err != nil {
		s.report(err)
	}
	return err == nil && may[0]
}

// mayAbout is may for a list about one record, which may stand behind a wall.
func (s *Server) mayAbout(r *http.Request, act command.Action, k core.Kind, about core.Ref) bool {
	a, _ := s.actor(r)
	may, err := s.Road.OfferedAbout(r.Context(), a, command.Offer{Action: act, Kind: k}, about)
	if err != nil {
		s.report(err)
	}
	return may
}

// render draws a signed-in page: the frame with body in it. The page is drawn
// into memory first and leaves whole or not at all.
func (s *Server) render(w http.ResponseWriter, r *http.Request, v ui.PageView, body templ.Component) error {
	if v.Flash == nil {
		v.Flash = s.takeFlash(w, r)
	}
	return s.draw(w, r, framed(v, body))
}

// renderSplit draws a list with its side panel, or only the panel when htmx
// asks for that.
func (s *Server) renderSplit(w http.ResponseWriter, r *http.Request, v ui.PageView, split ui.SplitView, list templ.Component) error {
	if split.Panel != nil && ui.WantsFragment(r, "panel") {
		return s.draw(w, r, ui.PanelFragment(split))
	}
	v.Wide = true
	return s.render(w, r, v, splitBody(split, list))
}

// draw answers with one component.
func (s *Server) draw(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	var b bytes.Buffer
	if err := s.drawn(r, &b, c); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request, HX-Target, Cookie")
	if status := visitOf(r).status; status != 0 {
		w.WriteHeader(status)
	}
	_, err := b.WriteTo(w)
	if err != nil {
		s.report(err) // the reader went away; nothing else can be said to them
	}
	return nil
}

// drawn renders a component with links only to what would open.
func (s *Server) drawn(r *http.Request, b *bytes.Buffer, c templ.Component) error {
	a, ok := s.actor(r)
	if !ok {
		return c.Render(r.Context(), b)
	}
	g := &gate{known: map[string]bool{}}
	if r.Method == http.MethodGet {
		g.known[r.URL.Path] = true // it is open
	}
	ctx := ui.Gated(r.Context(), g.opens)
	for {
		if err := c.Render(ctx, b); err != nil || !s.settle(r.Context(), a, g) {
			return err
		}
		b.Reset()
	}
}

// refLink is the chip of a record that has a page, or of one without.
func refLink(ref core.Ref) ui.RefView { return ui.RefOf(ref, hrefOf(ref)) }

// hrefOf is where a record's page stands, by its kind.
func hrefOf(ref core.Ref) string {
	if base := pagesOf[ref.Kind()]; base != "" {
		return base + string(ref)
	}
	return ""
}
