package onboarding

import "vouchsafe/evidence"

// The events of this package.
var (
	EventOpened = evidence.Register("onboarding.application.opened", evidence.EntityManagement,
		"A client's application was opened.")
	EventUploaded = evidence.Register("onboarding.document.uploaded", evidence.EntityManagement,
		"A document was received, passed inspection and was stored; its digest stands in the change.")
	EventExtracted = evidence.Register("onboarding.document.extracted", evidence.EntityManagement,
		"What a document says was entered and held against what the client declared.")
	EventReviewed = evidence.Register("onboarding.document.reviewed", evidence.EntityManagement,
		"A document was accepted or rejected; the reason and the reviewer's words say why.")
	EventDecided = evidence.Register("onboarding.application.decided", evidence.EntityManagement,
		"Identity was approved or refused under a named policy, version and clause.")
	EventOverridden = evidence.Register("onboarding.application.overridden", evidence.EntityManagement,
		"Identity was approved against objections, which are named, with the approval of a second person.")
)
