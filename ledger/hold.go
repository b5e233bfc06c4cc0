package ledger

import (
	"context"
	"fmt"

	"vouchsafe/core"
	"vouchsafe/store"
)

// The states of a hold.
const (
	HoldOpen     = "open"
	HoldReleased = "released"
	HoldCaptured = "captured"
)

// SetAside holds minor units of a wallet for one record. More than is
// available is ErrFunds; a second hold for the record is refused.
func SetAside(ctx context.Context, tx Tx, account, record core.Ref, minor int64) error {
	if minor <= 0 {
		return core.InvalidField("amount", "The amount must be more than zero.")
	}
	a, err := accounts.Get(ctx, tx, string(account))
	if err != nil {
		return err
	}
	if a == nil || a.Available() < minor {
		return ErrFunds
	}
	err = holds.Insert(ctx, tx.Store(), &Hold{ID: record, Account: account, Minor: minor, State: HoldOpen, At: tx.Moment()})
	if store.IsDuplicate(err) {
		return core.NewFault(core.Refused, "held-already", "Money is already on hold for this.")
	}
	if err != nil {
		return err
	}
	now := *a
	now.Held += minor
	return accounts.Update(ctx, tx.Store(), a, &now)
}

// Release ends a hold without payment.
func Release(ctx context.Context, tx Tx, record core.Ref) error {
	_, err := end(ctx, tx, record, HoldReleased)
	return err
}

// Capture ends a hold because the money goes out now; the caller books the
// journal of the same amount in the same command.
func Capture(ctx context.Context, tx Tx, record core.Ref) (int64, error) {
	return end(ctx, tx, record, HoldCaptured)
}

func end(ctx context.Context, tx Tx, record core.Ref, state string) (int64, error) {
	h, err := holds.Get(ctx, tx, string(record))
	if err != nil {
		return 0, err
	}
	if h == nil || h.State != HoldOpen {
		return 0, fmt.Errorf("ledger: there is no open hold for %s", record)
	}
	a, err := accounts.Get(ctx, tx, string(h.Account))
	if err != nil {
		return 0, err
	}
	now, acc := *h, *a
	now.State = state
	acc.Held -= h.Minor
	if err := holds.Update(ctx, tx.Store(), h, &now); err != nil {
		return 0, err
	}
	return h.Minor, accounts.Update(ctx, tx.Store(), a, &acc)
}
