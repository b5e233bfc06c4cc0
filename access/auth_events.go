package access

import "vouchsafe/evidence"

// The events of signing in and of what proves who somebody is. They stand in
// the group's log.
var (
	EventSessionStarted   = evidence.Register("access.session.started", evidence.Authentication, "Somebody signed in; the row says with which factors, from where and until when.")
	EventSessionFailed    = evidence.Register("access.session.failed", evidence.Authentication, "A sign-in, a step-up, a change of password or a bearer token was tried and did not prove who it was.")
	EventSessionEnded     = evidence.Register("access.session.ended", evidence.Authentication, "Somebody signed out.")
	EventSessionRevoked   = evidence.Register("access.session.revoked", evidence.UserAccess, "A session was ended by its owner from elsewhere, by an administrator, or because the account changed.")
	EventSessionExpired   = evidence.Register("access.session.expired", evidence.Authentication, "A session ended by the clock: idle too long, or at its absolute limit.")
	EventSessionSteppedUp = evidence.Register("access.session.stepped-up", evidence.Authentication, "A fresh second factor was given within a session; its token was replaced.")
	EventPasswordChanged  = evidence.Register("access.password.changed", evidence.UserAccess, "A password was set by its holder.")
	EventPasswordInvited  = evidence.Register("access.password.invited", evidence.UserAccess, "A one-time invitation to set a password was sent to a staff member's own address.")
	EventTOTPEnrolled     = evidence.Register("access.totp.enrolled", evidence.UserAccess, "A staff member began to use a code generator as second factor.")
	EventPasskeyAdded     = evidence.Register("access.passkey.registered", evidence.UserAccess, "A staff member registered a passkey.")
	EventPasskeyRevoked   = evidence.Register("access.passkey.revoked", evidence.UserAccess, "A passkey can no longer be used.")
	EventTokenCreated     = evidence.Register("access.token.created", evidence.UserAccess, "An API token was made for its owner; the row says for which actions and until when.")
	EventTokenRevoked     = evidence.Register("access.token.revoked", evidence.UserAccess, "An API token can no longer be used.")
	EventCredentialMade   = evidence.Register("access.credential.enrolled", evidence.UserAccess, "The system gave a new staff member their first credentials.")
)
