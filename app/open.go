package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/store"
)

// App is an opened installation.
type App struct {
	Config    Config
	Store     *store.Store
	KeyStore  *store.Store
	Keys      *keys.Ring
	Log       *evidence.Log
	Signers   evidence.Signers
	Outside   *evidence.FileOutside
	Sequencer *evidence.Sequencer
	Queue     *jobs.Queue
	Road      *command.Road
	Clock     core.Clock
	Wall      core.Clock
	Domains   Domains

	seal       chan struct{} // wakes the sequencer
	witnessing *evidence.Witnessing
	delivery   *oversight.Delivery
	clockwork  *clockSource // nil without a source
	report     func(error)  // background errors
}

// Options are what a caller injects; zero values are the real things.
type Options struct {
	Clock   core.Clock
	Wall    core.Clock
	Entropy core.Entropy
	Holder  string
	Report  func(error)  // background errors; nil drops them
	Log     *slog.Logger // failures of jobs and schedules; nil drops them
	// Platforms are the trading platforms, and which entity opens accounts
	// where.
	Platforms Platforms
	// Routes are the ways on which clients' money comes and goes.
	Routes []payments.Route
	// Streams are the systems outside that events are sent to.
	Streams []*oversight.Stream
}

// Platforms are connected trading platforms.
type Platforms struct {
	All      []platform.Platform
	ByEntity map[core.Ref]string
}

// Create makes the folder and the keys of a new installation and migrates its
// databases. What exists already is kept.
func Create(ctx context.Context, c Config, report io.Writer) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	if err := keys.GenerateKEK(c.file("kek.json")); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Stat(c.file("log.key")); errors.Is(err, fs.ErrNotExist) {
		if _, err := evidence.GenerateSigner(c.file("log.key"), c.Host); err != nil {
			return err
		}
	}
	return Migrate(ctx, c, report)
}

// Migrate brings both databases to this program's shape.
func Migrate(ctx context.Context, c Config, report io.Writer) error {
	for dsn, set := range map[string]store.MigrationSet{c.Database: store.MainMigrations, c.KeyDatabase: store.KeyMigrations} {
		s, err := store.Open(ctx, store.Options{DSN: dsn})
		if err != nil {
			return err
		}
		err = s.Migrate(ctx, set, report)
		if err = errors.Join(err, s.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Open opens an installation without starting anything. Policies that are new
// to it are recorded with their text, before anything is decided by them.
func Open(ctx context.Context, c Config, o Options) (_ *App, err error) {
	o = o.withDefaults()
	a := &App{Config: c, Clock: o.Clock, Wall: o.Wall, seal: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.Store, err = store.Open(ctx, store.Options{DSN: c.Database}); err != nil {
		return nil, err
	}
	if a.KeyStore, err = store.Open(ctx, store.Options{DSN: c.KeyDatabase}); err != nil {
		return nil, err
	}
	kekFile := c.file("kek.json")
	if os.Getenv(keys.KEKVariable) != "" {
		kekFile = ""
	}
	kek, err := keys.LoadKEK(kekFile)
	if err != nil {
		return nil, err
	}
	if a.Keys, err = keys.OpenRing(ctx, a.KeyStore, kek, o.Clock, o.Entropy); err != nil {
		return nil, err
	}
	a.Log = &evidence.Log{Host: c.Host, Keys: a.Keys}
	if a.Signers, err = evidence.LoadSigner(c.file("log.key"), c.Host); err != nil {
		return nil, err
	}
	if a.Outside, err = evidence.NewFileOutside(c.Outside); err != nil {
		return nil, err
	}
	if a.Sequencer, err = evidence.NewSequencer(evidence.SequencerConfig{
		Store: a.Store, Signers: a.Signers,
		Clock: o.Wall, Holder: o.Holder, Outside: a.Outside, Report: o.Report,
	}); err != nil {
		return nil, err
	}
	if a.report = o.Report; a.report == nil {
		a.report = func(error) {}
	}
	a.Queue = jobs.NewQueue(jobs.Config{Store: a.Store, Clock: o.Clock, Wall: o.Wall, Holder: o.Holder, Entropy: o.Entropy, Log: o.Log})
	a.Road = &command.Road{Store: a.Store, Log: a.Log, Registry: command.NewRegistry(), Clock: o.Clock, Entropy: o.Entropy, Nudge: a.nudge}
	if err := a.wire(ctx, kek, o); err != nil {
		return nil, err
	}
	return a, a.Domains.Policy.Adopt(ctx, a.Road)
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = core.SystemClock{}
	}
	if o.Wall == nil {
		o.Wall = core.SystemClock{}
	}
	if o.Entropy == nil {
		o.Entropy = core.SystemEntropy{}
	}
	if o.Holder == "" {
		host, _ := os.Hostname()
		o.Holder = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	return o
}

// nudge wakes the sequencer and the queue after a commit.
func (a *App) nudge() {
	select {
	case a.seal <- struct{}{}:
	default:
	}
	a.Queue.Nudge()
}

// Close writes down what was only counted, and ends all connections.
func (a *App) Close() error {
	var errs []error
	if a.Road != nil && a.Road.Policy != nil {
		errs = append(errs, a.Road.SettleFloods(context.Background(), true))
		if a.Domains.Auth != nil {
			errs = append(errs, a.Domains.Auth.SettleHeld(context.Background(), true))
		}
	}
	for _, s := range []*store.Store{a.Store, a.KeyStore} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}
