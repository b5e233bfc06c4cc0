package app

import (
	"strings"

	"vouchsafe/approvals"
	"vouchsafe/payments"
)

// The approval rules of releases at Aurum EU: what it adopted in September,
// and what is asked for on the day of the visit.
const (
	rulesOne = `
new: flag first-payout and amount over 250 -> approval by payments_lead and senior_compliance
small: total in 24 hours up to 1000 -> approval by payments_lead
medium: total in 24 hours up to 10000 -> approval by payments_lead
large: otherwise -> approval by payments_lead and senior_compliance`
	rulesTwo = `
new: flag first-payout and amount over 250 -> approval by payments_lead then senior_compliance, after 4 hours
small: total in 7 days up to 500 -> approval by payments_lead
medium: total in 24 hours up to 10000 and risk low -> approval by payments_lead
large: otherwise -> approval by payments_lead and senior_compliance`
)

func (w *world) draft(text, reason, words string) approvals.ChangeRules {
	return approvals.ChangeRules{
		Entity: w.entity("aurum-eu"), Act: payments.ReleaseWithdrawal{}.Action(), Text: strings.TrimSpace(text), Reason: reason, Words: words,
	}
}

// threshold is the story of a rule: after an incident compliance asks for
// lower thresholds, a senior officer sees which releases would have gone
// another way, and agrees. What is released from then on is released under it.
func (w *world) threshold() {
	out := w.do(w.actor("maria"), w.draft(rulesOne, "incident",
		"Two first payouts of under 500 went out on one signature, to accounts that the police then asked about. A first payout needs both of us, and a single lead no more than 10,000."))
	w.pass(3 * hour)
	w.decide(w.actor("andreas"), out.Proposal, true, "Looked at each release that would have gone another way: two signatures would have been right for them.")
	w.pass(hour)
}

// nextRules is the version that waits for its approver when the demo comes
// alive.
func (w *world) nextRules() {
	w.do(w.actor("maria"), w.draft(rulesTwo, "policy-review",
		"Quarterly review: small sums add up over a week, and a first payout can wait four hours. Medium sums stay with the lead where the risk is low."))
	w.pass(20 * minute)
}
