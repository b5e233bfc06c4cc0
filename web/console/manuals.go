package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/manuals"
	"vouchsafe/web/ui"
)

func manualPath(ref core.Ref) string { return "/manuals/" + string(ref) }

func asksManual(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Manuals.Log != nil && command.Opens(p, manuals.ViewManualQuery(s.Manuals), manuals.ViewManual{Manual: id("manual")})
}

// cited are the clauses that an event's basis names, as far as its reader may
// read the entity's manuals.
func (s *Server) cited(r *http.Request, entity core.Ref, basis []string) []manuals.Cited {
	if !strings.Contains(strings.Join(basis, " "), "§") {
		return nil
	}
	a, _ := s.actor(r)
	may, err := s.Road.Permits(r.Context(), a, manuals.ViewManual{}.Action(), command.Resource{Kind: core.KindManual, Ref: "mn_any", Entity: entity})
	if err != nil || !may {
		return nil
	}
	out, err := command.Ask(r.Context(), s.Road, a, manuals.ReadClausesQuery, manuals.ReadClauses{Entity: entity, Basis: basis})
	if err != nil {
		return nil
	}
	return out
}

// manualList is the manuals of the reader's entities.
func (s *Server) manualList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, manuals.ListManualsQuery(s.Manuals), manuals.ListManuals{})
	if err != nil {
		return err
	}
	entity := s.entityName(r)
	t := ui.TableView{
		Caption: "Manuals", Empty: ui.EmptyView{Icon: "book-open", Title: "No manual yet", Text: "Compliance writes a manual with numbered clauses, and the board adopts it."},
		Columns: []ui.Column{{Title: "Manual", Primary: true}, {Title: "Legal entity"}, {Title: "In force"}, {Title: "Clauses", Number: true}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Manual), Href: manualPath(x.Manual), Cells: []templ.Component{
			ui.Text(x.Title), ui.Text(entity(x.Entity)), ui.Text(manualForce(x)), ui.Text(number(len(x.Versions[0].Clauses))),
		}})
	}
	v := s.page(r, ui.HeadView{Title: "Manuals", Sub: []ui.MetaView{{Text: "The firm's own rules, as the board adopted them. Decisions name the clause in force on their day."}}})
	v.Head.Actions = []ui.ButtonView{{Text: "Write a manual", Icon: "plus", Href: "/manuals/new"}}
	return s.render(w, r, v, listBody(ui.QueryBarView{}, t))
}

func manualForce(x manuals.ManualView) string {
	if x.InForce == 0 {
		return "none yet"
	}
	return "version " + strconv.Itoa(x.InForce)
}

// manualParts is one manual, ready to draw.
type manualParts struct {
	manuals.ManualView
	Now   core.Instant
	Names func(core.Ref) string
}

// manual shows one with all its versions.
func (s *Server) manual(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	x, err := command.Ask(r.Context(), s.Road, a, manuals.ViewManualQuery(s.Manuals), manuals.ViewManual{Manual: core.Ref(r.PathValue("manual"))})
	if err != nil {
		return err
	}
	var people []core.Ref
	for _, v := range x.Versions {
		people = append(append(people, v.Maker), v.Approvers...)
	}
	p := manualParts{x, s.Road.Clock.Now(), s.names(r, people...)}
	v := s.page(r, ui.HeadView{
		Title: x.Title, Crumbs: []ui.Link{{Text: "Manuals", Href: "/manuals"}, {Text: x.Title}}, Sub: []ui.MetaView{{Text: s.entityRow(r, x.Entity).Name}},
		Facts: []ui.FactView{{Label: "In force", Value: ui.V(capital(manualForce(x)))}, {Label: "Versions", Value: ui.V(number(len(x.Versions)))}},
	})
	if x.MayChange {
		v.Head.Actions = []ui.ButtonView{{Text: "Write a new version", Icon: "git-compare-arrows", Href: "/manuals/new?of=" + string(x.Manual)}}
	}
	return s.render(w, r, v, manualBody(p))
}

func (p manualParts) state(v manuals.VersionView) ui.StatusView {
	return versionState(v.Number, p.InForce, v.Starts, p.Now)
}

func (p manualParts) told(v manuals.VersionView) []ui.Def {
	defs := []ui.Def{ui.DefText("Holds from", ui.Stamp(v.Starts)), ui.DefVal("Written by", ui.Value{Text: p.Names(v.Maker), Href: hrefOf(v.Maker)})}
	for _, ref := range v.Approvers {
		defs = append(defs, ui.DefVal("Adopted by", ui.Value{Text: p.Names(ref), Href: hrefOf(ref)}))
	}
	defs = append(defs, ui.DefText("Reason", titled(v.Reason)), ui.DefVal("In their words", ui.V(v.Words)), ui.Def{Term: "Proposal", Body: ui.Ref(refLink(v.Proposal))})
	if v.Event != "" {
		defs = append(defs, ui.DefVal("Evidence", ui.Value{Text: "the event of its adoption", Href: "/events/" + v.Event}))
	}
	return append(defs, ui.Def{Term: "SHA-256", Body: ui.Ref(ui.RefView{Ref: v.Hash, Text: ui.Short(v.Hash)})})
}

// changes is a version against the one before it.
func (p manualParts) changes(i int) []approvals.DiffLine {
	was := ""
	if i+1 < len(p.Versions) {
		was = p.Versions[i+1].Text
	}
	return approvals.Diff(was, p.Versions[i].Text)
}

// manualEdit is the page on which a version is written.
type manualEdit struct {
	In       manuals.AdoptManual
	Of       *manuals.ManualView
	Entities []ui.OptionView
	Form     ui.FormView
	Fault    *core.Fault
}

func (p manualEdit) err(field string) string { return ui.FieldError(p.Fault, field) }

func (s *Server) manualOf(r *http.Request) (manualEdit, error) {
	a, _ := s.actor(r)
	p := manualEdit{}
	for _, e := range s.entities(r, a) {
		if may, err := s.Road.Permits(r.Context(), a, manuals.AdoptManual{}.Action(), command.Resource{Kind: core.KindManual, Ref: "mn_any", Entity: e.ID}); err == nil && may && e.ID != access.Group {
			p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
		}
	}
	if len(p.Entities) == 0 {
		return p, command.ErrHidden
	}
	of := core.Ref(r.URL.Query().Get("of"))
	if of == "" {
		return p, nil
	}
	x, err := command.Ask(r.Context(), s.Road, a, manuals.ViewManualQuery(s.Manuals), manuals.ViewManual{Manual: of})
	if err != nil {
		return p, err
	}
	p.Of, p.In.Manual, p.In.Entity, p.In.Text = &x, of, x.Entity, x.Versions[0].Text
	return p, nil
}

func (s *Server) manualNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.manualOf(r)
	if err != nil {
		return err
	}
	return s.drawManual(w, r, p, nil)
}

func (s *Server) drawManual(w http.ResponseWriter, r *http.Request, p manualEdit, f *core.Fault) error {
	p.Fault = f
	p.Form = ui.FormView{ID: "manual", Action: "/manuals/new", Key: s.key(), Problem: s.problem(f)}
	title := "Write a manual"
	if p.Of != nil {
		p.Form.Action += "?of=" + string(p.Of.Manual)
		title = "New version: " + p.Of.Title
	}
	return s.render(w, r, s.page(r, ui.HeadView{Title: title, Crumbs: []ui.Link{{Text: "Manuals", Href: "/manuals"}, {Text: title}}}), manualEditBody(p))
}

// manualAsked asks for the version to be adopted.
func (s *Server) manualAsked(w http.ResponseWriter, r *http.Request) error {
	p, err := s.manualOf(r)
	if err != nil {
		return err
	}
	again := func(f *core.Fault) error { return s.drawManual(w, r, p, f) }
	if err := decodeForm(r, &p.In); err != nil {
		return s.mend(w, r, err, again)
	}
	if p.Of != nil {
		p.In.Manual, p.In.Entity, p.In.Title = p.Of.Manual, p.Of.Entity, ""
	}
	return s.run(w, r, p.In, "/manuals", again)
}
