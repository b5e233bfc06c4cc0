package access

import "vouchsafe/core"

// What each role may do about a person's way through the firm; see may.
func init() {
	for role, acts := range map[Role]string{
		SystemAdmin:      "elsewhere.system.record elsewhere.system.change elsewhere.system.list elsewhere.account.record elsewhere.account.change elsewhere.account.close elsewhere.account.list access.staff.move access.password.reset access.factor.reset access.line.rule access.certificate.record access.training.require",
		Auditor:          "access.notice.list elsewhere.system.list elsewhere.account.list",
		Compliance:       "elsewhere.system.list elsewhere.account.list",
		SeniorCompliance: "elsewhere.system.list elsewhere.account.list",
	} {
		may[role] += " " + acts
	}
	for part, acts := range map[core.Ref]string{
		SysClock: "access.staff.deactivate access.notice.give access.certificate.remind access.certificate.expire",
	} {
		systemMay[part] += " " + acts
	}
}

// lifecycleApprovers are who answers the proposals; see TestWhoMayApproveWhat.
var lifecycleApprovers = map[string][]Role{
	"access.staff.move":       {SeniorCompliance, SystemAdmin},
	"access.factor.reset":     {SeniorCompliance, SystemAdmin},
	"access.line.rule":        {SeniorCompliance},
	"access.training.require": {SeniorCompliance},
	"elsewhere.account.close": {SeniorCompliance, SystemAdmin},
}
