package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"vouchsafe/access"
	v1 "vouchsafe/api/v1"
	"vouchsafe/core"
	"vouchsafe/web/console"
)

// Exit codes of every verb: scripts depend on them.
const (
	ExitGood    = 0
	ExitFound   = 1 // the check found something
	ExitNoCheck = 2 // it could not be done or checked, or the words of the call are off
)

// serveMain is `vouchsafe serve --config FILE`.
func serveMain(args []string, out, errw io.Writer) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(errw)
	file := flags.String("config", "", "configuration file (JSON)")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return ExitGood
	case err != nil || *file == "" || flags.NArg() > 0:
		fmt.Fprintln(errw, "usage: vouchsafe serve --config FILE")
		return ExitNoCheck
	}
	cfg, err := LoadConfig(*file)
	if err == nil && cfg.Demo {
		err = errors.New("this installation was made by the demo: its keys are known to everybody, and serve refuses them")
	}
	if err == nil && cfg.Origin == "" {
		err = errors.New(`serve needs "origin", the https address of the console`)
	}
	if err != nil {
		fmt.Fprintln(errw, "vouchsafe:", err)
		return ExitNoCheck
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, disconnect, err := cfg.Connect(Options{Report: reporter(errw), Log: slog.New(slog.NewTextHandler(errw, nil))})
	defer disconnect()
	if err != nil {
		fmt.Fprintln(errw, "vouchsafe:", err)
		return ExitNoCheck
	}
	a, err := Open(ctx, cfg, o)
	if err == nil {
		defer a.Close()
		if err = a.keepKeys(ctx); err == nil {
			fmt.Fprintf(errw, "vouchsafe: serving %s on %s\n", cfg.Origin, cfg.Listen)
			err = a.Serve(ctx, cfg.Listen, nil, errw)
		}
	}
	if err != nil {
		fmt.Fprintln(errw, "vouchsafe:", err)
		return ExitNoCheck
	}
	return ExitGood
}

// reporter tells the operator what goes wrong behind the scenes, such as a log
// that contradicts its signed checkpoints and is sealed no more. The same words
// come once a minute, not with every try.
func reporter(errw io.Writer) func(error) {
	var mu sync.Mutex
	told := map[string]time.Time{}
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if text := err.Error(); time.Since(told[text]) >= time.Minute {
			if len(told) > 100 {
				clear(told)
			}
			told[text] = time.Now()
			fmt.Fprintln(errw, "vouchsafe:", text)
		}
	}
}

// Console is the staff console of the installation.
func (a *App) Console(personas []console.Persona, report func(error)) *console.Server {
	packs := a.Packs()
	return console.New(console.Deps{
		People: staffElsewhere{}, PolicyChange: a.PolicyDeps(), Manuals: a.Manuals(),
		Road: a.Road, Auth: a.Domains.Auth, Wall: a.Wall, Names: a.names, CaseOwners: a.caseOwners, Onboarding: a.Domains.Onboarding,
		Intake: a.Domains.Intake, Payments: a.Domains.Payments, Approvals: a.Domains.Approvals, Rates: a.Domains.Rates, Platform: a.Domains.Driver.Deps, Records: records{}, Policies: a.Domains.Policy,
		Packs: &packs, Settled: a.settledAndSeen, LogWatch: a.LogWatch(), TokenReads: v1.Reads(),
		Demo: a.Config.Demo, Personas: personas, Plain: a.Config.Demo, ClientIP: a.Config.clientIP(), Report: report,
	})
}

// API is the HTTP API of the installation.
func (a *App) API(report func(error)) *v1.Server {
	d := a.Domains
	return v1.New(v1.Deps{
		People: staffElsewhere{},
		Road:   a.Road, Auth: d.Auth, Onboarding: d.Onboarding, Intake: d.Intake, Platform: d.Driver.Deps, Payments: d.Payments, Approvals: d.Approvals, Rates: d.Rates, Records: records{}, Policies: d.Policy, Manuals: a.Manuals(),
		Plain: a.Config.Demo, ClientIP: a.Config.clientIP(), Report: report,
	})
}

// Handler is everything that this process answers over HTTP.
func (a *App) Handler(personas []console.Persona, report func(error)) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", a.Console(personas, report).Handler())
	mux.Handle(v1.Prefix+"/", a.API(report).Handler())
	mux.HandleFunc("POST /hooks/psp/{name}", func(w http.ResponseWriter, r *http.Request) { a.webhook(w, r, report) })
	return mux
}

func (a *App) names(ctx context.Context, refs []core.Ref) (map[core.Ref]string, error) {
	return access.StaffNames(ctx, a.Store.Reader(), refs)
}

// Serve answers on the address until ctx ends, then drains: no request and no
// job is cut off.
func (a *App) Serve(ctx context.Context, listen string, personas []console.Persona, errw io.Writer) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	return a.serveOn(ctx, l, personas, errw)
}

func (a *App) serveOn(ctx context.Context, l net.Listener, personas []console.Persona, errw io.Writer) error {
	report := func(err error) { fmt.Fprintln(errw, "vouchsafe:", err) }
	srv := &http.Server{Handler: a.Handler(personas, report), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.Run(work, 4) })
	wg.Go(func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = srv.Shutdown(drain)
		stopWork()
	})
	err := srv.Serve(l)
	if !errors.Is(err, http.ErrServerClosed) {
		stopWork()
		return err
	}
	wg.Wait()
	return nil
}
