package elsewhere

import "vouchsafe/evidence"

// The events of the register.
var (
	EventSystemRecorded  = evidence.Register("elsewhere.system.recorded", evidence.EntityManagement, "A system outside this program, in which people have accounts, was put on record.")
	EventSystemChanged   = evidence.Register("elsewhere.system.changed", evidence.EntityManagement, "What is on record about a system outside this program was changed.")
	EventAccountRecorded = evidence.Register("elsewhere.account.recorded", evidence.UserAccess, "A person's account in a system outside this program was put on record.")
	EventAccountChanged  = evidence.Register("elsewhere.account.changed", evidence.UserAccess, "What is on record about a person's account elsewhere was changed.")
	EventAccountClosed   = evidence.Register("elsewhere.account.closed", evidence.UserAccess, "A person's account elsewhere was closed: one person proved it, and another agreed.")
)
