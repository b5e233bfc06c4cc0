package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
)

// clearingOwner keeps the entities at one PSP apart: an account of the ledger
// belongs to one entity.
func clearingOwner(psp, merchant string) string { return psp + "/" + merchant }

func (w *Withdrawal) wallet() core.Ref {
	return ledger.AccountID(ledger.ClientWallet, string(w.Client), w.Currency)
}

// pay debits the wallet for what the PSP paid. held says that the money is
// still set aside; without it the wallet itself must hold enough.
func pay(ctx context.Context, tx *command.Tx, w *Withdrawal, held bool) error {
	if held {
		if _, err := ledger.Capture(ctx, tx, w.ID); err != nil {
			return err
		}
	}
	clearing, err := ledger.Ensure(ctx, tx, w.Entity, ledger.PSPClearing, clearingOwner(w.PSP, w.Merchant), w.Currency)
	if err != nil {
		return err
	}
	w.Paid = tx.Now
	w.Journal, err = ledger.Post(ctx, tx, ledger.Posting{
		Entity: w.Entity, Kind: "withdrawal", Subject: w.ID,
		Lines: []ledger.Line{{Account: w.wallet(), Minor: -w.Minor}, {Account: clearing.ID, Minor: w.Minor}},
	})
	return err
}

// unhold lets the money go of a payout that certainly was not made.
func unhold(ctx context.Context, tx *command.Tx, w *Withdrawal) error {
	return ledger.Release(ctx, tx, w.ID)
}

// book keeps the ledger in step with a change of execution that the PSP told.
func book(ctx context.Context, tx *command.Tx, was, now *Withdrawal) error {
	switch {
	case was.Execution == now.Execution:
		return nil
	case now.Execution == ExecPaid:
		return pay(ctx, tx, now, true)
	case now.Execution == ExecReturned && was.Execution == ExecPaid:
		var err error
		now.Reversal, err = ledger.Reverse(ctx, tx, was.Journal, "withdrawal_returned")
		return err
	case now.Execution == ExecFailed || now.Execution == ExecReturned:
		return unhold(ctx, tx, now)
	}
	return nil
}

// credit puts a deposit into the client's wallet, against what the PSP now
// holds for the firm.
func (d *Deposit) credit(ctx context.Context, tx *command.Tx) error {
	wallet, err := ledger.Ensure(ctx, tx, d.Entity, ledger.ClientWallet, string(d.Client), d.Currency)
	if err != nil {
		return err
	}
	clearing, err := ledger.Ensure(ctx, tx, d.Entity, ledger.PSPClearing, clearingOwner(d.PSP, d.Merchant), d.Currency)
	if err != nil {
		return err
	}
	d.State, d.Credited, d.CreditedBy = DepositCredited, tx.Now, tx.Actor.Ref
	d.Journal, err = ledger.Post(ctx, tx, ledger.Posting{
		Entity: d.Entity, Kind: "deposit", Subject: d.ID,
		Lines: []ledger.Line{{Account: clearing.ID, Minor: -d.Minor}, {Account: wallet.ID, Minor: d.Minor}},
	})
	return err
}
