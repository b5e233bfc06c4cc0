package clients

import "vouchsafe/evidence"

// The events of this package. Each carries the changed columns, old and new.
var (
	EventCreated = evidence.Register("clients.client.created", evidence.EntityManagement,
		"A client was recorded in a legal entity.")
	EventChanged = evidence.Register("clients.client.changed", evidence.EntityManagement,
		"A client's profile, contact or status changed; the reason and the person's words say why.")
	EventBankDetailAdded = evidence.Register("clients.bankdetail.added", evidence.EntityManagement,
		"A bank detail was added to a client; its cooling-off begins.")
	EventBankDetailChanged = evidence.Register("clients.bankdetail.changed", evidence.EntityManagement,
		"A bank detail changed; a new cooling-off begins.")
	EventRestrictionSet = evidence.Register("clients.restriction.set", evidence.EntityManagement,
		"A client was restricted from something, at once, by one person.")
	EventRestrictionLifted = evidence.Register("clients.restriction.lifted", evidence.EntityManagement,
		"A restriction was lifted, with the approval of a second person.")
)
