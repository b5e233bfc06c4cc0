package access

import "vouchsafe/evidence"

// The events of a person's way through the firm, beside joining and leaving.
var (
	EventStaffMoved   = evidence.Register("access.staff.moved", evidence.UserAccess, "A person got another manager, function, line of defence or employer; the roles that they hold are to be reviewed.")
	EventStaffArrived = evidence.Register("access.staff.arrived", evidence.UserAccess, "A person came from another employer of the group: the same move, told in the log of where they came to.")
)
