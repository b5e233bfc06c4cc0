// Package platform holds trading accounts and every manual operation on them.
//
// # The promise
//
// No manual operation leaves for a trading platform without case, requester,
// approver, operator and reason code; none is sent twice; and every
// balance-type deal found on the platform is matched to one of ours or raised
// as a finding.
//
// # An intervention
//
//	request ──proposal, approved──▶ approved ──execute (operator)──▶ executing
//	executing ──answer: applied──▶ applied ──deal read back──▶ matched
//	executing ──answer: rejected──▶ rejected
//	executing ──no answer──▶ uncertain ──looked up, found──▶ applied ▶ matched
//	                         uncertain ──quiet period, nothing──▶ person ──resolve──▶ applied | rejected
//
// The outside half follows command.Attempt, whose state is recorded in the
// row. The operator is the person who triggers execution, never the API login,
// and is not one of the approvers. A change of settings is read back field by
// field and is matched by that; a deal is matched by the sweep.
//
// A transfer moves a client's own money between wallet and account: the wallet
// is debited in the ledger first, and the platform is credited by the same
// road. It needs no approval and no case.
//
// # Sweeps
//
// Every minute the deals of all accounts are read back over an overlapping
// window, imported with the digest of their wire record, and matched by tag,
// amount and action. What is left is a finding: see reconcile.go.
package platform
