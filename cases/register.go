package cases

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Register adds the domain's commands.
func Register(reg *command.Registry, subjects Subjects, owners Owners) {
	command.Handle[OpenCase, core.Ref](reg, openCase{subjects}, command.Doc{Title: "Open a case", Kind: core.KindCase})
	command.Handle[CloseCase, *Case](reg, closeCase{}, command.Doc{Title: "Close a case", Kind: core.KindCase})
	command.Handle[AssignCase, assignFacts](reg, assignCase{owners}, command.Doc{Title: "Give a case another owner", Kind: core.KindCase})
	command.Handle[RaiseFinding, *Finding](reg, raiseFinding{}, command.Doc{Title: "Raise a finding", Kind: core.KindFinding, System: true})
	command.Handle[SettleFinding, *Finding](reg, settleFinding{}, command.Doc{Title: "Close a finding by evidence", Kind: core.KindFinding, System: true})
	command.Handle[ResolveFinding, findingFacts](reg, resolveFinding{}, command.Doc{Title: "Resolve a finding", Kind: core.KindFinding})
}
