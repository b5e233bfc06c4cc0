package access

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// RegisterLifecycle adds the commands of a person's way through the firm.
func RegisterLifecycle(reg *command.Registry, _ *Auth) {
	either := []string{string(SeniorCompliance), string(SystemAdmin)}
	command.Handle[MoveStaff, moveFacts](reg, moveStaff{}, command.Doc{
		Title: "Move a staff member", Kind: core.KindStaff, Approvers: either, Floor: "A senior compliance officer or a system administrator agrees, who is not the person either.",
	})
}
