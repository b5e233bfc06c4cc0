package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// selfTabs are the parts of one's own account.
func selfTabs(at string) []ui.TabView {
	var out []ui.TabView
	for _, x := range []struct{ text, href string }{{"Sessions", "/account"}, {"Signing in", "/account/sign-in"}, {"API tokens", "/account/tokens"}} {
		out = append(out, ui.TabView{Text: x.text, Href: x.href, Current: x.href == at})
	}
	return out
}

func selfHead(title, at string) ui.HeadView {
	h := ui.HeadView{Title: title, Crumbs: []ui.Link{{Text: "Your account", Href: "/account"}}}
	if at != "" {
		h.Title, h.Crumbs, h.Tabs = "Your account", nil, selfTabs(at)
		h.Sub = []ui.MetaView{{Text: title}}
	}
	return h
}

// selfParts is the page of how one signs in.
type selfParts struct {
	access.CredentialsView
	Now      core.Instant
	Password ui.FormView
	Fault    *core.Fault
	Keys     []keyPart
	Problem  *ui.ProblemView // of removing a passkey
	Outside  identityParts
}

// keyPart is one passkey with the form that removes it.
type keyPart struct {
	access.PasskeyView
	Remove ui.FormView
}

func (s *Server) self(w http.ResponseWriter, r *http.Request) error {
	return s.drawSelf(w, r, nil, nil, nil)
}

// drawSelf draws the page; password, passkey and identity are what was wrong
// with their forms. Passwords are never shown again.
func (s *Server) drawSelf(w http.ResponseWriter, r *http.Request, password, passkey, identity *core.Fault) error {
	a, _ := s.actor(r)
	v, err := s.Auth.Credentials(r.Context(), a, a.Ref)
	if err != nil {
		return err
	}
	p := selfParts{
		CredentialsView: v, Now: s.Road.Clock.Now(), Fault: password, Problem: s.problem(passkey),
		Password: ui.FormView{ID: "password", Action: "/account/password", Problem: s.problem(password)},
	}
	for _, k := range v.Passkeys {
		p.Keys = append(p.Keys, keyPart{k, ui.FormView{ID: "remove-" + string(k.ID), Action: "/account/passkeys/" + string(k.ID) + "/remove", Key: s.key()}})
	}
	if p.Outside, err = s.identityParts(r, a.Ref, identity); err != nil {
		return err
	}
	return s.render(w, r, s.page(r, selfHead("With what you sign in", "/account/sign-in")), selfBody(p))
}

func (s *Server) selfPassword(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	again := func(f *core.Fault) error { return s.drawSelf(w, r, f, nil, nil) }
	if r.PostForm.Get("password") != r.PostForm.Get("repeated") {
		return s.mend(w, r, core.InvalidField("repeated", "The two new passwords are not the same."), again)
	}
	a, _ := s.actor(r)
	out, err := s.Auth.SetPassword(r.Context(), a, r.PostForm.Get("old"), r.PostForm.Get("password"))
	return s.finish(w, r, "Password changed", out, err, "/account/sign-in", again)
}

// freshly reports whether a page that leads to a change of factors may be
// shown: a stolen session must not become a stolen account. Otherwise the
// second factor is asked for, and the page comes after it.
func (s *Server) freshly(r *http.Request) (bool, error) {
	a, _ := s.actor(r)
	if a.StepUp {
		return true, nil
	}
	v, err := s.Auth.Credentials(r.Context(), a, a.Ref)
	return !v.Factor(), err
}

// generatorParts is the page on which a code generator is set up.
type generatorParts struct {
	ui.FormView
	access.TOTPOffer
	QR    qrView
	Fault *core.Fault
}

func (s *Server) generator(w http.ResponseWriter, r *http.Request) error {
	if ok, err := s.freshly(r); err != nil || !ok {
		if err == nil {
			err = s.askStepUp(w, r, nil)
		}
		return err
	}
	a, _ := s.actor(r)
	o, err := s.Auth.OfferTOTP(r.Context(), a)
	if err != nil {
		return err
	}
	return s.drawGenerator(w, r, o, nil)
}

func (s *Server) drawGenerator(w http.ResponseWriter, r *http.Request, o access.TOTPOffer, f *core.Fault) (err error) {
	p := generatorParts{TOTPOffer: o, Fault: f, FormView: ui.FormView{ID: "generator", Action: "/account/generator", Hidden: []ui.HiddenView{{Name: "offer", Value: o.Offer}}, Problem: s.problem(f)}}
	if p.QR, err = qrOf(o.URL); err != nil {
		return err
	}
	return s.render(w, r, s.page(r, selfHead("Set up a code generator", "")), generatorBody(p))
}

// generatorEnrol takes the first code. A wrong one shows the same seed again.
func (s *Server) generatorEnrol(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	again := func(f *core.Fault) error {
		o, err := s.Auth.ReofferTOTP(r.Context(), a, r.PostForm.Get("offer"))
		if err != nil { // it is too old: a new one, with what was wrong
			if o, err = s.Auth.OfferTOTP(r.Context(), a); err != nil {
				return err
			}
		}
		return s.drawGenerator(w, r, o, f)
	}
	out, err := s.Auth.EnrolTOTP(r.Context(), a, r.PostForm.Get("offer"), r.PostForm.Get("code"))
	return s.finish(w, r, "Code generator set up", out, err, "/account/sign-in", again)
}

// passkeyParts is the page on which a passkey is registered.
type passkeyParts struct {
	ui.FormView
	Options, Offer, Name string
	Fault                *core.Fault
}

func (s *Server) passkeyNew(w http.ResponseWriter, r *http.Request) error {
	if ok, err := s.freshly(r); err != nil || !ok {
		if err == nil {
			err = s.askStepUp(w, r, nil)
		}
		return err
	}
	return s.drawPasskeyNew(w, r, "", nil)
}

// drawPasskeyNew begins a ceremony; each page has its own.
func (s *Server) drawPasskeyNew(w http.ResponseWriter, r *http.Request, name string, f *core.Fault) error {
	a, _ := s.actor(r)
	options, offer, err := s.Auth.OfferPasskey(r.Context(), a)
	if err != nil {
		return err
	}
	p := passkeyParts{Options: string(options), Offer: offer, Name: name, Fault: f, FormView: ui.FormView{ID: "passkey", Action: "/account/passkeys", Problem: s.problem(f)}}
	return s.render(w, r, s.page(r, selfHead("Register a passkey", "")), passkeyNewBody(p))
}

func (s *Server) passkeyRegister(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	name := r.PostForm.Get("name")
	again := func(f *core.Fault) error { return s.drawPasskeyNew(w, r, name, f) }
	out, err := s.Auth.RegisterPasskey(r.Context(), a, name, r.PostForm.Get("offer"), []byte(r.PostForm.Get("passkey")))
	return s.finish(w, r, "Passkey registered", out, err, "/account/sign-in", again)
}

func (s *Server) passkeyRemove(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	again := func(f *core.Fault) error { return s.drawSelf(w, r, nil, f, nil) }
	out, err := s.Auth.RevokePasskey(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), core.Ref(r.PathValue("id")))
	return s.finish(w, r, "Passkey removed", out, err, "/account/sign-in", again)
}
