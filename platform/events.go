package platform

import "vouchsafe/evidence"

// The events of trading accounts and interventions.
var (
	EventAccountRequested = evidence.Register("platform.account.requested", evidence.EntityManagement, "A trading account was asked for under a login that we chose.")
	EventApproved         = evidence.Register("platform.intervention.approved", evidence.EntityManagement, "An intervention has its approvals and waits for its operator.")
	EventTransfer         = evidence.Register("platform.transfer.requested", evidence.EntityManagement, "A client's money leaves the wallet for a trading account.")
	EventExecuted         = evidence.Register("platform.intervention.executed", evidence.EntityManagement, "The operator triggered the execution of an approved intervention.")
	EventBegun            = evidence.Register("platform.attempt.begun", evidence.APIActivity, "One request to the platform is about to be sent.")
	EventRecorded         = evidence.Register("platform.attempt.recorded", evidence.APIActivity, "What is known of a request to the platform: applied, rejected or uncertain.")
	EventLooked           = evidence.Register("platform.attempt.looked", evidence.APIActivity, "The effect of an uncertain request was looked up by its tag.")
	EventResolved         = evidence.Register("platform.intervention.resolved", evidence.EntityManagement, "A person settled an uncertain intervention by evidence, with a second person.")
	EventSwept            = evidence.Register("platform.sweep.recorded", evidence.APIActivity, "Deals were read back from the platform and matched.")
	EventDrifted          = evidence.Register("platform.account.drifted", evidence.EntityManagement, "An account's settings on the platform differ from our record, and no intervention explains it.")
	EventMatched          = evidence.Register("platform.intervention.matched", evidence.EntityManagement, "The effect of an intervention was read back from the platform: the deal, equal in amount and action, or every changed setting.")
)
