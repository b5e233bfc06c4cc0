package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// home is where the brand leads: what waits for somebody.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	n, err := s.noticesOf(r)
	if err != nil {
		return err
	}
	to := "/approvals"
	if n.surprising(a.Ref) { // what somebody else did about the reader comes first
		to = "/account"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// theme remembers the colours that a person chose.
func (s *Server) theme(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	c := ui.ParseTheme(r.PostFormValue("theme")).Cookie()
	c.Secure = !s.Plain
	http.SetCookie(w, c)
	http.Redirect(w, r, local(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// signInForm is what the sign-in page shows again after a failed try. The
// password and the code are never shown again.
type signInForm struct {
	Next, Email string
	Fault       *core.Fault
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	next := local(r.URL.Query().Get("next"))
	if _, ok := s.actor(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.drawSignIn(w, r, signInForm{Next: next})
}

func (s *Server) drawSignIn(w http.ResponseWriter, r *http.Request, f signInForm) error {
	v := ui.SignInView{
		Title: "Sign in", Theme: ui.ThemeFrom(r), Here: "/sign-in",
		Lead: "Every sign-in, and every failed one, is recorded as evidence.", Flash: s.takeFlash(w, r),
	}
	p := signInParts{signInForm: f, Problem: s.problem(f.Fault)}
	if p.Problem != nil {
		p.Problem.Title, p.Problem.Event = "You are not signed in", "" // a stranger cannot open the evidence
	}
	if s.Demo {
		p.Personas = s.Personas
	}
	p.Providers = s.providerLinks(f.Next)
	var err error
	if p.Options, p.Offer, err = s.passkeyOffer(); err != nil {
		return err
	}
	return s.draw(w, r, signInPage(v, p))
}

// signInParts is the sign-in page's content.
type signInParts struct {
	signInForm
	Problem        *ui.ProblemView
	Personas       []Persona
	Options, Offer string // of a passkey, for the page's script
	Providers      []ui.Link
}

func (s *Server) signInPassword(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	p := r.PostForm
	f := signInForm{Next: local(p.Get("next")), Email: p.Get("email")}
	in, err := s.prove(r)
	return s.enter(w, r, in, err, f)
}

// prove signs in by what the form carries: a passkey's answer, or a password
// and a code.
func (s *Server) prove(r *http.Request) (access.SignedIn, error) {
	p := r.PostForm
	if answer := p.Get("passkey"); answer != "" {
		return s.Auth.SignInPasskey(r.Context(), p.Get("offer"), []byte(answer), s.ip(r), r.UserAgent())
	}
	return s.Auth.SignIn(r.Context(), p.Get("email"), p.Get("password"), p.Get("code"), s.ip(r), r.UserAgent())
}

func (s *Server) signInPersona(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	if !s.Demo {
		return errNoPersonas
	}
	in, err := s.Auth.Persona(r.Context(), core.Ref(r.PostFormValue("staff")), s.ip(r))
	return s.enter(w, r, in, err, signInForm{Next: local(r.PostFormValue("next"))})
}

var errNoPersonas = core.NewFault(core.Unknown, "no-personas", "There are no one-click personas here. Sign in with your own name.")

// enter begins the browser's session, or shows the form again.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, in access.SignedIn, err error, f signInForm) error {
	if err != nil {
		f.Fault = core.AsFault(err)
		if f.Fault.Kind == core.Internal {
			return err
		}
		visitOf(r).status = statusOf(f.Fault.Kind)
		return s.drawSignIn(w, r, f)
	}
	if a, ok := s.actor(r); ok { // one browser, one session: who was here before is signed out
		if err := s.Auth.SignOut(r.Context(), a); err != nil {
			return err
		}
	}
	s.setCookie(w, sessionCookie, in.Token)
	http.Redirect(w, r, f.Next, http.StatusSeeOther)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	if err := s.Auth.SignOut(r.Context(), a); err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, "")
	s.flash(w, ui.NoticeView{Tone: ui.Good, Title: "You are signed out"})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
