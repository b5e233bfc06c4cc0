package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// proposalParts is what stands under the approval card.
type proposalParts struct {
	View     command.ProposalView
	Answers  []answerPart
	Story    []ui.Link
	Result   string // the event of what was done
	Payload  ui.Value
	Ask      string // address that shows the payload, when it is not shown
	Withdraw *ui.FormView
	Now      core.Instant
	Rules    *proposedRules // of a proposal to change approval rules
	Policies *proposedPolicies
	Weighed  []ui.Def // what the entity's rules looked at
}

// proposedRules are rules that somebody asks to change, for the approver: how
// they differ, and what of the past would have gone another way.
type proposedRules struct {
	Lines []approvals.DiffLine
	Tried ui.NoticeView
}

// rulesProposed reads what a proposal to change rules says; nil for any other.
func rulesProposed(v command.ProposalView) *proposedRules {
	becomes := factOf(v, "becomes")
	if v.Action != (approvals.ChangeRules{}).Action() || becomes == "" {
		return nil
	}
	was := factOf(v, "was")
	if _, problems := command.ReadRules("", was); len(problems) > 0 {
		was = "" // nothing was written before: it stands in words
	}
	n := ui.NoticeView{Tone: ui.Warn, Title: factOf(v, "tried_on"), Text: "As it was when this was proposed. Those decisions stay; what changes is what comes."}
	if strings.HasPrefix(n.Title, "0 of ") {
		n.Tone = ui.Note
	}
	n.Actions = []ui.Link{{Text: "See which, tried again now", Href: rulesPath(v.Entity, command.Action(factOf(v, "rules_of"))) + "/draft?proposal=" + string(v.ID)}}
	return &proposedRules{approvals.Diff(was, becomes), n}
}

type answerPart struct {
	Approver ui.Approver
	Approve  bool
	Words    ui.Value
}

// proposalPanel is one proposal as the reader may see it, with the forms for
// what they may do about it.
func (s *Server) proposalPanel(r *http.Request, v command.ProposalView, f *core.Fault) templ.Component {
	refs := []core.Ref{v.Maker, v.Subject}
	for _, x := range v.Answers {
		refs = append(refs, x.By)
	}
	for _, x := range v.Story {
		refs = append(refs, x.By)
	}
	name := s.names(r, refs...)
	card := s.approvalCard(v, name)
	card.Problem = s.problem(f)
	p := proposalParts{View: v, Now: card.Now, Rules: rulesProposed(v), Policies: policiesProposed(v), Weighed: weighedDefs(factOf(v, "weighed")), Payload: ui.Hidden("", maskWhy(core.Bank)), Result: v.Result}
	for _, x := range v.Answers {
		p.Answers = append(p.Answers, answerPart{approverOf(x.By, x.Role, x.At, name), x.Approve, factValue(x.Words)})
	}
	for _, x := range v.Story {
		p.Story = append(p.Story, ui.Link{Text: ui.Stamp(x.At) + " · " + actorName(x.By, name) + " · " + storyWord(x.Type), Href: "/events/" + x.Event})
	}
	switch {
	case !v.Payload.Masked:
		p.Payload = ui.Code(v.Payload.Value)
	case v.MayPayload:
		p.Ask = "/approvals/" + string(v.ID) + "?payload"
	}
	if v.MayWithdraw {
		p.Withdraw = &ui.FormView{ID: "withdraw", Action: "/approvals/" + string(v.ID) + "/withdraw", Key: s.key()}
	}
	return proposalPanel(card, p)
}

func storyWord(typ string) string { return typ[strings.LastIndexByte(typ, '.')+1:] }

func approverOf(ref core.Ref, role string, at core.Instant, name func(core.Ref) string) ui.Approver {
	return ui.Approver{Name: actorName(ref, name), Role: roleTitle(role), Href: hrefOf(ref), At: at}
}

func (s *Server) approvalCard(v command.ProposalView, name func(core.Ref) string) ui.ApprovalView {
	card := ui.ApprovalView{
		Ref: ui.RefOf(v.ID, "/approvals/"+string(v.ID)), Kind: ui.KindOf(string(v.Action)), Action: string(v.Action),
		Title: v.Title + ": " + actorName(v.Subject, name), Now: s.Road.Clock.Now(), Hash: v.Hash, Needed: len(v.Seats),
		Maker: ui.Approver{Name: actorName(v.Maker, name), Href: hrefOf(v.Maker), At: v.Created},
		Rule:  ui.Link{Text: v.Rule, Href: ruleLink(v.Rule, v.Entity, v.Action)}, RuleText: ruleText(v), WhoMay: whoMay(v), WhyNot: v.WhyNot, MinReason: 5,
		Seats: seatViews(v.Seats, name), MayRefuse: v.MayRefuse,
		Approve: "/approvals/" + string(v.ID) + "/approve", Refuse: "/approvals/" + string(v.ID) + "/refuse",
		Key: s.key(), RefuseKey: s.key(), HasNext: v.Next != "",
	}
	if v.State == command.Open {
		card.Expires = v.Expires
		if v.NotBefore > card.Now {
			card.NotBefore = v.NotBefore
		}
	}
	if v.Case != "" {
		ref := refLink(v.Case)
		card.Case = &ref
	}
	for _, x := range v.Seats {
		if x.By != "" {
			card.Given = append(card.Given, approverOf(x.By, x.Role, x.At, name))
		}
	}
	card.Facts = []ui.Def{{Term: "About", Body: ui.Ref(refLink(v.Subject))}}
	if v.Reason != "" {
		card.Facts = append(card.Facts, ui.DefText("Reason", titled(v.Reason)))
	}
	if v.Words.Name != "" {
		card.Facts = append(card.Facts, ui.DefVal("In their words", factValue(v.Words)))
	}
	for _, f := range v.Facts {
		if act := command.Action(f.Value); f.Name == "rules_of" {
			card.Facts = append(card.Facts, ui.DefVal("Rules of", ui.Value{Text: s.titleOf(act), Href: rulesPath(v.Entity, act)}))
			continue
		}
		if toldElsewhere[f.Name] {
			continue
		}
		card.Facts = append(card.Facts, ui.DefVal(titled(f.Name), factValue(f)))
	}
	return card
}

func factValue(f command.FactView) ui.Value {
	text := f.Value
	if f.Name == "role" {
		text = roleTitle(text)
	}
	return valueOf(&text, f.Masked, f.Class)
}

// toldElsewhere are facts that the card tells better than as they stand.
var toldElsewhere = map[string]bool{"rule": true, "rule_text": true, "weighed": true, "was": true, "becomes": true, "tried_on": true, "would_differ": true, "files": true}

// ruleText is the rule in a plain sentence, and what it demands with what the
// program adds.
func ruleText(v command.ProposalView) string {
	text := seatsText(v.Seats)
	if r, err := command.ParseRule(v.Text); err == nil {
		text = whenText(r, "") + ". " + text
	}
	return text
}

// seatViews say of every seat who has it, or whose turn it is.
func seatViews(seats []command.SeatRow, name func(core.Ref) string) (out []ui.SeatView) {
	for i, s := range seats {
		x := ui.SeatView{Who: rolesText(s.Roles)}
		if sequential(seats) {
			x.Who = strconv.Itoa(i+1) + ". " + x.Who
		}
		switch {
		case s.By != "":
			x.State = ui.StatusView{Text: name(s.By) + " agreed", Tone: ui.Good}
		case s.Turn && sequential(seats):
			x.State = ui.StatusView{Text: "its turn", Tone: ui.Note, Icon: "hourglass"}
		case s.Turn:
			x.State = ui.StatusView{Text: "still needed", Icon: "hourglass"}
		default:
			x.State = ui.StatusView{Text: "after those before", Icon: "lock"}
		}
		out = append(out, x)
	}
	return out
}

// sequential says whether some answer before others.
func sequential(seats []command.SeatRow) bool {
	return slices.ContainsFunc(seats, func(s command.SeatRow) bool { return s.Stage != seats[0].Stage })
}

// seatsText says what the rule demands in words.
func seatsText(seats []command.SeatRow) string {
	var out []string
	for _, s := range seats {
		out = append(out, "one "+rolesText(s.Roles))
	}
	if len(seats) > 0 && sequential(seats) {
		return "Demands " + ui.Plural(len(seats), "approval", "approvals") + ", one after the other: " + strings.Join(out, ", then ") + "."
	}
	return "Demands " + ui.Plural(len(seats), "approval", "approvals") + ": " + strings.Join(out, ", and ") + "."
}

// whoMay says who can still approve.
func whoMay(v command.ProposalView) string {
	if v.State != command.Open {
		return "nobody any more; it is " + string(v.State)
	}
	var out []string
	for _, s := range v.Seats {
		if s.By == "" {
			out = append(out, "a "+rolesText(s.Roles))
		}
	}
	others := "who is not the person that asked"
	if v.Filled() > 0 {
		others = "who neither asked nor has approved already"
	}
	return strings.Join(out, "; ") + " of the same entity, " + others
}
