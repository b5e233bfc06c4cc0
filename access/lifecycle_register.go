package access

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// RegisterLifecycle adds the commands of a person's way through the firm. Auth
// may be nil where nobody signs in.
func RegisterLifecycle(reg *command.Registry, a *Auth) {
	senior, either := []string{string(SeniorCompliance)}, []string{string(SeniorCompliance), string(SystemAdmin)}
	command.Handle[MoveStaff, moveFacts](reg, moveStaff{}, command.Doc{
		Title: "Move a staff member", Kind: core.KindStaff, Approvers: either, Floor: "A senior compliance officer or a system administrator agrees, who is not the person either.",
	})
	command.Handle[SetLineRule, *Entity](reg, setLineRule{}, command.Doc{
		Title: "Say whether people may approve for their own line", Kind: core.KindEntity, Approvers: senior, Floor: "A senior compliance officer agrees.",
	})
	command.Handle[ResetFactors, resetFacts](reg, resetFactors{}, command.Doc{
		Title: "Reset a second factor", Kind: core.KindStaff, StepUp: true, Approvers: either, Floor: "Where the person holds a privileged role, a senior compliance officer or a system administrator agrees.",
	})
	command.Handle[RecordCertificate, *Staff](reg, recordCertificate{}, command.Doc{Title: "Enter a training certificate", Kind: core.KindStaff})
	command.Handle[RequireTraining, requireFacts](reg, requireTraining{}, command.Doc{
		Title: "Say which training a role demands", Kind: core.KindEntity, Approvers: senior, Floor: "A senior compliance officer agrees.",
	})
	command.Handle[RemindCertificate, expiringCertificate](reg, remindCertificate{}, command.Doc{Title: "Announce that a certificate expires", Kind: core.KindStaff, System: true})
	command.Handle[ExpireCertificate, expiringCertificate](reg, expireCertificate{}, command.Doc{Title: "Record that a certificate has expired", Kind: core.KindStaff, System: true})
	command.Handle[GiveNotice, noticeFacts](reg, giveNotice{}, command.Doc{Title: "Tell a person what was done about them", Kind: core.KindStaff, System: true})
	command.Handle[SeeNotices, unseen](reg, seeNotices{}, command.Doc{Title: "Say that notices are read", Kind: core.KindStaff})
	if a != nil {
		command.Handle[ResetPassword, resetFacts](reg, resetPassword{a}, command.Doc{Title: "Reset a password", Kind: core.KindStaff, StepUp: true})
	}
}
