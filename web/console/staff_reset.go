package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// resetIn is what the forms of both resets ask.
type resetIn struct {
	Identity string   `json:"identity"`
	Words    string   `json:"words"`
	Case     core.Ref `json:"case"`
}

// The two things that can be reset, as they stand in the address.
const (
	resetPassword = "password"
	resetFactor   = "second-factor"
)

// resetButtons lead to the resets of what somebody signs in with.
func (s *Server) resetButtons(r *http.Request, x access.StaffView) (out []ui.ButtonView) {
	a, _ := s.actor(r)
	if x.Status != access.Active || x.ID == a.Ref {
		return nil
	}
	base := "/staff/" + string(x.ID) + "/reset/"
	if x.May["access.password.reset"] && s.Auth.Invites() {
		out = append(out, ui.ButtonView{Text: "Reset the password", Icon: "key-round", Href: base + resetPassword})
	}
	if x.May["access.factor.reset"] {
		out = append(out, ui.ButtonView{Text: "Reset the second factor", Icon: "key-round", Href: base + resetFactor})
	}
	return out
}

func (s *Server) staffReset(w http.ResponseWriter, r *http.Request) error {
	return s.drawReset(w, r, resetIn{}, nil)
}

func (s *Server) drawReset(w http.ResponseWriter, r *http.Request, in resetIn, f *core.Fault) error {
	what := r.PathValue("what")
	if what != resetPassword && what != resetFactor {
		return command.ErrHidden
	}
	x, v, err := s.staffFrame(r, "/reset")
	if err != nil {
		return err
	}
	back := "/staff/" + string(x.ID)
	p := staffForm[resetIn]{In: in, Fault: f, Back: back, FormView: ui.FormView{ID: "reset", Action: back + "/reset/" + what, Key: s.key(), Problem: s.problem(f)}}
	return s.render(w, r, v, staffResetBody(p, what == resetPassword))
}

func (s *Server) staffResetDone(w http.ResponseWriter, r *http.Request) error {
	var in resetIn
	again := func(f *core.Fault) error { return s.drawReset(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	who := core.Ref(r.PathValue("id"))
	back := "/staff/" + string(who)
	a, _ := s.actor(r)
	switch r.PathValue("what") {
	case resetPassword:
		out, err := s.Auth.ResetPassword(r.Context(), a, command.Key(r.PostFormValue(ui.IdempotencyField)), access.PasswordReset(who, in.Identity, in.Words, in.Case))
		return s.finish(w, r, "The password is gone, and an invitation is on its way", out, err, back, again)
	case resetFactor:
		return s.run(w, r, access.FactorReset(who, in.Identity, in.Words, in.Case), back, again)
	}
	return command.ErrHidden
}

// noticesOf is what the reader was told, for their own page.
func (s *Server) noticesOf(r *http.Request) (noticeParts, error) {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListNoticesQuery, access.ListNotices{Staff: a.Ref})
	p := noticeParts{Form: ui.FormView{ID: "notices", Action: "/account/notices", Key: s.key()}}
	var refs []core.Ref
	for _, n := range rows {
		refs = append(refs, n.By)
	}
	name := s.names(r, refs...)
	for _, n := range rows {
		x := noticePart{Notice: n, Who: actorName(n.By, name), On: n.At.Time().Format("2 January 2006, 15:04 UTC")}
		if n.Seen == 0 {
			p.New = append(p.New, x)
		} else {
			p.Old = append(p.Old, x)
		}
	}
	return p, err
}

type noticePart struct {
	access.Notice
	Who, On string
}

// noticeParts are the notices that nobody has read yet, and the others.
type noticeParts struct {
	New, Old []noticePart
	Form     ui.FormView
}

// surprising reports whether there is news of what somebody else did.
func (p noticeParts) surprising(me core.Ref) bool {
	for _, n := range p.New {
		if n.By.Kind() == core.KindStaff && n.By != me {
			return true
		}
	}
	return false
}

func (s *Server) noticesSeen(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	return s.run(w, r, access.SeeNotices{Staff: a.Ref}, "/account", func(f *core.Fault) error { return s.accountPage(w, r, f) })
}

// entityLine is the entity's rule on lines of managers.
func (s *Server) entityLine(w http.ResponseWriter, r *http.Request) error {
	var in access.SetLineRule
	again := func(f *core.Fault) error { return s.drawEntity(w, r, nil, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Entity = core.Ref(r.PathValue("id"))
	in.Apart = r.PostFormValue("line") == "apart"
	return s.run(w, r, in, entityPath(in.Entity), again)
}
