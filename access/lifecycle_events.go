package access

import "vouchsafe/evidence"

// The events of a person's way through the firm, beside joining and leaving.
var (
	EventStaffMoved   = evidence.Register("access.staff.moved", evidence.UserAccess, "A person got another manager, function, line of defence or employer; the roles that they hold are to be reviewed.")
	EventStaffArrived = evidence.Register("access.staff.arrived", evidence.UserAccess, "A person came from another employer of the group: the same move, told in the log of where they came to.")

	EventPasswordReset = evidence.Register("access.password.reset", evidence.UserAccess, "An administrator took a person's password away, after a check of who they are, and an invitation to set a new one was sent to their own address.")
	EventFactorsReset  = evidence.Register("access.factor.reset", evidence.UserAccess, "An administrator took a person's second factors away, after a check of who they are.")
	EventLineRuleSet   = evidence.Register("access.line.ruled", evidence.EntityManagement, "A legal entity changed whether people may approve for their own line of managers.")

	EventCertificateRecorded = evidence.Register("access.certificate.recorded", evidence.UserAccess, "That a person passed a training was entered, with the certificate's end.")
	EventCertificateReminded = evidence.Register("access.certificate.reminded", evidence.UserAccess, "A person was reminded that a training certificate expires within 30 days.")
	EventCertificateExpired  = evidence.Register("access.certificate.expired", evidence.UserAccess, "A training certificate has expired; it stopped counting at that moment.")
	EventTrainingRequired    = evidence.Register("access.training.required", evidence.EntityManagement, "A legal entity changed which training a role demands.")

	EventNoticeGiven = evidence.Register("access.notice.given", evidence.UserAccess, "A person was told of what was done to their account or record.")
	EventNoticeSeen  = evidence.Register("access.notice.seen", evidence.UserAccess, "A person said that they have read what they were told.")
)
