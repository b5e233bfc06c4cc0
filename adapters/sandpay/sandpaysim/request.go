package sandpaysim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"vouchsafe/core"
)

// PayoutRequest asks for a payout, by API or by hand.
type PayoutRequest struct {
	Amount      int64  `json:"amount"` // minor units
	Currency    string `json:"currency"`
	Reference   string `json:"reference"`
	Merchant    string `json:"merchant"`
	Destination Party  `json:"destination"`
}

// Party is the other side of a payment.
type Party struct {
	Account string `json:"account"`
	Holder  string `json:"holder"`
	Bank    string `json:"bank,omitempty"`
}

// DepositRequest describes a payer's deposit.
type DepositRequest struct {
	Amount    int64  `json:"amount"` // minor units
	Currency  string `json:"currency"`
	Reference string `json:"reference"` // what the payer wrote
	Merchant  string `json:"merchant"`
	Source    Party  `json:"source"`
	// Method is "card" (final at once) or "bank" (final after SettleAfter).
	Method string `json:"method"`
	// Failure is the PSP's code of a deposit that fails; empty succeeds.
	Failure string `json:"failure,omitempty"`
}

const maxText = 140 // characters of any text of a payment, as bank transfers have it

func (r PayoutRequest) check() error {
	return checkPayment(r.Amount, r.Currency, r.Merchant, r.Reference, r.Destination)
}

func (r DepositRequest) check() error {
	if r.Method != "card" && r.Method != "bank" {
		return core.InvalidField("method", "The method is card or bank.")
	}
	return checkPayment(r.Amount, r.Currency, r.Merchant, r.Reference, r.Source)
}

func checkPayment(amount int64, currency, merchant, reference string, other Party) error {
	if _, known := core.Exponent(currency); !known || amount <= 0 {
		return core.InvalidField("amount", "Give a positive amount in a known currency.")
	}
	if merchant == "" || other.Account == "" || other.Holder == "" {
		return core.InvalidField("account", "Give a merchant, an account and its holder.")
	}
	for _, text := range []string{merchant, reference, other.Account, other.Holder, other.Bank} {
		if len(text) > maxText {
			return core.Faultf(core.Invalid, "text-too-long", "No text may be longer than %d bytes.", maxText)
		}
	}
	return nil
}

// decodeStrict reads exactly one JSON value without fields we do not know.
func decodeStrict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}
