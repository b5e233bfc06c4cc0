package sandpay

import (
	"context"
	"net/url"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// Find looks a payout up by op.Tag. More than one payout with our tag is a
// Conflict fault (somebody copied it): which one is ours is for a person to say.
func (c *Client) Find(ctx context.Context, op command.Op) (payments.PSPObject, bool, error) {
	if op.Tag == "" {
		return payments.PSPObject{}, false, core.NewFault(core.Invalid, "operation-incomplete", "A payout cannot be looked up without its tag.")
	}
	body, err := c.get(ctx, "/v1/payouts", url.Values{"reference": {op.Tag}})
	if err != nil {
		return payments.PSPObject{}, false, err
	}
	rows, next, err := parsePage(body)
	if err != nil {
		return payments.PSPObject{}, false, unreadable("the list is malformed", err)
	}
	for _, row := range rows {
		if row.Kind != "payout" || row.Reference != op.Tag {
			return payments.PSPObject{}, false, unreadable("it showed a payment that was not asked for", nil)
		}
	}
	switch {
	case len(rows) > 1 || next != "":
		return payments.PSPObject{}, false, core.Faultf(core.Conflict, "psp-reference-shared",
			"SandPay holds more than one payout with the reference %s. Compare them in its dashboard.", op.Tag)
	case len(rows) == 0:
		return payments.PSPObject{}, false, nil
	}
	return rows[0], true, nil
}

// Status reads one payout or deposit by SandPay's id.
func (c *Client) Status(ctx context.Context, id string) (payments.PSPObject, error) {
	if id == "" {
		return payments.PSPObject{}, core.InvalidField("id", "Give the payment's id at SandPay.")
	}
	body, err := c.get(ctx, "/v1/objects/"+url.PathEscape(id), nil)
	if err != nil {
		return payments.PSPObject{}, err
	}
	got, err := parseObject(body)
	switch {
	case err != nil:
		return payments.PSPObject{}, unreadable("the payment is malformed", err)
	case got.ID != id:
		return payments.PSPObject{}, unreadable("it showed another payment", nil)
	}
	return got, nil
}

// List reads every payout and deposit created in [from, to), oldest first. The
// list is whole or an error: a page that is missing, repeated, out of order or
// outside the window never yields a shorter list.
func (c *Client) List(ctx context.Context, from, to core.Instant) ([]payments.PSPObject, error) {
	if to < from {
		return nil, core.InvalidField("to", "The end of the window lies before its start.")
	}
	var all []payments.PSPObject
	seen := map[string]bool{}
	for cursor := ""; ; {
		query := url.Values{"from": {from.Time().Format(wireTime)}, "to": {to.Time().Format(wireTime)}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		body, err := c.get(ctx, "/v1/objects", query)
		if err != nil {
			return nil, err
		}
		rows, next, err := parsePage(body)
		if err != nil {
			return nil, unreadable("the list is malformed", err)
		}
		if why := extend(&all, seen, rows, from, to); why != "" {
			return nil, unreadable(why, nil)
		}
		// A page without rows that promises more could go on for ever.
		if next != "" && len(rows) == 0 {
			return nil, unreadable("an empty page promises another", nil)
		}
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

const wireTime = "2006-01-02T15:04:05.000000Z"

// extend appends rows to all and returns why they cannot be relied on, or "".
func extend(all *[]payments.PSPObject, seen map[string]bool, rows []payments.PSPObject, from, to core.Instant) string {
	for _, row := range rows {
		last := from
		if n := len(*all); n > 0 {
			last = (*all)[n-1].Created
		}
		switch {
		case seen[row.ID]:
			return "a payment stands in it twice"
		case row.Created < from || row.Created >= to:
			return "a payment lies outside the window"
		case row.Created < last:
			return "payments are out of order"
		}
		seen[row.ID] = true
		*all = append(*all, row)
	}
	return ""
}
