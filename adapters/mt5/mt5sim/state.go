package mt5sim

import (
	"slices"
	"time"

	"vouchsafe/core"
)

// Account is one trading account. Amounts are in minor units of the group's
// currency. Passwords are checked when an account is added and not kept.
type Account struct {
	Login      int64        `json:"login"`
	Name       string       `json:"name"`
	Group      string       `json:"group"`
	Leverage   int          `json:"leverage"`
	Rights     int64        `json:"rights"`
	Balance    int64        `json:"balance"`
	Credit     int64        `json:"credit"`
	Margin     int64        `json:"margin"` // used by open positions
	Registered core.Instant `json:"registered"`
}

// Deal actions that this server books.
const (
	ActionBuy        = 0
	ActionSell       = 1
	ActionBalance    = 2
	ActionCredit     = 3
	ActionCharge     = 4
	ActionCorrection = 5
	ActionBonus      = 6
)

// Reasons of deals.
const (
	ReasonClient = 0
	ReasonDealer = 2
)

// Deal is one row of an account's history.
type Deal struct {
	Ticket   int64     `json:"ticket"`
	Login    int64     `json:"login"`
	Dealer   int64     `json:"dealer"` // who booked it; 0 is the server itself
	Action   int       `json:"action"`
	Entry    int       `json:"entry"` // 0 in, 1 out
	Reason   int       `json:"reason"`
	Minor    int64     `json:"minor"` // the profit field, minor units
	Digits   int       `json:"digits"`
	Time     time.Time `json:"time"` // server wall clock as if UTC
	Symbol   string    `json:"symbol,omitempty"`
	Volume   int64     `json:"volume,omitempty"` // hundredths of a lot
	Price    string    `json:"price,omitempty"`
	Position int64     `json:"position,omitempty"`
	Comment  string    `json:"comment"`
}

// onCredit reports whether the deal moves credit instead of balance.
func (d Deal) onCredit() bool { return d.Action == ActionCredit || d.Action == ActionBonus }

// state is everything that a restart keeps.
type state struct {
	Accounts   map[int64]*Account `json:"accounts"`
	Deals      []Deal             `json:"deals"` // by ticket
	NextTicket int64              `json:"next_ticket"`
	NextLogin  int64              `json:"next_login"`
	Applied    []Applied          `json:"applied"`

	byLogin map[int64][]int // positions in Deals
}

// add gives the deal its ticket, stores it and moves the account's money.
func (st *state) add(d Deal) Deal {
	d.Ticket = st.NextTicket
	st.NextTicket++
	st.index(len(st.Deals), d)
	st.Deals = append(st.Deals, d)
	account := st.Accounts[d.Login]
	if d.onCredit() {
		account.Credit += d.Minor
	} else {
		account.Balance += d.Minor
	}
	return d
}

func (st *state) index(position int, d Deal) {
	if st.byLogin == nil {
		st.byLogin = map[int64][]int{}
	}
	st.byLogin[d.Login] = append(st.byLogin[d.Login], position)
}

// history is what the deals of an account add up to.
func (st *state) history(login int64) (balance, credit int64) {
	for _, i := range st.byLogin[login] {
		if d := st.Deals[i]; d.onCredit() {
			credit += d.Minor
		} else {
			balance += d.Minor
		}
	}
	return balance, credit
}

// dealsOf returns the deals of an account in the closed window of server
// seconds. That both ends are included is a guess.
func (st *state) dealsOf(login, from, to int64) []Deal {
	var found []Deal
	for _, i := range st.byLogin[login] {
		if at := st.Deals[i].Time.Unix(); from <= at && at <= to {
			found = append(found, st.Deals[i])
		}
	}
	return found
}

func (st *state) deal(ticket int64) (Deal, bool) {
	i, ok := slices.BinarySearchFunc(st.Deals, ticket, func(d Deal, t int64) int { return int(d.Ticket - t) })
	if !ok {
		return Deal{}, false
	}
	return st.Deals[i], true
}

// logins returns all logins in ascending order.
func (st *state) logins() []int64 {
	all := make([]int64, 0, len(st.Accounts))
	for login := range st.Accounts {
		all = append(all, login)
	}
	slices.Sort(all)
	return all
}
