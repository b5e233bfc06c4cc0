package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence/witness"
)

// witness is the program that an outsider runs: it has a key and a folder of
// its own, and needs nothing of an installation but its public keys.
func (c *cli) witness(ctx context.Context, args []string) error {
	fs := c.flags("witness")
	dir := fs.String("dir", "", "folder of the witness")
	listen := fs.String("listen", "127.0.0.1:8090", "address to answer on")
	rest, err := parse(fs, args, 1, 2)
	if err != nil {
		return err
	}
	if *dir == "" {
		return errUsage
	}
	switch act, n := rest[0], len(rest); {
	case act == "new" && n == 2:
		key, err := witness.Create(*dir, rest[1])
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "made a witness in %s: keep witness.key to yourself; give this public key to the firm and to whoever checks its logs\n%s\n", oneLine(*dir), key)
		return nil
	case act == "trust" && n == 2:
		text, err := os.ReadFile(rest[1])
		if err != nil {
			return err
		}
		origins, err := witness.Trust(*dir, string(text))
		for _, o := range origins {
			fmt.Fprintf(c.out, "cosigns  %s\n", oneLine(o))
		}
		return err
	case act == "serve" && n == 1:
		return c.serveWitness(ctx, *dir, *listen)
	case act == "status" && n == 1:
		return c.witnessStatus(*dir)
	}
	return errUsage
}

// tell writes what a person must look at, one line each.
func (c *cli) tell() func(string) {
	var mu sync.Mutex
	return func(s string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(c.err, "vouchsafe witness:", oneLine(s))
	}
}

func (c *cli) serveWitness(ctx context.Context, dir, listen string) error {
	w, err := witness.Open(dir, core.SystemClock{}, c.tell())
	if err != nil {
		return err
	}
	defer w.Close()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.err, "vouchsafe witness: %s answers on http://%s/add-checkpoint\n", w.Key().Name(), l.Addr())
	return serveUntil(ctx, l, w.Handler())
}

// serveUntil answers until ctx ends, and lets what it began end.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		done <- srv.Shutdown(drain)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

// witnessStatus prints what a witness knows, and ends with 1 when it refused a
// history. Of a witness that runs, the page at its address tells the same.
func (c *cli) witnessStatus(dir string) error {
	w, err := witness.Open(dir, core.SystemClock{}, c.tell())
	if err != nil {
		return fmt.Errorf("%w (of one that runs, ask the page at its address)", err)
	}
	defer w.Close()
	fmt.Fprint(c.out, w.Status())
	for _, f := range w.Forks() {
		fmt.Fprintln(c.out, "refused ", oneLine(filepath.Base(f)))
	}
	if len(w.Forks()) > 0 {
		return errFound
	}
	return nil
}
