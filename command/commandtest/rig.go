// Package commandtest sets up a road over a real store for tests of commands:
// virtual clock, seeded entropy, real evidence, and an authorizer that a test
// configures in two lines. Tests of policy itself use the real one.
package commandtest

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// Start is the first instant of every rig's business clock.
var Start = core.At(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))

// Rig is a road ready to run commands.
type Rig struct {
	Road   *command.Road
	Clock  *core.VirtualClock
	Policy *Policy
	T      testing.TB
}

// New builds a rig over a migrated store.
func New(t testing.TB, s *store.Store, reg *command.Registry) *Rig {
	t.Helper()
	return WithSeed(t, s, reg, 1)
}

// WithSeed is New with a chosen seed: the same seed makes the same leaves.
func WithSeed(t testing.TB, s *store.Store, reg *command.Registry, seed uint64) *Rig {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	kek := filepath.Join(dir, "kek.json")
	must(t, keys.GenerateKEK(kek))
	aead, err := keys.LoadKEK(kek)
	must(t, err)
	ks, err := store.Open(ctx, store.Options{DSN: "sqlite:" + filepath.Join(dir, "keys.db")})
	must(t, err)
	t.Cleanup(func() { ks.Close() })
	must(t, ks.Migrate(ctx, store.KeyMigrations, discard{}))
	clock := core.NewVirtualClock(Start)
	entropy := core.NewSeededEntropy(seed)
	ring, err := keys.OpenRing(ctx, ks, aead, clock, entropy)
	must(t, err)
	p := &Policy{Held: map[core.Ref][]string{}}
	road := &command.Road{
		Store: s, Log: &evidence.Log{Host: "test.vouchsafe.example", Keys: ring}, Registry: reg,
		Policy: p, Clock: clock, Entropy: entropy,
	}
	return &Rig{Road: road, Clock: clock, Policy: p, T: t}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Staff makes an actor holding roles in every entity.
func (r *Rig) Staff(id string, roles ...string) evidence.Actor {
	ref := core.Ref("st_" + id)
	r.Policy.Held[ref] = roles
	return evidence.Actor{Ref: ref, Session: core.Ref("se_" + id), IP: "192.0.2.10", Factors: []string{"password", "totp"}, StepUp: true}
}

// Do runs a command that must succeed.
func (r *Rig) Do(a evidence.Actor, in command.Input) command.Outcome {
	r.T.Helper()
	out, err := r.Road.Run(context.Background(), a, "", in)
	must(r.T, err)
	return out
}

// Approve approves a proposal that must take the approval.
func (r *Rig) Approve(a evidence.Actor, proposal core.Ref) command.Outcome {
	r.T.Helper()
	p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), proposal)
	must(r.T, err)
	out, err := r.Road.Approve(context.Background(), a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."})
	must(r.T, err)
	return out
}

// Events reads the events of a subject, oldest first.
func (r *Rig) Events(subject core.Ref) []evidence.Record {
	r.T.Helper()
	page, err := r.Road.Log.Find(context.Background(), r.Road.Store.Reader(),
		evidence.Filter{Refs: []core.Ref{subject}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: 200})
	must(r.T, err)
	return page.Rows
}

// Policy is a configurable authorizer: an actor with any role may do
// everything that Deny does not name; the system may do everything.
type Policy struct {
	Held map[core.Ref][]string
	// Deny refuses an act when it returns true.
	Deny func(a core.Ref, act command.Action, res command.Resource) bool
	// Hide makes a denial look like a missing record.
	Hide bool
}

// Authorize implements command.Authorizer.
func (p *Policy) Authorize(_ context.Context, _ store.Reader, a evidence.Actor, act command.Action, res command.Resource, _ core.Instant) (command.Ruling, error) {
	roles := p.Held[a.Ref]
	allow := len(roles) > 0 || a.Ref.Kind() == core.KindSystem
	if p.Deny != nil && p.Deny(a.Ref, act, res) {
		allow = false
	}
	d := evidence.Decision{Allow: allow, Policies: []string{"test.any"}, Set: "test", Engine: "test"}
	return command.Ruling{Decision: d, Hidden: p.Hide && !allow, Roles: slices.Clone(roles)}, nil
}

// Filter implements command.Authorizer.
func (p *Policy) Filter(ctx context.Context, r store.Reader, a evidence.Actor, act command.Action, kind core.Kind, at core.Instant) (store.Where, command.Ruling, error) {
	ruling, err := p.Authorize(ctx, r, a, act, command.Resource{Kind: kind}, at)
	if !ruling.Allow {
		return store.False, ruling, err
	}
	return store.True, ruling, err
}
