package console

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/platform"
	"vouchsafe/store"
)

func init() {
	access.Columns(core.KindCase, "entity", map[string]string{"owner": "owner", "client": "subject"})
	access.Columns(core.KindFinding, "entity", map[string]string{"kind": "kind", "client": "subject"})
	access.Columns(core.KindAccount, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindIntervention, "entity", map[string]string{"client": "client", "type": "kind"})
}

// firm is a house with a trading platform, cases and findings.
type firm struct {
	*house
	sim    *mt5sim.Server
	driver *platform.Driver
	queue  *jobs.Queue
	blocks []command.Refusal // what stands against every client's trading
}

const (
	retail = `real\eu-retail`
	pro    = `real\eu-pro`
	rogue  = 1777 // a login of the platform's manager terminal
)

func openFirm(t *testing.T) *firm {
	t.Helper()
	f := &firm{house: openHouse(t, true)}
	f.hire("dora", "en_cy", access.Dealing)
	f.hire("otis", "en_cy", access.Dealing)
	f.hire("cleo", "en_cy", access.SeniorCompliance)
	f.hire("audit", "en_cy", access.Auditor)
	groups := []mt5sim.Group{{Name: retail, Currency: "EUR", Digits: 2, Leverage: 30}, {Name: pro, Currency: "EUR", Digits: 2, Leverage: 30}}
	f.sim = mt5sim.New(mt5sim.Options{Seed: 1, Clock: f.wall, Wall: f.wall, PlainHTTP: true, Groups: groups})
	t.Cleanup(f.sim.Close)
	base, err := f.sim.Start("127.0.0.1:0")
	must(t, err)
	client, err := mt5.New(mt5.Config{Name: "mt5-eu", BaseURL: base, Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, Clock: f.wall, Timeout: time.Second})
	must(t, err)
	t.Cleanup(client.Close)
	deps := platform.Deps{
		Clearance: f, Cases: cases.Service{}, Entities: f, Clients: f, Tags: platform.Tagger{Key: []byte("test key")},
		Clock: f.Clock, Wall: f.wall, Platforms: map[string]platform.Platform{"mt5-eu": client}, ByEntity: map[core.Ref]string{"en_cy": "mt5-eu"},
	}
	platform.Register(f.Road.Registry, deps)
	cases.Register(f.Road.Registry, f, f)
	f.server.Platform, f.server.Records = deps, f
	f.driver = &platform.Driver{Road: f.Road, Deps: deps}
	f.queue = jobs.NewQueue(jobs.Config{Store: f.Road.Store, Clock: f.Clock, Wall: f.wall, Holder: "test", Entropy: core.SystemEntropy{}})
	f.driver.HandleJobs(f.queue, time.Minute)
	cases.HandleJobs(f.queue, f.Road)
	return f
}

// Refusals are what the test says stands against trading.
func (f *firm) Refusals(context.Context, store.Reader, core.Ref, string, core.Instant) ([]command.Refusal, error) {
	return f.blocks, nil
}

func (f *firm) Profile(context.Context, store.Reader, core.Ref) (string, string, error) {
	return "eu", "EUR", nil
}

func (f *firm) Basics(ctx context.Context, r store.Reader, client core.Ref) (core.Ref, string, error) {
	c, err := clients.Service{}.Client(ctx, r, client)
	if core.AsFault(err) != nil && core.AsFault(err).Kind == core.Unknown {
		return "", "", nil
	}
	return c.Entity, c.Name, err
}

// EntityOf tells the entity of every record that has pages here.
func (f *firm) EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error) {
	switch ref.Kind() {
	case core.KindAccount:
		if a, err := platform.AccountByID(ctx, r, ref); a != nil || err != nil {
			return a.Entity, err
		}
	case core.KindIntervention:
		if i, err := platform.InterventionByID(ctx, r, ref); i != nil || err != nil {
			return i.Entity, err
		}
	case core.KindCase:
		if c, err := cases.CaseByID(ctx, r, ref); c != nil || err != nil {
			return c.Entity, err
		}
	case core.KindFinding:
		if x, err := cases.FindingByID(ctx, r, ref); x != nil || err != nil {
			return x.Entity, err
		}
	}
	return f.house.EntityOf(ctx, r, ref)
}

// pass lets both clocks run.
func (f *firm) pass(d time.Duration) {
	f.wall.Advance(d)
	f.Clock.Advance(d)
}

// work runs what is due, for so long.
func (f *firm) work(d time.Duration) {
	f.t.Helper()
	for range max(1, d/(50*time.Second)) {
		f.pass(50 * time.Second)
		_, err := f.queue.Step(context.Background())
		must(f.t, err)
	}
}

// sweep reads the platform back and lets findings be raised.
func (f *firm) sweep() {
	f.t.Helper()
	must(f.t, f.driver.Sweep(context.Background(), "mt5-eu"))
	f.work(time.Minute)
}

// refOf is the reference at the end of a page's address.
func refOf(path string) core.Ref { return core.Ref(path[strings.LastIndex(path, "/")+1:]) }

// sent posts a form with a key of its own.
func (v *visitor) sent(path string, want int, fields ...string) answer {
	v.h.t.Helper()
	return v.post(path, want, append([]string{"idempotency_key", v.h.server.key()}, fields...)...)
}

// account opens a trading account for a client by the console.
func (f *firm) account(client core.Ref) core.Ref {
	f.t.Helper()
	a := f.as("maria").sent("/clients/"+string(client)+"/accounts", 303, "group", retail, "currency", "EUR", "leverage", "30")
	f.work(time.Minute)
	return refOf(a.to())
}

// second makes another client of the same entity.
func (f *firm) second() core.Ref {
	f.t.Helper()
	return f.Do(f.actor("sue"), clients.CreateClient{
		Entity: "en_cy", Name: "Berta Othername", Email: "berta@mail.example", Country: "CY", BirthDate: "1990-01-01", Nationality: "CY",
	}).Subject
}

// file opens a case for a client.
func (f *firm) file(client core.Ref) core.Ref {
	f.t.Helper()
	return f.Do(f.actor("dora"), cases.OpenCase{
		Type: cases.PlatformError, About: client, Title: "Stale gold quotes from 14:02 to 14:06, Canaryword", Origin: "ticket",
		OriginRef: "LP-2026-0831", OriginSum: strings.Repeat("ab", 32),
	}).Subject
}

func regexpFind(t *testing.T, pattern, body string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindString(body)
	if m == "" {
		t.Fatalf("there is no %s", pattern)
	}
	return m
}
