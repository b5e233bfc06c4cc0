package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// RequestTransfer moves a client's own money from the wallet to a trading
// account. The wallet's part is set aside at once; it is booked when the
// platform has it.
type RequestTransfer struct {
	Account core.Ref `json:"account"`
	Minor   int64    `json:"minor"`
	// Currency is the account's, when the asker says which they mean.
	Currency string `json:"currency,omitempty"`
}

// Action is platform.transfer.request.
func (RequestTransfer) Action() command.Action { return "platform.transfer.request" }

// Subject is the account.
func (t RequestTransfer) Subject() core.Ref { return t.Account }

// Validate wants a positive amount.
func (t RequestTransfer) Validate() error {
	if t.Minor <= 0 || t.Minor > mostMinor {
		return core.InvalidField("amount", "Give an amount above zero and below one billion.")
	}
	return nil
}

type transferFacts struct {
	account *Account
	blocks  []command.Refusal
}

type requestTransfer struct{ d Deps }

// Load reads the account and the client's blocks.
func (h requestTransfer) Load(ctx context.Context, r store.Reader, in RequestTransfer) (transferFacts, command.Resource, error) {
	a, res, err := loadAccount(ctx, r, in.Account)
	if err != nil {
		return transferFacts{}, res, err
	}
	blocks, err := h.d.Clearance.Refusals(ctx, r, a.Client, "live_trading", h.d.Clock.Now())
	return transferFacts{a, blocks}, res, err
}

// Check wants an open account and no block on trading.
func (requestTransfer) Check(in RequestTransfer, f transferFacts, _ command.Moment) command.Verdict {
	if f.account.State != AccountOpen {
		return command.Refuse(command.Refusal{Code: "account-not-open", Text: "This trading account is " + f.account.State + "."})
	}
	if in.Currency != "" && in.Currency != f.account.Currency {
		return command.Refuse(command.Refusal{Code: "currency-mismatch", Text: "The account is held in " + f.account.Currency + "."})
	}
	if len(f.blocks) > 0 {
		return command.Refuse(f.blocks...)
	}
	return command.Proceed()
}

// Apply sets the money aside and queues the posting.
func (h requestTransfer) Apply(ctx context.Context, tx *command.Tx, in RequestTransfer, f transferFacts) ([]evidence.Event, error) {
	a := f.account
	i := &Intervention{
		ID: tx.NewRef(core.KindIntervention), Entity: a.Entity, Client: a.Client, Account: a.ID, Platform: a.Platform,
		Login: a.Login, Kind: TransferIn, Minor: in.Minor, Currency: a.Currency, Reason: "client_transfer", Requester: tx.Actor.Ref,
		Operator: tx.Actor.Ref, Created: tx.Now, Attempt: command.Attempt{Phase: command.PhaseReady},
	}
	i.Tag = h.d.Tags.Tag(i.ID)
	i.follow(tx.Now)
	wallet := ledger.AccountID(ledger.ClientWallet, string(a.Client), a.Currency)
	if err := ledger.SetAside(ctx, tx, wallet, i.ID, in.Minor); err != nil {
		return nil, err
	}
	if err := interventions.Insert(ctx, tx.Tx, i); err != nil {
		return nil, err
	}
	if err := drive(ctx, tx, i.ID, i.Operator); err != nil {
		return nil, err
	}
	return []evidence.Event{i.event(EventTransfer)}, nil
}

// settle books the wallet's side of a transfer once the platform's is known.
func settle(ctx context.Context, tx *command.Tx, i *Intervention) error {
	if i.Kind != TransferIn {
		return nil
	}
	switch i.Attempt.Phase {
	case command.PhaseRejected:
		return ledger.Release(ctx, tx, i.ID)
	case command.PhaseApplied:
		if _, err := ledger.Capture(ctx, tx, i.ID); err != nil {
			return err
		}
		clearing, err := ledger.Ensure(ctx, tx, i.Entity, ledger.PlatformClearing, clearingOwner(i.Entity, i.Platform), i.Currency)
		if err != nil {
			return err
		}
		wallet := ledger.AccountID(ledger.ClientWallet, string(i.Client), i.Currency)
		_, err = ledger.Post(ctx, tx, ledger.Posting{
			Entity: i.Entity, Kind: "transfer_in", Subject: i.ID,
			Lines: []ledger.Line{{Account: wallet, Minor: -i.Minor}, {Account: clearing.ID, Minor: i.Minor}},
		})
		return err
	}
	return nil
}

// clearingOwner keeps the entities on one platform apart: an account of the
// ledger belongs to one entity.
func clearingOwner(entity core.Ref, platform string) string {
	return platform + "/" + string(entity)
}
