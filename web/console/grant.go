package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

const dayLong = 24 * time.Hour

func grantPath(id core.Ref) string { return "/grants/" + string(id) }

// grantParts is the story of one grant, ready to draw.
type grantParts struct {
	access.GrantStory
	Now           core.Instant
	Road          []ui.StepView
	Facts         []ui.Def
	Acts, Refused ui.TableView
	Others        ui.TableView
	Search        string // of all that the holder did meanwhile
	End, Review   ui.FormView
	Words         string
	Fault         *core.Fault
}

// grant is one grant from its request to what came after its end.
func (s *Server) grant(w http.ResponseWriter, r *http.Request) error {
	return s.drawGrant(w, r, "", nil)
}

func (s *Server) drawGrant(w http.ResponseWriter, r *http.Request, words string, f *core.Fault) error {
	a, _ := s.actor(r)
	x, err := command.Ask(r.Context(), s.Road, a, access.ViewGrantQuery(s.Road, s.Policies), access.ViewGrant{Grant: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	refs := []core.Ref{x.Holder, x.Maker, x.ClosedBy}
	for _, step := range x.Steps {
		refs = append(refs, step.By)
	}
	name, entity := s.names(r, refs...), s.entityName(r)
	v := s.page(r, ui.HeadView{
		Title: x.Role.Title() + ", " + entity(x.Entity), Crumbs: []ui.Link{{Text: "Staff", Href: "/staff"}, {Text: actorName(x.Holder, name), Href: "/staff/" + string(x.Holder)}, {Text: x.ID.Short()}},
		Sub: []ui.MetaView{{Label: "held by", Text: actorName(x.Holder, name)}, {Text: string(x.ID), Mono: true}},
	})
	state := grantState(x.GrantRow)
	v.Head.Facts = []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}, {Label: "Until", Value: ui.V(ui.Stamp(ended(x.GrantRow)))}}
	if x.MayTake {
		v.Head.Actions = append(v.Head.Actions, ui.ButtonView{Text: "Take the role away", Icon: "ban", Href: "/staff/" + string(x.Holder) + "/roles/revoke"})
	}
	p := grantParts{
		GrantStory: x, Now: v.Now, Road: grantRoad(x, name), Words: words, Fault: f,
		Review: ui.FormView{ID: "review-form", Action: grantPath(x.ID) + "/review", Key: s.key(), Problem: s.problem(f)},
		End:    ui.FormView{ID: "end", Action: grantPath(x.ID) + "/end", Key: s.key(), Problem: s.problem(f)},
	}
	p.Facts = []ui.Def{
		ui.DefVal("Role", ui.Value{Text: x.Role.Title(), Href: "/roles/" + string(x.Role)}), ui.DefText("Legal entity", entity(x.Entity)),
		ui.DefText("From", ui.Stamp(x.Starts)), ui.DefText("Until", ui.Stamp(x.Ends)), ui.DefText("Reason", titled(x.Reason)),
		ui.DefVal("In their words", fieldValue(x.Words)), ui.DefVal("Agreed in", refValue(x.Proposal)), ui.DefVal("Case", refValue(x.Case)),
	}
	if x.Ticket != "" {
		p.Facts = append(p.Facts, ui.DefText("Ticket", x.Ticket))
	}
	p.Acts = s.grantActs("What was done under it", x.Acts, ui.EmptyView{Icon: "activity", Title: "Nothing yet", Text: "No event names this role as the one that decided."}, entity)
	p.Refused = s.grantActs("What was refused", x.Refused, ui.EmptyView{Icon: "ban", Title: "Nothing", Text: "They tried nothing that this role would allow and were not let."}, entity)
	p.Others = otherGrants(x.Others, name)
	until := x.Stopped
	if until == 0 {
		until = v.Now
	}
	p.Search = "/evidence?q=" + strings.ReplaceAll("by:"+string(x.Holder)+" after:"+x.Starts.Time().Format("2006-01-02")+" before:"+until.Add(dayLong).Time().Format("2006-01-02"), " ", "+")
	return s.render(w, r, v, grantBody(p))
}

// refValue is a reference as a link to its page; nothing where there is none.
func refValue(ref core.Ref) ui.Value {
	if ref == "" {
		return ui.Value{}
	}
	return ui.Value{Text: ref.Short(), Href: hrefOf(ref)}
}

// grantEnd gives a role back.
func (s *Server) grantEnd(w http.ResponseWriter, r *http.Request) error {
	var in access.EndGrant
	again := func(f *core.Fault) error { return s.drawGrant(w, r, in.Words, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Grant = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, grantPath(in.Grant), again)
}

// grantTitles are the steps of a grant's road by the events that show them.
var grantTitles = map[string]string{
	"command.proposal.opened": "Asked for", "command.proposal.approved": "Agreed to", "access.grant.granted": "Given",
	"access.grant.bootstrapped": "Given by the installer", "access.grant.expired": "Ended by the clock",
	"access.grant.broken": "Taken in an emergency", "access.grant.reviewed": "Reviewed", "access.staff.locked": "Account locked",
	"access.grant.revoked": "Taken away", "access.grant.ended": "Given back",
}

// grantRoad is the way of a grant: what is on record, and what the clock says
// of the rest.
func grantRoad(x access.GrantStory, name func(core.Ref) string) (out []ui.StepView) {
	closed := false
	for _, step := range x.Steps {
		title, ok := grantTitles[step.Type]
		if !ok {
			continue
		}
		over := step.Type == "access.grant.expired" || step.Type == "access.grant.revoked" || step.Type == "access.grant.ended"
		if over && !closed {
			out, closed = append(out, grantHeld(x)), true
		}
		out = append(out, ui.StepView{Title: title, Who: actorName(step.By, name), At: step.At, Href: "/events/" + step.Event, State: ui.StepDone})
	}
	if closed {
		return out
	}
	out = append(out, grantHeld(x))
	last := ui.StepView{Title: "Ends by itself", At: x.Ends, State: ui.StepAhead}
	if x.Stopped != 0 {
		last = ui.StepView{Title: "Over", At: x.Stopped, Note: "The entry that says so follows within a minute.", State: ui.StepDone}
	}
	return append(out, last)
}

// grantHeld is the step of being in force.
func grantHeld(x access.GrantStory) ui.StepView {
	v := ui.StepView{Title: "In force", At: x.Starts, Note: ui.Plural(len(x.Acts), "act", "acts") + " under it", State: ui.StepDone}
	switch {
	case x.Phase == access.PhaseScheduled:
		v.Title, v.Note, v.State = "Begins", "", ui.StepAhead
	case x.Stopped != 0 && x.Stopped <= x.Starts:
		v.Title, v.Note, v.At, v.State = "Never in force", "", 0, ui.StepStopped
	case x.Stopped == 0:
		v.State = ui.StepNow
	}
	if x.NotActs {
		v.Note = ""
	}
	return v
}

// grantActs lists events of the holder.
func (s *Server) grantActs(caption string, acts []access.GrantAct, empty ui.EmptyView, entity func(core.Ref) string) ui.TableView {
	t := ui.TableView{
		Caption: caption, Empty: empty,
		Columns: []ui.Column{{Title: "When", Tight: true}, {Title: "Act", Primary: true}, {Title: "What it was"}, {Title: "Entity"}, {Title: "Outcome"}},
	}
	for _, x := range acts {
		outcome := titled(string(x.Outcome))
		if x.After {
			outcome += ", after the grant was over"
		}
		if len(x.Also) > 0 {
			outcome += " (also through another role: " + roleNames(x.Also) + ")"
		}
		t.Rows = append(t.Rows, ui.Row{ID: x.Event, Href: "/events/" + x.Event, Cells: []templ.Component{
			ui.Text(ui.Stamp(x.At)), ui.Text(s.Road.Registry.Title(x.Action)), ui.Text(eventMeaning(x.Type)), ui.Text(entity(x.Entity)), ui.Text(outcome),
		}})
	}
	return t
}

func roleNames(roles []access.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, r.Title())
	}
	return strings.Join(out, ", ")
}

// breakFacts are what is known of the review of emergency access.
func (p grantParts) breakFacts() []ui.Def {
	state := breakState(*p.Break)
	out := []ui.Def{ui.DefText("Review", state.Text), ui.DefText("Due", ui.Stamp(p.Break.Due))}
	if p.Break.Outcome != "" {
		out = append(out, ui.DefText("Acts reviewed", strconv.Itoa(p.Break.Acts)), ui.DefText("When", ui.Stamp(p.Break.Reviewed)), ui.DefVal("In their words", fieldValue(p.Break.Words)))
	}
	return out
}

// otherGrants are the grants of the same role before and after.
func otherGrants(rows []access.GrantRow, name func(core.Ref) string) ui.TableView {
	t := ui.TableView{
		Caption: "The same role before and after", Empty: ui.EmptyView{Icon: "key-round", Title: "Never before or after", Text: "A grant is never extended. Another one would be asked for and agreed to on its own, and stand here."},
		Columns: []ui.Column{{Title: "From", Tight: true, Primary: true}, {Title: "Until", Tight: true}, {Title: "State"}, {Title: "Asked by"}, {Title: "Agreed in"}},
	}
	for _, g := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(g.ID), Href: grantPath(g.ID), Cells: []templ.Component{
			ui.Text(ui.Stamp(g.Starts)), ui.Text(ui.Stamp(ended(g))), ui.Status(grantState(g)), ui.Text(actorName(g.Maker, name)), proposalLink(g.Proposal),
		}})
	}
	return t
}
