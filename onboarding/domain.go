package onboarding

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Domain is what commands and queries of this package work with. Its fields
// are set once, at wiring.
type Domain struct {
	Clients Clients
	Vault   Vault
	Policy  Policy
}

// Register adds this package's commands.
func (d Domain) Register(reg *command.Registry) {
	command.Handle[OpenApplication, *file](reg, openHandler{d}, command.Doc{Title: "Open an application", Kind: core.KindApplication})
	command.Handle[DecideApplication, *file](reg, decideHandler{d}, command.Doc{Title: "Decide an application", Kind: core.KindApplication})
	command.Handle[OverrideApplication, *file](reg, overrideHandler{d}, command.Doc{Title: "Approve against a difference", Kind: core.KindApplication, ApproveStepUp: true, Floor: "A senior compliance officer agrees, to exactly the differences that were proposed.", Approvers: overrideRule.Seats[0].Roles})
	command.Handle[UploadDocument, *file](reg, uploadHandler{d}, command.Doc{Title: "Record a document", Kind: core.KindDocument})
	command.Handle[ExtractDocument, docFacts](reg, extractHandler{d}, command.Doc{Title: "Enter what a document says", Kind: core.KindDocument})
	command.Handle[ReviewDocument, docFacts](reg, reviewHandler{d}, command.Doc{Title: "Accept or reject a document", Kind: core.KindDocument})
}
