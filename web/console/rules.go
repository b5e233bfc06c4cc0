package console

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

func rulesPath(entity core.Ref, act command.Action) string {
	return "/rules/" + string(entity) + "/" + string(act)
}

// asksRules asks about the rules of the entity in the address.
func asksRules(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Approvals.Registry != nil && command.Opens(p, approvals.ViewRulesQuery(s.Approvals), approvals.ViewRules{Entity: id("entity")})
}

// asksTrial asks whether a draft could be tried there.
func asksTrial(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Approvals.Registry != nil && command.Opens(p, approvals.TryRulesQuery(s.Approvals), approvals.TryRules{Entity: id("entity")})
}

// ruleEntities are the legal entities whose approval rules the reader may see.
func (s *Server) ruleEntities(r *http.Request) (out []access.EntityRow, err error) {
	a, _ := s.actor(r)
	for _, e := range s.entities(r, a) {
		if e.ID == access.Group {
			continue
		}
		may, err := s.Road.Permits(r.Context(), a, approvals.ViewRules{}.Action(), approvals.Of(e.ID))
		if err != nil {
			return nil, err
		}
		if may {
			out = append(out, e)
		}
	}
	return out, nil
}

// rulesList holds the reader's entities side by side: who must agree to what.
func (s *Server) rulesList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	entities, err := s.ruleEntities(r)
	if err != nil {
		return err
	}
	if len(entities) == 0 {
		return s.noRules(r)
	}
	t := ui.TableView{Caption: "Approval rules by act and legal entity", Columns: []ui.Column{{Title: "Act, and what it demands in any case", Primary: true}}}
	for i, e := range entities {
		t.Columns = append(t.Columns, ui.Column{Title: e.Name})
		rows, err := command.Ask(r.Context(), s.Road, a, approvals.ViewRulesQuery(s.Approvals), approvals.ViewRules{Entity: e.ID})
		if err != nil {
			return err
		}
		name := s.names(r, peopleOf(rows)...)
		for k, x := range rows {
			if i == 0 {
				t.Rows = append(t.Rows, ui.Row{ID: string(x.Action), Cells: []templ.Component{together(twoLines(x.Title, x.Floor))}})
			}
			t.Rows[k].Cells = append(t.Rows[k].Cells, inForceCell(x, rulesPath(e.ID, x.Action), name))
		}
	}
	v := s.page(r, ui.HeadView{Title: "Approval rules", Sub: []ui.MetaView{{Text: "Beside what the program demands of everybody, an entity can demand more. A new version is a proposal; what was decided under the old one stays."}}})
	v.Head.Actions = []ui.ButtonView{{Text: "How they are written", Icon: "book-open", Href: "/docs/rules"}}
	return s.render(w, r, v, listBody(ui.QueryBarView{}, t))
}

// noRules is the denial for who may see the rules of no entity: by those of
// one in which they work, where there is one.
func (s *Server) noRules(r *http.Request) error {
	a, _ := s.actor(r)
	entity := access.Group
	for _, e := range s.entities(r, a) {
		if e.ID != access.Group && len(e.Roles) > 0 {
			entity = e.ID
		}
	}
	_, err := command.Ask(r.Context(), s.Road, a, approvals.ViewRulesQuery(s.Approvals), approvals.ViewRules{Entity: entity})
	if err == nil { // their right came in this moment
		err = command.ErrHidden
	}
	return err
}

func peopleOf(rows []approvals.RulesView) (out []core.Ref) {
	for _, x := range rows {
		for _, v := range x.Versions {
			out = append(append(out, v.Maker), v.Approvers...)
		}
	}
	return out
}

// current is the version in force; nil where it is what is built in.
func current(x approvals.RulesView) *approvals.VersionView {
	for i := range x.Versions {
		if x.Versions[i].Number == x.InForce {
			return &x.Versions[i]
		}
	}
	return nil
}

// inForceText says in one line what holds.
func inForceText(x approvals.RulesView) string {
	switch {
	case x.InForce > 0:
		return "Version " + strconv.Itoa(x.InForce)
	case x.Text != "":
		return "Built in"
	}
	return "No rules"
}

// inForceNote says since when, and by whom.
func inForceNote(x approvals.RulesView, name func(core.Ref) string) string {
	v := current(x)
	if v == nil {
		return ""
	}
	return "since " + day(v.Starts) + ", by " + adopters(*v, name)
}

func adopters(v approvals.VersionView, name func(core.Ref) string) string {
	text := name(v.Maker)
	var agreed []string
	for _, ref := range v.Approvers {
		agreed = append(agreed, name(ref))
	}
	if len(agreed) > 0 {
		text += "; " + enumerated(agreed, "and") + " agreed"
	}
	return text
}

// rulesParts is the page of one action's rules in one entity.
type rulesParts struct {
	approvals.RulesView
	Entity access.EntityRow
	Now    core.Instant
	Names  func(core.Ref) string
}

// rulesOf reads the rules in the address.
func (s *Server) rulesOf(r *http.Request) (rulesParts, error) {
	a, _ := s.actor(r)
	in := approvals.ViewRules{Entity: core.Ref(r.PathValue("entity")), Act: command.Action(r.PathValue("action"))}
	rows, err := command.Ask(r.Context(), s.Road, a, approvals.ViewRulesQuery(s.Approvals), in)
	if err != nil {
		return rulesParts{}, err
	}
	p := rulesParts{RulesView: rows[0], Now: s.Road.Clock.Now(), Names: s.names(r, peopleOf(rows)...)}
	p.Entity = s.entityRow(r, in.Entity)
	return p, nil
}

func (s *Server) rules(w http.ResponseWriter, r *http.Request) error {
	p, err := s.rulesOf(r)
	if err != nil {
		return err
	}
	v := s.page(r, p.head(""))
	draft := ui.ButtonView{Text: "Draft a new version", Icon: "git-compare-arrows", Href: rulesPath(p.Entity.ID, p.Action) + "/draft"}
	if !p.MayChange {
		draft.Text, draft.Icon = "Try other rules", "search"
	}
	v.Head.Actions = []ui.ButtonView{draft}
	return s.render(w, r, v, rulesBody(p))
}

// head is the head of a page about the rules; last is what it is, "" for the
// rules themselves.
func (p rulesParts) head(last string) ui.HeadView {
	h := ui.HeadView{
		Title: p.Title, Crumbs: []ui.Link{{Text: "Approval rules", Href: "/rules"}, {Text: p.Entity.Name}, {Text: p.Title}},
		Sub: []ui.MetaView{{Text: p.Entity.Name}, {Text: string(p.Action), Mono: true}},
		Facts: []ui.FactView{
			{Label: "In force", Value: ui.V(inForceText(p.RulesView))},
			{Label: "Since", Value: ui.V(p.since())},
			{Label: "Versions", Value: ui.V(strconv.Itoa(len(p.Versions)))},
		},
	}
	if last != "" {
		h.Title = last + ": " + lowerFirst(p.Title)
		h.Crumbs[2].Href = rulesPath(p.Entity.ID, p.Action)
		h.Crumbs = append(h.Crumbs, ui.Link{Text: last})
	}
	return h
}

func (p rulesParts) since() string {
	if v := current(p.RulesView); v != nil {
		return day(v.Starts)
	}
	return "the beginning"
}

// table is the rules in force in plain sentences.
func (p rulesParts) table() ui.TableView { return rulesTable(p.Text, p.Entity.Currency) }

func rulesTable(text, base string) ui.TableView {
	t := ui.TableView{Caption: "The rules, in order: the first that matches decides", Columns: []ui.Column{
		{Title: "Rule", Primary: true, Tight: true}, {Title: "When"}, {Title: "What is demanded"},
	}}
	set, _ := command.ReadRules("", text)
	for i, r := range set.Rules {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Text(strconv.Itoa(i+1) + ". " + r.Name), ui.Text(whenText(r, base)), ui.Text(demandText(r)),
		}})
	}
	return t
}

// asked is what rules can look at and whom they can ask here.
func (p rulesParts) asked() []ui.Def {
	roles := make([]string, len(p.Approvers))
	for i, x := range p.Approvers {
		roles[i] = roleTitle(x) + " (" + x + ")"
	}
	return []ui.Def{
		{Term: "They look at", Body: textLines(p.weighs())},
		{Term: "They ask", Body: textLines(roles)},
		ui.DefText("In any case", p.Floor+" Whoever asks for it never approves it, and nobody approves twice. No rule takes this away."),
	}
}

func (p rulesParts) weighs() (out []string) {
	for _, w := range p.Weighs {
		out = append(out, asksText(w))
	}
	return append(out, "who asks for it, by role")
}

// state is where a version stands at this moment.
func (p rulesParts) state(v approvals.VersionView) ui.StatusView {
	return versionState(v.Number, p.InForce, v.Starts, p.Now)
}

// until is when the next version took over; zero while none did.
func (p rulesParts) until(i int) core.Instant {
	if i == 0 {
		return 0
	}
	return p.Versions[i-1].Starts
}

// told is who made a version, who agreed, and why.
func (p rulesParts) told(i int) []ui.Def {
	v := p.Versions[i]
	held := "from " + ui.Stamp(v.Starts)
	if end := p.until(i); end != 0 {
		held += " until " + ui.Stamp(end)
	}
	defs := []ui.Def{ui.DefText("Holds", held), ui.DefVal("Written by", ui.Value{Text: p.Names(v.Maker), Href: hrefOf(v.Maker)})}
	for _, ref := range v.Approvers {
		defs = append(defs, ui.DefVal("Agreed", ui.Value{Text: p.Names(ref), Href: hrefOf(ref)}))
	}
	defs = append(defs, ui.DefText("Reason", titled(v.Reason)), ui.DefVal("In their words", ui.V(v.Words)), ui.Def{Term: "Proposal", Body: ui.Ref(refLink(v.Proposal))})
	if v.Event != "" {
		defs = append(defs, ui.DefVal("Evidence", ui.Value{Text: "the event of its adoption", Href: "/events/" + v.Event}))
	}
	return append(defs, ui.Def{Term: "SHA-256", Body: ui.Ref(ui.RefView{Ref: v.Hash, Text: ui.Short(v.Hash)})})
}

// against names what a version is held against.
func (p rulesParts) against(i int) string {
	if n := p.Versions[i].Number; n > 1 {
		return "What it changed against version " + strconv.Itoa(n-1)
	}
	return "What it changed against what was built in"
}

// entityRow is a legal entity as the reader may know it; empty when they may not.
func (s *Server) entityRow(r *http.Request, id core.Ref) access.EntityRow {
	a, _ := s.actor(r)
	for _, e := range s.entities(r, a) {
		if e.ID == id {
			return e
		}
	}
	return access.EntityRow{}
}
