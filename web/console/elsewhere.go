package console

import (
	"net/http"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/web/ui"
)

const elsewhereHome = "/elsewhere"

// elsewhereParts is the register: what is due first, and the systems.
type elsewhereParts struct {
	Accounts, Systems ui.TableView
	Due               int
}

func (s *Server) elsewhereAccounts(r *http.Request, in elsewhere.ListAccounts) (core.Page[elsewhere.AccountView], error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, elsewhere.AccountsQuery(s.People), in)
}

func (s *Server) elsewhereSystems(r *http.Request) ([]elsewhere.SystemView, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, elsewhere.ListSystemsQuery, elsewhere.ListSystems{})
}

func (s *Server) elsewhereList(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	show := q.Get("show")
	if show == "" {
		show = elsewhere.ShowDue
	}
	in := elsewhere.ListAccounts{Show: show, Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	page, err := s.elsewhereAccounts(r, in)
	if err != nil {
		return err
	}
	systems, err := s.elsewhereSystems(r)
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Access elsewhere", Sub: []ui.MetaView{{Text: "Who has accounts in systems outside this program, and whose must be closed"}}})
	for _, x := range []struct{ show, text string }{{elsewhere.ShowDue, "To be closed"}, {elsewhere.ShowOpen, "Open"}, {elsewhere.ShowClosed, "Closed"}} {
		v.Head.Tabs = append(v.Head.Tabs, ui.TabView{Text: x.text, Href: elsewhereHome + "?show=" + x.show, Current: x.show == show})
	}
	if s.may(r, "elsewhere.system.record", elsewhere.KindSystem) {
		v.Head.Actions = []ui.ButtonView{{Text: "New system", Icon: "plus", Href: elsewhereHome + "/systems/new"}}
	}
	p := elsewhereParts{Accounts: s.accountsElsewhere(r, page.Rows), Systems: s.systemsElsewhere(r, systems)}
	if page.Next != "" {
		p.Accounts.Pager.Next = elsewhereHome + "?show=" + show + "&after=" + string(page.Next)
	}
	return s.render(w, r, v, elsewhereBody(p))
}

// accountsElsewhere is a list of accounts.
func (s *Server) accountsElsewhere(r *http.Request, rows []elsewhere.AccountView) ui.TableView {
	var refs []core.Ref
	for _, x := range rows {
		refs = append(refs, x.Holder)
	}
	name := s.names(r, refs...)
	t := ui.TableView{
		Caption: "Accounts elsewhere", Empty: ui.EmptyView{Icon: "check", Title: "Nothing here", Text: "An account of somebody who has left stands here until it is known to be closed."},
		Columns: []ui.Column{{Title: "Whose", Primary: true}, {Title: "System"}, {Title: "Login"}, {Title: "What it may do"}, {Title: "Since", Tight: true}, {Title: "State"}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: elsewhereHome + "/accounts/" + string(x.ID), Cells: []templ.Component{
			ui.Text(actorName(x.Holder, name)), ui.Text(x.SystemName), ui.Val(seen(x.Login, x.Masked)), ui.Val(seen(x.Rights, x.Masked)), ui.Text(day(x.Since)), ui.Status(elsewhereState(x)),
		}})
	}
	return t
}

func elsewhereState(x elsewhere.AccountView) ui.StatusView {
	switch {
	case x.Closed != 0:
		return ui.StatusView{Text: "Closed " + day(x.Closed), Tone: ui.Good}
	case x.Overdue:
		return ui.StatusView{Text: "Overdue since " + day(x.Due), Tone: ui.Bad}
	case x.Due != 0:
		return ui.StatusView{Text: "To be closed now", Tone: ui.Warn}
	}
	return ui.StatusView{Text: "Open"}
}

func (s *Server) systemsElsewhere(r *http.Request, rows []elsewhere.SystemView) ui.TableView {
	var refs []core.Ref
	for _, x := range rows {
		refs = append(refs, x.Owner)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Systems", Empty: ui.EmptyView{Icon: "server", Title: "No system is on record", Text: "Manager terminals, portals of payment providers and banks, KYC providers, mailboxes: whatever people sign in to besides this program."},
		Columns: []ui.Column{{Title: "System", Primary: true}, {Title: "Kind"}, {Title: "Of"}, {Title: "Who answers for it"}, {Title: "State"}},
	}
	for _, x := range rows {
		state := ui.StatusView{Text: "In use", Tone: ui.Good}
		if x.Retired != 0 {
			state = ui.StatusView{Text: "Retired " + day(x.Retired)}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: elsewhereHome + "/systems/" + string(x.ID), Cells: []templ.Component{
			ui.Text(x.Name), ui.Text(titled(x.Kind)), ui.Text(entity(placed(x.Entity))), ui.Text(actorName(x.Owner, name)), ui.Status(state),
		}})
	}
	return t
}

// placed names the group for records that have no entity.
func placed(entity core.Ref) core.Ref {
	if entity == "" {
		return access.Group
	}
	return entity
}

// systemForm is a form about a system or an account elsewhere.
type systemForm[I any] struct {
	ui.FormView
	In       I
	Fault    *core.Fault
	Entities []ui.OptionView
	People   []ui.OptionView
}

func (f systemForm[I]) err(field string) string { return ui.FieldError(f.Fault, field) }

func (s *Server) systemNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawSystemNew(w, r, elsewhere.RecordSystem{}, nil)
}

func (s *Server) drawSystemNew(w http.ResponseWriter, r *http.Request, in elsewhere.RecordSystem, f *core.Fault) error {
	p := systemForm[elsewhere.RecordSystem]{In: in, Fault: f, FormView: ui.FormView{ID: "system", Action: elsewhereHome + "/systems", Key: s.key(), Problem: s.problem(f)}}
	var err error
	if p.Entities, err = s.staffEntities(r, access.CreateStaff{}.Action()); err != nil {
		return err
	}
	if p.People, err = s.colleagues(r, ""); err != nil {
		return err
	}
	head := ui.HeadView{Title: "New system", Crumbs: []ui.Link{{Text: "Access elsewhere", Href: elsewhereHome}, {Text: "New"}}}
	return s.render(w, r, s.page(r, head), systemNewBody(p))
}

func (s *Server) systemRecord(w http.ResponseWriter, r *http.Request) error {
	var in elsewhere.RecordSystem
	again := func(f *core.Fault) error { return s.drawSystemNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, elsewhereHome, again)
}
