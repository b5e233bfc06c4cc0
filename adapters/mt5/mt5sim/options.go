package mt5sim

import (
	"time"

	"vouchsafe/core"
)

// Options describe a server; the zero value is a small demonstration broker.
type Options struct {
	// Seed determines challenges, cookies and the prices of Trade.
	Seed uint64
	// Clock stamps deals and registrations; nil is the machine's.
	Clock core.Clock
	// Wall measures the expiry of handshakes and sessions; nil is the machine's.
	// It is apart from Clock so that a demo that jumps through months does not
	// sign its clients out.
	Wall core.Clock
	// TimeZone is the server's distance from UTC without daylight saving; nil is
	// two hours, as brokers usually run.
	TimeZone *time.Duration
	// Managers may sign in; none means one, DemoLogin with DemoPassword.
	Managers []Manager
	// Groups that accounts can be in; none means DemoGroups.
	Groups []Group
	// FirstLogin and FirstTicket are the first numbers that the server gives out
	// itself; zero means 900001 and 5000001.
	FirstLogin, FirstTicket int64
	// PlainHTTP serves without TLS, which Start then allows on loopback only.
	PlainHTTP bool
}

// Manager is an account that may use the Web API. The zero rights are all.
type Manager struct {
	Login    int64
	Password string // the API password
	// NoMoney, NoAccounts and NoPersonal take away the rights to book money, to
	// add and change accounts, and to see personal data.
	NoMoney, NoAccounts, NoPersonal bool
}

// Group is an account group with its currency.
type Group struct {
	Name     string // with backslashes, such as `real\standard-eur`
	Currency string // ISO 4217
	Digits   int    // decimals of the currency
	Leverage int    // default leverage of the group
}

// The demonstration manager.
const (
	DemoLogin    = 1000
	DemoPassword = "Simul4tor!"
)

// DemoGroups are the groups of the demonstration broker.
func DemoGroups() []Group {
	return []Group{
		{Name: `real\standard-eur`, Currency: "EUR", Digits: 2, Leverage: 30},
		{Name: `real\standard-usd`, Currency: "USD", Digits: 2, Leverage: 30},
		{Name: `real\pro-eur`, Currency: "EUR", Digits: 2, Leverage: 200},
		{Name: `real\pro-usd`, Currency: "USD", Digits: 2, Leverage: 200},
		{Name: `real\standard-jpy`, Currency: "JPY", Digits: 0, Leverage: 30},
		{Name: `demo\standard-eur`, Currency: "EUR", Digits: 2, Leverage: 100},
	}
}

const defaultTimeZone = 2 * time.Hour

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = core.SystemClock{}
	}
	if o.Wall == nil {
		o.Wall = core.SystemClock{}
	}
	if o.TimeZone == nil {
		zone := defaultTimeZone
		o.TimeZone = &zone
	}
	if len(o.Managers) == 0 {
		o.Managers = []Manager{{Login: DemoLogin, Password: DemoPassword}}
	}
	if len(o.Groups) == 0 {
		o.Groups = DemoGroups()
	}
	if o.FirstLogin == 0 {
		o.FirstLogin = 900001
	}
	if o.FirstTicket == 0 {
		o.FirstTicket = 5000001
	}
	return o
}
