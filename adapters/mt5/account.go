package mt5

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// User rights that have a field of their own in platform.AccountState.
const (
	rightEnabled       = 0x1
	rightTradeDisabled = 0x4
)

// get reads one thing; any return code but "done" is a fault.
func (c *Client) get(ctx context.Context, path string, params url.Values) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.set.timeout)
	defer cancel()
	a, err := c.reads.read(ctx, request{path: path, params: params})
	if err != nil || a.code != wire.Done {
		return a, readFault(a, err)
	}
	return a, nil
}

// getRecord reads one thing that is a JSON object.
func (c *Client) getRecord(ctx context.Context, path string, params url.Values) (*reader, error) {
	a, err := c.get(ctx, path, params)
	if err != nil {
		return nil, err
	}
	fields, err := parseRecord(a.result)
	if err != nil {
		return nil, misread(err)
	}
	return &reader{record: fields}, nil
}

func byLogin(login int64) url.Values {
	return url.Values{"login": {strconv.FormatInt(login, 10)}}
}

// Clock samples the server's clock between two of ours. The server sends its
// wall clock twice, as a number and as text. That the number is that wall clock
// written as if it were UTC is inferred from the documented examples; a server
// whose two forms disagree would give every deal a wrong time and is refused.
func (c *Client) Clock(ctx context.Context) (platform.ClockSample, error) {
	sample := platform.ClockSample{Before: c.set.against.Now()}
	r, err := c.getRecord(ctx, "/api/time/server", nil)
	sample.After = c.set.against.Now()
	if err != nil {
		return sample, err
	}
	number, text, _ := strings.Cut(r.text("Time"), " ")
	seconds, err := strconv.ParseInt(number, 10, 64)
	sample.Server = time.Unix(seconds, 0).UTC()
	if err != nil || sample.Server.Format("2006.01.02 15:04:05") != text {
		return sample, core.NewFault(core.Unavailable, "platform-unclear", "The trading platform's clock contradicts itself, so its times cannot be used.")
	}
	return sample, nil
}

// Account reads one account. A missing one is core.Unknown "no-such-account".
func (c *Client) Account(ctx context.Context, login int64) (platform.AccountState, error) {
	user, err := c.getRecord(ctx, "/api/user/get", byLogin(login))
	if err != nil {
		return platform.AccountState{}, err
	}
	money, err := c.getRecord(ctx, "/api/user/account/get", byLogin(login))
	if err != nil {
		return platform.AccountState{}, err
	}
	state := platform.AccountState{
		Login:      user.integer("Login"),
		Group:      user.text("Group"),
		Rights:     user.integer("Rights"),
		Leverage:   int(user.integer("Leverage")),
		Registered: time.Unix(user.integer("Registration"), 0).UTC(),
		Name:       user.text("Name"),
	}
	digits := money.integer("CurrencyDigits")
	state.Balance, state.Credit = money.minor("Balance", digits), money.minor("Credit", digits)
	for _, err := range []error{user.err, money.err} {
		if err != nil {
			return platform.AccountState{}, misread(err)
		}
	}
	state.Enabled = state.Rights&rightEnabled != 0
	state.TradeDisabled = state.Rights&rightTradeDisabled != 0
	// The platform requires a name, so an empty one is a right that we lack and
	// not a field that somebody emptied.
	state.PersonalHidden = state.Name == ""
	state.Currency, err = c.currency(ctx, state.Group)
	return state, err
}

// currency returns the currency of a group, asking once per group.
func (c *Client) currency(ctx context.Context, group string) (string, error) {
	c.mu.Lock()
	known, ok := c.currencies[group]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	// Backslashes are escaped in parameters; in JSON bodies JSON does it.
	escaped := strings.ReplaceAll(group, `\`, `\\`)
	r, err := c.getRecord(ctx, "/api/group/get", url.Values{"group": {escaped}})
	if err != nil {
		return "", err
	}
	currency := r.text("Currency")
	c.mu.Lock()
	c.currencies[group] = currency
	c.mu.Unlock()
	return currency, nil
}

// digits returns how many decimals the account's money has.
func (c *Client) digits(ctx context.Context, login int64) (int64, error) {
	r, err := c.getRecord(ctx, "/api/user/account/get", byLogin(login))
	if err != nil {
		return 0, err
	}
	n := r.integer("CurrencyDigits")
	if r.err != nil {
		return 0, misread(r.err)
	}
	return n, nil
}
