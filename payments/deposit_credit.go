package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CreditDeposit puts a deposit into the client's wallet. The system credits
// what nothing stands against; what is flagged takes two persons and words.
type CreditDeposit struct {
	Deposit core.Ref `json:"deposit"`
	Words   string   `json:"words,omitempty"`
}

// Action is payments.deposit.credit.
func (CreditDeposit) Action() command.Action { return "payments.deposit.credit" }

// Subject is the deposit.
func (c CreditDeposit) Subject() core.Ref { return c.Deposit }

// Reasons are the words.
func (c CreditDeposit) Reasons() (code, words string) { return "", c.Words }

// Facts stand in the proposal's need.
func (CreditDeposit) Facts() []evidence.Detail { return nil }

type creditFacts struct {
	d      *Deposit
	blocks []command.Refusal
}

type creditDeposit struct{ d Deps }

// Load reads the deposit and what stands against funding now.
func (h creditDeposit) Load(ctx context.Context, r store.Reader, in CreditDeposit) (creditFacts, command.Resource, error) {
	d, res, err := loadDeposit(ctx, r, in.Deposit)
	if err != nil || d.Client == "" {
		return creditFacts{d: d}, res, err
	}
	blocks, err := h.d.Clearance.Refusals(ctx, r, d.Client, PurposeFunding, h.d.Clock.Now())
	return creditFacts{d, blocks}, res, err
}

// Check wants money that arrived, and no block on funding.
func (creditDeposit) Check(in CreditDeposit, f creditFacts, m command.Moment) command.Verdict {
	switch f.d.State {
	case DepositClear, DepositHeld, DepositFlagged:
	default:
		return command.Refuse(command.Refusal{Code: "not-creditable", Text: "This deposit is " + string(f.d.State) + ": there is nothing to credit."})
	}
	if f.d.ErasedBy != "" {
		return command.Refuse(command.Refusal{Code: "client-erased", Text: "This client's data was erased. Nothing can be credited any more."})
	}
	if len(f.blocks) > 0 {
		return command.Refuse(f.blocks...)
	}
	if f.d.State != DepositFlagged {
		return command.Proceed()
	}
	if m.Actor.Ref.Kind() == core.KindSystem {
		return command.Refuse(command.Refusal{Code: "person-needed", Text: "This deposit is flagged: two persons must agree to credit it."})
	}
	if !saysSomething(in.Words) {
		return command.Refuse(command.Refusal{Code: "credit-unexplained", Text: "Explain in your own words, in at least 20 characters, why this money is the client's own."})
	}
	return command.Needs(f.d.need())
}

// need is the approval that a flagged deposit demands.
func (d *Deposit) need() command.Need {
	return command.Need{Rule: "deposit-credit/1#" + d.Flag, Seats: []command.Seat{lead}, Facts: []evidence.Detail{
		amountDetail(d.Amount()),
		{Name: "flag", Value: d.Flag},
		{Name: "name_match", Value: string(d.Match)},
		{Name: "client_name", Value: d.LegalName, Class: core.Personal, Subject: d.owner()},
		{Name: "payer", Value: d.Payer, Class: core.Bank, Subject: d.owner()},
	}}
}

// Apply credits it.
func (creditDeposit) Apply(ctx context.Context, tx *command.Tx, in CreditDeposit, f creditFacts) ([]evidence.Event, error) {
	now := *f.d
	if err := now.credit(ctx, tx); err != nil {
		return nil, err
	}
	if err := deposits.Update(ctx, tx.Tx, f.d, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventCredited)
	ev.Text = in.Words
	if tx.Approval != nil {
		ev.Basis = []string{tx.Approval.Rule}
	}
	return []evidence.Event{ev}, nil
}
