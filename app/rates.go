package app

import (
	"context"
	"errors"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/ecb"
	"vouchsafe/evidence"
	"vouchsafe/rates"
)

// wireRates has exchange rates read every hour, where the configuration names a
// source. Each legal entity keeps its own.
func (a *App) wireRates() error {
	a.Domains.Rates = rates.Deps{Known: knownEntity}
	rates.Register(a.Road.Registry, a.Domains.Rates)
	if a.Config.RatesURL == "" {
		return nil
	}
	source, err := ecb.New(a.Config.RatesURL)
	if err != nil {
		return err
	}
	a.Queue.Every("exchange rates", time.Hour, func(ctx context.Context) error { return a.readRates(ctx, source) })
	return nil
}

// readRates records the source's newest day for each entity that does not have
// it yet.
func (a *App) readRates(ctx context.Context, source *ecb.Client) error {
	day, err := source.Read(ctx)
	if err != nil {
		return err
	}
	entities, err := access.Entities(ctx, a.Store.Reader())
	errs := []error{err}
	for _, e := range entities {
		if e.ID == access.Group {
			continue
		}
		in := rates.RecordSheet{Entity: e.ID, Base: day.Base, Day: day.Day, Source: ecb.Source, Rates: day.Rates}
		errs = append(errs, rates.Import(ctx, a.Road, evidence.Actor{Ref: access.SysRates}, in))
	}
	return errors.Join(errs...)
}
