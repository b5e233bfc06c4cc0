package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

// loginText names an account as the platform does.
func loginText(platform string, login int64) string {
	return platform + " " + strconv.FormatInt(login, 10)
}

// amountCell is the money that an intervention books, or what it sets.
func amountCell(i platform.Intervention) templ.Component {
	if _, books := i.Kind.Books(); books {
		return ui.Money(i.Amount())
	}
	if i.ToGroup != "" {
		return ui.Text("→ " + i.ToGroup)
	}
	return ui.Val(ui.Value{})
}

// interventionHead is the heading that all pages about an intervention share.
func (s *Server) interventionHead(r *http.Request, v platform.InterventionStory, path string) ui.HeadView {
	state := interventionState(v.State)
	h := ui.HeadView{
		Title:  v.Kind.Title() + " " + v.ID.Short(),
		Crumbs: []ui.Link{{Text: "Interventions", Href: "/interventions"}, {Text: v.ID.Short()}},
		Sub: []ui.MetaView{
			{Label: "account", Text: loginText(v.Platform, v.Login), Href: hrefOf(v.Account), Mono: true},
			{Text: s.entityName(r)(v.Entity)},
			{Text: string(v.ID), Mono: true},
		},
		Facts: []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}},
	}
	if _, books := v.Kind.Books(); books {
		h.Facts = append(h.Facts, ui.FactView{Label: "Amount", Value: ui.V(v.Amount().String())})
	}
	if v.ToGroup != "" {
		h.Facts = append(h.Facts, ui.FactView{Label: "New group", Value: ui.V(v.ToGroup)})
	}
	if s.may(r, "evidence.event.search", core.KindIntervention) {
		h.Tabs = tabsOf(interventionPath(v.ID), path)
	}
	return h
}

// people makes values of those who acted: names, with the way to a
// colleague's page for those who may open it.
func (s *Server) people(r *http.Request, name func(core.Ref) string) func(core.Ref) ui.Value {
	staff := s.may(r, "access.staff.view", core.KindStaff)
	return func(ref core.Ref) ui.Value {
		v := ui.V(actorName(ref, name))
		if ref.Kind() != core.KindStaff || staff {
			v.Href = hrefOf(ref)
		}
		return v
	}
}

// why is who asked, who agreed, who carried it out, and on what grounds.
func (p interventionPage) why() []ui.Def {
	defs := []ui.Def{ui.DefVal("Client", p.Owner), ui.DefVal("Requested by", p.Person(p.Requester))}
	for _, a := range p.ApprovedBy {
		defs = append(defs, ui.DefVal("Approved by", p.Person(a)))
	}
	if len(p.ApprovedBy) == 0 {
		defs = append(defs, ui.DefText("Approved by", "nobody: a client's own transfer needs no approval"))
	}
	operator := ui.Value{}
	if p.Operator != "" {
		operator = p.Person(p.Operator)
	}
	defs = append(defs, ui.DefVal("Operator", operator), ui.DefText("Reason", titled(p.Reason)))
	if p.Words != "" || p.WordsMasked {
		defs = append(defs, ui.DefVal("In words", seen(p.Words, p.WordsMasked)))
	}
	if p.Case != "" {
		defs = append(defs, ui.Def{Term: "Case", Body: ui.CaseChip(refLink(p.Case))})
	}
	if p.Rule != "" {
		defs = append(defs, ui.DefVal("Rule", ui.Code(p.Rule)))
	}
	return defs
}

// there is what the platform shows of the intervention.
func (p interventionPage) there() []ui.Def {
	defs := []ui.Def{ui.DefVal("Tag", ui.Code(p.Tag)), ui.DefVal("Group now", ui.Code(p.Group))}
	if p.Code != "" {
		defs = append(defs, ui.DefText("Last word", words(p.Code)))
	}
	if p.Ticket != 0 {
		defs = append(defs, ui.DefVal("Deal", ui.Code(strconv.FormatInt(p.Ticket, 10))))
	}
	if _, books := p.Kind.Books(); books && (p.BalanceBefore != 0 || p.BalanceAfter != 0) {
		cur := p.Currency
		defs = append(defs, ui.Def{Term: "Balance before", Body: ui.Money(core.Money{Minor: p.BalanceBefore, Currency: cur})},
			ui.Def{Term: "Balance after", Body: ui.Money(core.Money{Minor: p.BalanceAfter, Currency: cur})})
	}
	if d := p.Deal; d != nil {
		defs = append(defs, ui.DefVal("Booked by", ui.Code("login "+strconv.FormatInt(d.Dealer, 10))), ui.DefVal("Comment", ui.Code(d.Comment)),
			ui.DefText("Server's clock", serverTime(d.ServerTime)+offsetText(d.OffsetS)),
			ui.Def{Term: "In UTC", Body: ui.Time(ui.TimeView{At: d.At, Now: p.Now})}, ui.DefVal("SHA-256", ui.Code(d.Digest)))
	}
	if p.Matched != 0 {
		defs = append(defs, ui.Def{Term: "Matched", Body: ui.Time(ui.TimeView{At: p.Matched, Now: p.Now})})
	}
	return defs
}

// serverTime writes a server's wall clock, which is not UTC.
func serverTime(at core.Instant) string {
	if at == 0 {
		return "—"
	}
	return at.Time().Format("Mon 2 Jan 2006, 15:04:05")
}

// offsetText says how far a server's clock is from UTC.
func offsetText(seconds int) string {
	if seconds == 0 {
		return ", which is UTC"
	}
	d := time.Duration(seconds) * time.Second
	if d < 0 {
		return fmt.Sprintf(", %d:%02d behind UTC", int(-d.Hours()), int(-d.Minutes())%60)
	}
	return fmt.Sprintf(", %d:%02d ahead of UTC", int(d.Hours()), int(d.Minutes())%60)
}

// stepTexts are the events of an intervention in words.
var stepTexts = map[string]string{
	"platform.intervention.approved": "Approved; it waits for its operator",
	"platform.intervention.executed": "Execution triggered",
	"platform.transfer.requested":    "Transfer requested",
	"platform.attempt.begun":         "One request is about to be sent",
	"platform.attempt.recorded":      "The answer, or its absence, is recorded",
	"platform.attempt.looked":        "Its effect was looked up by its tag",
	"platform.intervention.resolved": "Resolved by a person, by evidence",
	"platform.intervention.matched":  "Read back from the platform, equal to what was approved",
}

// steps is the story as a table.
func (p interventionPage) steps() ui.TableView {
	t := ui.TableView{Caption: "What happened, in order", Columns: []ui.Column{
		{Title: "What", Primary: true},
		{Title: "Who"},
		{Title: "Known then"},
		{Title: "Platform's word"},
		{Title: "When", Tight: true},
	}}
	for _, x := range p.Steps {
		who := actorName(x.Actor, p.Names)
		if x.For != "" {
			who += ", for " + actorName(x.For, p.Names)
		}
		what := stepTexts[x.Type]
		if what == "" {
			what = titled(x.Type)
		}
		if x.Attempt != "" {
			what += " (attempt " + x.Attempt + ")"
		}
		t.Rows = append(t.Rows, ui.Row{ID: x.Event, Href: "/events/" + x.Event, Cells: []templ.Component{
			ui.Text(what), ui.Text(who), ui.Val(ui.V(x.Phase)), ui.Val(ui.V(words(x.Code))), ui.Time(ui.TimeView{At: x.At, Now: p.Now}),
		}})
	}
	return t
}

// edited lists what later versions of the deal say.
func (p interventionPage) edited() string {
	if len(p.Deals) < 2 {
		return ""
	}
	last := p.Deals[len(p.Deals)-1]
	if last.Gone() {
		return "The platform no longer shows this deal. What is told here was read back before it went."
	}
	return "The deal was changed on the platform after it was read back: it now says " +
		core.Money{Minor: last.Minor, Currency: p.Currency}.String() + ", “" + last.Comment + "”."
}

// lateSweep is how long ago the last reading back may be; sweeps run every
// minute.
const lateSweep = 10 * time.Minute

// sweepText is the line about how the reading back of a platform stands.
func sweepText(v platform.SweepView, now core.Instant) ui.StatusView {
	last := max(v.LastRun, v.Recorded)
	ago := ui.LongAgo(max(0, now.Sub(last)))
	if v.Error != "" {
		return ui.StatusView{Text: v.Platform + ": the last reading back, " + ago + ", failed", Tone: ui.Bad}
	}
	s := ui.StatusView{Text: v.Platform + " was read back " + ago + ", " + ui.Plural(int(v.Deals), "deal", "deals") + " so far", Tone: ui.Good}
	if now.Sub(last) > lateSweep {
		s.Text, s.Tone = s.Text+": late", ui.Warn
	}
	return s
}

// applied is which answer of the resolution stands marked.
func (f resolveForm) applied() string {
	switch {
	case f.In.Applied:
		return "true"
	case f.In.Words != "" && ui.FieldError(f.Fault, "applied") == "":
		return "false"
	}
	return ""
}

func (f resolveForm) answers() []ui.OptionView {
	yes := ui.OptionView{Value: "true", Text: "It was applied"}
	if f.Books {
		yes.Hint = "Name the deal that shows it."
	}
	return []ui.OptionView{yes, {Value: "false", Text: "It was not applied"}}
}

func (f resolveForm) ticket() string {
	if f.In.Ticket == 0 {
		return ""
	}
	return strconv.FormatInt(f.In.Ticket, 10)
}
