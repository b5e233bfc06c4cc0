package access

// What each role may do with exchange rates; the rest stands in
// authorizer_test.go.
func init() {
	for _, role := range []Role{Compliance, SeniorCompliance, Payments, PaymentsLead, Dealing, HeadOfDealing, Auditor} {
		may[role] += " rates.sheet.list"
	}
	for _, role := range []Role{Payments, PaymentsLead} {
		may[role] += " rates.sheet.record"
	}
	systemMay[SysRates] = "rates.sheet.record"
}
