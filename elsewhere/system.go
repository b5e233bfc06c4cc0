package elsewhere

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// The kinds of the register's records.
const (
	KindSystem  core.Kind = "xs"
	KindAccount core.Kind = "xa"
)

// SystemKinds are the kinds of systems, in the order of forms.
var SystemKinds = []string{MTManager, "psp-portal", "bank-portal", "kyc-provider", "mailbox", "other"}

// MTManager is the manager terminal of a trading platform: its logins stand on
// the deals that they make.
const MTManager = "mt-manager"

// System is one system outside this program in which people have accounts.
type System struct {
	ID      core.Ref     `json:"id"`
	Entity  core.Ref     `json:"entity,omitempty"` // empty is the group's
	Kind    string       `json:"kind"`
	Name    string       `json:"name"`
	Outside string       `json:"outside,omitempty"` // the platform by which this program reads it
	Owner   core.Ref     `json:"owner"`             // who answers for it
	Retired core.Instant `json:"retired,omitempty"`
	Created core.Instant `json:"created"`

	rev int64
}

// Resource is the system as policy sees it.
func (s *System) Resource() command.Resource {
	return command.Resource{Kind: KindSystem, Ref: s.ID, Entity: s.Entity, Attrs: map[string]any{}}
}

func public[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: field}
}

func personal[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Personal, Search: true, Field: field}
}

var systems = store.Declare(store.Table[System]{
	Name: "elsewhere_system", Kind: store.Recorded,
	Rev: func(s *System) *int64 { return &s.rev },
	Columns: []store.Column[System]{
		public("id", func(s *System) any { return &s.ID }),
		public("entity", func(s *System) any { return &s.Entity }),
		public("kind", func(s *System) any { return &s.Kind }),
		public("name", func(s *System) any { return &s.Name }),
		public("outside", func(s *System) any { return &s.Outside }),
		public("owner", func(s *System) any { return &s.Owner }),
		public("retired", func(s *System) any { return &s.Retired }),
		public("created", func(s *System) any { return &s.Created }),
	},
})

// SystemByID reads one system; nil when there is none.
func SystemByID(ctx context.Context, r store.Reader, id core.Ref) (*System, error) {
	return systems.Get(ctx, r, string(id))
}

func validSystem(kind, name string, owner core.Ref) error {
	switch {
	case !slices.Contains(SystemKinds, kind):
		return core.InvalidField("kind", "Choose what kind of system it is.")
	case len(strings.TrimSpace(name)) < 2:
		return core.InvalidField("name", "Name the system as people call it, such as MT5 manager, Europe.")
	case owner.Kind() != core.KindStaff:
		return core.InvalidField("owner", "Choose the member of staff who answers for the system.")
	}
	return nil
}

func needWords(field, words, ask string) error {
	if len(strings.TrimSpace(words)) < 5 {
		return core.InvalidField(field, ask)
	}
	return nil
}

func refuse(code, text string) command.Verdict {
	return command.Refuse(command.Refusal{Code: code, Text: text})
}
