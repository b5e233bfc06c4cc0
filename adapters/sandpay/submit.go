package sandpay

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// Submit asks SandPay for a payout: one request at most, on a connection of its
// own, dead at op.Deadline. The idempotency key is op.ID for every attempt, so
// that SandPay itself refuses to book an operation twice.
//
// Applied: SandPay answered with an object that equals what was sent. Rejected:
// it named a definite refusal, or the request never left (code "not-sent").
// Uncertain: anything else; a mismatching object is returned for the record.
func (c *Client) Submit(ctx context.Context, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
	if err := submittable(op, p); err != nil {
		return payments.PSPObject{}, command.Rejected, err
	}
	ctx, cancel := context.WithTimeout(ctx, op.Deadline.Sub(c.cfg.Wall.Now()))
	defer cancel()

	sent := requestOf(op, p)
	// The trace tells a failed dial from a failed exchange: until the transport
	// has a connection it cannot have written a byte of the request.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := c.payoutPost(ctx, op, sent)
	if err != nil {
		return notSent(err)
	}
	res, err := c.write.Do(req)
	switch {
	case err != nil && !connected.Load():
		return notSent(err)
	case err != nil:
		return uncertain("the answer was lost", err)
	}
	defer res.Body.Close()
	body, err := readAll(res.Body)
	if err != nil {
		return uncertain("the answer was cut", err)
	}
	return judge(sent, res.StatusCode, body)
}

// payoutPost builds the request so that no layer can send it twice.
func (c *Client) payoutPost(ctx context.Context, op command.Op, sent payoutRequest) (*http.Request, error) {
	body, err := json.Marshal(sent)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.BaseURL+"/v1/payouts", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // a body that cannot be rewound cannot be re-sent; see oneShot
	c.authorise(req)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", string(op.ID))
	return req, nil
}

// submittable refuses what could not be found again or is no payout.
func submittable(op command.Op, p payments.Payout) error {
	if lacks := op.Complete(); lacks != "" {
		return core.Faultf(core.Invalid, "operation-incomplete", "A payout cannot be sent without its %s.", lacks)
	}
	if !op.ID.Valid() {
		return core.NewFault(core.Invalid, "operation-incomplete", "A payout cannot be sent with a malformed operation id.")
	}
	if _, known := core.Exponent(p.Amount.Currency); !known || p.Amount.Minor <= 0 {
		return core.InvalidField("amount", "A payout needs a positive amount in a currency that this firm handles.")
	}
	if p.Account == "" || p.Holder == "" || p.Merchant == "" {
		return core.NewFault(core.Invalid, "payout-incomplete", "A payout needs an account, its holder and a merchant account.")
	}
	return nil
}
