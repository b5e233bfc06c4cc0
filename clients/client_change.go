package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeClient changes fields of a client's record; nil leaves one as it is.
// The entity is not among them.
type ChangeClient struct {
	Client      core.Ref  `json:"client"`
	Name        *string   `json:"name,omitempty"`
	Email       *string   `json:"email,omitempty"`
	Phone       *string   `json:"phone,omitempty"`
	Address     *string   `json:"address,omitempty"`
	Country     *string   `json:"country,omitempty"`
	BirthDate   *string   `json:"birth_date,omitempty"`
	Nationality *string   `json:"nationality,omitempty"`
	Category    *Category `json:"category,omitempty"`
	Status      *Status   `json:"status,omitempty"`
	Reason      string    `json:"reason"` // one of ReasonCodes
	Words       string    `json:"words"`
	Case        core.Ref  `json:"case,omitempty"`
}

// Action is clients.client.change.
func (ChangeClient) Action() command.Action { return "clients.client.change" }

// Subject is the client.
func (in ChangeClient) Subject() core.Ref { return in.Client }

// CaseRef is the case that the change belongs to, if any.
func (in ChangeClient) CaseRef() core.Ref { return in.Case }

// Reasons are the reason code and the maker's own words.
func (in ChangeClient) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts stand in the need of a change that needs approval.
func (ChangeClient) Facts() []evidence.Detail { return nil }

// Validate checks the new values and the reason.
func (in ChangeClient) Validate() error {
	fields := why(in.Reason, in.Words)
	for _, f := range in.over(Client{}).faults() {
		if in.sets(f.Field) {
			fields = append(fields, f)
		}
	}
	return invalid(fields)
}

// sets reports whether the input gives a value for a field.
func (in ChangeClient) sets(field string) bool {
	given := map[string]bool{
		"name": in.Name != nil, "email": in.Email != nil, "phone": in.Phone != nil,
		"address": in.Address != nil, "country": in.Country != nil, "birth_date": in.BirthDate != nil,
		"nationality": in.Nationality != nil, "category": in.Category != nil, "status": in.Status != nil,
	}
	return given[field]
}

// over lays the new values over a client.
func (in ChangeClient) over(c Client) *Client {
	set(&c.Name, in.Name)
	set(&c.Email, in.Email)
	set(&c.Phone, in.Phone)
	set(&c.Address, in.Address)
	set(&c.Country, in.Country)
	set(&c.BirthDate, in.BirthDate)
	set(&c.Nationality, in.Nationality)
	set(&c.Category, in.Category)
	set(&c.Status, in.Status)
	c.tidy()
	return &c
}

func set[V any](field, value *V) {
	if value != nil {
		*field = *value
	}
}

type changeFacts struct {
	was   *Client
	taken bool
}

type changeHandler struct{}

// Load reads the client and looks for a second one with the new address.
func (changeHandler) Load(ctx context.Context, r store.Reader, in ChangeClient) (changeFacts, command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return changeFacts{}, command.Resource{}, err
	}
	f := changeFacts{was: c}
	if now := in.over(*c); now.Email != c.Email {
		f.taken, err = emailInUse(ctx, r, c.Entity, now.Email, c.ID)
	}
	return f, c.Resource(), err
}

// Check refuses a change that changes nothing, and one that policy.go rules out.
func (changeHandler) Check(in ChangeClient, f changeFacts, m command.Moment) command.Verdict {
	return checkChange(f.was, in.over(*f.was), f.taken, m.Now)
}

// Apply writes the changed record.
func (changeHandler) Apply(ctx context.Context, tx *command.Tx, in ChangeClient, f changeFacts) ([]evidence.Event, error) {
	if err := clients.Update(ctx, tx.Tx, f.was, in.over(*f.was)); err != nil {
		return nil, taken(err)
	}
	return []evidence.Event{{
		Type: EventChanged, Entity: f.was.Entity, Subjects: []core.Ref{f.was.ID},
		Reason: in.Reason, Text: in.Words,
	}}, nil
}
