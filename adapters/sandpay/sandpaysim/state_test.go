package sandpaysim_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay/sandpaysim"
)

// TestBooksSurviveRestart restarts on the same file with the same seed in the
// middle of everything: a payout pending, one late, one key used.
func TestBooksSurviveRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "psp.json")
	old, _ := newSim("http://127.0.0.1:1/hook")
	byHand(t, old, goodAccount, "R1")
	_, said := post(t, old, "k2", "R2", 100)
	inject(t, old, sandpaysim.ApplyLate, 1)
	post(t, old, "k3", "R3", 100)
	if err := old.SaveTo(path); err != nil {
		t.Fatal(err)
	}

	sim, clock := newSim("http://127.0.0.1:1/hook")
	if err := sim.LoadFrom(path); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(old.Oracle(), sim.Oracle()) {
		t.Errorf("saved %+v, loaded %+v", old.Oracle(), sim.Oracle())
	}
	if status, again := post(t, sim, "k2", "R2", 100); status != 200 || again != said {
		t.Errorf("the key forgot: %d %s", status, again)
	}
	sim.Step(clock.Advance(2 * time.Minute))
	seen := map[string]bool{}
	for _, reference := range []string{"R1", "R2", "R3"} {
		payouts := sim.Truth(reference).Payouts
		if len(payouts) != 1 || seen[payouts[0].ID] {
			t.Errorf("%s: %+v", reference, payouts)
			continue
		}
		seen[payouts[0].ID] = true
	}
	if again := byHand(t, sim, goodAccount, "R4"); seen[again.ID] {
		t.Error("an id is given twice")
	}
}

func TestStateFiles(t *testing.T) {
	dir := t.TempDir()
	sim, _ := newSim("")
	byHand(t, sim, goodAccount, "R")
	if err := sim.LoadFrom(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for i, damaged := range []string{
		"", "{", `{"version":1}`, `{"version":2,"book":{"keys":{},"posts":{}}}`, `{"version":1,"book":null}`,
		`{"version":1,"book":{"keys":null,"posts":{}}}`, `{"version":1,"book":{"keys":{},"posts":{},"objects":[null]}}`,
		`{"version":1,"book":{"keys":{},"posts":{},"late":[{"key":"k"}]}}`,
	} {
		path := filepath.Join(dir, "damaged")
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if sim.LoadFrom(path) == nil {
			t.Errorf("damage %d is loaded", i)
		}
	}
	if len(sim.Truth("R").Payouts) != 1 {
		t.Error("a damaged file emptied the books")
	}
	if sim.SaveTo(filepath.Join(dir, "no", "such", "folder")) == nil {
		t.Error("saved nowhere")
	}
	path := filepath.Join(dir, "psp.json")
	if err := sim.SaveTo(path); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	key, secret := sandpaysim.DemoKeys(5)
	if strings.Contains(string(raw), key) || strings.Contains(string(raw), secret[6:]) {
		t.Error("the file holds a secret")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
