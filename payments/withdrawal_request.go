package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// RequestWithdrawal asks for a client's money to be paid to one of the
// client's own bank details. It applies at once: the money is set aside and
// the destination frozen.
type RequestWithdrawal struct {
	Client     core.Ref `json:"client"`
	BankDetail core.Ref `json:"bank_detail"`
	Minor      int64    `json:"minor"` // in minor units of Currency
	Currency   string   `json:"currency"`
}

// Action is payments.withdrawal.request.
func (RequestWithdrawal) Action() command.Action { return "payments.withdrawal.request" }

// Subject is the client.
func (q RequestWithdrawal) Subject() core.Ref { return q.Client }

// Validate wants a positive amount of a known currency.
func (q RequestWithdrawal) Validate() error {
	if q.Minor <= 0 || q.Minor >= 1_000_000_000_00 {
		return core.InvalidField("amount", "Give an amount above zero and below one billion.")
	}
	if _, ok := core.Exponent(q.Currency); !ok {
		return core.InvalidField("currency", "Use a currency code of ISO 4217, such as EUR.")
	}
	if !q.BankDetail.Valid() {
		return core.InvalidField("bank_detail", "Choose one of the client's bank details.")
	}
	return nil
}

type requestFacts struct {
	entity core.Ref
	dest   Destination
}

type requestWithdrawal struct{ d Deps }

// Load reads the client and the bank detail.
func (h requestWithdrawal) Load(ctx context.Context, r store.Reader, in RequestWithdrawal) (requestFacts, command.Resource, error) {
	var f requestFacts
	var err error
	if f.entity, _, err = h.d.Clients.Basics(ctx, r, in.Client); err != nil {
		return f, command.Resource{}, err
	}
	if f.entity == "" {
		return f, command.Resource{}, command.ErrHidden
	}
	res := command.Resource{Kind: core.KindWithdrawal, Entity: f.entity, Attrs: map[string]any{"client": string(in.Client)}}
	f.dest, err = h.d.Clients.Destination(ctx, r, in.BankDetail)
	return f, res, err
}

// Check wants an active bank detail of this very client.
func (requestWithdrawal) Check(in RequestWithdrawal, f requestFacts, _ command.Moment) command.Verdict {
	switch {
	case f.dest.Client != in.Client:
		return command.Refuse(command.Refusal{Code: "not-their-account", Text: "This bank detail is not one of the client's."})
	case !f.dest.Active:
		return command.Refuse(command.Refusal{Code: "destination-inactive", Text: "This bank detail is not active any more. Choose another one."})
	}
	return command.Proceed()
}

// Apply sets the money aside and records the request.
func (h requestWithdrawal) Apply(ctx context.Context, tx *command.Tx, in RequestWithdrawal, f requestFacts) ([]evidence.Event, error) {
	w := &Withdrawal{
		ID: tx.NewRef(core.KindWithdrawal), Entity: f.entity, Client: in.Client, BankDetail: in.BankDetail,
		Holder: f.dest.Holder, Account: f.dest.Account, Bank: f.dest.Bank, Minor: in.Minor, Currency: in.Currency,
		Decision: Requested, Execution: ExecNone, Settlement: Unsettled, Requested: tx.Now, RequestedBy: tx.Actor.Ref,
	}
	w.Tag = h.d.Tags.Tag(w.ID)
	if err := ledger.SetAside(ctx, tx, w.wallet(), w.ID, w.Minor); err != nil {
		return nil, err
	}
	if err := withdrawals.Insert(ctx, tx.Tx, w); err != nil {
		return nil, err
	}
	return []evidence.Event{w.event(EventRequested)}, nil
}
