package oversight

import (
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/jobs"
)

// Register adds the domain's commands; reading is what one person may read in
// an hour without somebody being told.
func Register(reg *command.Registry, reading Bounds) {
	command.Handle[RecordBeat, beatFacts](reg, recordBeat{}, command.Doc{Title: "Give the log's sign of life", Kind: core.KindSystem, System: true})
	command.Handle[WatchLog, *watched](reg, watchLog{}, command.Doc{Title: "Tell that a measure of the log left its bounds or came back", Kind: core.KindSystem, System: true})
	command.Handle[ContestLog, *contest](reg, contestLog{}, command.Doc{Title: "Tell that a witness holds another history", Kind: core.KindSystem, System: true})
	command.Handle[FlagReading, readingFacts](reg, flagReading{reading}, command.Doc{Title: "Tell of unusual reading", Kind: core.KindSystem, System: true})
	command.Handle[ConfigureConnection, *connection](reg, configureConnection{}, command.Doc{Title: "Record whom the log is connected with outside", Kind: core.KindSystem, System: true})
	command.Handle[ReviveJob, *jobs.Job](reg, reviveJob{}, command.Doc{Title: "Queue a dead letter again", Kind: core.KindJob})
}

// RegisterClock adds the command that moves a demo's clock on. A program that
// serves a firm has no such clock, and no such command.
func RegisterClock(reg *command.Registry, clock Forwarder) {
	command.Handle[MoveClock, *beat](reg, moveClock{clock}, command.Doc{Title: "Move the demo’s clock on", Kind: core.KindSystem, System: true})
}
