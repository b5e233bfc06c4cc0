package access

import (
	"context"
	"regexp"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CreateEntity enters a legal entity. Its code becomes its id and the name of
// its evidence log, and never changes.
type CreateEntity struct {
	Code           string `json:"code"`
	Name           string `json:"name"`
	Jurisdiction   string `json:"jurisdiction"`
	Regulator      string `json:"regulator"`
	Licence        string `json:"licence"`
	Currency       string `json:"currency"`
	PrivilegedDays int    `json:"privileged_days"` // zero is DefaultPrivilegedDays
	// Breakable are the roles that one person may take in an emergency, with
	// commas between.
	Breakable string `json:"breakable,omitempty"`
}

// Action is access.entity.create.
func (CreateEntity) Action() command.Action { return "access.entity.create" }

// Subject is the entity to be.
func (c CreateEntity) Subject() core.Ref { return c.id() }

func (c CreateEntity) id() core.Ref { return core.Ref("en_" + c.Code) }

var (
	entityCode = regexp.MustCompile(`^[a-z][a-z0-9-]{1,15}$`)
	country    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Validate checks the form of every field.
func (c CreateEntity) Validate() error {
	if !entityCode.MatchString(c.Code) || c.id() == Group || c.Code == evidence.MLROLog {
		return core.InvalidField("code", "Use 2 to 16 lower-case letters, digits and dashes, beginning with a letter; not group or mlro.")
	}
	if _, err := breakableText(c.Breakable); err != nil {
		return err
	}
	return particulars(c.Name, c.Jurisdiction, c.Regulator, c.Currency, c.PrivilegedDays)
}

// particulars checks what is given of an entity.
func particulars(name, jurisdiction, regulator, currency string, days int) error {
	switch {
	case len(strings.TrimSpace(name)) < 2:
		return core.InvalidField("name", "Write the registered name of the company.")
	case !country.MatchString(jurisdiction):
		return core.InvalidField("jurisdiction", "Use a two-letter ISO 3166 country code, such as CY.")
	case strings.TrimSpace(regulator) == "":
		return core.InvalidField("regulator", "Name the regulator, such as CySEC.")
	case days < 0 || days > 365:
		return core.InvalidField("privileged_days", "Privileged roles last between 1 and 365 days; leave it empty for 90.")
	}
	if _, ok := core.Exponent(currency); !ok {
		return core.InvalidField("currency", "Use a three-letter ISO 4217 currency code that this firm handles, such as EUR.")
	}
	return nil
}

type createEntity struct{}

// Load looks whether the code is free. Nobody holds a role in an entity that
// does not exist, so its creation is a group matter.
func (createEntity) Load(ctx context.Context, r store.Reader, in CreateEntity) (*Entity, command.Resource, error) {
	old, err := entities.Get(ctx, r, string(in.id()))
	return old, command.Resource{Kind: core.KindEntity, Ref: in.id()}, err
}

// Check refuses a code that is taken.
func (createEntity) Check(_ CreateEntity, old *Entity, _ command.Moment) command.Verdict {
	if old != nil {
		return command.Refuse(command.Refusal{Code: "entity-exists", Text: "There is already an entity with this code."})
	}
	return command.Proceed()
}

// Apply enters it.
func (createEntity) Apply(ctx context.Context, tx *command.Tx, in CreateEntity, _ *Entity) ([]evidence.Event, error) {
	e := &Entity{
		ID: in.id(), Name: strings.TrimSpace(in.Name), Jurisdiction: in.Jurisdiction, Regulator: strings.TrimSpace(in.Regulator),
		Licence: strings.TrimSpace(in.Licence), Currency: in.Currency, PrivilegedDays: in.PrivilegedDays, Created: tx.Now,
	}
	if e.PrivilegedDays == 0 {
		e.PrivilegedDays = DefaultPrivilegedDays
	}
	e.Breakable, _ = breakableText(in.Breakable) // Validate has read it
	if err := entities.Insert(ctx, tx.Tx, e); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventEntityCreated, Entity: e.ID, Subjects: []core.Ref{e.ID}}}, nil
}
