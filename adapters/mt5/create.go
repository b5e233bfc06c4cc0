package mt5

import (
	"context"
	"errors"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

const (
	minLeverage = 1
	maxLeverage = 500
)

// Create opens an account under the login that we chose, which is what makes a
// second try harmless: it meets its own first in a "login exists" and compares.
// Everything but the login travels in the body, passwords and name included.
func (c *Client) Create(ctx context.Context, op command.Op, a platform.NewAccount) (platform.Receipt, command.Certainty, error) {
	if err := checkAccount(op, a); err != nil {
		return refuse(err).results()
	}
	_, v := c.write(ctx, op, request{
		path: "/api/user/add", params: byLogin(a.Login),
		body: map[string]string{
			"Login": strconv.FormatInt(a.Login, 10), "Name": a.Name, "Group": a.Group,
			"Leverage": strconv.Itoa(a.Leverage), "Rights": strconv.FormatInt(a.Rights, 10),
		},
		secret: map[string]string{"PassMain": a.MainPassword, "PassInvestor": a.InvestorPassword},
	})
	existed := core.IsFault(v.err, "login-taken")
	if v.err != nil && !existed {
		return v.results()
	}
	after, err := c.Account(ctx, a.Login)
	if err != nil {
		return uncertain(v.receipt, "not-read-back", err).results()
	}
	v.receipt.After, v.receipt.ServerTime = after, after.Registered
	equal := sameAccount(a, after)
	switch {
	case equal && existed:
		return applied(v.receipt, CodeExisted).results()
	case equal:
		return applied(v.receipt, CodeDone).results()
	case existed:
		return failed(v.receipt, command.Rejected, core.AsFault(v.err)).results()
	}
	return uncertain(v.receipt, "read-back-differs", errors.New("the account was opened with other settings than asked")).results()
}

// sameAccount compares everything that can be read back; the name only where
// we may see it.
func sameAccount(want platform.NewAccount, got platform.AccountState) bool {
	return got.Login == want.Login && got.Group == want.Group && got.Leverage == want.Leverage &&
		got.Rights == want.Rights && (got.PersonalHidden || got.Name == want.Name)
}

func checkAccount(op command.Op, a platform.NewAccount) error {
	if err := checkOp(op); err != nil {
		return err
	}
	switch {
	case a.Login <= 0:
		return core.InvalidField("login", "Choose a login; one that the platform chose could not be recognised after a lost answer.")
	case a.Name == "":
		return core.InvalidField("name", "The platform requires a name.")
	case a.Group == "":
		return core.InvalidField("group", "The platform requires a group.")
	case a.MainPassword == "" || a.InvestorPassword == "":
		return core.InvalidField("password", "The platform requires a main and an investor password.")
	}
	return checkLeverage(a.Leverage)
}

func checkLeverage(n int) error {
	if n < minLeverage || n > maxLeverage {
		return core.InvalidField("leverage", "The platform takes a leverage from 1 to 500.")
	}
	return nil
}
