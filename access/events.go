package access

import "vouchsafe/evidence"

// The events of entities, staff and grants. Those of sessions stand in
// auth_events.go.
var (
	EventEntityCreated = evidence.Register("access.entity.created", evidence.EntityManagement, "A legal entity of the firm was entered.")
	EventEntityChanged = evidence.Register("access.entity.changed", evidence.EntityManagement, "A legal entity's particulars or its rule on privileged roles were changed.")

	EventPolicyAdopted = evidence.Register("access.policy.adopted", evidence.EntityManagement, "The program decides by a set of policies that is new here; their text is kept.")

	EventStaffCreated     = evidence.Register("access.staff.created", evidence.UserAccess, "A person was entered as staff; this gives them no role.")
	EventStaffDeactivated = evidence.Register("access.staff.deactivated", evidence.UserAccess, "A person no longer works here; from this moment none of their roles counts.")

	EventGrantGranted      = evidence.Register("access.grant.granted", evidence.UserAccess, "A requested role was approved by another person and given for a fixed time.")
	EventGrantBootstrapped = evidence.Register("access.grant.bootstrapped", evidence.UserAccess, "The installer gave a role before anybody was there to approve it.")
	EventGrantRevoked      = evidence.Register("access.grant.revoked", evidence.UserAccess, "A role was taken away before its end.")
	EventGrantExpired      = evidence.Register("access.grant.expired", evidence.UserAccess, "A role came to its end, or its holder left; it had stopped counting at that moment already.")
)
