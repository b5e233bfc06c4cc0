package payments

import (
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Register adds the domain's commands.
func Register(reg *command.Registry, d Deps) { registerWith(reg, d, recordAttempt{d}) }

// registerWith takes the one command apart that a test replaces with a wrong one,
// to see that the wrong one is caught.
func registerWith(reg *command.Registry, d Deps, record command.Handler[RecordAttempt, recordFacts]) {
	command.Handle[RequestWithdrawal, requestFacts](reg, requestWithdrawal{d}, command.Doc{Title: "Ask for a withdrawal", Kind: core.KindWithdrawal})
	command.Handle[ClearWithdrawal, *standing](reg, clearWithdrawal{d}, command.Doc{Title: "Clear a withdrawal", Kind: core.KindWithdrawal})
	command.Handle[ReleaseWithdrawal, *standing](reg, releaseWithdrawal{d}, command.Doc{Title: "Release a withdrawal", Kind: core.KindWithdrawal, StepUp: true, Floor: "One other person agrees. It is a senior compliance officer where the risk was stated as high, where the names differ, or where they cannot be compared and the risk is not low.", Approvers: slices.Concat(lead.Roles, senior.Roles), Weighs: weighs})
	command.Handle[RefuseWithdrawal, *Withdrawal](reg, refuseWithdrawal{}, command.Doc{Title: "Refuse a withdrawal", Kind: core.KindWithdrawal})
	command.Handle[ResolveWithdrawal, resolveFacts](reg, resolveWithdrawal{}, command.Doc{Title: "Resolve a payout in doubt", Kind: core.KindWithdrawal, StepUp: true, Floor: "A payments lead agrees.", Approvers: lead.Roles})
	command.Handle[CreditDeposit, creditFacts](reg, creditDeposit{d}, command.Doc{Title: "Credit a deposit", Kind: core.KindDeposit, Floor: "A payments lead agrees where the deposit is flagged; what is not flagged is credited at once.", Approvers: lead.Roles})
	command.Handle[BeginAttempt, beginFacts](reg, beginAttempt{d}, command.Doc{Title: "Begin a request to the payment provider", Kind: core.KindWithdrawal, System: true})
	command.Handle[RecordAttempt, recordFacts](reg, record, command.Doc{Title: "Record the outcome of a request to the payment provider", Kind: core.KindWithdrawal, System: true})
	command.Handle[SyncStatus, *Withdrawal](reg, syncStatus{}, command.Doc{Title: "Take over the payment provider's status", Kind: core.KindWithdrawal, System: true})
	command.Handle[RecordSettlement, movement](reg, recordSettlement{}, command.Doc{Title: "Match a movement with the payment provider's list", Kind: core.KindWithdrawal, System: true})
	command.Handle[RecordDeposit, depositFacts](reg, recordDeposit{d}, command.Doc{Title: "Record a deposit", Kind: core.KindDeposit, System: true})
}
