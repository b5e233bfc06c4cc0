package access

// What roles may do about manuals; see may.
func init() {
	for _, role := range Roles {
		if role != VendorSupport {
			may[role] += " manuals.manual.view"
		}
	}
	for _, role := range []Role{Compliance, SeniorCompliance} {
		may[role] += " manuals.manual.adopt"
	}
}
