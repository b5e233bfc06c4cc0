package access

import "vouchsafe/core"

// What each role may do about a person's way through the firm; see may.
func init() {
	for role, acts := range map[Role]string{
		SystemAdmin: "access.staff.move",
	} {
		may[role] += " " + acts
	}
	for part, acts := range map[core.Ref]string{
		SysClock: "access.staff.deactivate",
	} {
		systemMay[part] += " " + acts
	}
}

// lifecycleApprovers are who answers the proposals; see TestWhoMayApproveWhat.
var lifecycleApprovers = map[string][]Role{
	"access.staff.move": {SeniorCompliance, SystemAdmin},
}
