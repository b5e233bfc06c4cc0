package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// Book is one journal of the ledger with its lines, which sum to zero.
type Book struct {
	Journal  core.Ref     `json:"journal"`
	Kind     string       `json:"kind"` // what happened: withdrawal, deposit, withdrawal_returned
	Reverses core.Ref     `json:"reverses,omitempty"`
	At       core.Instant `json:"at"`
	Lines    []BookLine   `json:"lines"`
}

// BookLine is one side of a journal.
type BookLine struct {
	Account core.Ref    `json:"account"`
	Kind    ledger.Kind `json:"kind"`
	Owner   string      `json:"owner"` // a client, or a merchant account at a payment provider
	Amount  core.Money  `json:"amount"`
}

// booksOf reads the journals behind a movement.
func booksOf(ctx context.Context, r store.Reader, movement core.Ref) ([]Book, error) {
	js, err := ledger.JournalsOf(ctx, r, movement)
	if err != nil {
		return nil, err
	}
	var out []Book
	for _, j := range js {
		b := Book{Journal: j.ID, Kind: j.Kind, Reverses: j.Reverses, At: j.At}
		es, err := ledger.EntriesOf(ctx, r, j.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			line := BookLine{Account: e.Account, Amount: core.Money{Minor: e.Minor, Currency: e.Currency}}
			a, err := ledger.Get(ctx, r, e.Account)
			if err != nil {
				return nil, err
			}
			if a != nil {
				line.Kind, line.Owner = a.Kind, a.Owner
			}
			b.Lines = append(b.Lines, line)
		}
		out = append(out, b)
	}
	return out, nil
}

// ViewWallets asks for a client's wallets with their balances.
type ViewWallets struct {
	Client core.Ref `json:"client"`
}

// Action is ledger.account.view.
func (ViewWallets) Action() command.Action { return "ledger.account.view" }

// Subject is the client.
func (q ViewWallets) Subject() core.Ref { return q.Client }

// Wallet is a client's money in one currency.
type Wallet struct {
	Account   core.Ref   `json:"account"`
	Posted    core.Money `json:"posted"`
	Held      core.Money `json:"held"` // set aside for withdrawals and transfers
	Available core.Money `json:"available"`
}

// ClientWallets answers ViewWallets.
type ClientWallets struct{ Deps Deps }

// Target is the client, in their legal entity.
func (q ClientWallets) Target(ctx context.Context, r store.Reader, in ViewWallets) (command.Resource, error) {
	entity, _, err := q.Deps.Clients.Basics(ctx, r, in.Client)
	if err == nil && entity == "" {
		err = command.ErrHidden
	}
	return command.Resource{Kind: core.KindClient, Ref: in.Client, Entity: entity}, err
}

// Read lists the wallets; a client who never had money has none.
func (ClientWallets) Read(ctx context.Context, r store.Reader, in ViewWallets, see *command.Sight) ([]Wallet, error) {
	as, err := ledger.OfOwner(ctx, r, string(in.Client))
	if err != nil {
		return nil, err
	}
	var out []Wallet
	for k := range as {
		a := &as[k]
		if a.Kind != ledger.ClientWallet {
			continue
		}
		money := func(minor int64) core.Money { return core.Money{Minor: minor, Currency: a.Currency} }
		out = append(out, Wallet{Account: a.ID, Posted: money(a.Posted), Held: money(a.Held), Available: money(a.Available())})
	}
	see.Counted(len(out))
	return out, nil
}
