package app

import (
	"vouchsafe/access"
	"vouchsafe/command"
)

// houseRules is what the firm forbids beside the program.
const houseRules = `// FILE house.cedar
// Support speaks with people before they are clients; who becomes one is
// recorded by compliance, which has seen their papers.
@id("house.clients-by-compliance")
forbid (principal in Role::"support", action == Action::"clients.client.create", resource);
`

// policyChange is the story of a policy: an administrator writes it, it is
// tried on what was decided, and a senior compliance officer of the group agrees.
func (w *world) policyChange() {
	if w.err != nil {
		return
	}
	author := w.actor("viktor")
	author.StepUp = true
	now, err := command.Ask(w.ctx, w.app.Road, author, access.ListPoliciesQuery(w.app.PolicyDeps()), access.ListPolicies{})
	if err != nil {
		w.err = err
		return
	}
	draft := w.do(author, access.DraftPolicies{
		Text: houseRules, Base: now.Set, Reason: "policy-review",
		Words: "The review of onboarding found that support records clients whom compliance has never seen. Compliance records them from now on.",
	})
	w.pass(2 * hour)
	x, err := command.Ask(w.ctx, w.app.Road, author, access.ViewPolicyDraftQuery(w.app.PolicyDeps()), access.ViewPolicyDraft{Draft: draft.Subject})
	if err != nil && w.err == nil {
		w.err = err
	}
	ask := w.do(author, access.ActivatePolicies{Draft: draft.Subject, Hash: x.Hash})
	w.pass(3 * hour)
	w.decide(w.actor("nia"), ask.Proposal, true, "Looked at the clients that support recorded: compliance can take them over. Nobody is kept from other work.")
	w.pass(hour)
}
