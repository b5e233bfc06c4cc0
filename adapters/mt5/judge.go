package mt5

import (
	"errors"
	"fmt"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// refusals are the return codes with which the server says that it checked a
// command and did not execute it. A code that is not here, such as 7 network,
// 9 timeout, 14 partial, 15 shutdown or 12003 deadlock, may have come after the
// command took effect and leaves the outcome Uncertain. So does 17 duplicate:
// it says that something like it was done.
var refusals = map[wire.Retcode]*core.Fault{
	wire.BadParams:    core.NewFault(core.Refused, "platform-refused", "The platform found the request malformed."),
	wire.NoPermission: core.NewFault(core.Denied, "platform-permission", "The platform says that a right is missing or the group does not exist."),
	wire.TooFrequent:  core.NewFault(core.Throttled, "platform-throttled", "The platform says that requests come too fast."),
	wire.NotFound:     core.NewFault(core.Unknown, "no-such-account", "The platform has no such account."),
	wire.NoLogins:     core.NewFault(core.Refused, "platform-refused", "The platform has no free login."),
	3003:              core.NewFault(core.Refused, "platform-refused", "The login belongs to another server of the platform."),
	wire.LoginExists:  core.NewFault(core.Conflict, "login-taken", "The login exists already with other settings."),
	wire.WeakPassword: core.NewFault(core.Refused, "weak-password", "The platform finds the password too weak."),
	3008:              core.NewFault(core.Refused, "platform-refused", "The account has open trades."),
	3009:              core.NewFault(core.Refused, "platform-refused", "The group is on another server."),
	wire.OtherMoney:   core.NewFault(core.Refused, "platform-refused", "The group has another currency."),
	wire.NoTickets:    core.NewFault(core.Refused, "platform-refused", "The platform has no deal numbers left."),
	wire.TooMuchMoney: core.NewFault(core.Refused, "amount-too-large", "The platform takes at most 1,000,000,000 in one posting."),
	wire.NoMoney:      core.NewFault(core.Refused, "not-enough-money", "The account has not enough free money or credit for this."),
	wire.NotMain:      core.NewFault(core.Unavailable, "platform-refused", "This is not the platform's main server."),
	wire.Unsupported:  core.NewFault(core.Refused, "platform-refused", "The platform does not support this."),
}

// missingRight is the platform's "no" to our manager login.
var missingRight = core.NewFault(core.Denied, "platform-permission", "The manager login of this system lacks a right on the trading platform. Nothing was done.")

// judge sorts a complete answer to a write.
func judge(a answer, r platform.Receipt) verdict {
	if a.code == wire.Done || a.code == wire.DoneNothing {
		return verdict{r, command.Applied, nil}
	}
	native := fmt.Errorf("return code %s", a.text)
	if f, ok := refusals[a.code]; ok {
		return failed(r, command.Rejected, f.Because(native))
	}
	if a.code >= wire.AuthFirst && a.code <= wire.AuthLast {
		// The session was refused, so the command was never looked at.
		f := core.Fault{Kind: core.Unavailable, Code: "not-sent", Text: "The trading platform refused our session. Nothing was done."}
		return failed(r, command.Rejected, f.Because(native))
	}
	return uncertain(r, "platform-uncertain", native)
}

// readFault turns the failure of a read into a fault for people.
func readFault(a answer, err error) error {
	if errors.Is(err, errForbidden) {
		return missingRight.Because(err)
	}
	if err != nil {
		f := core.Fault{Kind: core.Unavailable, Code: "platform-unavailable", Text: "The trading platform does not answer. Try again in a minute."}
		return f.Because(err)
	}
	native := fmt.Errorf("return code %s", a.text)
	if f, ok := refusals[a.code]; ok {
		return f.Because(native)
	}
	f := core.Fault{Kind: core.Unavailable, Code: "platform-unavailable", Text: "The trading platform could not answer this."}
	return f.Because(native)
}

// misread is a read whose answer does not have the documented shape.
func misread(err error) error {
	f := core.Fault{Kind: core.Unavailable, Code: "platform-unclear", Text: "The trading platform answered in a form that we do not understand."}
	return f.Because(err)
}
