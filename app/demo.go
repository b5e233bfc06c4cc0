package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"vouchsafe/adapters/ecb/ecbsim"
	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
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
	psp    *sandpaysim.Server
	bank   *sandpay.Client
	rates  string // where the central bank is
	close  []func()
}

func (o *outside) Close() {
	for i := len(o.close) - 1; i >= 0; i-- {
		o.close[i]()
	}
}

// The files in which the simulators keep what they hold.
const (
	mt5File = "mt5sim.json"
	pspFile = "sandpaysim.json"
)

// startOutside starts the simulators under the demo's clock, from their saved
// state where there is one. The PSP's webhooks go to hooks, unless it is empty.
func startOutside(dir string, clock, wall core.Clock, hooks string) (_ *outside, err error) {
	o := &outside{
		mt5: mt5sim.New(mt5sim.Options{Seed: DemoSeed, Clock: clock, Groups: demoGroups()}),
		psp: sandpaysim.New(sandpaysim.Options{Seed: DemoSeed, Clock: clock, WebhookURL: hooks}),
	}
	defer func() {
		if err != nil {
			o.Close()
		}
	}()
	for _, load := range []error{o.mt5.LoadFrom(filepath.Join(dir, mt5File)), o.psp.LoadFrom(filepath.Join(dir, pspFile))} {
		if load != nil && !errors.Is(load, os.ErrNotExist) {
			return nil, load
		}
	}
	if err := o.startMT5(clock, wall); err != nil {
		return nil, err
	}
	if err := o.startRates(clock); err != nil {
		return nil, err
	}
	return o, o.startPSP(wall)
}

// startRates starts the central bank, which publishes by the demo's clock.
func (o *outside) startRates(clock core.Clock) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: &ecbsim.Server{Clock: clock}, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }()
	o.rates = "http://" + l.Addr().String()
	o.close = append(o.close, func() { srv.Close() })
	return nil
}

// startMT5 starts the platform, which lives by the demo's clock: its distance
// from UTC is measured against that one, and deadlines by the wall clock.
func (o *outside) startMT5(clock, wall core.Clock) error {
	base, err := o.mt5.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	o.close = append(o.close, func() { o.mt5.Close() })
	o.client, err = mt5.New(mt5.Config{
		Name: "mt5", BaseURL: base, RootPEM: o.mt5.PEM(), Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword,
		Clock: wall, Against: clock, Entropy: core.SystemEntropy{}, Timeout: 10 * time.Second,
	})
	if err == nil {
		o.close = append(o.close, func() { o.client.Close() })
	}
	return err
}

func (o *outside) startPSP(wall core.Clock) error {
	base, err := o.psp.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	o.close = append(o.close, func() { o.psp.Close() })
	key, secret := sandpaysim.DemoKeys(DemoSeed)
	o.bank, err = sandpay.New(sandpay.Config{BaseURL: base, APIKey: key, WebhookSecrets: []string{secret}, Wall: wall})
	return err
}

// save keeps what the simulators hold.
func (o *outside) save(dir string) error {
	return errors.Join(o.mt5.SaveTo(filepath.Join(dir, mt5File)), o.psp.SaveTo(filepath.Join(dir, pspFile)))
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

// connect adds the outside world to what an installation is opened with. A
// merchant account is called as its entity is.
func (o *outside) connect(to Options) Options {
	to.Platforms = Platforms{All: []platform.Platform{o.client}, ByEntity: map[core.Ref]string{}}
	for _, e := range demoEntities {
		ref := core.Ref("en_" + e.code)
		to.Platforms.ByEntity[ref] = o.client.Name()
		to.Routes = append(to.Routes, payments.Route{Entity: ref, PSP: o.bank, Merchant: e.code})
	}
	return to
}

// SeedDemo makes a demo installation in dir: six months of history by real
// commands under a virtual clock.
func SeedDemo(ctx context.Context, dir string, report io.Writer) (Stories, error) {
	var stories Stories
	cfg, err := Config{Data: dir, Host: "aurum.vouchsafe.example", Demo: true, MailOutbox: "outbox"}.complete()
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
	cfg.Operator = world.actor("james").Ref // the auditor: packs are whole, and nothing can be changed
	return stories, errors.Join(world.out.save(dir), cfg.write())
}

func newWorld(ctx context.Context, cfg Config, clock *core.VirtualClock) (*world, func(), error) {
	out, err := startOutside(cfg.Data, clock, clock, "")
	if err != nil {
		return nil, nil, err
	}
	cfg.RatesURL = out.rates
	a, err := Open(ctx, cfg, out.connect(Options{Clock: clock, Wall: clock, Entropy: core.NewSeededEntropy(DemoSeed), Holder: "demo"}))
	if err != nil {
		out.Close()
		return nil, nil, err
	}
	w := &world{ctx: ctx, app: a, clock: clock, out: out, staff: map[string]evidence.Actor{}, rng: rand.New(rand.NewPCG(DemoSeed, 11))}
	w.step = func() { out.psp.Step(clock.Now()) }
	return w, func() { a.Close(); out.Close() }, nil
}
