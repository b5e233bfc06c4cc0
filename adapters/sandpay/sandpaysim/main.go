package sandpaysim

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

// tick is how often the stand-alone sandbox steps and saves, in real time; a
// killed process forgets at most this much.
const tick = time.Second

// Main runs `vouchsafe sim psp` until it is interrupted and returns the exit
// code: 0 done, 1 failed, 2 wrong usage. Its keys are DemoKeys(seed) and are
// printed, since they guard nothing.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, args, stdout, stderr)
}

// settings are the command line.
type settings struct {
	listen, control, state, webhook string
	seed                            uint64
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var c settings
	flags := flag.NewFlagSet("vouchsafe sim psp", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8091", "loopback `address` of the payment API")
	flags.StringVar(&c.control, "control", "127.0.0.1:8092", "loopback `address` of the dashboard and control API")
	flags.Uint64Var(&c.seed, "seed", 1, "`number` that decides keys and ids")
	flags.StringVar(&c.state, "state", "", "`file` that keeps the books over restarts; empty keeps nothing")
	flags.StringVar(&c.webhook, "webhook", "", "`URL` that receives webhooks; empty sends none")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "unexpected argument %q\n", flags.Arg(0))
		return c, errors.New("unexpected argument")
	}
	return c, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	s := New(Options{Seed: c.seed, WebhookURL: c.webhook})
	if err = s.open(c, stdout); err == nil {
		s.live(ctx, c.state, stderr)
	}
	// Saved only after the listeners are closed: what was answered is kept.
	if err = errors.Join(err, s.Close(), s.SaveIfChanged(c.state)); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// open loads the books and starts both listeners.
func (s *Server) open(c settings, stdout io.Writer) error {
	if c.state != "" {
		if err := s.LoadFrom(c.state); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	api, err := s.Start(c.listen)
	if err != nil {
		return err
	}
	control, err := s.StartControl(c.control)
	if err != nil {
		return err
	}
	key, secret := DemoKeys(c.seed)
	fmt.Fprintf(stdout, "SandPay sandbox: our own simulator, not independent, no real money\n"+
		"api             %s\ndashboard       %s\napi key         %s\nwebhook secret  %s\n", api, control, key, secret)
	return nil
}

// live steps and saves until ctx ends. A failed save is reported and tried
// again at the next tick.
func (s *Server) live(ctx context.Context, state string, stderr io.Writer) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.Step(s.opts.Clock.Now())
			if err := s.SaveIfChanged(state); err != nil {
				fmt.Fprintln(stderr, err)
			}
		}
	}
}
