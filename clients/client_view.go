package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewClient asks for one client. Account asks for whole account numbers; the
// read event says so.
type ViewClient struct {
	Client  core.Ref `json:"client"`
	Account bool     `json:"account,omitempty"`
}

// Action is clients.client.view.
func (ViewClient) Action() command.Action { return "clients.client.view" }

// Subject is the client.
func (in ViewClient) Subject() core.Ref { return in.Client }

// ClientPage answers ViewClient.
type ClientPage struct{}

// Target is the client.
func (ClientPage) Target(ctx context.Context, r store.Reader, in ViewClient) (command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return command.Resource{}, err
	}
	return c.Resource(), nil
}

var acts = []command.Action{
	"clients.client.change", "clients.bankdetail.add", "clients.bankdetail.change",
	"clients.restriction.set", "clients.restriction.lift",
}

// Read builds the summary.
func (ClientPage) Read(ctx context.Context, r store.Reader, in ViewClient, see *command.Sight) (ClientView, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return ClientView{}, err
	}
	res := c.Resource()
	v := ClientView{
		ClientRow: row(see, c), Nationality: c.Nationality, IntroducedBy: c.IntroducedBy, ErasedBy: c.ErasedBy,
		Phone:     show(see, core.Personal, res, "phone", c.Phone, maskPhone),
		Address:   show(see, core.Personal, res, "address", c.Address, maskAll),
		BirthDate: show(see, core.Identity, res, "birth_date", c.BirthDate, maskAll),
		May:       map[command.Action]bool{},
	}
	see.Counted(1)
	for _, a := range acts {
		v.May[a] = see.Allowed(a, res)
	}
	details, err := detailsOf(ctx, r, c.ID)
	if err != nil {
		return ClientView{}, err
	}
	for i := range details {
		v.BankDetails = append(v.BankDetails, detailView(see, res, &details[i], in.Account))
	}
	xs, err := restrictionsOf(ctx, r, c.ID)
	for i := range xs {
		v.Restrictions = append(v.Restrictions, restrictionView(see, res, &xs[i]))
	}
	return v, err
}
