package kill

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/store"
)

const tradingGroup = `real\eu-retail`

// neighbours are the other domains as platform asks about them: nothing stands
// against anybody.
type neighbours struct{}

func (neighbours) Refusals(context.Context, store.Reader, core.Ref, string, core.Instant) ([]command.Refusal, error) {
	return nil, nil
}

func (neighbours) Permits(context.Context, store.Reader, core.Ref, command.Action, ...core.Ref) (*command.Refusal, error) {
	return nil, nil
}

func (neighbours) Profile(context.Context, store.Reader, core.Ref) (name, currency string, err error) {
	return "eu", "EUR", nil
}

func (neighbours) Basics(context.Context, store.Reader, core.Ref) (core.Ref, string, error) {
	return entity, "Ada Example", nil
}

// line is what lies between the program and the platform: it can hold back one
// answer of a posting, when the platform has booked it already.
type line struct {
	url  string
	held chan struct{} // closed when an answer is held back
	free chan struct{}
	hold func()
}

func newLine(t *testing.T, base string) *line {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{held: make(chan struct{}), free: make(chan struct{})}
	var armed atomic.Bool
	l.hold = func() { armed.Store(true) }
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(res *http.Response) error {
			if strings.HasPrefix(res.Request.URL.Path, "/api/trade/balance") && armed.CompareAndSwap(true, false) {
				close(l.held)
				<-l.free
			}
			return nil
		},
	}
	// A session of the platform is its connection: each of ours has one of its
	// own behind it, as if nothing stood between.
	proxy.Transport = wire{}
	srv := httptest.NewUnstartedServer(proxy)
	srv.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, wire{}, &http.Transport{MaxConnsPerHost: 1})
	}
	srv.Start()
	l.url = srv.URL
	t.Cleanup(func() { close(l.free); srv.Close() })
	return l
}

// wire sends each request on the connection that belongs to the one it came on.
type wire struct{}

func (wire) RoundTrip(r *http.Request) (*http.Response, error) {
	return r.Context().Value(wire{}).(*http.Transport).RoundTrip(r)
}

func (l *line) waitHeld(t *testing.T) {
	t.Helper()
	select {
	case <-l.held:
	case <-time.After(30 * time.Second):
		t.Fatal("the program never sent its request")
	}
}

// connect gives a child the trading platform of its orders.
func (f *firm) connect(clock core.Clock) error {
	client, err := mt5.New(mt5.Config{Name: "mt5", BaseURL: f.MT5, Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, Clock: clock, Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	deps := platform.Deps{
		Clearance: neighbours{}, Cases: neighbours{}, Entities: neighbours{}, Clients: neighbours{}, Tags: platform.Tagger{Key: []byte("rig")},
		Clock: clock, Wall: clock, Platforms: map[string]platform.Platform{"mt5": client}, ByEntity: map[core.Ref]string{entity: "mt5"},
	}
	platform.Register(f.road.Registry, deps)
	(&platform.Driver{Road: f.road, Deps: deps}).HandleJobs(f.queue, time.Second)
	f.road.Policy = &commandtest.Policy{Held: map[core.Ref][]string{"st_ann": {"dealing"}, "st_lea": {"head_of_dealing"}}}
	return nil
}

// Killed within a write to the trading platform, after the platform applied it
// and before its answer came, the program looks the deal up in its next life
// and never sends it again: one deal, and the intervention ends matched.
func TestDeathWithinAPlatformWriteBooksOnce(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			sim := mt5sim.New(mt5sim.Options{Seed: 1, PlainHTTP: true, Groups: []mt5sim.Group{{Name: tradingGroup, Currency: "EUR", Digits: 2, Leverage: 30}}})
			t.Cleanup(sim.Close)
			base, err := sim.Start("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, engine)
			line := newLine(t, base)
			r.o.MT5 = line.url
			c := r.start()
			account := r.call(c, "st_ann", "/run/platform.account.open", platform.OpenAccount{Client: "cl_ada", Group: tradingGroup, Currency: "EUR", Leverage: 30}).Subject
			r.until("the account is open", func(ctx context.Context, read store.Reader) bool {
				a, err := platform.AccountByID(ctx, read, account)
				return err == nil && a != nil && a.State == platform.AccountOpen
			})
			ask := r.call(c, "st_ann", "/run/platform.intervention.request", platform.RequestIntervention{
				Account: account, Kind: platform.BalanceCorrection, Minor: 100_00, Currency: "EUR", Reason: platform.BalanceCorrection.Reasons()[0],
				Words: "Wrong swap was booked on Tuesday.", Case: "ca_rig",
			})
			id := r.call(c, "st_lea", "/decide", command.Decide{Proposal: ask.Proposal, Hash: ask.Hash, Approve: true, Words: "Recomputed; it is right."}).Subject

			before := len(sim.Oracle())
			line.hold()
			r.call(c, "st_ann", "/run/platform.intervention.execute", platform.ExecuteIntervention{Intervention: id})
			line.waitHeld(t)
			if n := len(sim.Oracle()) - before; n != 1 {
				t.Fatalf("the platform booked %d times before its answer was held back", n)
			}
			r.kill(c)
			r.sees(id, func(i *platform.Intervention) bool { return i.Attempt.Phase == command.PhaseSending }, "is not found sending by its row")

			c = r.start()
			r.until("the intervention is matched", func(ctx context.Context, read store.Reader) bool {
				i, err := platform.InterventionByID(ctx, read, id)
				return err == nil && i != nil && i.State == platform.StateMatched
			})
			time.Sleep(2 * time.Second) // two sweeps, and time for a second sending if there were one
			r.kill(c)
			if n := len(sim.Oracle()) - before; n != 1 {
				t.Errorf("the platform booked %d times", n)
			}
			r.sees(id, func(i *platform.Intervention) bool { return i.Attempt.Number == 1 && i.Ticket != 0 }, "was not sent once and matched with a deal")
			for _, x := range r.look().broken {
				t.Error(x)
			}
		})
	}
}

// call makes one request that must succeed.
func (r *rig) call(c *child, actor, path string, body any) answer {
	r.t.Helper()
	a, ok := send(r.t.Context(), c.base, request{path: path, actor: actor, body: body})
	if !ok || a.Code != "" {
		r.t.Fatalf("%s %s: %q\n%s", http.MethodPost, path, a.Code, c.errs)
	}
	return a
}

// reads looks at the database beside the living program.
func (r *rig) reads(fn func(ctx context.Context, read store.Reader)) {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), store.Options{DSN: r.o.Database})
	r.must(err)
	defer s.Close()
	fn(r.t.Context(), s.Reader())
}

func (r *rig) until(what string, is func(context.Context, store.Reader) bool) {
	r.t.Helper()
	r.reads(func(ctx context.Context, read store.Reader) {
		for end := time.Now().Add(60 * time.Second); !is(ctx, read); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				r.t.Fatalf("waited a minute until %s", what)
			}
		}
	})
}

func (r *rig) sees(id core.Ref, is func(*platform.Intervention) bool, complaint string) {
	r.t.Helper()
	r.reads(func(ctx context.Context, read store.Reader) {
		i, err := platform.InterventionByID(ctx, read, id)
		if err != nil || i == nil || !is(i) {
			r.t.Fatalf("the intervention %s: %+v, %v", complaint, i, err)
		}
	})
}
