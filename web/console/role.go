package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/web/ui"
)

// roleList is the firm's roles.
func (s *Server) roleList(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListRolesQuery(s.Policies), access.ListRoles{})
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Roles", Sub: []ui.MetaView{{Text: "What each may do and see, in words, as the policies have it"}}})
	v.Head.Actions = []ui.ButtonView{{Text: "Roles and acts", Icon: "key-round", Href: "/roles/matrix"}}
	t := ui.TableView{Caption: "Roles", Columns: []ui.Column{{Title: "Role", Primary: true}, {Title: "Held now", Number: true}, {Title: "How long at a time"}}}
	for _, x := range rows {
		length := "at most a year"
		if x.Privileged {
			length = "privileged: as long as the entity allows"
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Role), Href: "/roles/" + string(x.Role), Cells: []templ.Component{
			ui.Text(x.Title), ui.Text(strconv.Itoa(x.Held)), ui.Text(length),
		}})
	}
	return s.render(w, r, v, roleListBody(t))
}

// roleParts is one role, ready to draw.
type roleParts struct {
	access.RoleView
	In           access.ViewRole
	Roles, Sets  []ui.OptionView
	May, Sees    ui.TableView
	Forbidden    ui.TableView
	Reaches      ui.TableView
	HeldBy       ui.TableView
	More, Less   ui.TableView
	ComparedWith string
}

// role is one role in plain words, and what is different about another one.
func (s *Server) role(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := access.ViewRole{Role: access.Role(r.PathValue("role")), Set: q.Get("set"), Other: access.Role(q.Get("other")), OtherSet: q.Get("other_set")}
	x, err := command.Ask(r.Context(), s.Road, a, access.ViewRoleQuery(s.Road, s.Policies), in)
	if err != nil {
		return err
	}
	p := roleParts{RoleView: x, In: in, HeldBy: s.heldBy(r, x)}
	for _, role := range access.Roles {
		p.Roles = append(p.Roles, ui.OptionView{Value: string(role), Text: role.Title()})
	}
	for _, set := range x.Sets {
		text := ui.Short(set.Hash) + ", recorded " + day(set.Adopted)
		if set.Now {
			text = ui.Short(set.Hash) + ", of today"
		}
		p.Sets = append(p.Sets, ui.OptionView{Value: set.Hash, Text: text})
	}
	if x.Rights != nil {
		p.May = rightsTable("What it may do", x.Rights.May, x.Set)
		p.Sees = rightsTable("What it sees in the clear", x.Rights.Sees, x.Set)
		p.Forbidden = rightsTable("What is forbidden to it", x.Rights.Forbidden, x.Set)
		p.Reaches = rightsTable("What it reaches from the group", x.Rights.Reaches, x.Set)
	}
	if c := x.Compare; c != nil {
		p.ComparedWith = c.Role.Title() + " under the policies " + ui.Short(c.Set)
		p.More = rightsTable("What that one has and this has not", c.More, c.Set)
		p.Less = rightsTable("What this has and that one has not", c.Less, x.Set)
	}
	v := s.page(r, ui.HeadView{
		Title: x.Title, Crumbs: []ui.Link{{Text: "Roles", Href: "/roles"}, {Text: string(x.Role)}},
		Facts: []ui.FactView{{Label: "Held now", Value: ui.V(strconv.Itoa(len(x.Holders)))}},
	})
	return s.render(w, r, v, roleBody(p))
}

// heldBy lists who holds the role now, as far as the reader may see.
func (s *Server) heldBy(r *http.Request, x access.RoleView) ui.TableView {
	entity := s.entityName(r)
	t := ui.TableView{
		Caption: "Who holds it now", Empty: ui.EmptyView{Icon: "users", Title: "Nobody whom you may see", Text: "You see grants of the entities in which your roles let you, and your own."},
		Columns: []ui.Column{{Title: "Name", Primary: true}, {Title: "Entity"}, {Title: "From", Tight: true}, {Title: "Until", Tight: true}, {Title: "Agreed in"}},
	}
	for _, g := range x.Holders {
		t.Rows = append(t.Rows, ui.Row{ID: string(g.ID), Href: "/staff/" + string(g.Holder), Cells: []templ.Component{
			ui.Val(fieldValue(g.HolderName)), ui.Text(entity(g.Entity)), ui.Text(day(g.Starts)), ui.Text(day(g.Ends)), proposalLink(g.Proposal),
		}})
	}
	return t
}

// today is the role's address under the policies of today.
func (p roleParts) today() string { return "/roles/" + url.PathEscape(string(p.Role)) }
