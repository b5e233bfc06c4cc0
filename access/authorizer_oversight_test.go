package access

// What the roles may do that look on from outside the daily work; see may.
func init() {
	may[VendorSupport] = `cases.case.view cases.case.list clients.client.view clients.client.list platform.account.view platform.account.list
		access.entity.list access.policy.view`
	may[Board] = `cases.finding.list approvals.rules.view evidence.log.view oversight.log.view access.entity.list access.policy.view`
}
