package rates

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Deps are what this package needs of the others.
type Deps struct {
	// Known says whether there is such a legal entity.
	Known func(ctx context.Context, r store.Reader, entity core.Ref) (bool, error)
}

// Register adds the domain's command.
func Register(reg *command.Registry, d Deps) {
	command.Handle[RecordSheet, sheetFacts](reg, recordSheet{d}, command.Doc{
		Title: "Record exchange rates", Kind: core.KindRates, Floor: "Somebody else agrees to what a person enters.", Approvers: seat.Roles,
	})
}
