package console

import (
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/web/ui"
)

// proposedPolicies are policies that somebody asks to put into force, for the
// approver: which change, and what of the past would have gone another way.
type proposedPolicies struct {
	Files, Differs []string
	Tried          ui.NoticeView
}

// policiesProposed reads what such a proposal says; nil for any other.
func policiesProposed(v command.ProposalView) *proposedPolicies {
	if v.Action != (access.ActivatePolicies{}).Action() || factOf(v, "files") == "" {
		return nil
	}
	p := &proposedPolicies{Files: strings.Split(factOf(v, "files"), "; ")}
	if text := factOf(v, "would_differ"); text != "" {
		p.Differs = strings.Split(text, "\n")
	}
	p.Tried = ui.NoticeView{Tone: ui.Warn, Title: factOf(v, "tried_on"), Text: "As it was when this was proposed. Those decisions stay; what changes is what comes."}
	if len(p.Differs) == 0 {
		p.Tried.Tone = ui.Note
	}
	p.Tried.Actions = []ui.Link{{Text: "Read the whole change, tried again now", Href: draftPath(v.Subject)}}
	return p
}
