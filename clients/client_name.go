package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// NameClients asks what clients are called, for lists of other records that
// concern them.
type NameClients struct {
	Clients []core.Ref `json:"clients"`
}

// Action is clients.client.list.
func (NameClients) Action() command.Action { return "clients.client.list" }

// Subject is nothing in particular.
func (NameClients) Subject() core.Ref { return "" }

// ClientNames answers NameClients: the names of those whom the reader may
// list, masked where they may not see names.
type ClientNames struct{}

// Target leaves the choice of rows to policy.
func (ClientNames) Target(context.Context, store.Reader, NameClients) (command.Resource, error) {
	return command.Resource{Kind: core.KindClient}, nil
}

// Read reads the names under the policy's filter.
func (ClientNames) Read(ctx context.Context, r store.Reader, in NameClients, see *command.Sight) (map[core.Ref]Field, error) {
	if len(in.Clients) > core.MaxPage {
		return nil, core.NewFault(core.Invalid, "too-many", "Ask for the names of fewer clients at once.")
	}
	cs, err := clients.Filter(ctx, r, "WHERE {where}", store.And(see.Where, store.In("id", in.Clients)))
	out := make(map[core.Ref]Field, len(cs))
	for i := range cs {
		out[cs[i].ID] = show(see, core.Personal, cs[i].Resource(), "name", cs[i].Name, maskName)
	}
	see.Counted(len(out))
	return out, err
}
