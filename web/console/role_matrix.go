package console

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/web/ui"
)

// roleMatrix is every act by every role, as the policies of a set have it.
func (s *Server) roleMatrix(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	x, err := command.Ask(r.Context(), s.Road, a, access.ListPermissionsQuery(s.Road, s.Policies), access.ListPermissions{Set: r.URL.Query().Get("set")})
	if err != nil {
		return err
	}
	p := matrixParts{PermissionsView: x}
	for _, row := range x.Rows {
		area, _, _ := strings.Cut(string(row.Action), ".")
		if n := len(p.Areas); n == 0 || p.Areas[n-1].Name != area {
			p.Areas = append(p.Areas, matrixArea{Name: area})
		}
		last := &p.Areas[len(p.Areas)-1]
		last.Rows = append(last.Rows, row)
		last.Ways = append(last.Ways, conditions(row)...)
	}
	v := s.page(r, ui.HeadView{
		Title: "Roles and acts", Crumbs: []ui.Link{{Text: "Roles", Href: "/roles"}, {Text: "Roles and acts"}},
		Sub:     []ui.MetaView{{Text: "Every act of the program by every role, in the legal entity where it is held"}},
		Actions: []ui.ButtonView{{Text: "Each permission as a test", Icon: "book-open", Href: "/docs/permissions"}},
	})
	return s.render(w, r, v, roleMatrixBody(p))
}

// matrixParts is the matrix by area of the firm.
type matrixParts struct {
	access.PermissionsView
	Areas []matrixArea
}

type matrixArea struct {
	Name string
	Rows []access.Permission
	Ways []ui.Def // the conditions, in words
}

// conditions are the acts of a row that are allowed under conditions only.
func conditions(row access.Permission) (out []ui.Def) {
	for _, p := range row.Held {
		if ways := limits(p); len(ways) > 0 {
			out = append(out, ui.Def{Term: row.Title + ": " + p.Role.Title(), Body: textLines(ways)})
		}
	}
	for _, p := range row.Group {
		line := "also in every entity, when held in the group"
		if ways := limits(p); len(ways) > 0 {
			line += ": " + strings.Join(ways, "; ")
		}
		out = append(out, ui.DefText(row.Title+": "+p.Role.Title(), line))
	}
	return out
}

// limits are the conditions, where no way is without one.
func limits(p access.Permitted) []string {
	for _, w := range p.Ways {
		if w == "" {
			return nil
		}
	}
	return p.Ways
}

// table is an area's acts by roles.
func (a matrixArea) table() ui.TableView {
	t := ui.TableView{Caption: "Acts on " + a.Name + " by role", Columns: []ui.Column{{Title: "Act", Primary: true}}}
	for _, role := range access.Roles {
		t.Columns = append(t.Columns, ui.Column{Title: role.Title()})
	}
	for _, row := range a.Rows {
		cells := []templ.Component{together(twoLines(row.Title, string(row.Action)))}
		for _, role := range access.Roles {
			cells = append(cells, matrixCell(mark(row, role)))
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(row.Action), Cells: cells})
	}
	return t
}

// matrixMark is one cell: a sign, and what it means.
type matrixMark struct{ Sign, Kind, Words string }

func mark(row access.Permission, role access.Role) matrixMark {
	for _, f := range row.Forbidden {
		if f == role {
			return matrixMark{"✕", "never", "never"}
		}
	}
	switch p := access.In(row.Held, role); {
	case p != nil && len(limits(*p)) > 0:
		return matrixMark{"◐", "if", "on conditions: " + strings.Join(p.Ways, "; ")}
	case p != nil:
		return matrixMark{"●", "may", "may"}
	case row.Everybody:
		return matrixMark{"○", "own", "their own only, as everybody"}
	}
	return matrixMark{"", "no", "no"}
}
