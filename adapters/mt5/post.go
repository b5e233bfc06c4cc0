package mt5

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// Codes of an Applied write's Receipt.
const (
	CodeDone       = "done"          // read back and equal
	CodeCommentCut = "comment-cut"   // the money is booked, but the comment was shortened: searches by tag may miss it
	CodeUnchanged  = "unchanged"     // the account was so already; nothing was sent
	CodeExisted    = "already-there" // the login existed with equal settings; its passwords are not known to be ours
)

// Post books one balance-type deal. It is sent once, by POST, with the margin
// check on; then the deal is read back by its ticket.
func (c *Client) Post(ctx context.Context, op command.Op, login int64, p platform.Posting) (platform.Receipt, command.Certainty, error) {
	if err := checkPosting(op, p); err != nil {
		return refuse(err).results()
	}
	// An amount written in the wrong digits is wrong by powers of ten, and the
	// read-back would find that out too late.
	digits, err := c.digits(ctx, login)
	if err != nil {
		return refuseUnread(err).results()
	}
	if digits != int64(p.Digits) {
		return refuse(core.Faultf(core.Invalid, "wrong-digits", "The account's currency has %d decimals on the platform, not %d.", digits, p.Digits)).results()
	}
	params := byLogin(login)
	params.Set("type", strconv.Itoa(p.Action))
	params.Set("balance", wire.Decimal(p.Minor, p.Digits))
	params.Set("comment", p.Comment)
	params.Set("check_margin", "1")
	a, v := c.write(ctx, op, request{path: "/api/trade/balance", params: params})
	if v.err != nil {
		return v.results()
	}
	return c.checkDeal(ctx, a, v.receipt, login, p).results()
}

// checkDeal sees for itself that the deal exists and is the one we asked for.
func (c *Client) checkDeal(ctx context.Context, a answer, receipt platform.Receipt, login int64, p platform.Posting) verdict {
	fields, err := parseRecord(a.result)
	if err != nil {
		return uncertain(receipt, "platform-uncertain", err)
	}
	r := &reader{record: fields}
	receipt.Ticket = r.integer("Ticket")
	if r.err != nil || receipt.Ticket <= 0 {
		return uncertain(receipt, "platform-uncertain", errors.New("the answer names no ticket"))
	}
	got, err := c.deal(ctx, receipt.Ticket)
	if err != nil {
		return uncertain(receipt, "not-read-back", err)
	}
	receipt.ServerTime = got.Time
	if got.Login != login || got.Action != p.Action || got.Minor != p.Minor || !strings.HasPrefix(p.Comment, got.Comment) {
		return uncertain(receipt, "read-back-differs", errors.New("the deal of that ticket is not the one we asked for"))
	}
	// The state afterwards is evidence, not proof: without it the deal stands.
	receipt.After, _ = c.Account(ctx, login)
	if got.Comment != p.Comment {
		return applied(receipt, CodeCommentCut)
	}
	return applied(receipt, CodeDone)
}

// checkOp refuses an operation that could not be traced afterwards.
func checkOp(op command.Op) error {
	if missing := op.Complete(); missing != "" {
		return core.Faultf(core.Invalid, "incomplete-operation", "The operation lacks its %s, so nothing was sent.", missing)
	}
	return nil
}

func checkPosting(op command.Op, p platform.Posting) error {
	if err := checkOp(op); err != nil {
		return err
	}
	switch {
	case p.Action < platform.PostBalance || p.Action > platform.PostBonus:
		return core.InvalidField("action", "Choose balance, credit, charge, correction or bonus.")
	case p.Minor == 0:
		return core.InvalidField("amount", "A posting needs an amount other than zero.")
	case p.Digits < 0 || p.Digits > wire.MaxDigits:
		return core.InvalidField("digits", "The currency's decimals are out of range.")
	}
	return checkComment(op.Tag, p.Comment)
}

// checkComment keeps to printable ASCII, of which 31 characters are 31 on
// every build, and away from what the text protocol escapes.
func checkComment(tag, comment string) error {
	rest, ok := strings.CutPrefix(comment, tag)
	if !ok || rest != "" && rest[0] != ' ' {
		return core.InvalidField("comment", "The comment must begin with the operation's tag, alone or followed by a space.")
	}
	if len(comment) > wire.CommentLimit {
		return core.InvalidField("comment", "The platform keeps 31 characters of a comment. Shorten it.")
	}
	for _, b := range []byte(comment) {
		if b < ' ' || b > '~' || strings.IndexByte(`=|\`, b) >= 0 {
			return core.InvalidField("comment", `Use plain letters, digits and signs other than = | \ in the comment.`)
		}
	}
	return nil
}

// refuseUnread ends a write whose preparatory read failed.
func refuseUnread(err error) verdict {
	if f := core.AsFault(err); f.Kind != core.Unavailable {
		return refuse(f)
	}
	return notSent(platform.Receipt{}, err)
}
