package payments

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

// The purposes asked about.
const (
	PurposeRelease = "withdrawal_release"
	PurposeFunding = "funding"
)

// Entities gives the rule profile of a legal entity.
type Entities interface {
	Profile(ctx context.Context, r store.Reader, entity core.Ref) (name, baseCurrency string, err error)
}

// Cases says why a command may not name a case; nil when it may.
type Cases interface {
	Permits(ctx context.Context, r store.Reader, id core.Ref, act command.Action, subjects ...core.Ref) (*command.Refusal, error)
}

// Clients reads the party record.
type Clients interface {
	// Basics gives a client's legal entity and name; entity is "" when there is
	// no such client.
	Basics(ctx context.Context, r store.Reader, client core.Ref) (entity core.Ref, name string, err error)
	// Destination reads a bank detail of any client; Client is "" when there is
	// no such detail.
	Destination(ctx context.Context, r store.Reader, detail core.Ref) (Destination, error)
	// ByReference finds the client whom a payer meant by a payment reference;
	// "" when nobody, or more than one, can be meant.
	ByReference(ctx context.Context, r store.Reader, reference string) (core.Ref, error)
}

// Destination is a bank detail as it stands now.
type Destination struct {
	Client   core.Ref
	Holder   string
	Account  string
	Bank     string
	Currency string // of the account; money of another currency is not refused
	Active   bool
	Changed  core.Instant // the cooling-off begins here
}

// Rates tells what one unit of a currency is worth in another, in the books of
// an entity at a moment, and who says so; both empty where nobody does.
type Rates interface {
	Rate(ctx context.Context, r store.Reader, entity core.Ref, from, to string, at core.Instant) (rate, source string, err error)
}

// Route says through which merchant account of which PSP an entity is paid
// and pays.
type Route struct {
	Entity   core.Ref
	PSP      PSP
	Merchant string
}

// Deps are the other domains and the outside as this one needs them.
type Deps struct {
	Clearance Clearance
	Entities  Entities
	Cases     Cases
	Clients   Clients
	Rates     Rates
	Rules     command.RuleBook // adopted approval rules, for pages; may be nil
	Tags      Tagger
	Clock     core.Clock // business clock: clearance, windows, the age of webhooks
	Wall      core.Clock // transport deadlines
	Routes    []Route    // an entity's first route pays its withdrawals
	Group     core.Ref   // has the findings that no legal entity can be named for
}

// routeOf is the way on which an entity's payouts leave.
func (d Deps) routeOf(entity core.Ref) (Route, bool) {
	for _, x := range d.Routes {
		if x.Entity == entity {
			return x, true
		}
	}
	return Route{}, false
}

// entityOf is the entity that owns a merchant account; "" when none does.
func (d Deps) entityOf(psp, merchant string) core.Ref {
	for _, x := range d.Routes {
		if x.PSP.Name() == psp && x.Merchant == merchant {
			return x.Entity
		}
	}
	return ""
}

func (d Deps) psp(name string) (PSP, error) {
	for _, x := range d.Routes {
		if x.PSP.Name() == name {
			return x.PSP, nil
		}
	}
	return nil, core.Faultf(core.Unavailable, "psp-unknown", "No payment provider is configured under the name %s.", name)
}

// psps lists every configured PSP once.
func (d Deps) psps() []PSP {
	var out []PSP
	seen := map[string]bool{}
	for _, x := range d.Routes {
		if !seen[x.PSP.Name()] {
			seen[x.PSP.Name()] = true
			out = append(out, x.PSP)
		}
	}
	return out
}
