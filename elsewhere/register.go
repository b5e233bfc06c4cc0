package elsewhere

import "vouchsafe/command"

// Register adds the register's commands.
func Register(reg *command.Registry, people People) {
	command.Handle[RecordSystem, Person](reg, recordSystem{people}, command.Doc{Title: "Put a system elsewhere on record", Kind: KindSystem})
	command.Handle[ChangeSystem, systemFacts](reg, changeSystem{people}, command.Doc{Title: "Change a system elsewhere", Kind: KindSystem})
	command.Handle[RecordAccount, recordFacts](reg, recordAccount{people}, command.Doc{Title: "Put an account elsewhere on record", Kind: KindAccount})
	command.Handle[ChangeAccount, accountFacts](reg, changeAccount{people}, command.Doc{Title: "Change an account elsewhere", Kind: KindAccount})
	command.Handle[CloseAccount, accountFacts](reg, closeAccount{people}, command.Doc{
		Title: "Close an account elsewhere", Kind: KindAccount, Approvers: seconds, Floor: "A system administrator or a senior compliance officer agrees, who is not its holder.",
	})
}
