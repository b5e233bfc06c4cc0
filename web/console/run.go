package console

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// key makes the idempotency key of one rendered form: pressing twice, or
// sending again after a lost answer, is one command.
func (s *Server) key() string {
	var b [16]byte
	s.Road.Entropy.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// again draws the page of a form once more, with what was wrong with it.
type again func(f *core.Fault) error

// run takes in down the road with the form's idempotency key. What was done
// leads to to, where {subject} and {event} stand for what the command made,
// with a notice there; a proposal leads to its page. Faults that the person
// can mend are drawn by form; a command that wants a fresh second factor asks
// for it and then is sent again as it was written.
func (s *Server) run(w http.ResponseWriter, r *http.Request, in command.Input, to string, form again) error {
	a, _ := s.actor(r)
	out, err := s.Road.Run(r.Context(), a, command.Key(r.PostFormValue(ui.IdempotencyField)), in)
	n := ui.NoticeView{Tone: ui.Good, Title: s.titleOf(in.Action()), Text: "It is done and recorded."}
	if text := underway[in.Action()]; text != "" {
		n.Tone, n.Text = ui.Note, text
	}
	return s.finished(w, r, n, out, err, to, form)
}

// underway are the words for commands whose effect lies outside and is still
// to come: what is pending is shown as pending.
var underway = map[command.Action]string{
	"platform.account.open":         "It is recorded, and the platform is asked. The page tells when it has answered.",
	"platform.intervention.execute": "It is recorded, and sent once. The page tells what the platform answered.",
	"platform.transfer.request":     "The money is set aside in the wallet, and the platform is asked to book it.",
}

// finish answers for a command that ran, under its title.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, title string, out command.Outcome, err error, to string, form again) error {
	return s.finished(w, r, ui.NoticeView{Tone: ui.Good, Title: title, Text: "It is done and recorded."}, out, err, to, form)
}

// finished leads on with a notice, which a proposal and a repetition change.
func (s *Server) finished(w http.ResponseWriter, r *http.Request, n ui.NoticeView, out command.Outcome, err error, to string, form again) error {
	if err != nil {
		return s.mend(w, r, err, form)
	}
	n.Actions = []ui.Link{{Text: "See the evidence", Href: "/events/" + out.Event}}
	if out.Replayed {
		n.Text = "You had sent this already; it was done once."
	}
	if out.State == command.StateProposed {
		n.Tone, n.Text = ui.Note, "It is proposed. It happens when another person has approved it."
		to = "/approvals/" + string(out.Proposal)
	}
	s.flash(w, n)
	to = strings.NewReplacer("{subject}", string(out.Subject), "{event}", out.Event, "{proposal}", string(out.Proposal)).Replace(to)
	http.Redirect(w, r, local(to), http.StatusSeeOther)
	return nil
}

// mend answers for a command that was not done.
func (s *Server) mend(w http.ResponseWriter, r *http.Request, err error, form again) error {
	f := core.AsFault(err)
	switch {
	case f.Code == command.ErrStepUp.Code:
		return s.askStepUp(w, r, nil)
	case form == nil || f.Kind == core.Internal || f.Kind == core.Unknown || f.Kind == core.Unsignedin:
		return err
	}
	visitOf(r).status = statusOf(f.Kind)
	return form(s.theirs(r, f))
}

// titleOf is the registered title of a command: "Release a withdrawal".
func (s *Server) titleOf(a command.Action) string {
	if doc, ok := s.Road.Registry.Doc(a); ok {
		return doc.Title
	}
	return string(a)
}

// flash leaves a notice for the next page, in a cookie of its own. It says
// what was done and never to whom: no personal value goes there.
func (s *Server) flash(w http.ResponseWriter, n ui.NoticeView) {
	b, err := json.Marshal(n)
	if err == nil {
		s.setCookie(w, flashCookie, base64.RawURLEncoding.EncodeToString(b))
	}
}

// takeFlash reads the notice that the last form left, once.
func (s *Server) takeFlash(w http.ResponseWriter, r *http.Request) *ui.NoticeView {
	c, err := r.Cookie(s.cookieName(flashCookie))
	if err != nil {
		return nil
	}
	s.setCookie(w, flashCookie, "")
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var n ui.NoticeView
	if json.Unmarshal(b, &n) != nil {
		return nil
	}
	for i := range n.Actions {
		n.Actions[i].Href = local(n.Actions[i].Href)
	}
	return &n
}
