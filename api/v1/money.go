package v1

import (
	"vouchsafe/core"
	"vouchsafe/platform"
)

// Money is an amount as the API says it.
type Money struct {
	Amount   string `json:"amount" doc:"decimal, with the currency's digits" example:"1250.00"`
	Currency string `json:"currency" doc:"ISO 4217" example:"EUR"`
}

func moneyOf(minor int64, currency string) *Money {
	if currency == "" {
		return nil
	}
	return &Money{core.Money{Minor: minor, Currency: currency}.Decimal(), currency}
}

func (m Money) parse() (core.Money, error) { return core.ParseMoney(m.Amount, m.Currency) }

// intervene is a request for an intervention. Only kinds that book have an
// amount.
type intervene struct {
	Account core.Ref      `json:"account"`
	Kind    platform.Kind `json:"kind"`
	Amount  *Money        `json:"amount,omitempty" doc:"signed; for kinds that book"`
	ToGroup string        `json:"to_group,omitempty"`
	Reason  string        `json:"reason"`
	Words   string        `json:"words"`
	Case    core.Ref      `json:"case"`
}

func (in intervene) input() (platform.RequestIntervention, error) {
	out := platform.RequestIntervention{Account: in.Account, Kind: in.Kind, ToGroup: in.ToGroup, Reason: in.Reason, Words: in.Words, Case: in.Case}
	if in.Amount == nil {
		return out, nil
	}
	m, err := in.Amount.parse()
	out.Minor, out.Currency = m.Minor, m.Currency
	return out, err
}

// transfer moves a client's own money to a trading account.
type transfer struct {
	Account core.Ref `json:"account"`
	Amount  Money    `json:"amount"`
}

func (in transfer) input() (platform.RequestTransfer, error) {
	m, err := in.Amount.parse()
	return platform.RequestTransfer{Account: in.Account, Minor: m.Minor, Currency: m.Currency}, err
}

// Intervention is an intervention with its amounts as money.
type Intervention struct {
	platform.InterventionView
	Amount        *Money `json:"amount,omitempty"`
	BalanceBefore *Money `json:"balance_before,omitempty"`
	BalanceAfter  *Money `json:"balance_after,omitempty"`
}

func interventionOf(v platform.InterventionView) Intervention {
	out := Intervention{InterventionView: v}
	if _, books := v.Kind.Books(); books || v.Kind == platform.TransferIn {
		out.Amount = moneyOf(v.Minor, v.Currency)
		if v.Matched != 0 || v.ServerTime != 0 {
			out.BalanceBefore, out.BalanceAfter = moneyOf(v.BalanceBefore, v.Currency), moneyOf(v.BalanceAfter, v.Currency)
		}
	}
	return out
}

// Deal is a deal on the platform with its amount as money.
type Deal struct {
	platform.DealView
	Amount *Money `json:"amount,omitempty"`
}

func dealOf(v platform.DealView) Deal { return Deal{v, moneyOf(v.Minor, v.Currency)} }

// InterventionStory is an intervention with everything behind it.
type InterventionStory struct {
	Intervention
	Group   string          `json:"group" doc:"of the account, now"`
	Steps   []platform.Step `json:"steps" doc:"oldest first"`
	Deals   []Deal          `json:"deals,omitempty" doc:"all versions of its deal: more than one when it was edited or removed on the platform"`
	Execute platform.Button `json:"execute"`
	Resolve platform.Button `json:"resolve"`
}

func storyOf(v platform.InterventionStory) InterventionStory {
	out := InterventionStory{Intervention: interventionOf(v.InterventionView), Group: v.Group, Steps: v.Steps, Execute: v.Execute, Resolve: v.Resolve}
	for _, d := range v.Deals {
		out.Deals = append(out.Deals, dealOf(platform.DealView{DealRow: d, Intervention: v.ID}))
	}
	return out
}

// Account is a trading account with its newest interventions and money deals.
type Account struct {
	platform.Account
	Rights        string          `json:"rights"`
	Interventions []Intervention  `json:"interventions"`
	Deals         []Deal          `json:"deals" doc:"balance operations, newest first"`
	Groups        []string        `json:"groups,omitempty" doc:"to which it can be moved"`
	Requests      []platform.Kind `json:"requests" doc:"interventions that policy would let you ask for"`
	MayTransfer   bool            `json:"may_transfer"`
	Resolve       platform.Button `json:"resolve" doc:"of an opening whose outcome the look-ups could not tell"`
}

func accountOf(v platform.AccountView) Account {
	out := Account{Account: v.Account, Rights: v.Rights, Groups: v.Groups, Requests: v.Requests, MayTransfer: v.MayTransfer, Resolve: v.Resolve, Interventions: []Intervention{}, Deals: []Deal{}}
	for _, i := range v.Interventions {
		out.Interventions = append(out.Interventions, interventionOf(i))
	}
	for _, d := range v.Deals {
		out.Deals = append(out.Deals, dealOf(d))
	}
	return out
}
