package cases

import "vouchsafe/evidence"

// The events of cases and findings.
var (
	EventOpened   = evidence.Register("cases.case.opened", evidence.EntityManagement, "A case was opened, with its origin and owner.")
	EventAssigned = evidence.Register("cases.case.assigned", evidence.EntityManagement, "A case got another owner.")
	EventClosed   = evidence.Register("cases.case.closed", evidence.EntityManagement, "A case was closed with an outcome.")
	EventRaised   = evidence.Register("cases.finding.raised", evidence.EntityManagement, "A sweep, control or rule found something that needs an explanation.")
	EventSettled  = evidence.Register("cases.finding.settled", evidence.EntityManagement, "A finding that closes by evidence only was closed by the program; the events that it rests on prove it.")
	EventResolved = evidence.Register("cases.finding.resolved", evidence.EntityManagement, "A finding was explained, reversed or escalated.")
)
