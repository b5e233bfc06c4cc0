package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

const couldPath = combinationsPath + "/past"

// couldParts is the page on which is asked who could do both within a time.
type couldParts struct {
	In                           access.WhoCould
	From, To                     string
	Fault                        *core.Fault
	Combinations, Acts, Entities []ui.OptionView
	Answer                       *access.CouldView
	People                       []couldPerson
	File                         ui.FormView
	Hidden                       []ui.HiddenView
}

func (p couldParts) err(field string) string { return ui.FieldError(p.Fault, field) }

// couldPerson is one person of the answer, ready to draw.
type couldPerson struct {
	access.Could
	Verdict           string
	Spans, Acts, Both ui.TableView
}

// couldPage asks and answers.
func (s *Server) couldPage(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	p := couldParts{}
	asked := r.URL.Query().Has("from")
	err := p.decode(s, r.URL.Query().Get)
	s.couldChoices(r, &p)
	if asked && err == nil {
		a, _ := s.actor(r)
		var v access.CouldView
		if v, err = command.Ask(r.Context(), s.Road, a, access.WhoCouldQuery(s.Road, s.Policies), p.In); err == nil {
			s.couldTables(r, &p, v)
		}
	}
	page := s.page(r, ui.HeadView{
		Title: "Who could do both?", Crumbs: []ui.Link{{Text: "Toxic combinations", Href: combinationsPath}, {Text: "Who could do both?"}},
		Sub: []ui.MetaView{{Text: "At once or one after the other, through which roles, and whether they did"}},
	})
	if f := core.AsFault(err); f != nil && asked {
		if f.Kind != core.Invalid {
			return err
		}
		p.Fault = f
		visitOf(r).status = statusOf(f.Kind)
	}
	return s.render(w, r, page, couldBody(p))
}

// decode reads the question: the days are UTC, the last one included.
func (p *couldParts) decode(s *Server, get func(string) string) (err error) {
	now := s.Road.Clock.Now()
	p.In = access.WhoCould{Combination: get("combination"), One: get("one"), Other: get("other"), Entity: core.Ref(get("entity"))}
	p.From, p.To = get("from"), get("to")
	if p.From == "" {
		p.From = now.Add(-90 * 24 * time.Hour).Time().Format(time.DateOnly)
	}
	if p.To == "" {
		p.To = now.Time().Format(time.DateOnly)
	}
	if p.In.From, err = dayAsked("from", p.From); err != nil {
		return err
	}
	p.In.To, err = dayAsked("to", p.To)
	p.In.To = p.In.To.Add(24 * time.Hour)
	return err
}

func dayAsked(field, text string) (core.Instant, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, core.InvalidField(field, "Write a day as 2026-11-20.")
	}
	return core.At(day), nil
}

func (s *Server) couldChoices(r *http.Request, p *couldParts) {
	a, _ := s.actor(r)
	for _, c := range s.Policies.Combinations() {
		p.Combinations = append(p.Combinations, ui.OptionView{Value: c.ID, Text: titled(c.ID)})
		for _, d := range slices.Concat(c.One, c.Other) {
			p.Acts = addOption(p.Acts, ui.OptionView{Value: d.String(), Text: s.deedLines([]access.Deed{d})[0]})
		}
	}
	for _, e := range s.entities(r, a) {
		p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
	}
	p.Entities = append(p.Entities, ui.OptionView{Value: string(access.Group), Text: "The whole firm"})
	if p.In.Entity == "" {
		p.In.Entity = core.Ref(p.Entities[0].Value)
	}
}

// couldTables makes what is drawn of an answer.
func (s *Server) couldTables(r *http.Request, p *couldParts, v access.CouldView) {
	p.Answer = &v
	p.File = ui.FormView{ID: "file", Action: couldPath, Key: s.key()}
	p.Hidden = []ui.HiddenView{
		{Name: "combination", Value: p.In.Combination},
		{Name: "one", Value: p.In.One},
		{Name: "other", Value: p.In.Other},
		{Name: "entity", Value: string(p.In.Entity)},
		{Name: "from", Value: p.From},
		{Name: "to", Value: p.To},
	}
	entity := s.entityName(r)
	for _, x := range v.People {
		p.People = append(p.People, couldPerson{Could: x, Verdict: couldVerdict(x), Spans: couldSpans(x, entity), Acts: s.couldActs(x), Both: couldSame(x)})
	}
}

// couldVerdict says in a sentence what matters.
func couldVerdict(x access.Could) string {
	text := "Could do both at once."
	if len(x.Both) == 0 {
		text = "Could do one side and, at another time, the other; never both at once."
	}
	if len(x.DidOne) == 0 || len(x.DidOther) == 0 {
		return text + " Did not do both."
	}
	text += " Did " + ui.Plural(len(x.DidOne), "act", "acts") + " of the one side and " + strconv.Itoa(len(x.DidOther)) + " of the other"
	if len(x.Same) > 0 {
		return text + ", both about " + ui.Plural(len(x.Same), "record", "records") + " of them."
	}
	return text + ", never both about the same record."
}

func couldSpans(x access.Could, entity func(core.Ref) string) ui.TableView {
	t := ui.TableView{Caption: "When, and through which roles", Columns: []ui.Column{{Title: "What", Primary: true}, {Title: "From", Tight: true}, {Title: "Until", Tight: true}, {Title: "In"}, {Title: "Through"}, {Title: "Exception"}}}
	roles := map[core.Ref]string{}
	for _, g := range x.Grants {
		roles[g.ID] = g.Role.Title()
	}
	add := func(what string, list []access.CouldSpan) {
		for _, span := range list {
			one, other := span.OneIn, span.OtherIn
			if one == "" {
				one = other
			}
			if other == "" {
				other = one
			}
			var through, exceptions []ui.Link
			for _, g := range append(slices.Clone(span.One), span.Other...) {
				through = append(through, ui.Link{Text: roles[g], Href: grantPath(g)})
			}
			for _, e := range span.Exceptions {
				exceptions = append(exceptions, ui.Link{Text: e.Short(), Href: exceptionPath(e)})
			}
			t.Rows = append(t.Rows, ui.Row{ID: what + span.From.String() + string(one) + string(other), Cells: []templ.Component{
				ui.Text(what), ui.Text(ui.Stamp(span.From)), ui.Text(ui.Stamp(span.To)), ui.Text(placeWords(one, other, entity)), linkList(through), linkList(exceptions),
			}})
		}
	}
	add("Both at once", x.Both)
	add("One side", x.One)
	add("The other side", x.Other)
	return t
}

func (s *Server) couldActs(x access.Could) ui.TableView {
	t := ui.TableView{Caption: "What they did of each side", Columns: []ui.Column{{Title: "When", Tight: true}, {Title: "Side"}, {Title: "Event", Primary: true}, {Title: "Act"}, {Title: "While both"}}}
	for side, list := range [][]access.CouldAct{x.DidOne, x.DidOther} {
		for _, a := range list {
			during := "no"
			if a.During {
				during = "yes"
			}
			t.Rows = append(t.Rows, ui.Row{ID: a.Event + strconv.Itoa(side), Href: "/events/" + a.Event, Cells: []templ.Component{
				ui.Text(ui.Stamp(a.At)), ui.Text([]string{"one", "the other"}[side]), ui.Text(eventMeaning(a.Type)), ui.Text(s.Road.Registry.Title(a.Action)), ui.Text(during),
			}})
		}
	}
	return t
}

func couldSame(x access.Could) ui.TableView {
	t := ui.TableView{Caption: "Both about the same record", Columns: []ui.Column{{Title: "Record", Primary: true}, {Title: "One side"}, {Title: "The other"}}}
	events := func(ids []string) (out []ui.Link) {
		for i, id := range ids {
			out = append(out, ui.Link{Text: "entry " + strconv.Itoa(i+1), Href: "/events/" + id})
		}
		return out
	}
	for _, same := range x.Same {
		t.Rows = append(t.Rows, ui.Row{ID: string(same.Subject), Cells: []templ.Component{ui.Val(refValue(same.Subject)), linkList(events(same.One)), linkList(events(same.Other))}})
	}
	return t
}

// couldReport answers with the file.
func (s *Server) couldReport(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	if err := parseForm(r); err != nil {
		return err
	}
	p := couldParts{}
	if err := p.decode(s, r.PostForm.Get); err != nil {
		return err
	}
	a, _ := s.actor(r)
	f, err := command.Ask(r.Context(), s.Road, a, access.CouldReportQuery(s.Road, s.Policies), access.CouldReport{WhoCould: p.In})
	if err != nil {
		return err
	}
	return s.file(w, f)
}
