package platform

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Register adds the domain's commands.
func Register(reg *command.Registry, d Deps) {
	command.Handle[OpenAccount, openFacts](reg, openAccount{d}, command.Doc{Title: "Open a trading account", Kind: core.KindAccount})
	command.Handle[RequestIntervention, requestFacts](reg, requestIntervention{d}, command.Doc{Title: "Request an intervention", Kind: core.KindIntervention, ApproveStepUp: true, Floor: "The head of dealing agrees, and a senior compliance officer too for large amounts and for letting somebody trade again.", Approvers: approvers})
	command.Handle[ExecuteIntervention, executeFacts](reg, executeIntervention{d}, command.Doc{Title: "Execute an approved intervention", Kind: core.KindIntervention, StepUp: true})
	command.Handle[ResolveIntervention, resolveFacts](reg, resolveIntervention{d}, command.Doc{Title: "Resolve an uncertain intervention", Kind: core.KindIntervention, ApproveStepUp: true, Floor: "The head of dealing or a senior compliance officer agrees.", Approvers: approvers})
	command.Handle[RequestTransfer, transferFacts](reg, requestTransfer{d}, command.Doc{Title: "Transfer from wallet to trading account", Kind: core.KindAccount})
	command.Handle[BeginAttempt, effect](reg, beginAttempt{d}, command.Doc{Title: "Begin a request to the platform", Kind: core.KindIntervention, System: true})
	command.Handle[RecordAttempt, effect](reg, recordAttempt{d}, command.Doc{Title: "Record the outcome of a request to the platform", Kind: core.KindIntervention, System: true})
	command.Handle[RecordSweep, sweepFacts](reg, recordSweep{d}, command.Doc{Title: "Record a sweep of platform deals", Kind: core.KindEntity, System: true})
}
