package ledger

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Get reads one account; nil when it was never opened.
func Get(ctx context.Context, r store.Reader, id core.Ref) (*Account, error) {
	return accounts.Get(ctx, r, string(id))
}

// OfOwner reads the accounts of a client, partner or merchant account.
func OfOwner(ctx context.Context, r store.Reader, owner string) ([]Account, error) {
	return accounts.Select(ctx, r, "WHERE owner = $1 ORDER BY id", owner)
}

// JournalsOf reads the journals behind one record, oldest first.
func JournalsOf(ctx context.Context, r store.Reader, subject core.Ref) ([]Journal, error) {
	return journals.Select(ctx, r, "WHERE subject = $1 ORDER BY at, id", subject)
}

// EntriesOf reads the lines of a journal.
func EntriesOf(ctx context.Context, r store.Reader, journal core.Ref) ([]Entry, error) {
	return entries.Select(ctx, r, "WHERE journal = $1 ORDER BY id", journal)
}

// Sum is the posted balance of an account by adding its entries: for clearing
// accounts, and as the check on running balances.
func Sum(ctx context.Context, r store.Reader, account core.Ref) (int64, error) {
	var n int64
	err := r.QueryRow(ctx, "SELECT CAST(COALESCE(SUM(minor), 0) AS BIGINT) FROM ledger_entry WHERE account = $1", account).Scan(&n)
	return n, err
}

// Imbalance is one currency in which the whole book does not sum to zero.
type Imbalance struct {
	Currency string
	Minor    int64
}

// Imbalances checks Σ = 0 over the whole book, and is empty when it holds.
func Imbalances(ctx context.Context, r store.Reader) ([]Imbalance, error) {
	rows, err := r.Query(ctx, "SELECT currency, CAST(SUM(minor) AS BIGINT) FROM ledger_entry GROUP BY currency HAVING SUM(minor) <> 0 ORDER BY currency")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Imbalance
	for rows.Next() {
		var i Imbalance
		if err := rows.Scan(&i.Currency, &i.Minor); err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// HoldOf reads the hold of one record; nil when nothing was ever set aside for
// it.
func HoldOf(ctx context.Context, r store.Reader, record core.Ref) (*Hold, error) {
	return holds.Get(ctx, r, string(record))
}
