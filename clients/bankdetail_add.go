package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// AddBankDetail adds an account that a client's money may be sent to.
type AddBankDetail struct {
	Client   core.Ref `json:"client"`
	Holder   string   `json:"holder"`
	Scheme   Scheme   `json:"scheme,omitempty"` // empty is iban
	Account  string   `json:"account"`
	Bank     string   `json:"bank,omitempty"`
	Currency string   `json:"currency"`
	Reason   string   `json:"reason,omitempty"` // one of ReasonCodes; a client who asks for themselves gives none
	Words    string   `json:"words,omitempty"`
	Case     core.Ref `json:"case,omitempty"`
}

// Action is clients.bankdetail.add.
func (AddBankDetail) Action() command.Action { return "clients.bankdetail.add" }

// Subject is the client.
func (in AddBankDetail) Subject() core.Ref { return in.Client }

// CaseRef is the case that the act belongs to, if any.
func (in AddBankDetail) CaseRef() core.Ref { return in.Case }

// Validate checks every field, the IBAN with its checksum.
func (in AddBankDetail) Validate() error {
	fields := in.detail().faults()
	if in.Reason != "" || in.Words != "" {
		fields = append(fields, why(in.Reason, in.Words)...)
	}
	return invalid(fields)
}

// Reasons are what the proposal says.
func (in AddBankDetail) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts are what the approver's card shows.
func (in AddBankDetail) Facts() []evidence.Detail {
	b := in.detail()
	return []evidence.Detail{
		{Name: "account", Value: b.Account, Class: core.Bank, Subject: in.Client, Search: true},
		{Name: "holder", Value: b.Holder, Class: core.Bank, Subject: in.Client},
		{Name: "currency", Value: b.Currency},
	}
}

func (in AddBankDetail) detail() *BankDetail {
	b := &BankDetail{
		Client: in.Client, Holder: in.Holder, Scheme: in.Scheme, Account: in.Account, Bank: in.Bank,
		Currency: in.Currency, Active: true,
	}
	b.tidy()
	return b
}

type addFacts struct {
	client *Client
	known  bool
}

type addHandler struct{}

// Load reads the client and their bank details.
func (addHandler) Load(ctx context.Context, r store.Reader, in AddBankDetail) (addFacts, command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return addFacts{}, command.Resource{}, err
	}
	f := addFacts{client: c}
	f.known, err = accountInUse(ctx, r, in.detail())
	return f, c.Resource(), err
}

// accountInUse reports whether another bank detail of the client has the
// account.
func accountInUse(ctx context.Context, r store.Reader, b *BankDetail) (bool, error) {
	all, err := detailsOf(ctx, r, b.Client)
	for i := range all {
		if all[i].ID != b.ID && all[i].Scheme == b.Scheme && all[i].Account == b.Account {
			return true, err
		}
	}
	return false, err
}

// Check refuses an account that is on record already, and demands the second
// person.
func (addHandler) Check(in AddBankDetail, f addFacts, m command.Moment) command.Verdict {
	switch {
	case f.client.ErasedBy != "":
		return command.Refuse(erased)
	case f.known:
		return command.Refuse(accountKnown)
	}
	return confirm(m.Actor.Ref, nil, in.detail())
}

// Apply writes the bank detail.
func (addHandler) Apply(ctx context.Context, tx *command.Tx, in AddBankDetail, f addFacts) ([]evidence.Event, error) {
	b := in.detail()
	b.ID, b.Created, b.ChangedAt = tx.NewRef(core.KindBankDetail), tx.Now, tx.Now
	if err := bankDetails.Insert(ctx, tx.Tx, b); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventBankDetailAdded, Entity: f.client.Entity, Subjects: []core.Ref{b.ID, b.Client},
		Reason: in.Reason, Text: in.Words,
	}}, nil
}
