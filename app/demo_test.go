package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/platform"
)

// The demo's history is made by real commands, and everything verifies.
func TestDemoHistoryVerifies(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	began := time.Now()
	if _, err := SeedDemo(ctx, dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded in %s", time.Since(began))
	cfg, err := DataConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := demoBusiness(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	latest, err := latestEvent(ctx, cfg)
	if err != nil || clock.Now() < latest || clock.Now() < core.At(demoEnd) {
		t.Fatalf("the business clock of a second visit reads %s, the history ends at %s (%v)", clock.Now(), latest, err)
	}
	a, err := Open(ctx, cfg, Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	logs, err := a.Logs(ctx)
	if err != nil || len(logs) != 3 {
		t.Fatal(logs, err)
	}
	trusted, err := a.Signers.Verifiers(logs...)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := a.Verify(ctx, trusted)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	noneDenied(t, a)
	t.Run("the same seed makes the same history", func(t *testing.T) { sameHistory(t, dir) })
	t.Run("no personal value leaves for other systems", func(t *testing.T) { nothingPersonalLeaves(t, a) })
	t.Run("compliance asks for reactivations alone", func(t *testing.T) { reactivations(t, a) })
	states, err := evidence.LogStates(ctx, a.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		t.Logf("%s: %d events", s.Log, s.Size)
	}
}

// sameHistory seeds a second demo and compares the roots of all logs: one leaf
// that differs in one byte makes another root. The keys differ, so the
// signatures do.
func sameHistory(t *testing.T, dir string) {
	again := t.TempDir()
	if _, err := SeedDemo(context.Background(), again, t.Output()); err != nil {
		t.Fatal(err)
	}
	notes, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.checkpoint"))
	if err != nil || len(notes) != 3 {
		t.Fatal(notes, err)
	}
	for _, note := range notes {
		one, other := treeOf(t, note), treeOf(t, filepath.Join(again, "checkpoints", filepath.Base(note)))
		if one != other {
			t.Errorf("%s: one history has the tree %q, the other %q", filepath.Base(note), one, other)
		}
	}
}

// treeOf is what a checkpoint says: the log, its size, its root.
func treeOf(t *testing.T, note string) string {
	t.Helper()
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(text), "\n\n")
	return body
}

// reactivations holds the policy compliance.reactivation against the command:
// of the manual operations, compliance may ask for a reactivation and for no
// other. What is allowed gets as far as the case, which does not exist.
func reactivations(t *testing.T, a *App) {
	ctx := context.Background()
	maria, err := access.StaffByEmail(ctx, a.Store.Reader(), "maria@aurum.example")
	if err != nil || maria == nil {
		t.Fatal(maria, err)
	}
	var account core.Ref
	if err := a.Store.Reader().QueryRow(ctx, "SELECT id FROM trading_account WHERE entity = 'en_aurum-eu' ORDER BY id LIMIT 1").Scan(&account); err != nil {
		t.Fatal(err)
	}
	who := evidence.Actor{Ref: maria.ID, StepUp: true}
	for _, k := range platform.Kinds {
		in := platform.RequestIntervention{Account: account, Kind: k, Reason: k.Reasons()[0], Words: "To see who may ask for this.", Case: "ca_none"}
		if _, books := k.Books(); books {
			in.Minor, in.Currency = 100, "EUR"
		}
		if k == platform.GroupChange {
			in.ToGroup = `real\eu-pro`
		}
		_, err := a.Road.Run(ctx, who, "", in)
		if f := core.AsFault(err); err == nil || (f.Kind != core.Denied) != (k == platform.Reactivation) || f.Kind == core.Invalid {
			t.Errorf("%s: %v", k, err)
		}
	}
}

// A second visit to a demo goes on where the first one ended, however far that
// had come.
func TestADemosClockNeverGoesBack(t *testing.T) {
	f := openFirm(t)
	later := core.At(demoEnd.Add(90 * time.Hour))
	f.clock.Set(later)
	f.colleague("cara", access.Compliance)
	clock, err := demoBusiness(f.ctx, f.Config)
	if err != nil || clock.Now() <= later {
		t.Errorf("after events at %s the clock reads %s (%v)", later, clock.Now(), err)
	}
}
