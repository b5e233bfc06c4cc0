package app

import (
	"vouchsafe/access"
	"vouchsafe/core"
)

// PolicyDeps introduce the policies to the commands that can be allowed, the
// log on which a draft is tried, and the tables where policy's columns stand.
func (a *App) PolicyDeps() access.PolicyDeps {
	return access.PolicyDeps{Policies: a.Domains.Policy, Registry: a.Road.Registry, Log: a.Log, Tables: map[core.Kind]string{
		core.KindCase: "case_file", core.KindFinding: "finding", core.KindAccount: "trading_account", core.KindIntervention: "intervention",
		core.KindWithdrawal: "withdrawal", core.KindDeposit: "deposit", core.KindProposal: "proposal", core.KindApplication: "application",
		core.KindDocument: "document", core.KindGrant: "role_grant", core.KindClient: "client", core.KindStaff: "staff",
	}}
}
