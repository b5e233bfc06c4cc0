package console

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

const combinationsPath = "/combinations"

func exceptionPath(id core.Ref) string { return combinationsPath + "/exceptions/" + string(id) }

// combinationsParts is the page of toxic combinations: who holds one, which
// exceptions there are, and what the combinations are.
type combinationsParts struct {
	Held, Exceptions *ui.TableView
	All              ui.TableView
}

// combinations is the list.
func (s *Server) combinations(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	v := s.page(r, ui.HeadView{Title: "Toxic combinations", Sub: []ui.MetaView{{Text: "What one person must not be able to do together, who can all the same, and why that is let be"}}})
	p := combinationsParts{All: s.combinationTable()}
	if s.may(r, access.ListHeld{}.Action(), core.KindGrant) {
		rows, err := command.Ask(r.Context(), s.Road, a, access.ListHeldQuery(s.Policies), access.ListHeld{})
		if err != nil {
			return err
		}
		t := s.heldTable(r, rows)
		p.Held = &t
		v.Head.Actions = append(v.Head.Actions, ui.ButtonView{Text: "Who could do both?", Icon: "search", Href: couldPath})
	}
	if s.may(r, access.ListExceptions{}.Action(), access.KindException) {
		rows, err := command.Ask(r.Context(), s.Road, a, access.ListExceptionsQuery, access.ListExceptions{})
		if err != nil {
			return err
		}
		t := s.exceptionTable(r, rows)
		p.Exceptions = &t
	}
	if s.may(r, access.RequestException{}.Action(), access.KindException) {
		v.Head.Actions = append(v.Head.Actions, ui.ButtonView{Text: "Ask for an exception", Icon: "plus", Href: combinationsPath + "/exceptions/new"})
	}
	return s.render(w, r, v, combinationsBody(p))
}

func (s *Server) combinationTable() ui.TableView {
	t := ui.TableView{
		Caption: "The combinations", Columns: []ui.Column{{Title: "Combination", Primary: true}, {Title: "One side"}, {Title: "The other"}, {Title: "Counts", Tight: true}, {Title: "Why"}},
	}
	for _, c := range s.Policies.Combinations() {
		where := "in one entity"
		if c.Anywhere {
			where = "across entities"
		}
		t.Rows = append(t.Rows, ui.Row{ID: c.ID, Cells: []templ.Component{
			ui.Text(titled(c.ID)), textLines(s.deedLines(c.One)), textLines(s.deedLines(c.Other)), ui.Text(where), textLines([]string{c.Why, c.Law}),
		}})
	}
	return t
}

// deedLines are the acts of a side in the words of the catalogue.
func (s *Server) deedLines(deeds []access.Deed) (out []string) {
	for _, d := range deeds {
		text := s.Road.Registry.Title(d.Act)
		if d.Approve {
			text = "Agree to: " + text
		}
		out = append(out, text)
	}
	return out
}

// placeWords says where the sides are held.
func placeWords(one, other core.Ref, entity func(core.Ref) string) string {
	name := func(ref core.Ref) string {
		if ref == access.Everywhere {
			return "every legal entity"
		}
		return entity(ref)
	}
	if one == other {
		return name(one)
	}
	return name(one) + " and " + name(other)
}

func (s *Server) heldTable(r *http.Request, rows []access.HeldRow) ui.TableView {
	entity := s.entityName(r)
	t := ui.TableView{
		Caption: "Who holds one now", Empty: ui.EmptyView{Icon: "shield", Title: "Nobody", Text: "Nobody whose roles you may see holds both sides of a combination now."},
		Columns: []ui.Column{{Title: "Who", Primary: true}, {Title: "Combination"}, {Title: "In"}, {Title: "By the roles"}, {Title: "Covered"}},
	}
	for _, x := range rows {
		var links []ui.Link
		for _, g := range x.Grants() {
			links = append(links, ui.Link{Text: g.Short(), Href: grantPath(g)})
		}
		covered := ui.Status(ui.StatusView{Text: "No: a finding", Tone: ui.Bad})
		if x.Exception != "" {
			covered = ui.Val(ui.Value{Text: "By an exception", Href: exceptionPath(x.Exception)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Holder) + x.Place(), Cells: []templ.Component{
			ui.Val(staffLink(x.Name, x.Holder)), ui.Text(titled(x.Combination)), ui.Text(placeWords(x.OneIn, x.OtherIn, entity)), linkList(links), covered,
		}})
	}
	return t
}

// staffLink is a name that leads to the person's page.
func staffLink(name access.Field, ref core.Ref) ui.Value {
	v := fieldValue(name)
	if v.Text == "" {
		v.Text = ref.Short()
	}
	v.Href = "/staff/" + string(ref)
	return v
}

func (s *Server) exceptionTable(r *http.Request, rows []access.ExceptionRow) ui.TableView {
	entity := s.entityName(r)
	t := ui.TableView{
		Caption: "Exceptions, newest first", Empty: ui.EmptyView{Icon: "shield", Title: "No exceptions", Text: "Nobody was let hold a toxic combination, where you may see it."},
		Columns: []ui.Column{{Title: "Who", Primary: true}, {Title: "Combination"}, {Title: "In"}, {Title: "Until", Tight: true}, {Title: "State"}, {Title: "What keeps it harmless"}, {Title: "Agreed by"}},
	}
	name := s.names(r, exceptionPeople(rows)...)
	for _, x := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: exceptionPath(x.ID), Cells: []templ.Component{
			ui.Val(fieldValue(x.HolderName)), ui.Text(titled(x.Combination)), ui.Text(placeWords(x.Entity, x.Other, entity)), ui.Text(ui.Stamp(x.Ends)),
			ui.Status(exceptionState(x)), ui.Val(fieldValue(x.Mitigation)), ui.Text(peopleNames(x.Approvers, name)),
		}})
	}
	return t
}

func exceptionPeople(rows []access.ExceptionRow) (refs []core.Ref) {
	for _, x := range rows {
		refs = append(append(refs, x.Maker, x.ClosedBy), x.Approvers...)
	}
	return refs
}

func peopleNames(refs []core.Ref, name func(core.Ref) string) string {
	var out []string
	for _, ref := range refs {
		out = append(out, actorName(ref, name))
	}
	return strings.Join(out, ", ")
}

func exceptionState(x access.ExceptionRow) ui.StatusView {
	switch {
	case x.Live:
		return ui.StatusView{Text: "Counts", Tone: ui.Warn}
	case x.State == access.Revoked:
		return ui.StatusView{Text: "Ended early", Icon: "ban"}
	}
	return ui.StatusView{Text: "Over", Icon: "clock"}
}
