package access

import "vouchsafe/evidence"

// The events of policies that the firm changes itself.
var (
	EventPolicyBrought   = evidence.Register("access.policy.brought", evidence.EntityManagement, "The program brings policies of its own that do not decide here, because the firm has adopted others; their text is kept.")
	EventPolicyDrafted   = evidence.Register("access.policy.drafted", evidence.EntityManagement, "A set of policies was written and validated; it decides nothing yet. Its text is in the change.")
	EventPolicyActivated = evidence.Register("access.policy.activated", evidence.EntityManagement, "A set of policies came into force that one person wrote and another agreed to; its whole text is in the change.")
)
