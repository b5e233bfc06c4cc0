package payments

import (
	"context"
	"slices"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Rules are what an entity profile asks of a release until the entity adopts
// approval rules of its own.
type Rules struct {
	CoolingOff time.Duration // after a change of the bank detail
	Release    command.RuleSet
}

var (
	lead   = command.Seat{Roles: []string{"payments_lead"}}
	senior = command.Seat{Roles: []string{"senior_compliance"}}
)

// profiles are the approval rules that are built in, by entity profile.
var profiles = map[string]Rules{
	"eu": {72 * time.Hour, built("withdrawal-release/eu/1", `
small: total in 24 hours up to 1000 -> approval by payments_lead
medium: total in 24 hours up to 25000 -> approval by payments_lead
large: otherwise -> approval by payments_lead and senior_compliance`)},
	"offshore": {24 * time.Hour, built("withdrawal-release/offshore/1", `
small: total in 24 hours up to 5000 -> approval by payments_lead
large: otherwise -> approval by payments_lead and senior_compliance`)},
}

// strictest holds where a profile has no rules of its own: forgetting one must
// not open a door.
var strictest = Rules{72 * time.Hour, built("withdrawal-release/default/1",
	"any: otherwise -> approval by payments_lead and senior_compliance")}

func built(id, text string) command.RuleSet {
	s, err := command.ParseRules(id, text)
	if err != nil {
		panic(err) // a mistake in the program
	}
	return s
}

// RulesOf returns the rules of a profile, the strictest for an unknown one.
func RulesOf(profile string) Rules {
	if r, ok := profiles[profile]; ok {
		return r
	}
	return strictest
}

// weighs are what rules about a release can ask.
var weighs = []string{"amount", "total", "risk", "flag name-mismatch", "flag name-unknown", "flag first-payout"}

// weigh draws what the rules look at.
func (s *standing) weigh() command.Inputs {
	in := command.Inputs{Amount: s.valued(s.w.Amount()), Totals: map[int]*command.Valued{}, Risk: s.w.Risk}
	for _, hours := range command.TotalHours {
		in.Totals[hours] = s.total(hours)
	}
	for flag, raised := range map[string]bool{
		"name-mismatch": s.w.Match.override(), "name-unknown": s.w.Match == MatchUnknown, "first-payout": !s.paid,
	} {
		if raised {
			in.Flags = append(in.Flags, flag)
		}
	}
	slices.Sort(in.Flags)
	return in
}

// total is what the client would have been released within so many hours, this
// withdrawal included. Its worth is unknown when that of a part is.
func (s *standing) total(hours int) *command.Valued {
	sum := core.Money{Currency: s.base}
	out := &command.Valued{Currency: s.base, Base: s.base}
	parts := []core.Money{s.w.Amount()}
	for currency, minor := range s.recent[hours] {
		parts = append(parts, core.Money{Minor: minor, Currency: currency})
	}
	for _, part := range parts {
		worth, err := core.ParseMoney(s.valued(part).Worth, s.base)
		if err == nil {
			sum, err = sum.Add(worth)
		}
		if err != nil {
			return out
		}
	}
	out.Amount, out.Worth = sum.Decimal(), sum.Decimal()
	return out
}

// quote is what one unit of a currency is worth in the base currency, and who
// says so; empty where nobody does.
type quote struct{ rate, source string }

// valued tells what money is worth in the base currency. Where no rate is on
// record its worth is unknown, which meets the strictest rule.
func (s *standing) valued(m core.Money) *command.Valued {
	v := &command.Valued{Amount: m.Decimal(), Currency: m.Currency, Base: s.base}
	if _, known := core.Exponent(m.Currency); known && m.Currency == s.base {
		v.Worth = m.Decimal()
		return v
	}
	q := s.rates[m.Currency]
	if worth, err := m.Convert(s.base, q.rate); q.rate != "" && err == nil {
		v.Worth, v.Rate, v.Source = worth.Decimal(), q.rate, q.source
	}
	return v
}

// floor is what a release demands whatever the rules say: one other person,
// and a senior compliance officer for all that makes it special.
func (s *standing) floor() command.Need {
	n := command.Need{Rule: "withdrawal-release/1", Seats: []command.Seat{{Roles: slices.Concat(lead.Roles, senior.Roles)}}}
	special := func(what string) {
		n.Rule, n.Seats = n.Rule+"+"+what, []command.Seat{senior}
	}
	if s.w.Risk == RiskHigh {
		special("high-risk")
	}
	switch {
	case s.w.Match.override():
		special("name-override")
	case s.w.Match == MatchUnknown && s.w.Risk != RiskLow:
		special("name-unknown")
	}
	return n
}

// need is what the release would demand now, for pages; the road asks again,
// and knows the requester. Nothing when the rules refuse it.
func (s *standing) need() (command.Need, []command.Refusal) {
	set := s.rules.Release
	if s.adopted != nil {
		set = *s.adopted
	}
	floor := s.floor()
	v, _ := set.Demand(s.weigh(), &floor)
	if v.Need() == nil {
		return command.Need{}, v.Refusals()
	}
	return *v.Need(), nil
}

// ReleaseRules are the rules that are built in for releases in an entity.
func (d Deps) ReleaseRules(ctx context.Context, r store.Reader, entity core.Ref) (*command.RuleSet, error) {
	profile, _, err := d.Entities.Profile(ctx, r, entity)
	set := RulesOf(profile).Release
	return &set, err
}

// WeighRelease draws what rules would look at if a withdrawal of the entity
// were released now.
func (d Deps) WeighRelease(ctx context.Context, r store.Reader, entity, withdrawal core.Ref) (*command.Inputs, error) {
	s, _, err := d.weighing(ctx, r, withdrawal, d.Clock.Now())
	if err != nil {
		return nil, err
	}
	if s.w.Entity != entity {
		return nil, command.ErrHidden
	}
	in := s.weigh()
	return &in, nil
}
