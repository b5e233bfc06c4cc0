package access

import "vouchsafe/evidence"

// The events of reviews of access. What a review takes away is recorded in the
// event of the item that took it.
var (
	EventReviewOpened     = evidence.Register("access.review.opened", evidence.UserAccess, "A review of who holds which role was opened; the grants are frozen in it as they stood.")
	EventReviewDecided    = evidence.Register("access.review.decided", evidence.UserAccess, "Somebody who does not hold a role decided in a review that it is kept, or took it away.")
	EventReviewReassigned = evidence.Register("access.review.reassigned", evidence.UserAccess, "An item of a review was handed to another colleague to decide.")
	EventReviewReminded   = evidence.Register("access.review.reminded", evidence.UserAccess, "Those who have to decide in a review were reminded of what is undecided and when it is due.")
	EventReviewLapsed     = evidence.Register("access.review.lapsed", evidence.UserAccess, "Nobody decided on a role before a review closed: unless it was over already, it was revoked by default.")
	EventReviewProtected  = evidence.Register("access.review.protected", evidence.UserAccess, "A review did not take a role away, because nobody could have given roles any more; a critical finding was raised instead.")
	EventReviewClosed     = evidence.Register("access.review.closed", evidence.UserAccess, "A review was closed: every item is decided, or was revoked by default.")
)
