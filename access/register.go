package access

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// RegisterBreakReview adds the review of emergency access, which reads the log by
// the policies.
func RegisterBreakReview(rd *command.Road, a *Authorizer) {
	command.Handle[ReviewGrant, reviewFacts](rd.Registry, reviewGrant{viewGrant{rd, a}}, command.Doc{Title: "Review emergency access", Kind: core.KindGrant})
}

// Register adds the commands of entities, staff and grants. Sessions may be
// nil where nobody signs in, as in imports.
func Register(reg *command.Registry, sessions Sessions, policies *Authorizer) {
	command.Handle[CreateEntity, *Entity](reg, createEntity{}, command.Doc{Title: "Enter a legal entity", Kind: core.KindEntity})
	command.Handle[ChangeEntity, *Entity](reg, changeEntity{}, command.Doc{
		Title: "Change a legal entity", Kind: core.KindEntity, Floor: "A senior compliance officer agrees where privileged roles may last longer, or access is reviewed more rarely.", Approvers: []string{string(SeniorCompliance)},
	})
	command.Handle[CreateStaff, createStaffFacts](reg, createStaff{}, command.Doc{Title: "Enter a staff member", Kind: core.KindStaff})
	command.Handle[DeactivateStaff, *Staff](reg, deactivateStaff{sessions}, command.Doc{Title: "Deactivate a staff member", Kind: core.KindStaff})
	command.Handle[RequestGrant, grantFacts](reg, requestGrant{policies}, command.Doc{
		Title: "Give a role to a person", Kind: core.KindGrant, ApproveStepUp: true, Floor: "A senior compliance officer or a system administrator agrees, who is not the one to hold the role either.", Approvers: []string{string(SeniorCompliance), string(SystemAdmin)},
	})
	command.Handle[BootstrapGrant, grantFacts](reg, bootstrapGrant{}, command.Doc{Title: "Give a first role to a person", Kind: core.KindGrant, System: true})
	command.Handle[RevokeGrant, *Grant](reg, revokeGrant{}, command.Doc{Title: "Take a role away", Kind: core.KindGrant})
	command.Handle[BreakGrant, breakFacts](reg, breakGrant{policies}, command.Doc{Title: "Take a role in an emergency", Kind: core.KindGrant, StepUp: true})
	command.Handle[LockStaff, locking](reg, lockStaff{}, command.Doc{Title: "Lock an account until emergency access is reviewed", Kind: core.KindStaff, System: true})
	command.Handle[RequestException, exceptionFacts](reg, requestException{policies}, command.Doc{
		Title: "Make an exception from a toxic combination", Kind: KindException, ApproveStepUp: true, Floor: "A senior compliance officer agrees, who is not the one whom it is for.", Approvers: []string{string(SeniorCompliance)},
	})
	command.Handle[EndException, *Exception](reg, endException{}, command.Doc{Title: "End an exception from a toxic combination", Kind: KindException})
	command.Handle[ExpireException, *Exception](reg, expireException{}, command.Doc{Title: "Record that an exception has ended", Kind: KindException, System: true})
	command.Handle[EndGrant, *Grant](reg, endGrant{}, command.Doc{Title: "Give a role back", Kind: core.KindGrant})
	command.Handle[ExpireGrant, expiring](reg, expireGrant{}, command.Doc{Title: "Record that a role has ended", Kind: core.KindGrant, System: true})
}
