package app

import (
	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
)

// emergencies is the story of emergency access: the entity lists two roles for
// it, with a second person, and one night it is needed and reviewed.
func (w *world) emergencies() {
	out := w.do(w.actor("viktor"), access.ChangeEntity{
		Entity: w.entity("aurum-eu"), Breakable: "payments_lead, head_of_dealing",
		Words: "At night one person is on shift: they may step up for an hour, and somebody looks at it in the morning.",
	})
	w.pass(2 * hour)
	w.decide(w.actor("andreas"), out.Proposal, true, "Both roles, for an hour at most, and each time reviewed: agreed.")
	w.pass(hour)
	grant := w.emergency("eleni", access.PaymentsLead, "INC-2026-0917", "The lead cannot be reached and a bank's cut-off is in twenty minutes.")
	w.pass(9 * hour)
	w.review("nia", grant, "Read every act under it: nothing was approved; the cut-off passed without a payout.")
}

// emergency has somebody take a role at once.
func (w *world) emergency(who string, role access.Role, ticket, words string) core.Ref {
	a := w.actor(who)
	a.StepUp = true
	return w.do(a, access.BreakGrant{Holder: a.Ref, Role: role, Entity: w.entity("aurum-eu"), Minutes: 40, Ticket: ticket, Words: words}).Subject
}

// review has somebody review emergency access, over the list that they see.
func (w *world) review(who string, grant core.Ref, words string) {
	if w.err != nil {
		return
	}
	v, err := command.Ask(w.ctx, w.app.Road, w.actor(who), access.ViewGrantQuery(w.app.Road, w.app.Domains.Policy), access.ViewGrant{Grant: grant})
	if err != nil || v.Break == nil {
		w.err = err
		return
	}
	w.do(w.actor(who), access.ReviewGrant{Grant: grant, Outcome: access.Justified, Seen: v.Break.Seen, Words: words})
}

// lastNight is the emergency whose review waits when the demo comes alive.
func (w *world) lastNight() {
	w.emergency("dmitri", access.HeadOfDealing, "INC-2026-1119", "The feed froze with orders open and the head of dealing is not on call.")
	w.pass(50 * minute)
}
