package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CreateClient records a new client in a legal entity.
type CreateClient struct {
	Entity       core.Ref `json:"entity"`
	Name         string   `json:"name"`
	Email        string   `json:"email"`
	Phone        string   `json:"phone,omitempty"`
	Address      string   `json:"address,omitempty"`
	Country      string   `json:"country"`
	BirthDate    string   `json:"birth_date"` // YYYY-MM-DD
	Nationality  string   `json:"nationality,omitempty"`
	Category     Category `json:"category,omitempty"` // empty is retail
	IntroducedBy core.Ref `json:"introduced_by,omitempty"`
}

// Action is clients.client.create.
func (CreateClient) Action() command.Action { return "clients.client.create" }

// Subject is the entity: the client does not exist yet.
func (in CreateClient) Subject() core.Ref { return in.Entity }

// Validate checks every field by itself.
func (in CreateClient) Validate() error {
	fields := in.client().faults()
	if in.Entity.Kind() != core.KindEntity || !in.Entity.Valid() {
		fields = append(fields, core.FieldFault{Field: "entity", Text: "Choose the legal entity that this client contracts with."})
	}
	return invalid(fields)
}

func (in CreateClient) client() *Client {
	c := &Client{
		Entity: in.Entity, Name: in.Name, Email: in.Email, Phone: in.Phone, Address: in.Address, Country: in.Country,
		BirthDate: in.BirthDate, Nationality: in.Nationality, Category: in.Category, IntroducedBy: in.IntroducedBy, Status: Open,
	}
	if c.Category == "" {
		c.Category = Retail
	}
	c.tidy()
	return c
}

type createFacts struct{ taken bool }

type createHandler struct{}

// Load looks for a client of the entity with the same e-mail address.
func (createHandler) Load(ctx context.Context, r store.Reader, in CreateClient) (createFacts, command.Resource, error) {
	taken, err := emailInUse(ctx, r, in.Entity, in.client().Email, "")
	return createFacts{taken}, command.Resource{Kind: core.KindClient, Entity: in.Entity}, err
}

// Check refuses minors and second records.
func (createHandler) Check(in CreateClient, f createFacts, m command.Moment) command.Verdict {
	if rs := checkPerson(in.client(), m.Now); rs != nil {
		return command.Refuse(rs...)
	}
	if f.taken {
		return command.Refuse(emailTaken)
	}
	return command.Proceed()
}

// Apply writes the record.
func (createHandler) Apply(ctx context.Context, tx *command.Tx, in CreateClient, _ createFacts) ([]evidence.Event, error) {
	c := in.client()
	c.ID, c.Created = tx.NewRef(core.KindClient), tx.Now
	if err := clients.Insert(ctx, tx.Tx, c); err != nil {
		return nil, taken(err)
	}
	subjects := []core.Ref{c.ID}
	if c.IntroducedBy != "" {
		subjects = append(subjects, c.IntroducedBy)
	}
	return []evidence.Event{{Type: EventCreated, Entity: c.Entity, Subjects: subjects}}, nil
}

// taken turns a lost race for an e-mail address into its refusal.
func taken(err error) error {
	if store.IsDuplicate(err) {
		return core.NewFault(core.Refused, emailTaken.Code, emailTaken.Text).Because(err)
	}
	return err
}
