package console

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

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
	p := proposalParts{View: v, Now: card.Now, Payload: ui.Hidden("", maskWhy(core.Bank)), Result: v.Result}
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
		Rule:  ui.Link{Text: v.Rule}, RuleText: seatsText(v.Seats), WhoMay: whoMay(v), WhyNot: v.WhyNot, MinReason: 5,
		Approve: "/approvals/" + string(v.ID) + "/approve", Refuse: "/approvals/" + string(v.ID) + "/refuse",
		Key: s.key(), RefuseKey: s.key(), HasNext: v.Next != "",
	}
	if v.State == command.Open {
		card.Expires = v.Expires
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

// seatsText says what the rule demands in words.
func seatsText(seats []command.SeatRow) string {
	var out []string
	for _, s := range seats {
		out = append(out, "one "+rolesText(s.Roles))
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
