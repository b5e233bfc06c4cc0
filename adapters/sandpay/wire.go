package sandpay

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// party is the other side of a payment.
type party struct {
	Account string `json:"account"`
	Holder  string `json:"holder"`
	Bank    string `json:"bank,omitempty"`
}

// payoutRequest is the body of POST /v1/payouts.
type payoutRequest struct {
	Amount      int64  `json:"amount"` // minor units
	Currency    string `json:"currency"`
	Reference   string `json:"reference"`
	Merchant    string `json:"merchant"`
	Destination party  `json:"destination"`
}

func requestOf(op command.Op, p payments.Payout) payoutRequest {
	return payoutRequest{
		Amount: p.Amount.Minor, Currency: p.Amount.Currency, Reference: op.Tag, Merchant: p.Merchant,
		Destination: party{Account: p.Account, Holder: p.Holder, Bank: p.Bank},
	}
}

// object is a payout or deposit as SandPay shows it.
type object struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Reference   string `json:"reference"`
	Status      string `json:"status"`
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	Merchant    string `json:"merchant"`
	Destination *party `json:"destination"`
	Source      *party `json:"source"`
	Created     string `json:"created"`
	Updated     string `json:"updated"`
	Failure     string `json:"failure"`
	Method      string `json:"method"`
}

// phases reduces SandPay's literal statuses, per kind of object. A status that
// is not here makes the object unreadable: guessing a phase could pay twice.
var phases = map[string]map[string]payments.Phase{
	"payout": {
		"pending":  payments.PhasePending,
		"on_hold":  payments.PhaseHeld,
		"paid":     payments.PhasePaid,
		"failed":   payments.PhaseFailed,
		"returned": payments.PhaseReturned,
	},
	"deposit": {
		"pending":   payments.PhasePending,
		"succeeded": payments.PhasePaid,
		"failed":    payments.PhaseFailed,
	},
}

// parseObject reads one object from exactly its bytes.
func parseObject(raw []byte) (payments.PSPObject, error) {
	var o object
	if err := decode(raw, &o); err != nil {
		return payments.PSPObject{}, err
	}
	phase, known := phases[o.Object][o.Status]
	if !known {
		return payments.PSPObject{}, errors.New("unknown kind or status")
	}
	other := o.Destination
	if o.Object == "deposit" {
		other = o.Source
	}
	if _, known := core.Exponent(o.Currency); !known || o.Amount <= 0 || o.ID == "" || other == nil {
		return payments.PSPObject{}, errors.New("id, amount, currency or counterparty is missing")
	}
	created, err := core.ParseInstant(o.Created)
	if err != nil {
		return payments.PSPObject{}, err
	}
	updated, err := core.ParseInstant(o.Updated)
	if err != nil {
		return payments.PSPObject{}, err
	}
	return payments.PSPObject{
		ID: o.ID, Kind: o.Object, Reference: o.Reference, Status: o.Status, Phase: phase,
		Amount: core.Money{Minor: o.Amount, Currency: o.Currency},
		Method: o.Method, Holder: other.Holder, Account: other.Account, Merchant: o.Merchant,
		Created: created, Updated: updated, Failure: o.Failure, Raw: sha256.Sum256(raw),
	}, nil
}

// page is the body of every list.
type page struct {
	Data []json.RawMessage `json:"data"`
	Next string            `json:"next"`
}

// parsePage reads a list. One unreadable row spoils the page: a list with a
// row left out would look like a payment that does not exist.
func parsePage(raw []byte) ([]payments.PSPObject, string, error) {
	var p page
	if err := decode(raw, &p); err != nil {
		return nil, "", err
	}
	if p.Data == nil {
		return nil, "", errors.New("no data array")
	}
	rows := make([]payments.PSPObject, 0, len(p.Data))
	for _, one := range p.Data {
		row, err := parseObject(one)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, row)
	}
	return rows, p.Next, nil
}

// errorCode returns the PSP's refusal code, or "" when the body holds none. The
// PSP's free text is not read: it could repeat what we sent, the key included.
func errorCode(raw []byte) string {
	var refusal struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if decode(raw, &refusal) != nil || !codeShaped(refusal.Error.Code) {
		return ""
	}
	return refusal.Error.Code
}

func codeShaped(code string) bool {
	for _, c := range []byte(code) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return code != "" && len(code) <= 40
}

// decode reads exactly one JSON value; anything after it is an error.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}
