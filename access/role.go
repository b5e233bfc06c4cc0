package access

import "slices"

// Role is a function in one entity. What it may do stands in the policies;
// nothing in the program asks for a role to decide.
type Role string

// The roles.
const (
	Compliance       Role = "compliance"
	SeniorCompliance Role = "senior_compliance"
	Payments         Role = "payments"
	PaymentsLead     Role = "payments_lead"
	Support          Role = "support"
	Dealing          Role = "dealing"
	HeadOfDealing    Role = "head_of_dealing"
	IBManager        Role = "ib_manager"
	SystemAdmin      Role = "system_admin"
	Auditor          Role = "auditor"
	VendorSupport    Role = "vendor_support"
	Board            Role = "board"
)

// Roles lists every role.
var Roles = []Role{
	Compliance, SeniorCompliance, Payments, PaymentsLead, Support,
	Dealing, HeadOfDealing, IBManager, SystemAdmin, Auditor,
	VendorSupport, Board,
}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Privileged reports whether grants of r have a maximum length: those who can
// approve what others made, or decide who holds roles, and people from outside.
func (r Role) Privileged() bool {
	switch r {
	case SystemAdmin, SeniorCompliance, PaymentsLead, HeadOfDealing, VendorSupport:
		return true
	}
	return false
}

// Title is the role's name for people.
func (r Role) Title() string { return titles[r] }

var titles = map[Role]string{
	Compliance: "Compliance officer", SeniorCompliance: "Senior compliance officer",
	Payments: "Payments officer", PaymentsLead: "Payments lead", Support: "Client support",
	Dealing: "Dealing desk", HeadOfDealing: "Head of dealing", IBManager: "Partner manager",
	SystemAdmin: "System administrator", Auditor: "Auditor",
	VendorSupport: "Vendor support", Board: "Board member",
}
