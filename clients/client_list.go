package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListClients asks for one page of clients, newest first.
type ListClients struct {
	Status Status           `json:"status,omitempty"` // empty is every status
	Page   core.PageRequest `json:"page"`
}

// Action is clients.client.list.
func (ListClients) Action() command.Action { return "clients.client.list" }

// Subject is nothing in particular.
func (ListClients) Subject() core.Ref { return "" }

// ClientList answers ListClients.
type ClientList struct{}

// Target leaves the choice of rows to policy.
func (ClientList) Target(context.Context, store.Reader, ListClients) (command.Resource, error) {
	return command.Resource{Kind: core.KindClient}, nil
}

// Read reads the page under the policy's filter.
func (ClientList) Read(ctx context.Context, r store.Reader, in ListClients, see *command.Sight) (core.Page[ClientRow], error) {
	where := see.Where
	if in.Status != "" {
		where = store.And(where, store.Eq("status", string(in.Status)))
	}
	p, err := page(ctx, r, where, in.Page)
	if err != nil {
		return core.Page[ClientRow]{}, err
	}
	return core.Page[ClientRow]{Rows: rows(see, p.Rows), Next: p.Next}, nil
}
