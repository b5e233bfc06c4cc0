package console

import (
	"net/http"
	"slices"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// sessionPart is one open session with the form that ends it.
type sessionPart struct {
	access.SessionView
	Device ui.Value
	From   ui.Value
	With   string
	End    ui.FormView
}

// sessionParts is the list of somebody's open sessions.
type sessionParts struct {
	Sessions []sessionPart
	Now      core.Instant // wall clock: sessions live by it
	Own      bool
	Problem  *ui.ProblemView
}

func (s *Server) sessionParts(r *http.Request, staff core.Ref, f *core.Fault) (sessionParts, error) {
	a, _ := s.actor(r)
	rows, err := s.Auth.List(r.Context(), a, staff)
	slices.SortStableFunc(rows, func(x, y access.SessionView) int { // where one is comes first
		if x.Current != y.Current && x.Current {
			return -1
		} else if y.Current && !x.Current {
			return 1
		}
		return 0
	})
	p := sessionParts{Now: s.Wall.Now(), Own: staff == a.Ref, Problem: s.problem(f)}
	for _, x := range rows {
		part := sessionPart{
			SessionView: x, Device: ui.V(x.Agent), From: ui.Code(x.IP), With: strings.Join(x.Factors, ", "),
			End: ui.FormView{
				ID: "end-" + string(x.ID), Action: "/sessions/" + string(x.ID) + "/revoke", Key: s.key(),
				Hidden: []ui.HiddenView{{Name: "of", Value: string(staff)}},
			},
		}
		if x.Masked {
			part.Device, part.From = ui.Hidden("", maskWhy(core.Personal)), ui.Hidden("", maskWhy(core.Personal))
		}
		p.Sessions = append(p.Sessions, part)
	}
	return p, err
}

// account is one's own page: where one is signed in.
func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	return s.accountPage(w, r, nil)
}

func (s *Server) accountPage(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	a, _ := s.actor(r)
	p, err := s.sessionParts(r, a.Ref, f)
	if err != nil {
		return err
	}
	v := s.page(r, selfHead("Where you are signed in", "/account"))
	v.Head.Sub = append(v.Head.Sub, ui.MetaView{Text: "Your roles", Href: "/staff/" + string(a.Ref)})
	n, err := s.noticesOf(r)
	if err != nil {
		return err
	}
	return s.render(w, r, v, ownAccountBody(n, p))
}

// staffSessions is where a colleague is signed in, for those who may end it.
func (s *Server) staffSessions(w http.ResponseWriter, r *http.Request) error {
	return s.staffSessionsPage(w, r, core.Ref(r.PathValue("id")), nil)
}

func (s *Server) staffSessionsPage(w http.ResponseWriter, r *http.Request, staff core.Ref, f *core.Fault) error {
	r.SetPathValue("id", string(staff))
	_, v, err := s.staffFrame(r, "/sessions")
	if err != nil {
		return err
	}
	p, err := s.sessionParts(r, staff, f)
	if err != nil {
		return err
	}
	outside, err := s.identityParts(r, staff, nil)
	if err != nil {
		outside = identityParts{} // they may end sessions and not see identities
	}
	return s.render(w, r, v, staffSessionsBody(p, outside))
}

// revokeSession ends a session from elsewhere.
func (s *Server) revokeSession(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	of := core.Ref(r.PostForm.Get("of"))
	to, form := "/account", func(f *core.Fault) error { return s.accountPage(w, r, f) }
	if of != a.Ref && of.Kind() == core.KindStaff {
		to, form = "/staff/"+string(of)+"/sessions", func(f *core.Fault) error { return s.staffSessionsPage(w, r, of, f) }
	}
	out, err := s.Auth.Revoke(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), core.Ref(r.PathValue("id")), r.PostForm.Get("words"))
	return s.finish(w, r, "Session ended", out, err, to, form)
}
