package app

import (
	"context"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// Run works the background duties until ctx ends: sealing about every second
// while there is news, jobs and schedules. It returns when all have stopped.
func (a *App) Run(ctx context.Context, workers int) {
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.Sequencer.Run(ctx, a.seal, time.Second) })
	wg.Go(func() { a.Queue.Run(ctx, workers, nil, time.Second) })
	wg.Go(func() { a.beat(ctx) })
	wg.Go(func() { a.watch(ctx) })
	wg.Go(func() { a.serveMetrics(ctx) })
	if a.clockwork != nil {
		wg.Go(func() { a.clockwork.watch(ctx) })
	}
	if err := a.recordConnections(ctx); err != nil {
		a.report(fmt.Errorf("whom the log is connected with could not be recorded: %w", err))
	}
	wg.Wait()
}

// beat has the log give its signs of life for as long as the program runs. It
// is no schedule of the queue: a queue that hangs is what it would not tell.
func (a *App) beat(ctx context.Context) {
	for ctx.Err() == nil {
		if err := oversight.Beat(ctx, a.Road); err != nil && ctx.Err() == nil {
			a.report(err) // what the log cannot tell now, its next sign of life does
		}
		select {
		case <-ctx.Done():
		case <-time.After(oversight.BeatEvery):
		}
	}
}

// Settle runs what is due until nothing is: jobs, then sealing. The demo and
// tests live by it.
func (a *App) Settle(ctx context.Context) error {
	for {
		n, err := a.Queue.Step(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	_, err := a.Sequencer.Step(ctx)
	return err
}

// Logs lists the logs that have events, sorted.
func (a *App) Logs(ctx context.Context) ([]string, error) {
	states, err := evidence.LogStates(ctx, a.Store.Reader())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range states {
		out = append(out, s.Log)
	}
	sort.Strings(out)
	return out, nil
}

// WriteKeys writes the public keys of all logs to the installation's key file,
// for those who verify.
func (a *App) WriteKeys(ctx context.Context) error {
	logs, err := a.Logs(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(a.Config.KeyFile(), []byte(a.Signers.VerifierKeys(logs)), 0o644)
}

// Verify checks the whole installation: every log (tree, checkpoints, the
// checkpoint kept outside) and the fold of all changes against all rows. It
// writes nothing.
func (a *App) Verify(ctx context.Context, trusted evidence.Verifiers) ([]evidence.Problem, error) {
	var out []evidence.Problem
	err := a.Store.Snapshot(ctx, func(r store.Reader) error {
		logs, err := evidence.LogsToVerify(ctx, r, a.Outside)
		if err != nil {
			return err
		}
		for _, log := range logs {
			out = append(out, evidence.VerifyLog(ctx, r, log, trusted, a.Outside)...)
		}
		more, err := a.Log.VerifyFold(ctx, r)
		out = append(out, more...)
		return err
	})
	return out, err
}
