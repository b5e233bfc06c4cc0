package access

// What roles may do about the policies themselves; see may. In the group they
// do it; an entity's administrators ask about no set of an entity.
func init() {
	may[SystemAdmin] += " access.policy.draft access.policy.activate access.policy.try"
	for _, role := range []Role{SeniorCompliance, Auditor, Board} {
		may[role] += " access.policy.try"
	}
}
