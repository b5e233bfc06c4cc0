package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeBankDetail changes a bank detail; nil leaves a field as it is. Every
// change begins a new cooling-off.
type ChangeBankDetail struct {
	Client   core.Ref `json:"client"` // whose it is: checked, so that nobody changes another's by a slip
	Detail   core.Ref `json:"detail"`
	Holder   *string  `json:"holder,omitempty"`
	Scheme   *Scheme  `json:"scheme,omitempty"`
	Account  *string  `json:"account,omitempty"`
	Bank     *string  `json:"bank,omitempty"`
	Currency *string  `json:"currency,omitempty"`
	Active   *bool    `json:"active,omitempty"`
	Reason   string   `json:"reason"` // one of ReasonCodes
	Words    string   `json:"words"`
	Case     core.Ref `json:"case,omitempty"`
}

// Action is clients.bankdetail.change.
func (ChangeBankDetail) Action() command.Action { return "clients.bankdetail.change" }

// Subject is the client.
func (in ChangeBankDetail) Subject() core.Ref { return in.Client }

// CaseRef is the case that the change belongs to, if any.
func (in ChangeBankDetail) CaseRef() core.Ref { return in.Case }

// Validate checks the reason; the values are checked over the stored ones,
// because an account's form depends on its scheme.
func (in ChangeBankDetail) Validate() error { return invalid(why(in.Reason, in.Words)) }

// Reasons are what the proposal says.
func (in ChangeBankDetail) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts are what the approver's card shows.
func (in ChangeBankDetail) Facts() []evidence.Detail {
	out := []evidence.Detail{{Name: "detail", Value: string(in.Detail), Search: true}}
	now := in.over(BankDetail{})
	add := func(name string, given bool, value string) {
		if given {
			out = append(out, evidence.Detail{Name: name, Value: value, Class: core.Bank, Subject: in.Client, Search: name == "account"})
		}
	}
	add("account", in.Account != nil, now.Account)
	add("holder", in.Holder != nil, now.Holder)
	add("bank", in.Bank != nil, now.Bank)
	return out
}

func (in ChangeBankDetail) over(b BankDetail) *BankDetail {
	set(&b.Holder, in.Holder)
	set(&b.Scheme, in.Scheme)
	set(&b.Account, in.Account)
	set(&b.Bank, in.Bank)
	set(&b.Currency, in.Currency)
	set(&b.Active, in.Active)
	b.tidy()
	return &b
}

type changeDetailFacts struct {
	client *Client
	was    *BankDetail
	known  bool
}

type changeDetailHandler struct{}

// Load reads the client and the bank detail, which must be the client's.
func (changeDetailHandler) Load(ctx context.Context, r store.Reader, in ChangeBankDetail) (changeDetailFacts, command.Resource, error) {
	c, err := get(ctx, r, in.Client)
	if err != nil {
		return changeDetailFacts{}, command.Resource{}, err
	}
	b, err := bankDetails.Get(ctx, r, string(in.Detail))
	if err != nil {
		return changeDetailFacts{}, command.Resource{}, err
	}
	if b == nil || b.Client != c.ID {
		return changeDetailFacts{}, command.Resource{}, command.ErrHidden
	}
	known, err := accountInUse(ctx, r, in.over(*b))
	return changeDetailFacts{c, b, known}, c.Resource(), err
}

// Check refuses what changes nothing, is wrong or is on record elsewhere, and
// demands the second person for what exposes.
func (changeDetailHandler) Check(in ChangeBankDetail, f changeDetailFacts, m command.Moment) command.Verdict {
	now := in.over(*f.was)
	switch {
	case f.client.ErasedBy != "":
		return command.Refuse(erased)
	case *now == *f.was:
		return command.Refuse(nothingChanged)
	case f.known && now.Account != f.was.Account:
		return command.Refuse(accountKnown)
	}
	if fs := now.faults(); len(fs) > 0 {
		return command.Refuse(command.Refusal{Code: "bad-" + fs[0].Field, Text: fs[0].Text})
	}
	return confirm(m.Actor.Ref, f.was, now)
}

// Apply writes the change and starts the cooling-off again.
func (changeDetailHandler) Apply(ctx context.Context, tx *command.Tx, in ChangeBankDetail, f changeDetailFacts) ([]evidence.Event, error) {
	now := in.over(*f.was)
	now.ChangedAt = tx.Now
	if err := bankDetails.Update(ctx, tx.Tx, f.was, now); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventBankDetailChanged, Entity: f.client.Entity, Subjects: []core.Ref{now.ID, now.Client},
		Reason: in.Reason, Text: in.Words,
	}}, nil
}
