package mt5

import (
	"context"
	"errors"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// Change reads the account, sends only what differs, and reads every asked
// field back, because the server ignores invalid values without a word. The
// platform has no conditional write: a change of other rights by somebody else
// between our read and our write is overwritten, which the next sweep shows.
//
// A value that was ignored is Rejected "not-applied"; when others in the same
// patch did take effect, the outcome is Uncertain "partly-applied", because
// "certainly not done" would be untrue.
func (c *Client) Change(ctx context.Context, op command.Op, login int64, p platform.Patch) (platform.Receipt, command.Certainty, error) {
	if err := checkPatch(op, p); err != nil {
		return refuse(err).results()
	}
	before, err := c.Account(ctx, login)
	if err != nil {
		return refuseUnread(err).results()
	}
	body := differences(before, p)
	if len(body) == 0 {
		return applied(platform.Receipt{After: before}, CodeUnchanged).results()
	}
	_, v := c.write(ctx, op, request{path: "/api/user/update", params: byLogin(login), body: body})
	if v.err != nil {
		return v.results()
	}
	after, err := c.Account(ctx, login)
	if err != nil {
		return uncertain(v.receipt, "not-read-back", err).results()
	}
	v.receipt.After = after
	if sample, err := c.Clock(ctx); err == nil {
		v.receipt.ServerTime = sample.Server // the answer itself carries no time
	}
	switch {
	case len(differences(after, p)) == 0:
		return applied(v.receipt, CodeDone).results()
	case after.Group != before.Group || after.Leverage != before.Leverage || after.Rights != before.Rights:
		return uncertain(v.receipt, "partly-applied", errors.New("the platform applied only some of the values")).results()
	}
	return failed(v.receipt, command.Rejected, core.NewFault(core.Refused, "not-applied",
		"The platform took the change and ignored it. Check that the values are allowed there.")).results()
}

// differences lists, as fields of user/update, what p wants otherwise than s.
func differences(s platform.AccountState, p platform.Patch) map[string]string {
	fields := map[string]string{}
	if p.Group != nil && *p.Group != s.Group {
		fields["Group"] = *p.Group
	}
	if p.Leverage != nil && *p.Leverage != s.Leverage {
		fields["Leverage"] = strconv.Itoa(*p.Leverage)
	}
	if rights := s.Rights&^p.RightsMask | p.RightsValue; rights != s.Rights {
		fields["Rights"] = strconv.FormatInt(rights, 10)
	}
	return fields
}

func checkPatch(op command.Op, p platform.Patch) error {
	if err := checkOp(op); err != nil {
		return err
	}
	switch {
	case p.Group == nil && p.Leverage == nil && p.RightsMask == 0:
		return core.InvalidField("patch", "Choose at least one setting to change.")
	case p.Group != nil && *p.Group == "":
		return core.InvalidField("group", "Choose a group.")
	case p.RightsValue&^p.RightsMask != 0:
		return core.InvalidField("rights", "The value sets rights that the mask does not select.")
	case p.Leverage != nil:
		return checkLeverage(*p.Leverage)
	}
	return nil
}
