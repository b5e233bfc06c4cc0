package payments

import (
	"context"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

func pub[R any](name string, f func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: f}
}

func findable[R any](c core.Class, name string, f func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: c, Search: true, Field: f}
}

var withdrawals = store.Declare(store.Table[Withdrawal]{
	Name: "withdrawal", Kind: store.Recorded,
	Subject: func(w *Withdrawal) core.Ref { return w.Client },
	Rev:     func(w *Withdrawal) *int64 { return &w.rev },
	Columns: []store.Column[Withdrawal]{
		pub("id", func(w *Withdrawal) any { return &w.ID }),
		pub("entity", func(w *Withdrawal) any { return &w.Entity }),
		pub("client", func(w *Withdrawal) any { return &w.Client }),
		pub("bank_detail", func(w *Withdrawal) any { return &w.BankDetail }),
		findable(core.Bank, "holder", func(w *Withdrawal) any { return &w.Holder }),
		findable(core.Bank, "account", func(w *Withdrawal) any { return &w.Account }),
		{Name: "bank", Class: core.Bank, Field: func(w *Withdrawal) any { return &w.Bank }},
		pub("minor", func(w *Withdrawal) any { return &w.Minor }),
		pub("currency", func(w *Withdrawal) any { return &w.Currency }),
		pub("decision", func(w *Withdrawal) any { return (*string)(&w.Decision) }),
		pub("execution", func(w *Withdrawal) any { return (*string)(&w.Execution) }),
		pub("settlement", func(w *Withdrawal) any { return &w.Settlement }),
		pub("exception", func(w *Withdrawal) any { return &w.Exception }),
		pub("requested", func(w *Withdrawal) any { return &w.Requested }),
		pub("requested_by", func(w *Withdrawal) any { return &w.RequestedBy }),
		findable(core.Personal, "legal_name", func(w *Withdrawal) any { return &w.LegalName }),
		pub("name_match", func(w *Withdrawal) any { return (*string)(&w.Match) }),
		pub("risk", func(w *Withdrawal) any { return &w.Risk }),
		pub("blocks", func(w *Withdrawal) any { return &w.Blocks }),
		pub("cleared", func(w *Withdrawal) any { return &w.Cleared }),
		pub("cleared_by", func(w *Withdrawal) any { return &w.ClearedBy }),
		pub("decided", func(w *Withdrawal) any { return &w.Decided }),
		pub("rule", func(w *Withdrawal) any { return &w.Rule }),
		pub("reason", func(w *Withdrawal) any { return &w.Reason }),
		findable(core.Personal, "words", func(w *Withdrawal) any { return &w.Words }),
		pub("case_ref", func(w *Withdrawal) any { return &w.Case }),
		pub("releaser", func(w *Withdrawal) any { return &w.Releaser }),
		pub("approver", func(w *Withdrawal) any { return &w.Approver }),
		pub("psp", func(w *Withdrawal) any { return &w.PSP }),
		pub("merchant", func(w *Withdrawal) any { return &w.Merchant }),
		findable(core.Public, "tag", func(w *Withdrawal) any { return &w.Tag }),
		pub("phase", func(w *Withdrawal) any { return (*string)(&w.Attempt.Phase) }),
		pub("attempt", func(w *Withdrawal) any { return &w.Attempt.Number }),
		pub("deadline", func(w *Withdrawal) any { return &w.Attempt.Deadline }),
		pub("looks", func(w *Withdrawal) any { return &w.Attempt.Looks }),
		pub("look_at", func(w *Withdrawal) any { return &w.Attempt.LookAt }),
		findable(core.Public, "psp_ref", func(w *Withdrawal) any { return &w.Transaction }),
		pub("psp_status", func(w *Withdrawal) any { return &w.PSPStatus }),
		pub("psp_code", func(w *Withdrawal) any { return &w.PSPCode }),
		pub("submitted", func(w *Withdrawal) any { return &w.Submitted }),
		pub("paid", func(w *Withdrawal) any { return &w.Paid }),
		pub("journal", func(w *Withdrawal) any { return &w.Journal }),
		pub("reversal", func(w *Withdrawal) any { return &w.Reversal }),
		pub("erased_by", func(w *Withdrawal) any { return &w.ErasedBy }),
	},
})

var deposits = store.Declare(store.Table[Deposit]{
	Name: "deposit", Kind: store.Recorded,
	Subject: func(d *Deposit) core.Ref { return d.owner() },
	Rev:     func(d *Deposit) *int64 { return &d.rev },
	Columns: []store.Column[Deposit]{
		pub("id", func(d *Deposit) any { return &d.ID }),
		pub("entity", func(d *Deposit) any { return &d.Entity }),
		pub("client", func(d *Deposit) any { return &d.Client }),
		pub("psp", func(d *Deposit) any { return &d.PSP }),
		pub("merchant", func(d *Deposit) any { return &d.Merchant }),
		findable(core.Public, "psp_ref", func(d *Deposit) any { return &d.Transaction }),
		pub("psp_status", func(d *Deposit) any { return &d.PSPStatus }),
		pub("psp_code", func(d *Deposit) any { return &d.PSPCode }),
		pub("method", func(d *Deposit) any { return &d.Method }),
		findable(core.Personal, "reference", func(d *Deposit) any { return &d.Reference }),
		findable(core.Bank, "payer", func(d *Deposit) any { return &d.Payer }),
		findable(core.Bank, "account", func(d *Deposit) any { return &d.Account }),
		findable(core.Personal, "legal_name", func(d *Deposit) any { return &d.LegalName }),
		pub("name_match", func(d *Deposit) any { return (*string)(&d.Match) }),
		pub("minor", func(d *Deposit) any { return &d.Minor }),
		pub("currency", func(d *Deposit) any { return &d.Currency }),
		pub("state", func(d *Deposit) any { return (*string)(&d.State) }),
		pub("flag", func(d *Deposit) any { return &d.Flag }),
		pub("settlement", func(d *Deposit) any { return &d.Settlement }),
		pub("arrived", func(d *Deposit) any { return &d.Arrived }),
		pub("recorded", func(d *Deposit) any { return &d.Recorded }),
		pub("credited", func(d *Deposit) any { return &d.Credited }),
		pub("credited_by", func(d *Deposit) any { return &d.CreditedBy }),
		pub("case_ref", func(d *Deposit) any { return &d.Case }),
		pub("journal", func(d *Deposit) any { return &d.Journal }),
		pub("erased_by", func(d *Deposit) any { return &d.ErasedBy }),
	},
})

// WithdrawalByID reads one withdrawal; nil when there is none.
func WithdrawalByID(ctx context.Context, r store.Reader, id core.Ref) (*Withdrawal, error) {
	return withdrawals.Get(ctx, r, string(id))
}

// DepositByID reads one deposit; nil when there is none.
func DepositByID(ctx context.Context, r store.Reader, id core.Ref) (*Deposit, error) {
	return deposits.Get(ctx, r, string(id))
}

func loadWithdrawal(ctx context.Context, r store.Reader, id core.Ref) (*Withdrawal, command.Resource, error) {
	w, err := WithdrawalByID(ctx, r, id)
	if err == nil && w == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return w, w.Resource(), nil
}

func loadDeposit(ctx context.Context, r store.Reader, id core.Ref) (*Deposit, command.Resource, error) {
	d, err := DepositByID(ctx, r, id)
	if err == nil && d == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return d, d.Resource(), nil
}

// byTag reads the withdrawal that a reference at the PSP names.
func byTag(ctx context.Context, r store.Reader, tag string) (*Withdrawal, error) {
	if tag == "" {
		return nil, nil
	}
	return withdrawals.One(ctx, r, "WHERE tag = $1", tag)
}

// byTransaction reads the deposit with a PSP's id.
func byTransaction(ctx context.Context, r store.Reader, psp, transaction string) (*Deposit, error) {
	return deposits.One(ctx, r, "WHERE psp = $1 AND psp_ref = $2", psp, transaction)
}

// paidBy reads another withdrawal that a PSP's transaction belongs to.
func paidBy(ctx context.Context, r store.Reader, psp, transaction string, not core.Ref) (*Withdrawal, error) {
	return withdrawals.One(ctx, r, "WHERE psp = $1 AND psp_ref = $2 AND id <> $3 LIMIT 1", psp, transaction, not)
}

// released sums what a client was released since an instant, by currency.
func released(ctx context.Context, r store.Reader, client core.Ref, since core.Instant) (map[string]int64, error) {
	rows, err := r.Query(ctx, "SELECT currency, CAST(SUM(minor) AS BIGINT) FROM withdrawal WHERE client = $1 AND decision = 'approved' AND decided > $2 GROUP BY currency",
		client, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var currency string
		var minor int64
		if err := rows.Scan(&currency, &minor); err != nil {
			return nil, err
		}
		out[currency] = minor
	}
	return out, rows.Err()
}

// failures counts a client's failed deposits with a method since the last one
// that was credited, without the deposit asked about.
func failures(ctx context.Context, r store.Reader, client core.Ref, method, not string) (int, error) {
	var n int
	err := r.QueryRow(ctx, `SELECT COUNT(*) FROM deposit WHERE client = $1 AND COALESCE(method, '') = $2 AND psp_ref <> $3 AND state IN ('failed', 'review')
		AND recorded > COALESCE((SELECT MAX(credited) FROM deposit WHERE client = $1 AND COALESCE(method, '') = $2 AND state = 'credited'), 0)`, client, method, not).Scan(&n)
	return n, err
}

// pendingWork reads what jobs should be busy with, for the sweep that starts
// them again when they are not.
func pendingWork(ctx context.Context, r store.Reader) ([]Withdrawal, error) {
	return withdrawals.Select(ctx, r, "WHERE execution IN ('ready', 'sending', 'uncertain', 'submitted') ORDER BY requested, id LIMIT 500")
}

// listable reads the withdrawals of a PSP that a list over a window must show,
// and those before it that are paid and not settled.
func listable(ctx context.Context, r store.Reader, psp string, from, to core.Instant) ([]Withdrawal, error) {
	return withdrawals.Select(ctx, r, `WHERE psp = $1 AND submitted < $3 AND (execution IN ('submitted', 'paid', 'returned') AND submitted >= $2
		OR execution = 'paid' AND settlement = 'none') ORDER BY requested, id`, psp, from, to)
}

// openDeposits reads the deposits of a PSP that are not at their end.
func openDeposits(ctx context.Context, r store.Reader, psp string) ([]Deposit, error) {
	return deposits.Select(ctx, r, `WHERE psp = $1 AND (state IN ('pending', 'clear', 'held')
		OR state = 'credited' AND settlement = 'none' AND COALESCE(flag, '') <> 'undone-at-psp') ORDER BY recorded, id`, psp)
}

// newest is the keyset condition of a list that begins with the newest.
func newest(c core.Cursor, col string) (store.Where, error) {
	if c == "" {
		return store.True, nil
	}
	keys, err := c.Keys(2)
	if err != nil {
		return store.False, err
	}
	at, err := strconv.ParseInt(keys[0], 10, 64)
	if err != nil {
		return store.False, core.NewFault(core.Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
	}
	return store.After(true, []string{col, "id"}, []any{at, keys[1]}), nil
}

// cut makes a page of n rows out of up to n+1.
func cut[R any](rows []R, n int, key func(*R) (core.Instant, core.Ref)) ([]R, core.Cursor) {
	if len(rows) <= n {
		return rows, ""
	}
	at, id := key(&rows[n-1])
	return rows[:n], core.MakeCursor(strconv.FormatInt(int64(at), 10), string(id))
}
