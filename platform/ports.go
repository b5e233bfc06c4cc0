package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Clearance says what stands against a client's purpose at this moment.
type Clearance interface {
	Refusals(ctx context.Context, r store.Reader, client core.Ref, purpose string, now core.Instant) ([]command.Refusal, error)
}

// Cases says why a command may not name a case; nil when it may.
type Cases interface {
	Permits(ctx context.Context, r store.Reader, id core.Ref, act command.Action, subjects ...core.Ref) (*command.Refusal, error)
}

// Entities gives the rule profile of a legal entity.
type Entities interface {
	Profile(ctx context.Context, r store.Reader, entity core.Ref) (name, baseCurrency string, err error)
}

// Clients gives a client's legal entity and name; entity is "" when there is
// no such client.
type Clients interface {
	Basics(ctx context.Context, r store.Reader, client core.Ref) (entity core.Ref, name string, err error)
}

// Deps are the other domains as this one needs them.
type Deps struct {
	Clearance Clearance
	Cases     Cases
	Entities  Entities
	Clients   Clients
	Tags      Tagger
	Clock     core.Clock          // business clock, for clearance
	Wall      core.Clock          // transport deadlines
	Platforms map[string]Platform // by name
	// Hollow says whether a person's words explain nothing: an intervention with
	// such words is a finding. nil asks nobody.
	Hollow func(words string) bool
	// ByEntity names the platform on which an entity opens accounts.
	ByEntity map[core.Ref]string
}
