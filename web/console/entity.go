package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

func entityPath(id core.Ref) string { return "/entities/" + string(id) }

// entityForm is a form about a legal entity.
type entityForm[I any] struct {
	ui.FormView
	In    I
	Fault *core.Fault
}

// err is the text for one field.
func (f entityForm[I]) err(field string) string { return ui.FieldError(f.Fault, field) }

// entityList is the firm's legal entities. Their names are no secret; who may
// change one is offered it.
func (s *Server) entityList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListEntitiesQuery, access.ListEntities{})
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Legal entities", Sub: []ui.MetaView{{Text: "Each with its regulator, its own roles and approvals, and its own log"}}})
	v.Head.Actions = []ui.ButtonView{{Text: "New legal entity", Icon: "plus", Href: "/entities/new"}}
	t := ui.TableView{
		Caption: "Legal entities", Empty: ui.EmptyView{Icon: "landmark", Title: "No legal entity yet", Text: "A group administrator enters the first one."},
		Columns: []ui.Column{{Title: "Name", Primary: true}, {Title: "Country", Tight: true}, {Title: "Regulator and licence"}, {Title: "Base currency", Tight: true}, {Title: "Privileged roles last"}, {Title: "Your roles there"}, {Title: "Since", Tight: true}},
	}
	for _, e := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(e.ID), Href: entityPath(e.ID), Cells: []templ.Component{
			twoLines(e.Name, string(e.ID)), ui.Text(e.Jurisdiction), twoLines(e.Regulator, e.Licence), ui.Text(e.Currency),
			ui.Text("at most " + privilegedText(e.Entity)), ui.Val(ui.V(rolesOf([]access.EntityRow{e}))), ui.Text(day(e.Created)),
		}})
	}
	return s.render(w, r, v, listBody(ui.QueryBarView{}, t))
}

// mayEnterEntity says whether the reader could enter a legal entity: that is
// the group's matter, since nobody holds a role in one that is not there.
func mayEnterEntity(_ *Server, p *command.Peek, _ func(string) core.Ref) bool {
	return p.May(access.CreateEntity{}.Action(), command.Resource{Kind: core.KindEntity, Ref: "en_new"})
}

// asksEntity leaves the group out: it is no company, and has no page.
func asksEntity(_ *Server, _ *command.Peek, id func(string) core.Ref) bool {
	return id("id") != access.Group
}

func (s *Server) entityNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawEntityNew(w, r, access.CreateEntity{}, nil)
}

func (s *Server) drawEntityNew(w http.ResponseWriter, r *http.Request, in access.CreateEntity, f *core.Fault) error {
	p := entityForm[access.CreateEntity]{In: in, Fault: f, FormView: ui.FormView{ID: "entity", Action: "/entities", Key: s.key(), Problem: s.problem(f)}}
	v := s.page(r, ui.HeadView{Title: "New legal entity", Crumbs: []ui.Link{{Text: "Legal entities", Href: "/entities"}, {Text: "New"}}})
	return s.render(w, r, v, entityNewBody(p))
}

func (s *Server) entityCreate(w http.ResponseWriter, r *http.Request) error {
	var in access.CreateEntity
	again := func(f *core.Fault) error { return s.drawEntityNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, "/entities/{subject}", again)
}

// entityParts is the page of one legal entity, with the form that changes it
// for those who may.
type entityParts struct {
	access.EntityRow
	Form entityForm[access.ChangeEntity]
	Line ui.FormView // its rule on lines of managers
	// Training is the form of what roles demand.
	Training ui.FormView
}

func (s *Server) entity(w http.ResponseWriter, r *http.Request) error {
	return s.drawEntity(w, r, nil, nil)
}

// drawEntity draws the page with what was written into its form, or with what
// the record says.
func (s *Server) drawEntity(w http.ResponseWriter, r *http.Request, in *access.ChangeEntity, f *core.Fault) error {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListEntitiesQuery, access.ListEntities{})
	if err != nil {
		return err
	}
	for _, e := range rows {
		if string(e.ID) != r.PathValue("id") {
			continue
		}
		if in == nil {
			in = &access.ChangeEntity{Name: e.Name, Jurisdiction: e.Jurisdiction, Regulator: e.Regulator, Licence: e.Licence, PrivilegedDays: e.PrivilegedDays, PrivilegedHours: e.PrivilegedHours, Breakable: e.Breakable, OrdinaryDays: e.OrdinaryDays, ReviewMonths: e.Reviews.Choice()}
		}
		p := entityParts{EntityRow: e, Form: entityForm[access.ChangeEntity]{
			In: *in, Fault: f, FormView: ui.FormView{ID: "entity", Action: entityPath(e.ID), Key: s.key(), Problem: s.problem(f)},
		}, Line: ui.FormView{ID: "line", Action: entityPath(e.ID) + "/line", Key: s.key()}, Training: ui.FormView{ID: "training", Action: entityPath(e.ID) + "/training", Key: s.key()}}
		v := s.page(r, ui.HeadView{
			Title: e.Name, Crumbs: []ui.Link{{Text: "Legal entities", Href: "/entities"}, {Text: string(e.ID)}},
			Sub: []ui.MetaView{{Text: string(e.ID), Mono: true}, {Label: "since", Text: day(e.Created)}},
			Actions: []ui.ButtonView{
				{Text: "Its evidence", Icon: "activity", Href: "/evidence?q=entity:" + string(e.ID)},
			},
		})
		return s.render(w, r, v, entityBody(p))
	}
	return command.ErrHidden
}

func (s *Server) entityChanged(w http.ResponseWriter, r *http.Request) error {
	var in access.ChangeEntity
	again := func(f *core.Fault) error { return s.drawEntity(w, r, &in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Entity = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, entityPath(in.Entity), again)
}

// particulars is what the record says.
func (p entityParts) particulars() []ui.Def {
	return []ui.Def{
		ui.DefText("Registered name", p.Name), ui.DefText("Country", p.Jurisdiction), ui.DefText("Regulator", p.Regulator), ui.DefVal("Licence", ui.V(p.Licence)),
		ui.DefText("Base currency", p.Currency), ui.DefText("Privileged roles", "at most "+privilegedText(p.Entity)+" for each grant"), ui.DefText("Other roles", "at most "+ordinaryText(p.Entity)+" for each grant"),
		ui.DefText("In an emergency", p.emergencies()),
		ui.DefText("Access reviews", reviewEveryText(p.Reviews.Choice())),
		ui.DefVal("Your roles", ui.V(rolesOf([]access.EntityRow{p.EntityRow}))),
	}
}

// privilegedText and ordinaryText say how long roles last at a time.
func privilegedText(e access.Entity) string {
	if e.PrivilegedHours > 0 {
		return ui.Plural(e.PrivilegedHours, "hour", "hours")
	}
	return ui.Plural(e.PrivilegedDays, "day", "days")
}

func ordinaryText(e access.Entity) string {
	if e.OrdinaryDays > 0 {
		return ui.Plural(e.OrdinaryDays, "day", "days")
	}
	return "a year"
}

// emergencies names the roles that one person may take at once.
func (p entityParts) emergencies() string {
	if roles := p.Breakables(); len(roles) > 0 {
		return roleNames(roles) + ", by one person for an hour at most"
	}
	return "nobody takes a role alone"
}

// breakable is the list of roles for emergencies as the form has it.
func (p entityParts) breakable() string {
	if p.Form.In.Breakable == "" {
		return "none"
	}
	return strings.ReplaceAll(p.Form.In.Breakable, " ", ", ")
}

// number writes a count for a field; none is an empty field.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
