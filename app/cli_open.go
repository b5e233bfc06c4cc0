package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// openToAct opens an installation for a verb that leaves evidence.
func openToAct(ctx context.Context, w *where) (*App, error) {
	cfg, err := w.load()
	if err != nil {
		return nil, err
	}
	// One name for every call: the next one need not wait until the lease of
	// the last runs out. Two at a time are kept apart by the keys of the leaves.
	host, _ := os.Hostname()
	o := Options{Holder: host + "/operator"}
	if cfg.Demo {
		if o.Clock, err = demoClock(ctx, cfg); err != nil {
			return nil, err
		}
		o.Wall = o.Clock
	}
	return Open(ctx, cfg, o)
}

// demoClock goes on where a demo's history ended, on machines whose clock is
// not there yet.
func demoClock(ctx context.Context, cfg Config) (core.Clock, error) {
	latest, err := latestEvent(ctx, cfg)
	if err != nil || (core.SystemClock{}).Now() > latest {
		return core.SystemClock{}, err
	}
	return core.NewOffsetClock(latest.Add(time.Second)), nil
}

// latestEvent is the business time of the newest event that is recorded.
func latestEvent(ctx context.Context, cfg Config) (latest core.Instant, err error) {
	look, err := openToLook(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer look.Close()
	err = look.Store.Reader().QueryRow(ctx, "SELECT coalesce(max(at), 0) FROM event").Scan((*int64)(&latest))
	return latest, err
}

// settled seals what is recorded, or waits while another process does.
func (a *App) settled(ctx context.Context) error {
	for range 50 {
		_, err := a.Sequencer.Step(ctx)
		if err == nil || !errors.Is(err, store.ErrLeaseLost) {
			return err
		}
		states, err := evidence.LogStates(ctx, a.Store.Reader())
		if err != nil {
			return err
		}
		waiting := int64(0)
		for _, s := range states {
			waiting += s.Unsealed + s.Unsigned()
		}
		if waiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil // the pack says what is not sealed
}

// look is an installation opened to be looked at: nothing is wired, and
// nothing that it does writes.
type look struct {
	Config  Config
	Store   *store.Store
	Keys    *store.Store
	Log     *evidence.Log
	Outside *evidence.FileOutside // nil when there is none
}

// openToLook opens databases and keys. What is missing stays missing: opening
// would make it.
func openToLook(ctx context.Context, cfg Config) (l *look, err error) {
	l = &look{Config: cfg}
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	for _, dsn := range []string{cfg.Database, cfg.KeyDatabase} {
		if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			if _, err := os.Stat(path); err != nil {
				return l, fmt.Errorf("a database is missing: %w", err)
			}
		}
	}
	if l.Store, err = store.Open(ctx, store.Options{DSN: cfg.Database}); err != nil {
		return l, err
	}
	if l.Keys, err = store.Open(ctx, store.Options{DSN: cfg.KeyDatabase}); err != nil {
		return l, err
	}
	if _, err := os.Stat(cfg.Outside); err == nil {
		if l.Outside, err = evidence.NewFileOutside(cfg.Outside); err != nil {
			return l, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	ring, err := l.ring(ctx)
	l.Log = &evidence.Log{Host: cfg.Host, Keys: ring}
	return l, err
}

// ring opens the subject keys. A key database without the installation's
// secret is refused: opening would draw a new one.
func (l *look) ring(ctx context.Context) (*keys.Ring, error) {
	var n int
	if err := l.Keys.Reader().QueryRow(ctx, "SELECT count(*) FROM subject_key WHERE subject = 'sys_master'").Scan(&n); err != nil {
		return nil, fmt.Errorf("the database of subject keys cannot be read: %w", err)
	}
	if n == 0 {
		return nil, errors.New("the database of subject keys does not hold this installation's secret")
	}
	file := l.Config.file("kek.json")
	if os.Getenv(keys.KEKVariable) != "" {
		file = ""
	}
	kek, err := keys.LoadKEK(file)
	if err != nil {
		return nil, err
	}
	return keys.OpenRing(ctx, l.Keys, kek, core.SystemClock{}, core.SystemEntropy{})
}

// Close ends all connections.
func (l *look) Close() {
	for _, s := range []*store.Store{l.Store, l.Keys} {
		if s != nil {
			_ = s.Close()
		}
	}
}
