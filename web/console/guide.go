package console

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/web/guide"
	"vouchsafe/web/ui"
)

// guide shows a page of the guide. It is for strangers too: how the product
// works is no secret.
func (s *Server) guide(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("page")
	if name == "" {
		name = "index"
	}
	p, ok := guide.Find(name)
	if !ok {
		return command.ErrHidden
	}
	v := ui.PageView{
		Area: "Guide", Theme: ui.ThemeFrom(r), Now: s.Road.Clock.Now(), Here: hereOf(r),
		Head: ui.HeadView{Title: p.Title}, Nav: guideNav(name),
	}
	return s.render(w, r, v, guideBody(templ.Raw(p.HTML))) // our own text, from Markdown without raw HTML
}

// guideProblem leads to where a problem's code is explained.
func (s *Server) guideProblem(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/docs/problems#"+url.PathEscape(r.PathValue("code")), http.StatusSeeOther)
	return nil
}

func guideNav(current string) []ui.NavGroup {
	var items []ui.NavItem
	for _, p := range guide.Pages() {
		item := ui.NavItem{Text: p.Title, Href: "/docs/" + p.Name, Current: p.Name == current}
		if p.Name == "index" {
			item.Text, item.Href = "Begin here", "/docs"
		}
		items = append(items, item)
	}
	return []ui.NavGroup{{Title: "Guide", Items: items}, {Items: []ui.NavItem{{Text: "To the console", Href: "/", Icon: "arrow-left-right"}}}}
}
