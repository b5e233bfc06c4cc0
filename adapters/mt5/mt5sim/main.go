package mt5sim

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	exitOK    = 0
	exitUsage = 2
	saveEvery = time.Second
)

// Main is `vouchsafe sim mt5`: it serves the demonstration broker until it is
// interrupted, and returns the process's exit code: 0, or 2 when it could not
// start or could not save. It prints what a client needs to connect.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, args, stdout, stderr)
}

// flags are the command line of `vouchsafe sim mt5`.
type flags struct {
	listen, console, file, cert string
	seed                        uint64
	plain                       bool
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("vouchsafe sim mt5", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.listen, "listen", "127.0.0.1:8443", "`address` of the Web API")
	set.StringVar(&f.console, "control", "127.0.0.1:8444", "loopback `address` of the manager console and the control API")
	set.Uint64Var(&f.seed, "seed", 1, "`number` from which challenges and prices follow")
	set.StringVar(&f.file, "state", "", "`file` that keeps the accounts and deals between runs")
	set.StringVar(&f.cert, "cert", "", "`file` to write the server's certificate to, in PEM form")
	set.BoolVar(&f.plain, "plain", false, "serve plain HTTP, on loopback only")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		err := errors.New("unexpected argument " + set.Arg(0))
		_, _ = fmt.Fprintln(stderr, err)
		return f, err
	}
	return f, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUsage
	}
	if err := serve(ctx, f, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "vouchsafe sim mt5:", err)
		return exitUsage
	}
	return exitOK
}

func serve(ctx context.Context, f flags, stdout io.Writer) error {
	s := New(Options{Seed: f.seed, PlainHTTP: f.plain})
	defer s.Close()
	if f.file != "" {
		if err := s.LoadFrom(f.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	api, err := s.Start(f.listen)
	if err != nil {
		return err
	}
	console, err := s.StartConsole(f.console)
	if err != nil {
		return err
	}
	if f.cert != "" {
		if err := os.WriteFile(f.cert, s.PEM(), 0o644); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(stdout, "Web API  %s\nConsole  %s\nManager  %d with password %s\n", api, console, DemoLogin, DemoPassword)
	if f.file != "" {
		return s.KeepSaved(ctx, f.file, saveEvery)
	}
	<-ctx.Done()
	return nil
}
