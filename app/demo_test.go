package app

import (
	"context"
	"testing"
	"time"

	"vouchsafe/evidence"
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
	a, err := Open(ctx, cfg, Options{})
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
	states, err := evidence.LogStates(ctx, a.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		t.Logf("%s: %d events", s.Log, s.Size)
	}
}
