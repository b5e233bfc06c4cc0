package console

import (
	"net/http"
	"net/url"
	"strings"

	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// statusOf maps the kind of a fault to its HTTP status.
func statusOf(k core.FaultKind) int {
	switch k {
	case core.Invalid:
		return http.StatusUnprocessableEntity
	case core.Unknown:
		return http.StatusNotFound
	case core.Unsignedin:
		return http.StatusUnauthorized
	case core.Denied:
		return http.StatusForbidden
	case core.Refused, core.Conflict:
		return http.StatusConflict
	case core.Throttled:
		return http.StatusTooManyRequests
	case core.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problem is the view of a fault, with the way to the evidence it left.
func (s *Server) problem(f *core.Fault) *ui.ProblemView {
	if f == nil {
		return nil
	}
	v := ui.ProblemOf(f)
	if f.Event != "" {
		v.Event = "/events/" + f.Event
	}
	return &v
}

// theirs is the fault for the person who asks: the way to the evidence that it
// left goes along only where they may read that evidence.
func (s *Server) theirs(r *http.Request, f *core.Fault) *core.Fault {
	a, ok := s.actor(r)
	if f.Event == "" || ok && oversight.MayView(r.Context(), s.Road, s.Records, a, f.Event) {
		return f
	}
	mine := *f
	mine.Event = ""
	return &mine
}

// fail draws the page of an error: strangers are led to the sign-in page and
// back, everybody else reads what is wrong and what to do. Causes go to Report.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := core.AsFault(err)
	if f.Kind == core.Internal {
		s.report(err)
	}
	if f.Kind == core.Unsignedin && f.Code == "signed-out" {
		s.toSignIn(w, r)
		return
	}
	r, v := visited(r)
	v.status = statusOf(f.Kind)
	if f.Code == errOnlySent.Code {
		v.status = http.StatusMethodNotAllowed
	}
	p := *s.problem(s.theirs(r, f))
	switch {
	case ui.WantsFragment(r, "panel"):
		err = s.draw(w, r, panelProblem(p))
	case v.actor.Ref == "":
		err = s.draw(w, r, strangersProblem(ui.SignInView{Title: p.Title, Theme: ui.ThemeFrom(r), Here: "/"}, p))
	default:
		err = s.render(w, r, s.page(r, ui.HeadView{Title: p.Title}), problemBody(p))
	}
	if err != nil { // not even this page can be drawn
		s.report(err)
		http.Error(w, "Something went wrong on our side. Nothing was changed.", http.StatusInternalServerError)
	}
}

// toSignIn leads to the sign-in page, which leads back to this one.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet {
		back = s.cameFrom(r)
	}
	if back != "/" && back != "" {
		to += "?next=" + url.QueryEscape(back)
	}
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// cameFrom is the path of the page that held the form, when it is ours.
func (s *Server) cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return ""
	}
	return local(u.RequestURI())
}

// local is to when it is a path on this site, and "/" otherwise: what a form
// or link says must not send people elsewhere.
func local(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
