package console

import (
	"net/http"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// staffInvite sends a colleague an invitation to set a password. Nobody here
// sees it: it goes to the colleague's own address.
func (s *Server) staffInvite(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	ref := core.Ref(r.PathValue("id"))
	out, err := s.Auth.Invite(r.Context(), a, command.Key(r.PostFormValue(ui.IdempotencyField)), ref)
	return s.finish(w, r, "The invitation is on its way", out, err, "/staff/"+string(ref), nil)
}

// invitation is the page on which an invited colleague sets a password.
func (s *Server) invitation(w http.ResponseWriter, r *http.Request) error {
	return s.drawInvitation(w, r, nil)
}

func (s *Server) drawInvitation(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	form := ui.FormView{ID: "invitation", Action: "/invitation", Problem: s.problem(f)}
	return s.draw(w, r, invitationPage(ui.SignInView{Title: "Set your password", Theme: ui.ThemeFrom(r)}, form, f))
}

// invitationTaken sets the password; the next step is to sign in with it.
func (s *Server) invitationTaken(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	again := func(f *core.Fault) error { return s.drawInvitation(w, r, f) }
	p := r.PostForm
	if p.Get("password") != p.Get("repeated") {
		return s.mend(w, r, core.InvalidField("repeated", "The two passwords are not the same."), again)
	}
	if _, err := s.Auth.AcceptInvite(r.Context(), p.Get("invitation"), p.Get("password"), s.ip(r)); err != nil {
		return s.mend(w, r, err, again)
	}
	s.flash(w, ui.NoticeView{Tone: ui.Good, Title: "Your password is set", Text: "Sign in with it, and set up a second factor under your account."})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
