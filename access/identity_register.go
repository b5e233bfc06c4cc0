package access

import (
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// RegisterIdentities adds the commands by which people are linked to what
// providers outside call them.
func RegisterIdentities(reg *command.Registry, a *Auth) {
	command.Handle[LinkIdentity, linkFacts](reg, linkIdentity{a}, command.Doc{Title: "Link an identity outside", Kind: core.KindStaff, StepUp: true})
	command.Handle[AssignIdentity, linkFacts](reg, assignIdentity{a}, command.Doc{
		Title: "Link a colleague to an identity outside", Kind: core.KindStaff, StepUp: true, Approvers: []string{string(SeniorCompliance), string(SystemAdmin)},
		Floor: "A senior compliance officer or a system administrator agrees, who is not the person either.",
	})
	command.Handle[UnlinkIdentity, unlinkFacts](reg, unlinkIdentity{}, command.Doc{Title: "Unlink an identity outside", Kind: core.KindStaff, StepUp: true})
}

// The events of identities outside, and of the groups that ask for roles.
var (
	EventIdentityLinked   = evidence.Register("access.identity.linked", evidence.UserAccess, "What a provider outside calls a person was linked to their account, by themselves or by two others; they can sign in there from now on.")
	EventIdentityUnlinked = evidence.Register("access.identity.unlinked", evidence.UserAccess, "An identity at a provider outside no longer opens an account.")
	EventMembershipBegan  = evidence.Register("access.membership.began", evidence.UserAccess, "A provider or a directory outside says that a person is in a group; the group asks for a role, and gives none.")
	EventMembershipEnded  = evidence.Register("access.membership.ended", evidence.UserAccess, "A provider or a directory outside no longer says that a person is in a group; no role ends by that.")
)
