package mt5sim

import (
	"errors"
	"math"

	"vouchsafe/adapters/mt5/internal/wire"
)

// maxUnits is the most whole currency units that one posting may move.
const maxUnits = 1_000_000_000

// posting is a balance-type booking of any origin.
type posting struct {
	login, dealer int64
	action        int
	minor         int64
	comment       string
	keep          int // characters of the comment that are kept
	checkMargin   bool
	via           Via
}

func (s *Server) tradeBalance(c call) reply {
	p := c.params
	account := s.state.Accounts[p.integer("login")]
	if account == nil {
		return refused(wire.NotFound)
	}
	minor, err := wire.Minor(p.text("balance"), s.groups[account.Group].Digits)
	if err != nil {
		return refused(wire.BadParams)
	}
	keep := wire.CommentLimit
	if c.struck.Fault == CommentCut {
		keep = c.struck.Keep
	}
	if c.struck.Fault == WrongAmount {
		minor++
	}
	deal, code := s.book(posting{
		login: account.Login, dealer: c.manager.Login, action: int(p.within("type", -1, -1, math.MaxInt32)),
		minor: minor, comment: p.text("comment"), keep: keep,
		checkMargin: p.text("check_margin") != "0", via: ViaAPI,
	})
	if code != wire.Done {
		return refused(code)
	}
	return reply{answer: row{"Ticket": digitsOf(deal.Ticket)}}
}

// book checks a posting as the server documents it and books the deal; the
// caller holds mu and knows that the account exists.
func (s *Server) book(p posting) (Deal, wire.Retcode) {
	account := s.state.Accounts[p.login]
	digits := s.groups[account.Group].Digits
	deal := Deal{
		Login: p.login, Dealer: p.dealer, Action: p.action, Reason: ReasonDealer, Minor: p.minor, Digits: digits,
		Time: s.wallTime(s.opt.Clock.Now()), Comment: cut(p.comment, p.keep),
	}
	if p.action < ActionBalance || p.action > ActionBonus || p.minor == 0 {
		return deal, wire.BadParams
	}
	if limit := maxUnits * int64(math.Pow10(digits)); p.minor > limit || p.minor < -limit {
		return deal, wire.TooMuchMoney
	}
	if p.minor < 0 {
		have := account.Balance
		if deal.onCredit() {
			have = account.Credit
		}
		free := account.Balance + account.Credit - account.Margin
		if -p.minor > have || p.checkMargin && -p.minor > free {
			return deal, wire.NoMoney
		}
	}
	deal = s.state.add(deal)
	s.note(Applied{
		Kind: KindBalance, Via: p.via, By: p.dealer, Login: p.login, Ticket: deal.Ticket,
		Action: p.action, Minor: p.minor, Digits: digits, Comment: p.comment,
	})
	return deal, wire.Done
}

// cut keeps the first n characters.
func cut(comment string, n int) string {
	runes := []rune(comment)
	return string(runes[:min(n, len(runes))])
}

// Balance books by hand, as a dealer at the manager terminal would, and
// returns the ticket. Minor is signed, in minor units of the account's currency.
func (s *Server) Balance(dealer, login int64, action int, minor int64, comment string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Accounts[login] == nil {
		return 0, errors.New("there is no such account")
	}
	deal, code := s.book(posting{
		login: login, dealer: dealer, action: action, minor: minor, comment: comment,
		keep: wire.CommentLimit, checkMargin: true, via: ViaConsole,
	})
	if code != wire.Done {
		return 0, errors.New("the server refused it: " + texts[code])
	}
	return deal.Ticket, nil
}

// Change sets group, leverage or rights by hand; values that are zero or
// negative (rights) stay. Invalid ones are ignored, as on the wire.
func (s *Server) Change(dealer, login int64, group string, leverage int, rights int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.state.Accounts[login]
	if account == nil {
		return errors.New("there is no such account")
	}
	p := params{"group": group, "leverage": digitsOf(int64(leverage)), "rights": digitsOf(rights)}
	if code := s.change(account, p); code != wire.Done {
		return errors.New("the server refused it: " + texts[code])
	}
	s.note(Applied{Kind: KindUpdate, Via: ViaConsole, By: dealer, Login: login})
	return nil
}
