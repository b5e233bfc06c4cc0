package payments

import (
	"context"
	"maps"
	"slices"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// standing reads all that bears on a release, as of now.
func (d Deps) standing(ctx context.Context, r store.Reader, id core.Ref, now core.Instant) (*standing, command.Resource, error) {
	w, res, err := loadWithdrawal(ctx, r, id)
	if err != nil {
		return nil, res, err
	}
	s := &standing{w: w}
	var profile string
	if profile, s.base, err = d.Entities.Profile(ctx, r, w.Entity); err != nil {
		return nil, res, err
	}
	s.rules = RulesOf(profile)
	if _, s.name, err = d.Clients.Basics(ctx, r, w.Client); err != nil {
		return nil, res, err
	}
	if w.ErasedBy != "" {
		s.name = "" // what was erased is not written down again
	}
	if s.dest, err = d.Clients.Destination(ctx, r, w.BankDetail); err != nil {
		return nil, res, err
	}
	if s.blocks, err = d.Clearance.Refusals(ctx, r, w.Client, PurposeRelease, now); err != nil {
		return nil, res, err
	}
	s.route, s.routed = d.routeOf(w.Entity)
	return s, res, nil
}

// weighing is standing with what approval rules look at beside it: what the
// client was released earlier.
func (d Deps) weighing(ctx context.Context, r store.Reader, id core.Ref, now core.Instant) (*standing, command.Resource, error) {
	s, res, err := d.standing(ctx, r, id, now)
	if err != nil {
		return nil, res, err
	}
	s.recent = map[int]map[string]int64{}
	for _, hours := range command.TotalHours {
		if s.recent[hours], err = released(ctx, r, s.w.Client, now.Add(-time.Duration(hours)*time.Hour)); err != nil {
			return nil, res, err
		}
	}
	all, err := released(ctx, r, s.w.Client, 0)
	if err != nil {
		return nil, res, err
	}
	s.paid = len(all) > 0
	return s, res, s.measure(ctx, r, d.Rates, now)
}

// measure reads what the currencies concerned are worth in the base currency.
func (s *standing) measure(ctx context.Context, r store.Reader, rates Rates, now core.Instant) error {
	s.rates = map[string]quote{}
	concerned := []string{s.w.Currency}
	for _, sums := range s.recent {
		concerned = slices.AppendSeq(concerned, maps.Keys(sums))
	}
	for _, currency := range concerned {
		if _, known := s.rates[currency]; known || currency == s.base {
			continue
		}
		rate, source, err := rates.Rate(ctx, r, s.w.Entity, currency, s.base, now)
		if err != nil {
			return err
		}
		s.rates[currency] = quote{rate, source}
	}
	return nil
}

// decided refuses to decide twice.
func (s *standing) decided() *command.Refusal {
	if d := s.w.Decision; d == Approved || d == Refused {
		return &command.Refusal{Code: "already-decided", Text: "This withdrawal is " + string(d) + " already."}
	}
	return nil
}
