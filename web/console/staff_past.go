package console

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/web/ui"
)

// pastParts is what a colleague could do at a moment, ready to draw.
type pastParts struct {
	access.PastView
	ID       core.Ref
	Moment   string
	Fault    *core.Fault
	Entities []ui.OptionView
	Now      core.Instant

	Grants, May, Sees, Masked, MayNot, Acts ui.TableView
	Search                                  string // of all that they did
}

// staffOn is what a colleague could see and do at a moment in one legal
// entity, as the log tells it.
func (s *Server) staffOn(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	x, v, err := s.staffFrame(r, "/on")
	if err != nil {
		return err
	}
	a, _ := s.actor(r)
	q := r.URL.Query()
	p := pastParts{ID: x.ID, Moment: q.Get("at"), Now: v.Now}
	in := access.ViewPast{Staff: x.ID, Entity: core.Ref(q.Get("entity"))}
	if in.Entity == "" {
		in.Entity = x.Entity
	}
	p.Entity = in.Entity
	for _, e := range s.entities(r, a) {
		p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
	}
	p.Entities = append(p.Entities, ui.OptionView{Value: string(access.Group), Text: "Group"})
	if in.At, err = momentAsked(p.Moment, s.Road.Clock.Now()); err == nil {
		p.PastView, err = command.Ask(r.Context(), s.Road, a, access.ViewPastQuery(s.Road, s.Policies), in)
	}
	if f := core.AsFault(err); f != nil {
		if f.Kind != core.Invalid {
			return err
		}
		p.Fault, p.Entity = f, in.Entity
		visitOf(r).status = statusOf(f.Kind)
		return s.render(w, r, v, pastBody(p))
	}
	s.pastTables(r, &p)
	return s.render(w, r, v, pastBody(p))
}

// momentAsked reads a moment of the address: a day is its last moment, as far as it
// has come, so that what began on it counts.
func momentAsked(text string, now core.Instant) (core.Instant, error) {
	if text == "" {
		return now, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return max(min(core.At(day.Add(24*time.Hour))-1, now), core.At(day)), nil
	}
	if at, err := core.ParseInstant(text); err == nil && at > 0 {
		return at, nil
	}
	return 0, core.InvalidField("at", "Write a day as 2026-11-20, or a moment as 2026-11-20T14:00:00Z.")
}

// pastTables makes the tables of an answer.
func (s *Server) pastTables(r *http.Request, p *pastParts) {
	p.Moment = p.At.String()
	p.Grants = s.pastGrants(r, p)
	p.Search = "/evidence?q=" + strings.ReplaceAll("by:"+string(p.ID)+" after:"+p.Day.Time().Format(time.DateOnly)+" before:"+p.Day.Add(24*time.Hour).Time().Format(time.DateOnly), " ", "+")
	p.Acts = ui.TableView{
		Caption: "What they did on that day", Empty: ui.EmptyView{Icon: "activity", Title: "Nothing on that day", Text: "No event of this entity’s log names them as who acted, between midnight and midnight UTC."},
		Columns: []ui.Column{{Title: "When", Tight: true}, {Title: "Event", Primary: true}, {Title: "Outcome"}},
	}
	for _, x := range p.PastView.Acts {
		p.Acts.Rows = append(p.Acts.Rows, ui.Row{ID: x.Event, Href: "/events/" + x.Event, Cells: []templ.Component{
			ui.Text(ui.Clock(x.At)), ui.Text(eventMeaning(x.Type)), ui.Text(titled(string(x.Outcome))),
		}})
	}
	if p.Rights == nil {
		return
	}
	p.May = rightsTable("What they could do", p.Rights.May, p.Policies)
	p.Sees = rightsTable("What they could see in the clear", p.Rights.Sees, p.Policies)
	p.Masked = rightsTable("What was masked for them", p.Rights.Masked, p.Policies)
	p.MayNot = rightsTable("What they could not do", p.Rights.MayNot, p.Policies)
}

func (s *Server) pastGrants(r *http.Request, p *pastParts) ui.TableView {
	var refs []core.Ref
	for _, g := range p.PastView.Grants {
		refs = append(append(refs, g.Maker), g.Approvers...)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	t := ui.TableView{
		Caption: "Roles given until then", Empty: ui.EmptyView{Icon: "key-round", Title: "No role was held", Text: "Until that moment nobody had given them a role here. They could do what everybody on the staff may do for themselves."},
		Columns: []ui.Column{{Title: "Role", Primary: true}, {Title: "Entity"}, {Title: "From", Tight: true}, {Title: "Until", Tight: true}, {Title: "Then"}, {Title: "Asked by"}, {Title: "Agreed by"}, {Title: "Evidence"}},
	}
	for _, g := range p.PastView.Grants {
		state := ui.StatusView{Text: "Over", Icon: "clock"}
		switch {
		case g.InForce:
			state = ui.StatusView{Text: "In force", Tone: ui.Good}
		case g.State == access.Revoked:
			state = ui.StatusView{Text: "Revoked", Tone: ui.Bad}
		case p.At < g.Starts:
			state = ui.StatusView{Text: "Not begun", Icon: "clock"}
		}
		var agreed []string
		for _, ref := range g.Approvers {
			agreed = append(agreed, actorName(ref, name))
		}
		if g.Origin == access.Bootstrapped {
			agreed = []string{"Nobody: given by the installer"}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(g.ID), Cells: []templ.Component{
			ui.Text(g.Role.Title()), ui.Text(entity(g.Entity)), ui.Text(day(g.Starts)), ui.Text(day(g.Ends)), ui.Status(state),
			ui.Text(actorName(g.Maker, name)), ui.Text(strings.Join(agreed, ", ")), ui.Val(ui.Value{Text: "Entry", Href: "/events/" + g.Event}),
		}})
	}
	return t
}

// rightsTable lists rights in words, each with the policies that decided.
func rightsTable(caption string, rights []access.Right, set string) ui.TableView {
	t := ui.TableView{
		Caption: caption, Empty: ui.EmptyView{Icon: "ban", Title: "Nothing"},
		Columns: []ui.Column{{Title: "Act", Primary: true}, {Title: "On"}, {Title: "Only"}, {Title: "Through"}, {Title: "Policy"}},
	}
	for _, x := range rights {
		through := make([]string, 0, len(x.Roles))
		for _, role := range x.Roles {
			through = append(through, role.Title())
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.Action) + "-" + strings.Join(x.On, "-"), Cells: []templ.Component{
			ui.Text(x.Title), ui.Text(recordWords(x.On)), ui.Val(ui.V(x.When)), ui.Val(ui.V(strings.Join(through, ", "))), policyLinks(set, x.Policies),
		}})
	}
	return t
}

// recordWords are the kinds of records as people call them: of many, how many.
func recordWords(types []string) string {
	if len(types) > 12 {
		return "records of " + ui.Plural(len(types), "kind", "kinds")
	}
	out := make([]string, 0, len(types))
	for _, typ := range types {
		var b strings.Builder
		for i, c := range typ {
			if i > 0 && unicode.IsUpper(c) {
				b.WriteByte(' ')
			}
			b.WriteRune(unicode.ToLower(c))
		}
		out = append(out, b.String())
	}
	return strings.Join(out, ", ")
}

// eventMeaning says what an event is, from the reference of events.
func eventMeaning(typ string) string {
	if t, ok := evidence.LookupType(typ); ok {
		return t.Meaning
	}
	return typ
}
