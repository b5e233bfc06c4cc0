package mt5sim

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"vouchsafe/adapters/mt5/internal/wire"
)

const maxLeverage = 500

// AddAccount puts an account on the server without a request, for the history
// of a demo or the start of a test. A zero Registered is now. Its money is set
// as given; deals that explain it are the caller's to add.
func (s *Server) AddAccount(a Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.state.Accounts[a.Login]; taken || a.Login <= 0 {
		return errors.New("mt5sim: the login is taken or not positive")
	}
	if _, ok := s.groups[a.Group]; !ok {
		return errors.New("mt5sim: no such group: " + a.Group)
	}
	if a.Registered == 0 {
		a.Registered = s.opt.Clock.Now()
	}
	s.state.Accounts[a.Login] = &a
	s.changes++
	return nil
}

// Account returns a copy of an account as it truly is.
func (s *Server) Account(login int64) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.state.Accounts[login]
	if !ok {
		return Account{}, false
	}
	return *a, true
}

func (s *Server) userAdd(c call) reply {
	p := c.params
	login, leverage := p.integer("login"), p.integer("leverage")
	group, known := s.groups[p.text("group")]
	switch {
	case login < 0 || p.text("name") == "" || leverage < 1 || leverage > maxLeverage:
		return refused(wire.BadParams)
	case s.state.Accounts[login] != nil:
		return refused(wire.LoginExists)
	case !known:
		return refused(wire.NoPermission)
	case !strong(first(p, "passmain", "pass_main")) || !strong(first(p, "passinvestor", "pass_investor")):
		return refused(wire.WeakPassword)
	}
	for login == 0 {
		if s.state.Accounts[s.state.NextLogin] == nil {
			login = s.state.NextLogin
		}
		s.state.NextLogin++
	}
	account := &Account{
		Login: login, Name: p.text("name"), Group: group.Name, Leverage: int(leverage),
		Rights: p.integer("rights"), Registered: s.opt.Clock.Now(),
	}
	s.state.Accounts[login] = account
	s.note(Applied{Kind: KindAdd, Via: ViaAPI, By: c.manager.Login, Login: login})
	return reply{beside: row{"login": digitsOf(login)}, answer: s.userRow(account, c.manager)}
}

func first(p params, names ...string) string {
	for _, name := range names {
		if v := p.text(name); v != "" {
			return v
		}
	}
	return ""
}

// strong is the platform's rule: 8 to 16 characters of four sorts.
func strong(password string) bool {
	if len(password) < 8 || len(password) > 16 {
		return false
	}
	other := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return strings.ContainsFunc(password, unicode.IsLower) && strings.ContainsFunc(password, unicode.IsUpper) &&
		strings.ContainsFunc(password, unicode.IsDigit) && strings.ContainsFunc(password, other)
}

// userUpdate changes what is valid and ignores the rest without a word: that
// is documented, and the reason why clients must read back.
func (s *Server) userUpdate(c call) reply {
	account := s.state.Accounts[c.params.integer("login")]
	if account == nil {
		return refused(wire.NotFound)
	}
	if c.struck.Fault == Ignored {
		return reply{answer: s.userRow(account, c.manager)}
	}
	if code := s.change(account, c.params); code != wire.Done {
		return refused(code)
	}
	s.note(Applied{Kind: KindUpdate, Via: ViaAPI, By: c.manager.Login, Login: account.Login})
	return reply{answer: s.userRow(account, c.manager)}
}

// change applies the valid ones of the given settings. The only refusal is a
// group of another currency.
func (s *Server) change(a *Account, p params) wire.Retcode {
	if g, ok := s.groups[p.text("group")]; ok {
		if g.Currency != s.groups[a.Group].Currency {
			return wire.OtherMoney
		}
		a.Group = g.Name
	}
	if n := p.integer("leverage"); n >= 1 && n <= maxLeverage {
		a.Leverage = int(n)
	}
	if n, err := strconv.ParseInt(p.text("rights"), 10, 64); err == nil && n >= 0 {
		a.Rights = n
	}
	if name := p.text("name"); name != "" {
		a.Name = name
	}
	return wire.Done
}

func (s *Server) userGet(c call) reply {
	account := s.state.Accounts[c.params.integer("login")]
	if account == nil {
		return refused(wire.NotFound)
	}
	return reply{answer: s.userRow(account, c.manager)}
}

func (s *Server) userLogins(c call) reply {
	logins := []string{}
	for _, login := range s.state.logins() {
		if matches(c.params.text("group"), s.state.Accounts[login].Group) {
			logins = append(logins, digitsOf(login))
		}
	}
	return reply{answer: logins}
}

// userRow is the record of an account. Personal fields are sent empty to a
// manager without that right.
func (s *Server) userRow(a *Account, m Manager) row {
	digits := s.groups[a.Group].Digits
	registered := digitsOf(s.wallTime(a.Registered).Unix())
	out := row{
		"Login": digitsOf(a.Login), "Group": a.Group, "CertSerialNumber": "0", "Rights": digitsOf(a.Rights),
		"Registration": registered, "LastAccess": registered, "LastPassChange": registered,
		"Name": a.Name, "Company": "", "Comment": "", "Status": "", "ID": "", "Leverage": strconv.Itoa(a.Leverage),
		"Balance": wire.Decimal(a.Balance, digits), "Credit": wire.Decimal(a.Credit, digits), "Agent": "0",
	}
	if m.NoPersonal {
		out["Name"] = ""
	}
	return out
}

func (s *Server) accountGet(c call) reply {
	a := s.state.Accounts[c.params.integer("login")]
	if a == nil {
		return refused(wire.NotFound)
	}
	digits := s.groups[a.Group].Digits
	return reply{answer: row{
		"Login": digitsOf(a.Login), "CurrencyDigits": strconv.Itoa(digits),
		"Balance": wire.Decimal(a.Balance, digits), "Credit": wire.Decimal(a.Credit, digits),
		"Margin": wire.Decimal(a.Margin, digits), "MarginFree": wire.Decimal(a.Balance+a.Credit-a.Margin, digits),
		"MarginLeverage": strconv.Itoa(a.Leverage), "Profit": wire.Decimal(0, digits),
		"Equity": wire.Decimal(a.Balance+a.Credit, digits),
	}}
}

// checkBalance compares the account with its history and, with fixflag=1, sets
// it to that, booking no deal. "User" is the value after, "History" before.
func (s *Server) checkBalance(c call) reply {
	a := s.state.Accounts[c.params.integer("login")]
	if a == nil {
		return refused(wire.NotFound)
	}
	digits := s.groups[a.Group].Digits
	balance, credit := s.state.history(a.Login)
	pair := func(after, before int64) row {
		return row{"User": wire.Decimal(after, digits), "History": wire.Decimal(before, digits)}
	}
	out := map[string]row{"Balance": pair(balance, a.Balance), "Credit": pair(credit, a.Credit)}
	if c.params.text("fixflag") == "1" && (a.Balance != balance || a.Credit != credit) {
		a.Balance, a.Credit = balance, credit
		s.note(Applied{Kind: KindFix, Via: ViaAPI, By: c.manager.Login, Login: a.Login})
	}
	return reply{answer: out}
}
