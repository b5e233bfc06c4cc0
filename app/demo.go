package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/platform"
)

// DemoSeed is the seed of every demo: the same history, to the byte of every
// leaf, on every machine.
const DemoSeed = 7

// Stories are the records that a demo tells its stories with.
type Stories struct {
	WithdrawalOverride struct {
		Client     core.Ref `json:"client"`
		Withdrawal core.Ref `json:"withdrawal"`
	} `json:"withdrawal_override"`
	MT5Correction struct {
		Intervention core.Ref `json:"intervention"`
		Account      core.Ref `json:"account"`
	} `json:"mt5_correction"`
	StaffHistory struct {
		Staff core.Ref `json:"staff"`
	} `json:"staff_history"`
}

// outside is the world beyond the firm: the simulators, running in this
// process and speaking their wire protocols on loopback.
type outside struct {
	mt5    *mt5sim.Server
	client *mt5.Client
	close  []func()
}

func (o *outside) Close() {
	for i := len(o.close) - 1; i >= 0; i-- {
		o.close[i]()
	}
}

// startOutside starts the simulators under the demo's clock, from their saved
// state where there is one.
func startOutside(dir string, clock core.Clock, clientClock core.Clock) (*outside, error) {
	o := &outside{mt5: mt5sim.New(mt5sim.Options{Seed: DemoSeed, Clock: clock, Groups: demoGroups()})}
	if err := o.mt5.LoadFrom(filepath.Join(dir, "mt5sim.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	base, err := o.mt5.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o.close = append(o.close, func() { o.mt5.Close() })
	o.client, err = mt5.New(mt5.Config{
		Name: "mt5", BaseURL: base, RootPEM: o.mt5.PEM(), Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword,
		Clock: clientClock, Entropy: core.SystemEntropy{}, Timeout: 10 * time.Second,
	})
	if err != nil {
		o.Close()
		return nil, err
	}
	o.close = append(o.close, func() { o.client.Close() })
	return o, nil
}

func demoGroups() []mt5sim.Group {
	var out []mt5sim.Group
	for _, g := range []struct{ name, currency string }{
		{`real\eu-retail`, "EUR"},
		{`real\eu-pro`, "EUR"},
		{`real\eu-restricted`, "EUR"},
		{`real\intl-standard`, "USD"},
		{`real\intl-vip`, "USD"},
		{`real\intl-restricted`, "USD"},
	} {
		out = append(out, mt5sim.Group{Name: g.name, Currency: g.currency, Digits: 2})
	}
	return out
}

func (o *outside) platforms() Platforms {
	return Platforms{All: []platform.Platform{o.client}, ByEntity: map[core.Ref]string{"en_aurum-eu": "mt5", "en_aurum-sc": "mt5"}}
}

// SeedDemo makes a demo installation in dir: six months of history by real
// commands under a virtual clock.
func SeedDemo(ctx context.Context, dir string, report io.Writer) (Stories, error) {
	var stories Stories
	cfg, err := Config{Data: dir, Host: "aurum.vouchsafe.example", Demo: true}.complete()
	if err != nil {
		return stories, err
	}
	if err := Create(ctx, cfg, io.Discard); err != nil {
		return stories, err
	}
	clock := core.NewVirtualClock(core.At(demoStart))
	world, done, err := newWorld(ctx, cfg, clock)
	if err != nil {
		return stories, err
	}
	defer done()
	began := time.Now()
	stories = world.history()
	if world.err != nil {
		return stories, world.err
	}
	if err := world.app.WriteKeys(ctx); err != nil {
		return stories, err
	}
	fmt.Fprintf(report, "made six months of history in %.1f s\n", time.Since(began).Seconds())
	return stories, errors.Join(world.out.mt5.SaveTo(filepath.Join(dir, "mt5sim.json")), cfg.write())
}

func newWorld(ctx context.Context, cfg Config, clock *core.VirtualClock) (*world, func(), error) {
	out, err := startOutside(cfg.Data, clock, clock)
	if err != nil {
		return nil, nil, err
	}
	a, err := Open(ctx, cfg, Options{Clock: clock, Wall: clock, Entropy: core.NewSeededEntropy(DemoSeed), Holder: "demo", Platforms: out.platforms()})
	if err != nil {
		out.Close()
		return nil, nil, err
	}
	w := &world{ctx: ctx, app: a, clock: clock, out: out, staff: map[string]evidence.Actor{}, rng: rand.New(rand.NewPCG(DemoSeed, 11))}
	w.step = func() {}
	return w, func() { a.Close(); out.Close() }, nil
}
