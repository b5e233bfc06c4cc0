package app

import (
	"context"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/manuals"
	"vouchsafe/store"
)

// Manuals introduces the firm's manuals to who adopts them and to what can
// rest on a clause.
func (a *App) Manuals() manuals.Deps {
	return manuals.Deps{
		Known: knownEntity, Log: a.Log, Rests: a.restsOn,
		Board: func(ctx context.Context, r store.Reader, entity core.Ref) ([][2]core.Instant, error) {
			return access.Terms(ctx, r, access.Board, entity)
		},
	}
}

// restsOn knows the acts, the program's policies, and rules by their act.
func (a *App) restsOn(name string) bool {
	act, _, _ := strings.Cut(name, "/")
	if _, known := a.Road.Registry.Doc(command.Action(act)); known {
		return true
	}
	return a.Domains.Policy.HasPolicy(name)
}

// wireManuals lets the firm's manuals speak in the evidence.
func (a *App) wireManuals() {
	manuals.Register(a.Road.Registry, a.Manuals())
	a.Road.Basis = (&manuals.Book{}).Basis
}
