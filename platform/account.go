package platform

import (
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Account is one trading account. Its identity on the platform is platform,
// login and registration: a recycled login is a new account.
type Account struct {
	ID            core.Ref        `json:"id"`
	Entity        core.Ref        `json:"entity"`
	Client        core.Ref        `json:"client"`
	Platform      string          `json:"platform"`
	Login         int64           `json:"login"`
	Registered    core.Instant    `json:"registered,omitempty"` // server wall clock as if UTC
	Group         string          `json:"group"`
	Currency      string          `json:"currency"`
	Leverage      int             `json:"leverage"`
	Live          bool            `json:"live"`
	TradeDisabled bool            `json:"trade_disabled"`
	State         string          `json:"state"`
	Attempt       command.Attempt `json:"-"`
	Tag           string          `json:"-"`
	Code          string          `json:"code,omitempty"` // the platform's last word
	Opened        core.Instant    `json:"opened"`
	rev           int64
}

// The states of an account.
const (
	AccountOpening = "opening"
	AccountOpen    = "open"
	AccountFailed  = "failed"
)

// MT5 user rights, from the public SDK headers.
const (
	RightEnabled       int64 = 0x1
	RightPassword      int64 = 0x2
	RightTradeDisabled int64 = 0x4
	RightReports       int64 = 0x100

	// openingRights are what a new account gets.
	openingRights = RightEnabled | RightPassword | RightReports
	// ownRights are what the account's owner or the platform itself switches:
	// confirmed, password reset due, one-time password, hosting, push. A
	// difference in them says nothing about staff.
	ownRights int64 = 0x10 | 0x400 | 0x800 | 0x2000 | 0x8000
)

// Resource is the account as policy sees it.
func (a *Account) Resource() command.Resource {
	return command.Resource{Kind: core.KindAccount, Ref: a.ID, Entity: a.Entity, Attrs: map[string]any{"client": string(a.Client)}}
}

// intervening is an intervention of a kind on the account as policy sees it
// before there is one.
func (a *Account) intervening(k Kind) command.Resource {
	return command.Resource{Kind: core.KindIntervention, Entity: a.Entity, Attrs: map[string]any{"client": string(a.Client), "type": string(k)}}
}

// Profile is what an entity's rules say about its trading accounts.
type Profile struct {
	Rules       string // id and version of the rule set
	MaxLeverage int
	FirstLogin  int64    // logins are allocated upwards from here
	OneSeat     int64    // corrections up to this many minor units need one approver
	Groups      []string // groups that accounts may be in
}

// profiles are the rules by entity profile. They become versioned, approved
// data; until then they are reviewed code.
var profiles = map[string]Profile{
	"eu":       {Rules: "platform/eu/1", MaxLeverage: 30, FirstLogin: 7_000_001, OneSeat: 500_00, Groups: []string{`real\eu-retail`, `real\eu-pro`, `real\eu-restricted`}},
	"offshore": {Rules: "platform/offshore/1", MaxLeverage: 500, FirstLogin: 8_000_001, OneSeat: 2_000_00, Groups: []string{`real\intl-standard`, `real\intl-vip`, `real\intl-restricted`}},
}

// ProfileOf returns the rules of a named profile.
func ProfileOf(name string) (Profile, bool) {
	p, ok := profiles[name]
	return p, ok
}

// Groups lists the groups of all profiles, sorted.
func Groups() (out []string) {
	for _, p := range profiles {
		out = append(out, p.Groups...)
	}
	slices.Sort(out)
	return out
}

// groupsBeside lists the other groups of the profile that a group is in; none
// when an account was moved outside every profile.
func groupsBeside(group string) []string {
	for _, p := range profiles {
		if at := slices.Index(p.Groups, group); at >= 0 {
			return slices.Delete(slices.Clone(p.Groups), at, at+1)
		}
	}
	return nil
}
