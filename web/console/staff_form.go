package console

import (
	"net/http"
	"slices"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// staffForm is a form about a colleague.
type staffForm[I any] struct {
	ui.FormView
	In       I
	Fault    *core.Fault
	Back     string
	Entities []ui.OptionView
	Grants   []ui.OptionView // roles that can be taken away
	People   []ui.OptionView // colleagues to choose from
}

// err is the text for one field.
func (f staffForm[I]) err(field string) string { return ui.FieldError(f.Fault, field) }

// newStaffForm makes the form with the entities in which policy lets the
// reader do what it is for.
func newStaffForm[I command.Input](s *Server, r *http.Request, back, action string, in I, f *core.Fault) (staffForm[I], error) {
	p := staffForm[I]{In: in, Fault: f, Back: back, FormView: ui.FormView{ID: "staff", Action: action, Key: s.key(), Problem: s.problem(f)}}
	var err error
	p.Entities, err = s.staffEntities(r, in.Action())
	return p, err
}

// staffEntities are the places in which the reader may do an act on staff or
// on their roles, the group among them.
func (s *Server) staffEntities(r *http.Request, act command.Action) (out []ui.OptionView, err error) {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListEntitiesQuery, access.ListEntities{})
	if err != nil {
		return nil, err
	}
	places := []ui.OptionView{{Value: "", Text: "Group"}}
	for _, e := range rows {
		if e.ID != access.Group {
			places = append(places, ui.OptionView{Value: string(e.ID), Text: e.Name})
		}
	}
	res := command.Resource{Kind: core.KindStaff}
	if act != (access.CreateStaff{}).Action() && act != (access.MoveStaff{}).Action() {
		res = command.Resource{Kind: core.KindGrant, Attrs: map[string]any{"holder": "st_anybody", "role": string(access.Support)}}
	}
	for _, o := range places {
		res.Entity = core.Ref(o.Value)
		may, err := s.Road.Permits(r.Context(), a, act, res)
		if err != nil {
			return nil, err
		}
		if o.Value == "" {
			o.Value = string(access.Group)
		}
		if may {
			out = append(out, o)
		}
	}
	return out, nil
}

// mayStaff says whether the reader is offered an act on staff or roles anywhere.
func (s *Server) mayStaff(r *http.Request, act command.Action) bool {
	where, err := s.staffEntities(r, act)
	if err != nil {
		s.report(err)
	}
	return len(where) > 0
}

// roleButtons lead to asking for a role and to taking one away.
func (s *Server) roleButtons(r *http.Request, x access.StaffView) (out []ui.ButtonView) {
	base := "/staff/" + string(x.ID) + "/roles/"
	if a, _ := s.actor(r); x.Status == access.Active && x.ID != a.Ref && s.mayStaff(r, access.RequestGrant{}.Action()) {
		out = append(out, ui.ButtonView{Text: "Ask for a role", Icon: "key-round", Href: base + "ask"})
	}
	if a, _ := s.actor(r); x.Status == access.Active && x.ID != a.Ref && x.May["access.password.invite"] && s.Auth.Invites() {
		out = append(out, ui.ButtonView{Text: "Invite to set a password", Icon: "key-round", Post: "/staff/" + string(x.ID) + "/invite"})
	}
	if len(liveGrants(x)) > 0 && s.mayStaff(r, access.RevokeGrant{}.Action()) {
		out = append(out, ui.ButtonView{Text: "Take a role away", Icon: "ban", Href: base + "revoke"})
	}
	return out
}

// deactivateButton leads to the form that ends somebody's work here.
func (s *Server) deactivateButton(r *http.Request, x access.StaffView) []ui.ButtonView {
	if a, _ := s.actor(r); x.Status != access.Active || x.ID == a.Ref || !x.May["access.staff.deactivate"] {
		return nil
	}
	return []ui.ButtonView{{Text: "Deactivate", Icon: "log-out", Href: "/staff/" + string(x.ID) + "/deactivate"}}
}

func (s *Server) staffDeactivate(w http.ResponseWriter, r *http.Request) error {
	return s.drawDeactivate(w, r, access.DeactivateStaff{}, nil)
}

func (s *Server) drawDeactivate(w http.ResponseWriter, r *http.Request, in access.DeactivateStaff, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/deactivate")
	if err != nil {
		return err
	}
	back := "/staff/" + string(x.ID)
	p := staffForm[access.DeactivateStaff]{In: in, Fault: f, Back: back, FormView: ui.FormView{ID: "deactivate", Action: back + "/deactivate", Key: s.key(), Problem: s.problem(f)}}
	return s.render(w, r, v, staffDeactivateBody(p))
}

func (s *Server) staffDeactivated(w http.ResponseWriter, r *http.Request) error {
	var in access.DeactivateStaff
	again := func(f *core.Fault) error { return s.drawDeactivate(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Staff = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/staff/"+string(in.Staff)+"/work", again)
}

func liveGrants(x access.StaffView) (out []access.GrantRow) {
	return slices.DeleteFunc(slices.Clone(x.Grants), func(g access.GrantRow) bool { return g.State != access.Granted || g.Closed != 0 })
}

func (s *Server) staffNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawStaffNew(w, r, access.CreateStaff{Line: access.FirstLine}, nil)
}

func (s *Server) drawStaffNew(w http.ResponseWriter, r *http.Request, in access.CreateStaff, f *core.Fault) error {
	p, err := newStaffForm(s, r, "/staff", "/staff", in, f)
	if err != nil {
		return err
	}
	if p.People, err = s.colleagues(r, ""); err != nil {
		return err
	}
	return s.render(w, r, s.page(r, ui.HeadView{Crumbs: []ui.Link{{Text: "Staff", Href: "/staff"}, {Text: "New"}}, Title: "New colleague"}), staffNewBody(p))
}

func (s *Server) staffCreate(w http.ResponseWriter, r *http.Request) error {
	var in access.CreateStaff
	again := func(f *core.Fault) error { return s.drawStaffNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, "/staff", again)
}

func (s *Server) roleAsk(w http.ResponseWriter, r *http.Request) error {
	return s.drawRoleAsk(w, r, access.RequestGrant{}, nil)
}

func (s *Server) drawRoleAsk(w http.ResponseWriter, r *http.Request, in access.RequestGrant, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/roles/ask")
	if err != nil {
		return err
	}
	p, err := newStaffForm(s, r, "/staff/"+string(x.ID), "/staff/"+string(x.ID)+"/roles/ask", in, f)
	if err != nil {
		return err
	}
	return s.render(w, r, v, roleAskBody(p))
}

func (s *Server) roleAsked(w http.ResponseWriter, r *http.Request) error {
	var in access.RequestGrant
	again := func(f *core.Fault) error { return s.drawRoleAsk(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Holder = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/staff/"+string(in.Holder), again)
}

func (s *Server) roleRevoke(w http.ResponseWriter, r *http.Request) error {
	return s.drawRoleRevoke(w, r, access.RevokeGrant{}, nil)
}

func (s *Server) drawRoleRevoke(w http.ResponseWriter, r *http.Request, in access.RevokeGrant, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/roles/revoke")
	if err != nil {
		return err
	}
	p, err := newStaffForm(s, r, "/staff/"+string(x.ID), "/staff/"+string(x.ID)+"/roles/revoke", in, f)
	if err != nil {
		return err
	}
	entity := s.entityName(r)
	for _, g := range liveGrants(x) {
		p.Grants = append(p.Grants, ui.OptionView{Value: string(g.ID), Text: g.Role.Title() + ", " + entity(g.Entity) + ", until " + day(g.Ends)})
	}
	return s.render(w, r, v, roleRevokeBody(p))
}

func (s *Server) roleRevoked(w http.ResponseWriter, r *http.Request) error {
	var in access.RevokeGrant
	again := func(f *core.Fault) error { return s.drawRoleRevoke(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, "/staff/"+r.PathValue("id"), again)
}

// roleOptions are all roles, by their names for people.
func roleOptions() (out []ui.OptionView) {
	for _, x := range access.Roles {
		out = append(out, ui.OptionView{Value: string(x), Text: x.Title()})
	}
	return out
}
