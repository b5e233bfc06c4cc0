package ledger

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// ErrFunds refuses what a wallet does not hold.
var ErrFunds = core.NewFault(core.Refused, "not-enough-money", "The wallet does not hold so much: part of it may be on hold.")

// Tx is what the ledger needs of the command that books: where to write, when,
// and new references. *command.Tx is one; the ledger knows no more of the road.
type Tx interface {
	store.Reader
	Store() *store.Tx
	Moment() core.Instant
	NewRef(k core.Kind) core.Ref
}

// AccountID is the id of the one account of a kind, owner and currency.
func AccountID(k Kind, owner, currency string) core.Ref {
	clean := strings.NewReplacer("_", "-", " ", "-", "/", "-")
	return core.Ref("la_" + clean.Replace(string(k)) + "." + strings.ToLower(clean.Replace(owner)) + "." + strings.ToLower(currency))
}

// Ensure returns the account, opening it when it is new. The changes go with
// the event of the command that calls it.
func Ensure(ctx context.Context, tx Tx, entity core.Ref, k Kind, owner, currency string) (*Account, error) {
	id := AccountID(k, owner, currency)
	a, err := accounts.Get(ctx, tx, string(id))
	if err != nil {
		return nil, err
	}
	if a != nil {
		if a.Entity != entity || a.Owner != owner || a.Kind != k || a.Currency != currency {
			return nil, fmt.Errorf("ledger: account %s is the %s account of %s in %s, not what was asked for", id, a.Kind, a.Owner, a.Entity)
		}
		return a, nil
	}
	exp, ok := core.Exponent(currency)
	if !ok {
		return nil, core.InvalidField("currency", "Unknown currency "+currency+".")
	}
	a = &Account{ID: id, Entity: entity, Kind: k, Owner: owner, Currency: currency, Exponent: exp, Negative: !k.wallet()}
	return a, accounts.Insert(ctx, tx.Store(), a)
}

// Line is one side of a posting: plus or minus minor units on an account.
type Line struct {
	Account core.Ref
	Minor   int64
}

// Posting is what Post books.
type Posting struct {
	Entity   core.Ref
	Kind     string
	Subject  core.Ref
	Reverses core.Ref
	Lines    []Line
}

// Post books a journal. Lines must sum to zero per currency, touch accounts of
// one entity, and leave no wallet short.
func Post(ctx context.Context, tx Tx, p Posting) (core.Ref, error) {
	if len(p.Lines) < 2 {
		return "", fmt.Errorf("ledger: a journal of %s has %d lines", p.Kind, len(p.Lines))
	}
	j := &Journal{ID: tx.NewRef(core.KindJournal), Entity: p.Entity, Kind: p.Kind, Subject: p.Subject, Reverses: p.Reverses, At: tx.Moment()}
	err := journals.Insert(ctx, tx.Store(), j)
	if store.IsDuplicate(err) {
		return "", core.NewFault(core.Refused, "reversed-already", "This posting was reversed already.")
	}
	if err != nil {
		return "", err
	}
	sums := map[string]int64{}
	for i, l := range p.Lines {
		if l.Minor == math.MinInt64 { // it has no opposite: the journal could never be reversed
			return "", fmt.Errorf("ledger: a line of %s is too large", p.Kind)
		}
		a, err := accounts.Get(ctx, tx, string(l.Account))
		if err != nil {
			return "", err
		}
		if a == nil || a.Entity != p.Entity {
			return "", fmt.Errorf("ledger: %s has no account %s", p.Entity, l.Account)
		}
		e := &Entry{ID: string(j.ID) + "/" + strconv.Itoa(i+1), Journal: j.ID, Account: a.ID, Currency: a.Currency, Minor: l.Minor}
		if err := entries.Insert(ctx, tx.Store(), e); err != nil {
			return "", err
		}
		if err := move(ctx, tx, a, l.Minor); err != nil {
			return "", err
		}
		sum, err := core.Money{Minor: sums[a.Currency], Currency: a.Currency}.Add(core.Money{Minor: l.Minor, Currency: a.Currency})
		if err != nil {
			return "", err
		}
		sums[a.Currency] = sum.Minor
	}
	for cur, sum := range sums {
		if sum != 0 {
			return "", fmt.Errorf("ledger: journal of %s is off by %d %s", p.Kind, sum, cur)
		}
	}
	return j.ID, nil
}

// move changes a wallet's running balance; clearing accounts are summed.
func move(ctx context.Context, tx Tx, a *Account, minor int64) error {
	if !a.Kind.wallet() {
		return nil
	}
	sum, err := core.Money{Minor: a.Posted, Currency: a.Currency}.Add(core.Money{Minor: minor, Currency: a.Currency})
	if err != nil {
		return err
	}
	now := *a
	now.Posted = sum.Minor
	if minor < 0 && !a.Negative && now.Available() < 0 {
		return ErrFunds
	}
	return accounts.Update(ctx, tx.Store(), a, &now)
}

// Reverse books the opposite of a journal, once.
func Reverse(ctx context.Context, tx Tx, journal core.Ref, kind string) (core.Ref, error) {
	j, err := journals.Get(ctx, tx, string(journal))
	if err != nil {
		return "", err
	}
	if j == nil {
		return "", fmt.Errorf("ledger: there is no journal %s", journal)
	}
	es, err := entries.Select(ctx, tx, "WHERE journal = $1 ORDER BY id", journal)
	if err != nil {
		return "", err
	}
	p := Posting{Entity: j.Entity, Kind: kind, Subject: j.Subject, Reverses: j.ID}
	for _, e := range es {
		p.Lines = append(p.Lines, Line{e.Account, -e.Minor})
	}
	return Post(ctx, tx, p)
}
