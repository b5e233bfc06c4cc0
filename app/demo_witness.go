package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"vouchsafe/core"
	"vouchsafe/evidence/witness"
)

// demoWitnessName says what it is: a witness in the same process, under the
// same hands, proves nothing to anybody. It is there to be looked at.
const demoWitnessName = "demo-witness.vouchsafe.example"

// demoWitness is the demo's witness: a folder and key of its own, reached over
// HTTP like one at the other end of the world.
type demoWitness struct {
	URL  string
	w    *witness.Witness
	done chan error
	stop context.CancelFunc
}

// startWitness runs the demo's witness for the logs whose public keys are in
// the installation's key file, and puts it into the configuration.
func startWitness(cfg *Config, errw io.Writer) (*demoWitness, error) {
	dir := cfg.file("demo-witness")
	if !exists(filepath.Join(dir, "witness.key")) {
		if _, err := witness.Create(dir, demoWitnessName); err != nil {
			return nil, err
		}
	}
	keys, err := os.ReadFile(cfg.KeyFile())
	if err != nil {
		return nil, err
	}
	if _, err := witness.Trust(dir, string(keys)); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	w, err := witness.Open(dir, core.SystemClock{}, func(s string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(errw, "demo witness:", oneLine(s))
	})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	d := &demoWitness{URL: "http://" + l.Addr().String(), w: w, done: make(chan error, 1), stop: stop}
	go func() { d.done <- serveUntil(ctx, l, w.Handler()) }()
	cfg.Witnesses = []WitnessConfig{{Key: w.Key().String()}}
	if err := cfg.write(); err != nil { // verbs at the command line believe it, and do not ask it
		d.Close()
		return nil, err
	}
	cfg.Witnesses[0].URL = d.URL
	return d, nil
}

// Close ends it.
func (d *demoWitness) Close() {
	d.stop()
	<-d.done
	d.w.Close()
}
