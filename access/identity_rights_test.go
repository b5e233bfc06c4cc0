package access

import (
	"testing"

	"vouchsafe/command"
)

// What the roles may do about identities outside; see may. Linking and
// unlinking one's own is everybody's, and tested below.
func init() {
	may[SystemAdmin] += " access.identity.assign access.identity.unlink access.identity.list"
	may[Auditor] += " access.identity.list"
	systemMay[SysInstall] += " access.identity.assign"
	systemMay[SysDirectory] = "access.grant.request"
	lifecycleApprovers["access.identity.assign"] = []Role{SeniorCompliance, SystemAdmin}
}

// Everybody links, unlinks and sees their own identities, in whatever role, and
// nobody by that links a colleague's.
func TestEverybodyLooksAfterTheirOwnIdentities(t *testing.T) {
	a := authorizer(t)
	for _, role := range Roles {
		for _, act := range []command.Action{"access.identity.link", "access.identity.unlink", "access.identity.list"} {
			mine, theirs := (&Staff{ID: me, Entity: here}).Resource(), (&Staff{ID: other, Entity: here}).Resource()
			if r := a.rule(holding(role), act, mine); !r.Allow {
				t.Errorf("%s may not %s of their own: %v", role, act, r.Policies)
			}
			allowed := a.rule(holding(role), act, theirs).Allow
			should := role == SystemAdmin && act != "access.identity.link" || role == Auditor && act == "access.identity.list"
			if allowed != should {
				t.Errorf("%s: %s of a colleague: %v", role, act, allowed)
			}
		}
	}
}
