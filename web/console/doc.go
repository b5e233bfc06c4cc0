// Package console is the staff console: pages drawn on the server, forms that
// go down the road, and lists that come back by its sibling for reads. It
// decides nothing and holds no store. Every page works without JavaScript,
// under a policy that allows nothing inline, and every view is a URL in which
// no personal value stands.
//
// # Adding a page
//
// Write widget.go and widget.templ, and one line a route in routes.go (and,
// for a place in the sidebar, one in navigation; for links from references,
// one in pagesOf). What a GET asks policy stands in asks, in offer.go: links to
// it are then drawn for those to whom it opens, and as plain text for others:
//
//	{"GET /widgets/{id}", (*Server).widget, signedIn},
//	{"POST /widgets/{id}/paint", (*Server).widgetPaint, signedIn},
//
//	func (s *Server) widget(w http.ResponseWriter, r *http.Request) error {
//		return s.widgetForm(w, r, widgets.Paint{}, nil)
//	}
//
//	func (s *Server) widgetForm(w http.ResponseWriter, r *http.Request, in widgets.Paint, f *core.Fault) error {
//		a, _ := s.actor(r)
//		v, err := command.Ask(r.Context(), s.Road, a, widgets.ViewQuery, widgets.View{Widget: core.Ref(r.PathValue("id"))})
//		if err != nil {
//			return err // fail draws the page: 404 for what one may not see
//		}
//		form := ui.FormView{Action: r.URL.Path + "/paint", Key: s.key(), Problem: s.problem(f)}
//		return s.render(w, r, s.page(r, ui.HeadView{Title: v.Name}), widgetBody(v, in, form, f))
//	}
//
//	func (s *Server) widgetPaint(w http.ResponseWriter, r *http.Request) error {
//		in := widgets.Paint{Widget: core.Ref(r.PathValue("id"))}
//		again := func(f *core.Fault) error { return s.widgetForm(w, r, in, f) }
//		if err := decodeForm(r, &in); err != nil {
//			return s.mend(w, r, err, again)
//		}
//		return s.run(w, r, in, "/widgets/"+r.PathValue("id"), again)
//	}
//
// decodeForm overwrites every field whose JSON name is in the struct, so set
// what comes from the path after it when the form does not carry it too.
//
// # The helpers
//
//   - actor: who acts. names: what colleagues are called.
//   - page, render, renderSplit, draw: the frame, a page in it, a list with its
//     side panel (or only the panel, for htmx), one component.
//   - key, decodeForm, run, finish, mend: forms. run answers done with 303 and
//     a notice, a proposal with 303 to its page, a fault with the form again,
//     and a missing second factor with the step-up page, which sends the form
//     again by itself.
//   - fail, problem: one place maps faults to statuses and pages.
//   - refLink, hrefOf: references as chips and links; ui.To where a template
//     writes a link itself. flash: a notice for the
//     next page, without personal values.
//   - timeline: the events of a record as a list with panel, for its page:
//     return s.timeline(w, r, page, timelineOf{Of: ref}) at a GET address of its
//     own, such as /widgets/{id}/evidence.
package console
