package console

import (
	"net/http"
	"net/url"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// tripCookie carries a sign-in at a provider outside, sealed, until the browser
// comes back.
const tripCookie = "trip"

// providerLinks are the ways to sign in outside, for the sign-in page.
func (s *Server) providerLinks(next string) (out []ui.Link) {
	for _, p := range s.Auth.Providers() {
		out = append(out, ui.Link{Text: "Sign in with " + p.Label, Href: "/sign-in/with/" + p.ID + query("next", next)})
	}
	return out
}

func query(name, value string) string {
	if value == "" || value == "/" {
		return ""
	}
	return "?" + url.Values{name: {value}}.Encode()
}

// providerGo sends the browser to a provider. It is a link and no form: pages
// here send forms nowhere else, and nothing is changed by going.
func (s *Server) providerGo(w http.ResponseWriter, r *http.Request) error {
	to, trip, err := s.Auth.BeginIdentity(r.Context(), r.PathValue("provider"), local(r.URL.Query().Get("next")))
	if err != nil {
		return s.enter(w, r, access.SignedIn{}, err, signInForm{Next: local(r.URL.Query().Get("next"))})
	}
	s.setCookie(w, tripCookie, trip)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// providerBack takes the browser that comes back from a provider: to sign in,
// or to link what was proven there.
func (s *Server) providerBack(w http.ResponseWriter, r *http.Request) error {
	trip := ""
	if c, err := r.Cookie(s.cookieName(tripCookie)); err == nil {
		trip = c.Value
	}
	s.setCookie(w, tripCookie, "")
	q := r.URL.Query()
	back := access.IdentityAnswer{Code: q.Get("code"), State: q.Get("state"), Issuer: q.Get("iss"), Error: q.Get("error")}
	if a, ok := s.actor(r); ok && s.Auth.IsLink(a, trip) {
		return s.linkOffer(w, r, trip, back)
	}
	in, next, err := s.Auth.SignInIdentity(r.Context(), trip, r.PathValue("provider"), back, s.ip(r), r.UserAgent())
	return s.enter(w, r, in, err, signInForm{Next: local(next)})
}

// linkParts is the page on which one confirms what is linked.
type linkParts struct {
	ui.FormView
	Label, Name string
}

func (s *Server) linkOffer(w http.ResponseWriter, r *http.Request, trip string, back access.IdentityAnswer) error {
	a, _ := s.actor(r)
	o, err := s.Auth.OfferLink(r.Context(), a, trip, r.PathValue("provider"), back)
	if err != nil {
		return s.mend(w, r, err, func(f *core.Fault) error { return s.drawSelf(w, r, nil, nil, f) })
	}
	p := linkParts{
		Label: o.Provider.Label, Name: o.Name,
		FormView: ui.FormView{ID: "link", Action: "/account/identities", Hidden: []ui.HiddenView{{Name: "offer", Value: o.Offer}}},
	}
	return s.render(w, r, s.page(r, selfHead("Link "+o.Provider.Label, "")), linkBody(p))
}

// identityGo begins a link.
func (s *Server) identityGo(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	to, trip, err := s.Auth.BeginLink(r.Context(), a, r.PathValue("provider"))
	if err != nil {
		return s.mend(w, r, err, func(f *core.Fault) error { return s.drawSelf(w, r, nil, nil, f) })
	}
	s.setCookie(w, tripCookie, trip)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// identityLink links what was proven, once it is confirmed.
func (s *Server) identityLink(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	out, err := s.Auth.LinkIdentity(r.Context(), a, r.PostForm.Get("offer"))
	return s.finish(w, r, "Identity linked", out, err, "/account/sign-in", func(f *core.Fault) error {
		return s.drawSelf(w, r, nil, nil, f)
	})
}

// identityUnlink ends one's own link, or a colleague's.
func (s *Server) identityUnlink(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	of, to := core.Ref(r.PostForm.Get("of")), "/account/sign-in"
	again := func(f *core.Fault) error { return s.drawSelf(w, r, nil, nil, f) }
	if of != a.Ref && of.Kind() == core.KindStaff {
		to, again = "/staff/"+string(of)+"/sessions", func(f *core.Fault) error { return s.staffSessionsPage(w, r, of, f) }
	}
	out, err := s.Auth.Unlink(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), core.Ref(r.PathValue("id")), r.PostForm.Get("words"))
	return s.finish(w, r, "Identity unlinked", out, err, to, again)
}

// identityPart is one link with the form that ends it.
type identityPart struct {
	access.IdentityView
	End ui.FormView
	Own bool
}

// identityParts are somebody's links, and how one more is made.
type identityParts struct {
	List    []identityPart
	New     []ui.Link
	Now     core.Instant
	Problem *ui.ProblemView
	Show    bool
	Staff   core.Ref
}

func (s *Server) identityParts(r *http.Request, staff core.Ref, f *core.Fault) (identityParts, error) {
	a, _ := s.actor(r)
	p := identityParts{Now: s.Road.Clock.Now(), Problem: s.problem(f), Staff: staff}
	rows, err := s.Auth.Identities(r.Context(), a, staff)
	for _, x := range rows {
		p.List = append(p.List, identityPart{IdentityView: x, Own: staff == a.Ref, End: ui.FormView{
			ID: "unlink-" + string(x.ID), Action: "/identities/" + string(x.ID) + "/unlink", Key: s.key(), Hidden: []ui.HiddenView{{Name: "of", Value: string(staff)}},
		}})
	}
	for _, x := range s.Auth.Providers() {
		link := ui.Link{Text: "Link " + x.Label, Href: "/account/identities/" + x.ID}
		if staff != a.Ref {
			link.Href = "/staff/" + string(staff) + "/identity"
			link.Text = "Link to an identity outside"
		}
		if len(p.New) == 0 || staff == a.Ref {
			p.New = append(p.New, link)
		}
	}
	p.Show = len(p.List)+len(p.New) > 0
	return p, err
}

// staffIdentity is the form by which a colleague is linked; two people answer
// for it.
func (s *Server) staffIdentity(w http.ResponseWriter, r *http.Request) error {
	return s.drawStaffIdentity(w, r, access.AssignIdentity{}, nil)
}

func (s *Server) drawStaffIdentity(w http.ResponseWriter, r *http.Request, in access.AssignIdentity, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/sessions")
	if err != nil {
		return err
	}
	back := "/staff/" + string(x.ID) + "/sessions"
	p := staffForm[access.AssignIdentity]{In: in, Fault: f, Back: back, FormView: ui.FormView{ID: "identity", Action: "/staff/" + string(x.ID) + "/identity", Key: s.key(), Problem: s.problem(f)}}
	for _, o := range s.Auth.Providers() {
		p.Entities = append(p.Entities, ui.OptionView{Value: o.Issuer, Text: o.Label})
	}
	return s.render(w, r, v, staffIdentityBody(p))
}

func (s *Server) staffIdentityAsked(w http.ResponseWriter, r *http.Request) error {
	var in access.AssignIdentity
	again := func(f *core.Fault) error { return s.drawStaffIdentity(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Staff, in.Account = core.Ref(r.PathValue("id")), strings.TrimSpace(in.Account)
	return s.run(w, r, in, "/staff/"+string(in.Staff)+"/sessions", again)
}
