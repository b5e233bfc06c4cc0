package access

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// RegisterAuth adds the commands of signing in and of credentials. The road of
// a must be over the same registry.
func RegisterAuth(reg *command.Registry, a *Auth) {
	command.Handle[StartSession, signInFacts](reg, startSession{a}, command.Doc{Title: "Sign in", Kind: core.KindSession, System: true})
	command.Handle[StepUpSession, stepUpFacts](reg, stepUpSession{a}, command.Doc{Title: "Confirm with a second factor", Kind: core.KindSession})
	command.Handle[EndSession, sessionFacts](reg, endSessionHandler{}, command.Doc{Title: "Sign out", Kind: core.KindSession})
	command.Handle[RevokeSession, sessionFacts](reg, revokeSession{}, command.Doc{Title: "Revoke a session", Kind: core.KindSession})
	command.Handle[ExpireSession, sessionFacts](reg, expireSession{a}, command.Doc{Title: "Expire a session", Kind: core.KindSession, System: true})
	command.Handle[SetPassword, passwordFacts](reg, setPassword{a}, command.Doc{Title: "Set a password", Kind: core.KindStaff})
	command.Handle[InviteStaff, inviteFacts](reg, inviteStaff{a}, command.Doc{Title: "Invite to set a password", Kind: core.KindStaff, StepUp: true})
	command.Handle[EnrolTOTP, holderFacts](reg, enrolTOTP{a}, command.Doc{Title: "Set up a code generator", Kind: core.KindStaff})
	command.Handle[RegisterPasskey, holderFacts](reg, registerPasskey{a}, command.Doc{Title: "Register a passkey", Kind: core.KindStaff})
	command.Handle[RevokePasskey, passkeyHeld](reg, revokePasskey{}, command.Doc{Title: "Revoke a passkey", Kind: core.KindStaff})
	command.Handle[CreateToken, *Staff](reg, createToken{a}, command.Doc{Title: "Create an API token", Kind: core.KindToken, StepUp: true})
	command.Handle[RevokeToken, *APIToken](reg, revokeToken{}, command.Doc{Title: "Revoke an API token", Kind: core.KindToken})
	command.Handle[RefuseToken, badTokenFacts](reg, refuseToken{a}, command.Doc{Title: "Record a bad API token", Kind: core.KindToken, System: true})
	command.Handle[EnrolCredential, holderFacts](reg, enrolCredential{a}, command.Doc{Title: "Give first credentials", Kind: core.KindStaff, System: true})
}
