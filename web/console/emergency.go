package console

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/web/ui"
)

const emergencyPath = "/emergencies"

// emergencyParts is the page of emergency access: what waits for a review, and
// the form by which a role is taken.
type emergencyParts struct {
	Table    ui.TableView
	Form     ui.FormView
	In       access.BreakGrant
	Fault    *core.Fault
	Entities []ui.OptionView
	Roles    []ui.OptionView
}

func (p emergencyParts) err(field string) string { return ui.FieldError(p.Fault, field) }

// emergencies is the list and the form.
func (s *Server) emergencies(w http.ResponseWriter, r *http.Request) error {
	return s.drawEmergencies(w, r, access.BreakGrant{Minutes: 30}, nil)
}

func (s *Server) drawEmergencies(w http.ResponseWriter, r *http.Request, in access.BreakGrant, f *core.Fault) error {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListBreaksQuery, access.ListBreaks{})
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Emergency access", Sub: []ui.MetaView{{Text: "A privileged role at once and alone, for an hour at most, reviewed by somebody else within a day"}}})
	p := emergencyParts{Table: s.breaksTable(r, rows), In: in, Fault: f, Form: ui.FormView{ID: "emergency", Action: emergencyPath, Key: s.key(), Problem: s.problem(f)}}
	for _, e := range s.entities(r, a) {
		if len(e.Roles) == 0 || len(e.Breakables()) == 0 {
			continue
		}
		p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
		for _, role := range e.Breakables() {
			p.Roles = addOption(p.Roles, ui.OptionView{Value: string(role), Text: role.Title()})
		}
	}
	return s.render(w, r, v, emergencyBody(p))
}

func addOption(list []ui.OptionView, o ui.OptionView) []ui.OptionView {
	for _, x := range list {
		if x.Value == o.Value {
			return list
		}
	}
	return append(list, o)
}

// breaksTable lists emergency access, that which waits first.
func (s *Server) breaksTable(r *http.Request, rows []access.BreakRow) ui.TableView {
	var refs []core.Ref
	for _, x := range rows {
		refs = append(refs, x.Reviewer)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Emergency access, what waits for a review first", Empty: ui.EmptyView{Icon: "shield", Title: "None", Text: "Nobody has taken a role in an emergency, where you may see it."},
		Columns: []ui.Column{{Title: "Who", Primary: true}, {Title: "Role"}, {Title: "Entity"}, {Title: "Taken", Tight: true}, {Title: "Review"}, {Title: "By"}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Grant), Href: grantPath(x.Grant), Cells: []templ.Component{
			ui.Val(fieldValue(x.HolderName)), ui.Text(x.Role.Title()), ui.Text(entity(x.Entity)), ui.Text(ui.Stamp(x.Taken)), ui.Status(breakState(x)), ui.Val(ui.V(reviewerName(x.Reviewer, name))),
		}})
	}
	return t
}

func reviewerName(ref core.Ref, name func(core.Ref) string) string {
	if ref == "" {
		return ""
	}
	return actorName(ref, name)
}

func breakState(x access.BreakRow) ui.StatusView {
	switch {
	case x.Outcome == access.Justified:
		return ui.StatusView{Text: "Justified", Tone: ui.Good}
	case x.Outcome == access.NotJustified:
		return ui.StatusView{Text: "Not justified", Tone: ui.Bad}
	case x.Overdue:
		return ui.StatusView{Text: "Overdue: the account is locked", Tone: ui.Bad}
	}
	return ui.StatusView{Text: "Due by " + ui.Stamp(x.Due), Icon: "hourglass", Tone: ui.Warn}
}

// emergencyTake takes a role at once.
func (s *Server) emergencyTake(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	var in access.BreakGrant
	again := func(f *core.Fault) error { return s.drawEmergencies(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Holder = a.Ref
	return s.run(w, r, in, grantPath("{subject}"), again)
}

// grantReview is the review of emergency access, from the grant's page.
func (s *Server) grantReview(w http.ResponseWriter, r *http.Request) error {
	var in access.ReviewGrant
	again := func(f *core.Fault) error { return s.drawGrant(w, r, in.Words, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Grant = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, grantPath(in.Grant), again)
}

// countBreaks counts what waits for a review of this person.
func countBreaks(ctx context.Context, rd *command.Road, a evidence.Actor) (int, error) {
	rows, err := command.Ask(ctx, rd, a, access.ListBreaksQuery, access.ListBreaks{Quiet: true})
	n := 0
	for _, x := range rows {
		if x.MayReview {
			n++
		}
	}
	return n, err
}
