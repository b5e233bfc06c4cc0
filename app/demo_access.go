package app

import (
	"time"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
)

// demoBreakable are the roles that one person may take in an emergency: at
// night one is on shift.
const demoBreakable = "payments_lead, head_of_dealing"

// emergencies is the story of emergency access: one night it is needed, and
// reviewed in the morning.
func (w *world) emergencies() {
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

// exception lets Nia draft and agree in the Seychelles, where there is nobody
// else yet, with what keeps it harmless; it must be asked for again.
func (w *world) exception(days int) {
	for _, combination := range []string{"bank-details-and-payouts", "rules-and-their-approval"} {
		out := w.do(w.actor("viktor"), access.RequestException{
			Holder: w.actor("nia").Ref, Combination: combination, Entity: w.entity("aurum-sc"), Until: w.clock.Now().Add(time.Duration(days) * 24 * hour),
			Mitigation: "The Seychelles has one compliance officer. Andreas looks at every bank detail and every rule that she touched, each Monday.",
		})
		w.pass(20 * minute)
		w.decide(w.actor("andreas"), out.Proposal, true, "I look at them each Monday; a second officer is to be hired by the end of the year.")
		w.pass(5 * minute)
	}
}

// lastNight is the emergency whose review waits when the demo comes alive.
func (w *world) lastNight() {
	w.emergency("dmitri", access.HeadOfDealing, "INC-2026-1119", "The feed froze with orders open and the head of dealing is not on call.")
	w.pass(50 * minute)
}
