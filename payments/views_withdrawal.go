package payments

import (
	"cmp"
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListWithdrawals asks for withdrawals, newest first.
type ListWithdrawals struct {
	Decision  Decision         `json:"decision,omitempty"`
	Execution Execution        `json:"execution,omitempty"`
	Client    core.Ref         `json:"client,omitempty"`
	Case      core.Ref         `json:"case,omitempty"`      // released under it
	Exception bool             `json:"exception,omitempty"` // only those with an exception
	Page      core.PageRequest `json:"page"`
}

// Action is payments.withdrawal.list.
func (ListWithdrawals) Action() command.Action { return "payments.withdrawal.list" }

// Subject is the client or case asked about.
func (q ListWithdrawals) Subject() core.Ref { return cmp.Or(q.Client, q.Case) }

func (q ListWithdrawals) where() store.Where {
	out := []store.Where{store.True}
	for col, v := range map[string]string{"decision": string(q.Decision), "execution": string(q.Execution), "client": string(q.Client), "case_ref": string(q.Case)} {
		if v != "" {
			out = append(out, store.Eq(col, v))
		}
	}
	if q.Exception {
		out = append(out, store.Compare("exception", "<>", ""))
	}
	return store.And(out...)
}

// WithdrawalRow is a withdrawal as a reader may see it.
type WithdrawalRow struct {
	ID          core.Ref     `json:"id"`
	Entity      core.Ref     `json:"entity"`
	Client      core.Ref     `json:"client"`
	BankDetail  core.Ref     `json:"bank_detail"`
	Minor       int64        `json:"-"`
	Currency    string       `json:"currency"`
	Decision    Decision     `json:"decision"`
	Execution   Execution    `json:"execution"`
	Settlement  string       `json:"settlement"`
	Exception   string       `json:"exception,omitempty"`
	Requested   core.Instant `json:"requested"`
	RequestedBy core.Ref     `json:"requested_by"`
	ClientName  Field        `json:"client_name"` // as compared when it was cleared
	Holder      Field        `json:"holder"`
	Account     Field        `json:"account"`
	Bank        Field        `json:"bank"`
	Match       Match        `json:"name_match,omitempty"`
	Risk        string       `json:"risk,omitempty"`
	Blocks      string       `json:"blocks,omitempty"` // codes that stood against it when it was cleared
	Cleared     core.Instant `json:"cleared,omitempty"`
	ClearedBy   core.Ref     `json:"cleared_by,omitempty"`
	Decided     core.Instant `json:"decided,omitempty"`
	Rule        string       `json:"rule,omitempty"`
	Reason      string       `json:"reason,omitempty"` // code
	Case        core.Ref     `json:"case,omitempty"`
	Releaser    core.Ref     `json:"releaser,omitempty"`
	PSP         string       `json:"psp,omitempty"`
	Merchant    string       `json:"merchant,omitempty"`
	Tag         string       `json:"tag"`
	Attempt     int          `json:"attempt,omitempty"`
	Transaction string       `json:"transaction,omitempty"`
	PSPStatus   string       `json:"psp_status,omitempty"`
	PSPCode     string       `json:"psp_code,omitempty"`
	Submitted   core.Instant `json:"submitted,omitempty"`
	Paid        core.Instant `json:"paid,omitempty"`
	Journal     core.Ref     `json:"journal,omitempty"`
	Reversal    core.Ref     `json:"reversal,omitempty"`
}

// Amount is what was asked for.
func (v WithdrawalRow) Amount() core.Money { return core.Money{Minor: v.Minor, Currency: v.Currency} }

// Mismatched reports whether a release sets, or would set, a name mismatch
// aside.
func (v WithdrawalRow) Mismatched() bool { return v.Match.override() }

func viewWithdrawal(w *Withdrawal, see *command.Sight) WithdrawalRow {
	owner := owned(w.Resource(), w.Client)
	return WithdrawalRow{
		ID: w.ID, Entity: w.Entity, Client: w.Client, BankDetail: w.BankDetail, Minor: w.Minor, Currency: w.Currency,
		Decision: w.Decision, Execution: w.Execution, Settlement: w.Settlement, Exception: w.Exception,
		Requested: w.Requested, RequestedBy: w.RequestedBy,
		ClientName: field(see, core.Personal, owner, "withdrawal.legal_name", w.LegalName),
		Holder:     field(see, core.Bank, owner, "withdrawal.holder", w.Holder),
		Account:    field(see, core.Bank, owner, "withdrawal.account", w.Account),
		Bank:       field(see, core.Bank, owner, "withdrawal.bank", w.Bank),
		Match:      w.Match, Risk: w.Risk, Blocks: w.Blocks, Cleared: w.Cleared, ClearedBy: w.ClearedBy,
		Decided: w.Decided, Rule: w.Rule, Reason: w.Reason, Case: w.Case, Releaser: w.Releaser, PSP: w.PSP, Merchant: w.Merchant,
		Tag: w.Tag, Attempt: w.Attempt.Number, Transaction: w.Transaction, PSPStatus: w.PSPStatus, PSPCode: w.PSPCode,
		Submitted: w.Submitted, Paid: w.Paid, Journal: w.Journal, Reversal: w.Reversal,
	}
}

// WithdrawalList answers ListWithdrawals.
type WithdrawalList struct{}

// Target is every withdrawal that policy lets the reader see.
func (WithdrawalList) Target(context.Context, store.Reader, ListWithdrawals) (command.Resource, error) {
	return command.Resource{Kind: core.KindWithdrawal}, nil
}

// Read lists them.
func (WithdrawalList) Read(ctx context.Context, r store.Reader, in ListWithdrawals, see *command.Sight) (core.Page[WithdrawalRow], error) {
	after, err := newest(in.Page.After, "requested")
	if err != nil {
		return core.Page[WithdrawalRow]{}, err
	}
	n := in.Page.Size()
	rows, err := withdrawals.Filter(ctx, r, "WHERE {where} ORDER BY requested DESC, id DESC LIMIT $1", store.And(see.Where, in.where(), after), n+1)
	if err != nil {
		return core.Page[WithdrawalRow]{}, err
	}
	var out core.Page[WithdrawalRow]
	rows, out.Next = cut(rows, n, func(w *Withdrawal) (core.Instant, core.Ref) { return w.Requested, w.ID })
	for k := range rows {
		out.Rows = append(out.Rows, viewWithdrawal(&rows[k], see))
	}
	see.Counted(len(out.Rows))
	return out, nil
}
