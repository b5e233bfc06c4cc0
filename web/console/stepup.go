package console

import (
	"maps"
	"mime"
	"net/http"
	"slices"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// The fields of the step-up form. Every other field belongs to the form that
// it carries along.
const (
	stepUpCode    = "step_up_code"
	stepUpTo      = "step_up_to"
	stepUpPasskey = "step_up_passkey"
	stepUpOffer   = "step_up_offer"
)

// stepUpParts is the page that asks for a fresh second factor.
type stepUpParts struct {
	Form           ui.FormView
	Title          string
	Persona        bool // a demo persona has no generator: any code will do
	Options, Offer string
	Error          string
}

// askStepUp asks for a fresh second factor and carries along the form that
// wanted it, so that nothing has to be written twice. A form with a file
// cannot be carried: it is opened again afterwards.
func (s *Server) askStepUp(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	to, carried := r.URL.Path, true
	if r.URL.Path == "/step-up" {
		to = local(r.PostForm.Get(stepUpTo))
	} else if r.Method == http.MethodGet { // a page that is not shown without one
		to, carried = r.URL.RequestURI(), false
	} else if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		to, carried = s.cameFrom(r), false
	}
	a, _ := s.actor(r)
	p := stepUpParts{
		Title: "Confirm that it is you", Persona: slices.Equal(a.Factors, []string{access.FactorPersona}),
		Form: ui.FormView{ID: "step-up", Action: "/step-up", Problem: s.problem(f), Hidden: []ui.HiddenView{{Name: stepUpTo, Value: to}}},
	}
	if carried {
		p.Form.Hidden = append(p.Form.Hidden, carriedAlong(r)...)
	}
	if options, offer, err := s.Auth.StepUpChallenge(a); err == nil {
		p.Options, p.Offer = string(options), offer
	}
	visitOf(r).status = http.StatusForbidden
	return s.render(w, r, s.page(r, ui.HeadView{Title: p.Title}), stepUpBody(p))
}

// carriedAlong are the fields of the form that wanted the factor.
func carriedAlong(r *http.Request) (out []ui.HiddenView) {
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if slices.Contains([]string{stepUpCode, stepUpTo, stepUpPasskey, stepUpOffer}, name) {
			continue
		}
		for _, v := range r.PostForm[name] {
			out = append(out, ui.HiddenView{Name: name, Value: v})
		}
	}
	return out
}

// stepUp takes the second factor. The form that wanted it is then sent again
// by the browser itself: 307 keeps its method and body.
func (s *Server) stepUp(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	var in access.SignedIn
	var err error
	if answer := r.PostForm.Get(stepUpPasskey); answer != "" {
		in, err = s.Auth.StepUpPasskey(r.Context(), a, r.PostForm.Get(stepUpOffer), []byte(answer))
	} else {
		in, err = s.Auth.StepUp(r.Context(), a, r.PostForm.Get(stepUpCode))
	}
	if f := core.AsFault(err); f != nil {
		if f.Kind == core.Internal || f.Kind == core.Unsignedin {
			return err
		}
		return s.askStepUp(w, r, f)
	}
	s.setCookie(w, sessionCookie, in.Token)
	to := local(r.PostForm.Get(stepUpTo))
	status := http.StatusTemporaryRedirect
	if len(carriedAlong(r)) == 0 {
		status = http.StatusSeeOther
	}
	http.Redirect(w, r, to, status)
	return nil
}

// passkeyOffer begins a sign-in by passkey, for browsers that run our script.
func (s *Server) passkeyOffer() (options, offer string, err error) {
	o, offer, err := s.Auth.PasskeyChallenge()
	return string(o), offer, err
}
