package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/sandpay"
	"vouchsafe/core"
	"vouchsafe/web/console"
)

// demoReport is what `demo --json` prints: scripts depend on it.
type demoReport struct {
	Data     string  `json:"data"`
	Key      string  `json:"key"`
	URL      string  `json:"url,omitempty"`
	MT5      string  `json:"mt5_console,omitempty"`
	PSP      string  `json:"psp_dashboard,omitempty"`
	Witness  string  `json:"witness,omitempty"`
	Provider string  `json:"identity_provider,omitempty"`
	Stories  Stories `json:"stories"`
}

// demoMain is `vouchsafe demo [--data DIR] [--listen ADDR] [--seed-only]
// [--json]`.
func demoMain(args []string, out, errw io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(errw)
	dir := flags.String("data", "", "data folder; a new temporary one when empty")
	listen := flags.String("listen", "127.0.0.1:8080", "address of the console; loopback only")
	seedOnly := flags.Bool("seed-only", false, "make the history and exit")
	asJSON := flags.Bool("json", false, "print JSON")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return ExitGood
	case err != nil || flags.NArg() > 0:
		fmt.Fprintln(errw, "usage: vouchsafe demo [--data DIR] [--listen ADDR] [--seed-only] [--json]")
		return ExitNoCheck
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := runDemo(ctx, *dir, *listen, *seedOnly, *asJSON, out, errw); err != nil {
		fmt.Fprintln(errw, "vouchsafe:", err)
		return ExitNoCheck
	}
	return ExitGood
}

func runDemo(ctx context.Context, dir, listen string, seedOnly, asJSON bool, out, errw io.Writer) error {
	if err := loopback(listen); err != nil {
		return err
	}
	var err error
	if dir == "" {
		if dir, err = os.MkdirTemp("", "vouchsafe-demo-"); err != nil {
			return err
		}
	}
	r := demoReport{Data: dir}
	if r.Stories, err = loadOrSeed(ctx, dir, errw); err != nil {
		return err
	}
	cfg, err := DataConfig(dir)
	if err != nil {
		return err
	}
	r.Key = cfg.KeyFile()
	if seedOnly {
		return r.print(out, asJSON)
	}
	return liveDemo(ctx, cfg, listen, r, asJSON, out, errw)
}

// loopback refuses to offer one-click personas to a network.
func loopback(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("the address %q cannot be read: write 127.0.0.1:8080", listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("the demo lets everybody in with one click, so it listens on loopback only, such as 127.0.0.1:8080")
	}
	return nil
}

func loadOrSeed(ctx context.Context, dir string, errw io.Writer) (Stories, error) {
	var s Stories
	file := filepath.Join(dir, "stories.json")
	if text, err := os.ReadFile(file); err == nil {
		return s, json.Unmarshal(text, &s)
	}
	s, err := SeedDemo(ctx, dir, errw)
	if err != nil {
		return s, err
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return s, err
	}
	return s, os.WriteFile(file, text, 0o600)
}

// demoBusiness is the business clock of a live demo: it runs on from where the
// history ends, or from the newest event of an earlier visit. Business time
// never goes back.
func demoBusiness(ctx context.Context, cfg Config) (*core.OffsetClock, error) {
	latest, err := latestEvent(ctx, cfg)
	return core.NewOffsetClock(max(core.At(demoEnd), latest.Add(time.Second))), err
}

// liveDemo opens the made installation under clocks that run, and serves it.
func liveDemo(ctx context.Context, cfg Config, listen string, r demoReport, asJSON bool, out, errw io.Writer) error {
	business, err := demoBusiness(ctx, cfg)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	defer l.Close()
	cfg.Listen = l.Addr().String()
	world, err := startOutside(cfg.Data, business, core.SystemClock{}, "http://"+cfg.Listen+"/hooks/psp/"+sandpay.Name)
	if err != nil {
		return err
	}
	defer world.Close()
	cfg.RatesURL = world.rates
	if r.MT5, err = world.mt5.StartConsole("127.0.0.1:0"); err != nil {
		return err
	}
	if r.PSP, err = world.psp.StartControl("127.0.0.1:0"); err != nil {
		return err
	}
	if err := world.startProvider(&cfg); err != nil {
		return err
	}
	r.Provider = cfg.SignIn[0].Issuer
	outsider, err := startWitness(&cfg, errw)
	if err != nil {
		return err
	}
	defer outsider.Close()
	r.Witness = outsider.URL
	streams, err := cfg.connectStreams(core.SystemClock{})
	if err != nil {
		return err
	}
	a, err := Open(ctx, cfg, world.connect(Options{Clock: business, Holder: "demo", Streams: streams, Report: reporter(errw)}))
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.linkDemo(ctx); err != nil {
		return err
	}
	personas, err := a.personas(ctx)
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(cfg.Listen)
	r.URL = "http://localhost:" + port
	if err := r.print(out, asJSON); err != nil {
		return err
	}
	var turning sync.WaitGroup
	turning.Go(func() { world.mt5.KeepSaved(ctx, filepath.Join(cfg.Data, mt5File), time.Second) })
	turning.Go(func() { world.turn(ctx, cfg.Data, business) })
	err = a.serveOn(ctx, l, personas, errw)
	turning.Wait()
	return errors.Join(err, world.save(cfg.Data))
}

// turn lets the PSP go on by itself, a second at a time, and keeps its books: a
// demo that is killed comes back much as it was.
func (o *outside) turn(ctx context.Context, dir string, clock core.Clock) {
	for ctx.Err() == nil {
		o.psp.Step(clock.Now())
		_ = o.psp.SaveIfChanged(filepath.Join(dir, pspFile)) // tried again in a second
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// personas are the demo's people, for the sign-in page.
func (a *App) personas(ctx context.Context) ([]console.Persona, error) {
	var out []console.Persona
	for _, p := range demoStaffList {
		s, err := access.StaffByEmail(ctx, a.Store.Reader(), p.key+"@aurum.example")
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, console.Persona{Staff: s.ID, Name: p.name, Note: p.persona})
		}
	}
	return out, nil
}

func (r demoReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	fmt.Fprintf(out, "data            %s\npublic keys     %s\n", r.Data, r.Key)
	if r.URL != "" {
		fmt.Fprintf(out, "console         %s\nMT5 console     %s\nPSP dashboard   %s\nwitness         %s (the demo's own: a real one is in somebody else's hands)\nidentities      %s (pretended: it asks nobody for proof)\n", r.URL, r.MT5, r.PSP, r.Witness, r.Provider)
	}
	fmt.Fprintf(out, "\nThree stories:\n  one client      %s (withdrawal %s)\n  one staff       %s\n  one adjustment  %s (account %s)\n",
		r.Stories.WithdrawalOverride.Client, r.Stories.WithdrawalOverride.Withdrawal, r.Stories.StaffHistory.Staff, r.Stories.MT5Correction.Intervention, r.Stories.MT5Correction.Account)
	return nil
}
