package platform_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/ledger"
	"vouchsafe/platform"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The port fakes: one client of one entity, whom a test can block, and cases
// that a test can close.
type ports struct {
	blocks   []command.Refusal
	closed   map[core.Ref]string // case to the code of its refusal
	entities map[core.Ref]core.Ref
}

func (p *ports) Refusals(context.Context, store.Reader, core.Ref, string, core.Instant) ([]command.Refusal, error) {
	return p.blocks, nil
}

func (p *ports) Permits(_ context.Context, _ store.Reader, id core.Ref, act command.Action, _ ...core.Ref) (*command.Refusal, error) {
	if act != "platform.intervention.request" {
		return &command.Refusal{Code: "case-wrong-type", Text: "Not for this."}, nil
	}
	if code := p.closed[id]; code != "" {
		return &command.Refusal{Code: code, Text: "The case does not stand."}, nil
	}
	return nil, nil
}

func (*ports) Profile(_ context.Context, _ store.Reader, e core.Ref) (string, string, error) {
	if e == "en_bvi" {
		return "offshore", "USD", nil
	}
	return "eu", "EUR", nil
}

func (p *ports) Basics(_ context.Context, _ store.Reader, c core.Ref) (core.Ref, string, error) {
	return p.entities[c], "Ada Example", nil
}

// between is a platform with a gap before and after each write, in which a test
// can let the process die, and a say in what reading deals returns.
type between struct {
	platform.Platform
	before, after func()
	deals         func(platform.DealScan) platform.DealScan
	from          time.Time // of the last window of deals that was asked for
	// seen runs before and after an account's settings are read.
	unseen, seen func()
}

func (b *between) Account(ctx context.Context, login int64) (platform.AccountState, error) {
	b.gap(&b.unseen)
	defer b.gap(&b.seen)
	return b.Platform.Account(ctx, login)
}

func (b *between) gap(f *func()) {
	if g := *f; g != nil {
		*f = nil
		g()
	}
}

func (b *between) Post(ctx context.Context, op command.Op, login int64, p platform.Posting) (platform.Receipt, command.Certainty, error) {
	b.gap(&b.before)
	defer b.gap(&b.after)
	return b.Platform.Post(ctx, op, login, p)
}

func (b *between) Change(ctx context.Context, op command.Op, login int64, p platform.Patch) (platform.Receipt, command.Certainty, error) {
	b.gap(&b.before)
	defer b.gap(&b.after)
	return b.Platform.Change(ctx, op, login, p)
}

func (b *between) Create(ctx context.Context, op command.Op, a platform.NewAccount) (platform.Receipt, command.Certainty, error) {
	b.gap(&b.before)
	defer b.gap(&b.after)
	return b.Platform.Create(ctx, op, a)
}

func (b *between) Deals(ctx context.Context, logins []int64, from, to time.Time) (platform.DealScan, error) {
	scan, err := b.Platform.Deals(ctx, logins, from, to)
	b.from = from
	if b.deals != nil {
		scan = b.deals(scan)
	}
	return scan, err
}

// world is the firm, its road and queue, and the simulated platform.
type world struct {
	*commandtest.Rig
	t        testing.TB
	wall     *core.VirtualClock
	sim      *mt5sim.Server
	client   *mt5.Client
	between  *between
	ports    *ports
	driver   *platform.Driver
	deps     platform.Deps
	queue    *jobs.Queue
	findings []found
	mute     bool // keep sweeps out of the queue's steps
	rng      *rand.Rand

	dealer, head, compliance, operator evidence.Actor
}

// found is a finding as it was raised, once each.
type found struct{ kind, entity, subject, external string }

const (
	groupRetail     = `real\eu-retail`
	groupPro        = `real\eu-pro`
	groupRestricted = `real\eu-restricted`
	caseOpen        = core.Ref("ca_open")
	patience        = 800 * time.Millisecond
)

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Parallel()
		fn(t, newWorld(t, s))
	})
}

func newWorld(t testing.TB, s *store.Store) *world {
	t.Helper()
	reg := command.NewRegistry()
	// The machine's clock is most of a day ahead of the firm's and the platform's,
	// as in a demo: whoever takes the one for the other finds nothing.
	w := &world{t: t, wall: core.NewVirtualClock(commandtest.Start.Add(20*time.Hour + 17*time.Minute)), Rig: commandtest.New(t, s, reg)}
	w.ports = &ports{closed: map[core.Ref]string{}, entities: map[core.Ref]core.Ref{"cl_ada": "en_cy", "cl_bob": "en_cy", "cl_zoe": "en_bvi"}}
	var groups []mt5sim.Group
	for _, g := range []string{groupRetail, groupPro, groupRestricted, `real\intl-standard`} {
		groups = append(groups, mt5sim.Group{Name: g, Currency: "EUR", Digits: 2, Leverage: 30})
	}
	w.sim = mt5sim.New(mt5sim.Options{Seed: 1, Clock: w.Clock, Wall: w.wall, PlainHTTP: true, Groups: groups})
	t.Cleanup(w.sim.Close)
	base, err := w.sim.Start("127.0.0.1:0")
	w.must(err)
	w.client, err = mt5.New(mt5.Config{Name: "mt5-eu", BaseURL: base, Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, Clock: w.wall, Against: w.Clock, Timeout: patience})
	w.must(err)
	t.Cleanup(w.client.Close)
	w.between = &between{Platform: w.client}

	command.RegisterOwn(reg)
	command.Handle[fund, struct{}](reg, fundHandler{}, command.Doc{Title: "Fund a wallet", Kind: core.KindClient})
	command.Handle[again, struct{}](reg, againHandler{}, command.Doc{Title: "Drive again", Kind: core.KindIntervention})
	w.deps = platform.Deps{
		Clearance: w.ports, Cases: w.ports, Entities: w.ports, Clients: w.ports, Tags: platform.Tagger{Key: []byte("test key")},
		Clock: w.Clock, Wall: w.wall, Platforms: map[string]platform.Platform{"mt5-eu": w.between},
		ByEntity: map[core.Ref]string{"en_cy": "mt5-eu", "en_bvi": "mt5-eu"},
		Hollow:   func(words string) bool { return words == hollowWords },
	}
	platform.Register(reg, w.deps)
	w.driver = &platform.Driver{Road: w.Road, Deps: w.deps}
	w.restart()
	w.dealer, w.operator = w.Staff("dora", "dealing"), w.Staff("otto", "dealing")
	w.head, w.compliance = w.Staff("hera", "head_of_dealing", "dealing"), w.Staff("cleo", "senior_compliance")
	return w
}

// restart replaces the queue, as a new process would.
func (w *world) restart() {
	w.queue = jobs.NewQueue(jobs.Config{Store: w.Road.Store, Clock: w.Clock, Wall: w.wall, Holder: "test", Entropy: core.SystemEntropy{}})
	every := time.Minute
	if w.mute {
		every = 1000 * time.Hour
	}
	w.driver.HandleJobs(w.queue, every)
	w.queue.Handle("cases.raise", jobs.Policy{}, func(_ context.Context, j jobs.Job) jobs.Result {
		p := strings.Split(j.Args, "|")
		f := found{p[0], p[1], p[2], p[3]}
		for _, known := range w.findings {
			if known == f {
				return jobs.Done()
			}
		}
		w.findings = append(w.findings, f)
		return jobs.Done()
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return core.AsFault(err).Code
}

// pass lets both clocks run.
func (w *world) pass(d time.Duration) {
	w.wall.Advance(d)
	w.Clock.Advance(d)
}

// step runs what is due a second from now.
func (w *world) step() {
	w.t.Helper()
	w.pass(time.Second)
	_, err := w.queue.Step(context.Background())
	w.must(err)
}

// sweep reads the platform back once and lets the findings be raised.
func (w *world) sweep() {
	w.t.Helper()
	w.must(w.driver.Sweep(context.Background(), "mt5-eu"))
	w.step()
}

// settle steps through a quarter of an hour: longer than every look-up.
func (w *world) settle() {
	w.t.Helper()
	for range 18 {
		w.step()
		w.pass(50 * time.Second)
	}
	w.sweep()
}

// open opens an account for a client.
func (w *world) open(client core.Ref) *platform.Account {
	w.t.Helper()
	group := groupRetail
	if w.ports.entities[client] == "en_bvi" {
		group = `real\intl-standard`
	}
	id := w.Do(w.compliance, platform.OpenAccount{Client: client, Group: group, Currency: "EUR", Leverage: 30}).Subject
	w.step()
	a := w.account(id)
	if a.State != platform.AccountOpen {
		w.t.Fatalf("account %+v", a)
	}
	return a
}

func (w *world) account(id core.Ref) *platform.Account {
	w.t.Helper()
	a, err := platform.AccountByID(context.Background(), w.Road.Store.Reader(), id)
	w.must(err)
	return a
}

func (w *world) intervention(id core.Ref) *platform.Intervention {
	w.t.Helper()
	i, err := platform.InterventionByID(context.Background(), w.Road.Store.Reader(), id)
	w.must(err)
	return i
}

// ask is a well-formed request of a kind on an account.
func ask(a *platform.Account, k platform.Kind, minor int64) platform.RequestIntervention {
	in := platform.RequestIntervention{Account: a.ID, Kind: k, Reason: k.Reasons()[0], Words: "Wrong swap was booked on Tuesday.", Case: caseOpen}
	if _, books := k.Books(); books {
		in.Minor, in.Currency = minor, a.Currency
	}
	if k == platform.GroupChange {
		in.ToGroup = groupPro
	}
	return in
}

// hollowWords explain nothing, as cases would say.
const hollowWords = "As discussed, per email, approved."

// approved requests an intervention and has it approved.
func (w *world) approved(in platform.RequestIntervention) core.Ref {
	w.t.Helper()
	out := w.Do(w.dealer, in)
	id := w.Approve(w.head, out.Proposal).Subject
	p, err := command.GetProposal(context.Background(), w.Road.Store.Reader(), out.Proposal)
	w.must(err)
	if p.State == command.Open {
		id = w.Approve(w.compliance, out.Proposal).Subject
	}
	return id
}

// executed has an intervention approved and sent on its way.
func (w *world) executed(in platform.RequestIntervention) core.Ref {
	w.t.Helper()
	id := w.approved(in)
	w.Do(w.operator, platform.ExecuteIntervention{Intervention: id})
	return id
}

func (w *world) try(a evidence.Actor, in command.Input) string {
	_, err := w.Road.Run(context.Background(), a, "", in)
	return code(err)
}

// found counts the findings of a kind about a subject; "" stands for any.
func (w *world) found(kind string, subject core.Ref) (n int) {
	for _, f := range w.findings {
		if (kind == "" || f.kind == kind) && (subject == "" || f.subject == string(subject)) {
			n++
		}
	}
	return n
}

func (w *world) fold() {
	w.t.Helper()
	ps, err := w.Road.Log.VerifyFold(context.Background(), w.Road.Store.Reader())
	w.must(err)
	for _, p := range ps {
		w.t.Errorf("fold: %+v", p)
	}
}

// fund puts money into a client's wallet, as a deposit would.
type fund struct {
	Client core.Ref `json:"client"`
	Minor  int64    `json:"minor"`
}

func (fund) Action() command.Action { return "toy.wallet.fund" }
func (f fund) Subject() core.Ref    { return f.Client }

var funded = evidence.Register("toy.wallet.funded", evidence.EntityManagement, "A wallet was funded.")

type fundHandler struct{}

func (fundHandler) Load(_ context.Context, _ store.Reader, in fund) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindClient, Ref: in.Client, Entity: "en_cy"}, nil
}

func (fundHandler) Check(fund, struct{}, command.Moment) command.Verdict { return command.Proceed() }

func (fundHandler) Apply(ctx context.Context, tx *command.Tx, in fund, _ struct{}) ([]evidence.Event, error) {
	entity := core.Ref("en_cy")
	if in.Client == "cl_zoe" {
		entity = "en_bvi"
	}
	wallet, err := ledger.Ensure(ctx, tx, entity, ledger.ClientWallet, string(in.Client), "EUR")
	if err != nil {
		return nil, err
	}
	psp, err := ledger.Ensure(ctx, tx, entity, ledger.PSPClearing, "psp-"+string(entity), "EUR")
	if err != nil {
		return nil, err
	}
	_, err = ledger.Post(ctx, tx, ledger.Posting{
		Entity: entity, Kind: "deposit", Subject: in.Client,
		Lines: []ledger.Line{{Account: wallet.ID, Minor: in.Minor}, {Account: psp.ID, Minor: -in.Minor}},
	})
	return []evidence.Event{{Type: funded, Entity: entity, Subjects: []core.Ref{in.Client}}}, err
}

// again queues the drive of an operation once more.
type again struct {
	Row core.Ref `json:"row"`
}

func (again) Action() command.Action { return "toy.drive.again" }
func (a again) Subject() core.Ref    { return a.Row }

type againHandler struct{}

func (againHandler) Load(_ context.Context, _ store.Reader, in again) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindIntervention, Ref: in.Row, Entity: "en_cy"}, nil
}

func (againHandler) Check(again, struct{}, command.Moment) command.Verdict { return command.Proceed() }

func (againHandler) Apply(ctx context.Context, tx *command.Tx, in again, _ struct{}) ([]evidence.Event, error) {
	err := tx.Enqueue(ctx, jobs.New{Kind: platform.JobDrive, Subject: in.Row, Args: string(tx.Actor.Ref)})
	return []evidence.Event{{Type: funded, Entity: "en_cy", Subjects: []core.Ref{in.Row}}}, err
}
