package console

import (
	"net/http"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// staffPlace is where somebody stands in the firm: the part of their page that
// a move changes.
type staffPlace struct {
	Function string
	Managers []ui.Value // the direct one first
	Gaps     []string   // managers who left
	Reports  []ui.Value
	Dates    string
}

func placeOf(x access.StaffView) staffPlace {
	p := staffPlace{Function: titled(string(x.Function))}
	for _, m := range x.Managers {
		p.Managers = append(p.Managers, colleague(m))
		if m.Status != access.Active {
			p.Gaps = append(p.Gaps, colleagueName(m)+" has left, and is still named as a manager. Move those who worked for them.")
		}
	}
	for _, m := range x.Reports {
		if m.Status == access.Active {
			p.Reports = append(p.Reports, colleague(m))
		}
	}
	var dates []string
	if x.From != 0 {
		dates = append(dates, "from "+day(x.From))
	}
	if x.Until != 0 {
		dates = append(dates, "until "+day(x.Until))
	}
	if x.Left != 0 {
		dates = append(dates, "left on "+day(x.Left))
	}
	p.Dates = titled(strings.Join(dates, ", "))
	return p
}

func colleagueName(x access.StaffRow) string {
	if x.Name.Masked || x.Name.Text == "" {
		return x.ID.Short()
	}
	return x.Name.Text
}

func colleague(x access.StaffRow) ui.Value {
	return ui.Value{Text: colleagueName(x), Href: "/staff/" + string(x.ID)}
}

// colleagues are the active people whom the reader may see, for lists from
// which one is chosen; one is left out.
func (s *Server) colleagues(r *http.Request, but core.Ref) (out []ui.OptionView, err error) {
	a, _ := s.actor(r)
	in := access.ListStaff{Status: access.Active, Page: core.PageRequest{Limit: 200}}
	page, err := command.Ask(r.Context(), s.Road, a, access.ListStaffQuery, in)
	for _, x := range page.Rows {
		if x.ID != but {
			out = append(out, ui.OptionView{Value: string(x.ID), Text: colleagueName(x)})
		}
	}
	return out, err
}

func (s *Server) staffMove(w http.ResponseWriter, r *http.Request) error {
	return s.drawMove(w, r, nil, nil)
}

func (s *Server) drawMove(w http.ResponseWriter, r *http.Request, in *access.MoveStaff, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/move")
	if err != nil {
		return err
	}
	if in == nil {
		in = &access.MoveStaff{Entity: x.Entity, Manager: x.Manager, Function: x.Function, Line: x.Line, From: x.From, Until: x.Until}
	}
	back := "/staff/" + string(x.ID)
	p, err := newStaffForm(s, r, back, back+"/move", *in, f)
	if err != nil {
		return err
	}
	if p.People, err = s.colleagues(r, x.ID); err != nil {
		return err
	}
	return s.render(w, r, v, staffMoveBody(p))
}

func (s *Server) staffMoved(w http.ResponseWriter, r *http.Request) error {
	var in access.MoveStaff
	again := func(f *core.Fault) error { return s.drawMove(w, r, &in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Staff = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/staff/"+string(in.Staff), again)
}

// moveButton leads to the form that moves somebody.
func (s *Server) moveButton(r *http.Request, x access.StaffView) []ui.ButtonView {
	if a, _ := s.actor(r); x.Status != access.Active || x.ID == a.Ref || !x.May["access.staff.move"] {
		return nil
	}
	return []ui.ButtonView{{Text: "Move", Icon: "arrow-right", Href: "/staff/" + string(x.ID) + "/move"}}
}

// dateValue is a moment as a date field shows it.
func dateValue(at core.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format("2006-01-02")
}

func orNone(text string) string {
	if text == "" {
		return "Not on record"
	}
	return text
}
