package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// exceptionNewParts is the form that asks for an exception.
type exceptionNewParts struct {
	ui.FormView
	In                             access.RequestException
	Fault                          *core.Fault
	People, Entities, Combinations []ui.OptionView
}

func (p exceptionNewParts) err(field string) string { return ui.FieldError(p.Fault, field) }

func (s *Server) exceptionNew(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.drawExceptionNew(w, r, access.RequestException{Holder: core.Ref(q.Get("holder")), Combination: q.Get("combination"), Entity: core.Ref(q.Get("entity"))}, nil)
}

func (s *Server) drawExceptionNew(w http.ResponseWriter, r *http.Request, in access.RequestException, f *core.Fault) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	p := exceptionNewParts{In: in, Fault: f, FormView: ui.FormView{ID: "exception", Action: combinationsPath + "/exceptions", Key: s.key(), Problem: s.problem(f)}}
	for _, e := range append(s.entities(r, a), access.EntityRow{Entity: access.Entity{ID: access.Everywhere, Name: "Every legal entity, by roles of the group"}}) {
		if may, err := s.Road.Permits(r.Context(), a, in.Action(), access.ExceptionIn(e.ID)); err == nil && may {
			p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
		}
	}
	for _, c := range s.Policies.Combinations() {
		p.Combinations = append(p.Combinations, ui.OptionView{Value: c.ID, Text: titled(c.ID), Hint: c.Why})
	}
	var err error
	if p.People, err = s.colleagues(r, a.Ref); err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Ask for an exception", Crumbs: []ui.Link{{Text: "Toxic combinations", Href: combinationsPath}, {Text: "New exception"}}})
	return s.render(w, r, v, exceptionNewBody(p))
}

// nameOr is a name, or the short reference where it is not the reader's to see.
func nameOr(name access.Field, ref core.Ref) string {
	if name.Masked || name.Text == "" {
		return ref.Short()
	}
	return name.Text
}

func (s *Server) exceptionAsk(w http.ResponseWriter, r *http.Request) error {
	var in access.RequestException
	again := func(f *core.Fault) error { return s.drawExceptionNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, combinationsPath, again)
}

// exceptionParts is one exception.
type exceptionParts struct {
	access.ExceptionRow
	Facts []ui.Def
	End   ui.FormView
	Words string
	Fault *core.Fault
}

func (s *Server) exception(w http.ResponseWriter, r *http.Request) error {
	return s.drawException(w, r, "", nil)
}

func (s *Server) drawException(w http.ResponseWriter, r *http.Request, words string, f *core.Fault) error {
	a, _ := s.actor(r)
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListExceptionsQuery, access.ListExceptions{Exception: core.Ref(r.PathValue("id"))})
	if err == nil && len(rows) != 1 {
		err = command.ErrHidden
	}
	if err != nil {
		return err
	}
	x, entity, name := rows[0], s.entityName(r), s.names(r, exceptionPeople(rows)...)
	p := exceptionParts{ExceptionRow: x, Words: words, Fault: f, End: ui.FormView{ID: "end", Action: exceptionPath(x.ID) + "/end", Key: s.key(), Problem: s.problem(f)}}
	p.Facts = []ui.Def{
		ui.DefVal("Who", staffLink(x.HolderName, x.Holder)), ui.DefText("Combination", titled(x.Combination)), ui.DefText("In", placeWords(x.Entity, x.Other, entity)),
		ui.DefVal("What keeps it harmless", fieldValue(x.Mitigation)), ui.DefText("From", ui.Stamp(x.Starts)), ui.DefText("Until", ui.Stamp(x.Ends)),
		ui.DefText("Asked by", actorName(x.Maker, name)), ui.DefText("Agreed by", peopleNames(x.Approvers, name)), ui.DefVal("Agreed in", refValue(x.Proposal)),
	}
	if x.State == access.Revoked {
		p.Facts = append(p.Facts, ui.DefText("Ended early", ui.Stamp(x.Closed)), ui.DefText("By", actorName(x.ClosedBy, name)), ui.DefVal("Why", fieldValue(x.ClosedWords)))
	}
	v := s.page(r, ui.HeadView{Title: "Exception " + x.ID.Short(), Crumbs: []ui.Link{{Text: "Toxic combinations", Href: combinationsPath}, {Text: x.ID.Short()}}})
	state := exceptionState(x)
	v.Head.Facts = []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}}
	return s.render(w, r, v, exceptionBody(p))
}

func (s *Server) exceptionEnd(w http.ResponseWriter, r *http.Request) error {
	var in access.EndException
	again := func(f *core.Fault) error { return s.drawException(w, r, in.Words, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Exception = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, exceptionPath(in.Exception), again)
}
