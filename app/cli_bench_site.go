package app

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"vouchsafe/bench"
)

// BenchSite makes a new installation in a folder, to be measured: the whole
// program as it serves, on SQLite or, when dsn is not empty, on an empty
// PostgreSQL database.
func BenchSite(ctx context.Context, dir, dsn string) (*bench.Site, func() error, error) {
	cfg, err := Config{Data: filepath.Join(dir, "data"), Database: dsn, Host: "bench.vouchsafe.example"}.complete()
	if err != nil {
		return nil, nil, err
	}
	if err := Create(ctx, cfg, io.Discard); err != nil {
		return nil, nil, err
	}
	a, err := Open(ctx, cfg, Options{Holder: "bench"})
	if err != nil {
		return nil, nil, err
	}
	return &bench.Site{
		Store: a.Store, Road: a.Road, Log: a.Log, Sequencer: a.Sequencer, Signers: a.Signers, Outside: a.Outside,
		Records: subjects{}, Dir: dir, DSN: dsn,
		Seal: func(ctx context.Context) { _ = a.Sequencer.Run(ctx, a.seal, time.Second) },
	}, a.Close, nil
}
