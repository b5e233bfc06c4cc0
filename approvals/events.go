package approvals

import "vouchsafe/evidence"

// EventChanged is the event of a version that was adopted.
var EventChanged = evidence.Register("approvals.rules.changed", evidence.EntityManagement, "A new version of an entity's approval rules for one action was adopted; its text is in the change.")
