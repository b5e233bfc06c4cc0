package payments

import "vouchsafe/evidence"

func register(name, meaning string) evidence.Type {
	return evidence.Register("payments."+name, evidence.EntityManagement, meaning)
}

// The events of this package. Each carries the changed columns, old and new.
var (
	EventRequested = register("withdrawal.requested", "A client's withdrawal was asked for; destination frozen, money set aside.")
	EventCleared   = register("withdrawal.cleared", "A withdrawal was looked at: the client's blocks, the risk, and how the account holder's name agrees with the client's.")
	EventReleased  = register("withdrawal.released", "A withdrawal was released for payment with the approvals that its rule asks; an override of a name mismatch is marked.")
	EventRefused   = register("withdrawal.refused", "A withdrawal was refused and the money set free.")
	EventResolved  = register("withdrawal.resolved", "Two persons settled by evidence what became of a payout that machines could not follow.")
	EventBegun     = register("attempt.begun", "One request to the payment provider is about to leave: number, tag and deadline are on record first.")
	EventRecorded  = register("attempt.recorded", "The outcome of a request to the payment provider: submitted, rejected or uncertain.")
	EventLooked    = register("attempt.looked", "A payout with a lost answer was looked up at the payment provider by its tag.")
	EventSynced    = register("status.synced", "The payment provider was asked for a payout's state, and it had changed.")
	EventPaid      = register("withdrawal.paid", "The payment provider paid a withdrawal; the wallet was debited.")
	EventFailed    = register("withdrawal.failed", "The payment provider did not pay a withdrawal; the money was set free.")
	EventReturned  = register("withdrawal.returned", "A paid withdrawal came back; its journal was reversed.")
	EventDiffers   = register("withdrawal.differed", "The payment provider shows another payment than was decided; a person must look.")
	EventSettled   = register("settlement.recorded", "The payment provider's list shows a movement exactly as it was decided and booked.")
	EventDeposit   = register("deposit.recorded", "A deposit, or its next state, was read from the payment provider and matched to a client.")
	EventCredited  = register("deposit.credited", "A deposit was credited to the client's wallet.")
)
