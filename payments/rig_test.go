package payments_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/ledger"
	"vouchsafe/payments"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// ports fakes the other domains: clients of two entities with their bank
// details, blocks by purpose, and cases that a test can close.
type ports struct {
	mu       sync.Mutex
	blocks   map[string][]command.Refusal // by purpose
	closed   map[core.Ref]string          // case to the code of its refusal
	entities map[core.Ref]core.Ref
	names    map[core.Ref]string
	details  map[core.Ref]payments.Destination
}

func (p *ports) block(purpose string, codes ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocks[purpose] = nil
	for _, c := range codes {
		p.blocks[purpose] = append(p.blocks[purpose], command.Refusal{Code: c, Text: "Something stands against it: " + c + "."})
	}
}

func (p *ports) Refusals(_ context.Context, _ store.Reader, _ core.Ref, purpose string, _ core.Instant) ([]command.Refusal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocks[purpose], nil
}

func (p *ports) Permits(_ context.Context, _ store.Reader, id core.Ref, act command.Action, _ ...core.Ref) (*command.Refusal, error) {
	if act != "payments.withdrawal.release" {
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
	return p.entities[c], p.names[c], nil
}

func (p *ports) Destination(_ context.Context, _ store.Reader, d core.Ref) (payments.Destination, error) {
	return p.details[d], nil
}

// ByReference knows clients by "REF-" and their short name.
func (p *ports) ByReference(_ context.Context, _ store.Reader, reference string) (core.Ref, error) {
	c := core.Ref("cl_" + strings.ToLower(strings.TrimPrefix(reference, "REF-")))
	if p.entities[c] == "" {
		return "", nil
	}
	return c, nil
}

// between is the PSP with a gap before and after each submission, in which a
// test can let the process die, and a say in what it shows.
type between struct {
	payments.PSP
	before, after func()
	patience      time.Duration // real time after which a submission is given up
	down          bool          // reads are not answered
	fresh         bool          // the PSP does not know a repeated request again
	list          func([]payments.PSPObject) []payments.PSPObject
	shown         func(payments.PSPObject) payments.PSPObject // by Status
}

func (b *between) gap(f *func()) {
	if g := *f; g != nil {
		*f = nil
		g()
	}
}

func (b *between) Submit(ctx context.Context, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
	b.gap(&b.before)
	defer b.gap(&b.after)
	if b.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.patience)
		defer cancel()
	}
	if b.fresh {
		op.ID += core.Ref("." + strconv.Itoa(op.Attempt))
	}
	return b.PSP.Submit(ctx, op, p)
}

var errDown = core.NewFault(core.Unavailable, "psp-unreachable", "The provider does not answer.")

func (b *between) Find(ctx context.Context, op command.Op) (payments.PSPObject, bool, error) {
	if b.down {
		return payments.PSPObject{}, false, errDown
	}
	return b.PSP.Find(ctx, op)
}

func (b *between) List(ctx context.Context, from, to core.Instant) ([]payments.PSPObject, error) {
	if b.down {
		return nil, errDown
	}
	objects, err := b.PSP.List(ctx, from, to)
	if b.list != nil {
		objects = b.list(objects)
	}
	return objects, err
}

func (b *between) Status(ctx context.Context, id string) (payments.PSPObject, error) {
	if b.down {
		return payments.PSPObject{}, errDown
	}
	obj, err := b.PSP.Status(ctx, id)
	if b.shown != nil {
		obj = b.shown(obj)
	}
	return obj, err
}

// world is the firm, its road and queue, and the sandbox PSP on loopback.
type world struct {
	*commandtest.Rig
	t          testing.TB
	wall       *core.VirtualClock
	sim        *sandpaysim.Server
	between    *between
	ports      *ports
	driver     *payments.Driver
	deps       payments.Deps
	queue      *jobs.Queue
	findings   []found
	findingsMu sync.Mutex
	mute       bool // keep sweeps out of the queue's steps
	ends       map[string]int

	hooks   atomic.Bool // webhooks are taken; otherwise they are lost
	hooked  []string
	hooksMu sync.Mutex

	clerk, lead, lead2, senior, other evidence.Actor
}

// found is a finding as it was raised, once each.
type found struct{ kind, entity, subject, external string }

const (
	caseOpen = core.Ref("ca_open")
	words    = "The account is held under her maiden name, see the certificate."
	merchant = "cy-main"
	offshore = "bvi-main"
)

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Parallel()
		fn(t, newWorld(t, s))
	})
}

// lite is each for what cannot differ between the engines.
func lite(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Parallel()
	fn(t, newWorld(t, storetest.Open(t, store.SQLite)))
}

func newWorld(t testing.TB, s *store.Store) *world { return newWorldOf(t, s, payments.Register) }

// newWorldOf is a world whose commands a test registers.
func newWorldOf(t testing.TB, s *store.Store, register func(*command.Registry, payments.Deps)) *world {
	t.Helper()
	w := &world{t: t, ends: map[string]int{}, wall: core.NewVirtualClock(commandtest.Start.Add(20*time.Hour + 17*time.Minute))}
	w.ports = people()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	w.Rig = commandtest.New(t, s, reg)
	w.sandbox()
	w.deps = payments.Deps{
		Clearance: w.ports, Entities: w.ports, Cases: w.ports, Clients: w.ports, Rates: w.ports, Tags: payments.Tagger{Key: []byte("test key")},
		Clock: w.Clock, Wall: w.wall, Group: "en_group",
		Routes: []payments.Route{{Entity: "en_cy", PSP: w.between, Merchant: merchant}, {Entity: "en_bvi", PSP: w.between, Merchant: offshore}},
	}
	register(reg, w.deps)
	payments.RegisterErase(reg)
	w.driver = &payments.Driver{Road: w.Road, Deps: w.deps}
	w.restart()
	w.clerk, w.other = w.Staff("carl", "payments"), w.Staff("pia", "payments")
	w.lead, w.lead2 = w.Staff("lena", "payments_lead"), w.Staff("lars", "payments_lead", "payments")
	w.senior = w.Staff("cleo", "senior_compliance")
	return w
}

// Rate knows four currencies, which are worth the same here.
func (*ports) Rate(_ context.Context, _ store.Reader, _ core.Ref, from, to string, _ core.Instant) (rate, source string, err error) {
	if known := []string{"EUR", "USD", "GBP", "CHF"}; slices.Contains(known, from) && slices.Contains(known, to) {
		return "1", "a test", nil
	}
	return "", "", nil
}

// people are the clients and their bank details; the account's last digits
// decide what the sandbox does.
func people() *ports {
	p := &ports{
		blocks: map[string][]command.Refusal{}, closed: map[core.Ref]string{},
		entities: map[core.Ref]core.Ref{"cl_ada": "en_cy", "cl_bob": "en_cy", "cl_zoe": "en_bvi"},
		names:    map[core.Ref]string{"cl_ada": "Ada Byron", "cl_bob": "Bob Meyer", "cl_zoe": "Zoe Quist"},
		details:  map[core.Ref]payments.Destination{},
	}
	old := commandtest.Start.Add(-365 * 24 * time.Hour)
	add := func(id core.Ref, client core.Ref, holder, account string) {
		p.details[id] = payments.Destination{Client: client, Holder: holder, Account: account, Bank: "TESTBANK", Currency: "EUR", Active: true, Changed: old}
	}
	for _, end := range []string{"0000", "9001", "9002", "9003", "9004", "9005"} {
		add(core.Ref("bd_ada."+end), "cl_ada", "Ada Byron", "DE8937040044053201"+end)
		add(core.Ref("bd_bob."+end), "cl_bob", "Bob Meyer", "DE8937040044053202"+end)
		add(core.Ref("bd_zoe."+end), "cl_zoe", "Zoe Quist", "DE8937040044053203"+end)
	}
	add("bd_ada.maiden", "cl_ada", "Augusta Milbanke", "DE89370400440532010001")
	add("bd_ada.close", "cl_ada", "Ada Byrom", "DE89370400440532010002")
	add("bd_ada.greek", "cl_ada", "Άντα Βύρων", "DE89370400440532010003")
	return p
}

// sandbox starts the PSP and its client.
func (w *world) sandbox() {
	hook := httptest.NewServer(http.HandlerFunc(w.webhook))
	w.t.Cleanup(hook.Close)
	key, secret := sandpaysim.DemoKeys(1)
	w.sim = sandpaysim.New(sandpaysim.Options{Seed: 1, Clock: w.Clock, SlowBy: 60 * time.Millisecond, WebhookURL: hook.URL})
	w.t.Cleanup(func() { _ = w.sim.Close() })
	base, err := w.sim.Start("127.0.0.1:0")
	w.must(err)
	psp, err := sandpay.New(sandpay.Config{BaseURL: base, APIKey: key, WebhookSecrets: []string{secret}, Wall: w.wall})
	w.must(err)
	w.between = &between{PSP: psp}
}

// webhook is our receiver. What it answered is kept for the test.
func (w *world) webhook(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	header := map[string]string{}
	for name := range r.Header {
		header[name] = r.Header.Get(name)
	}
	if !w.hooks.Load() {
		return
	}
	err := w.driver.Webhook(r.Context(), sandpay.Name, header, body)
	w.hooksMu.Lock()
	w.hooked = append(w.hooked, code(err))
	w.hooksMu.Unlock()
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
	}
}

// restart replaces the queue, as a new process would.
func (w *world) restart() { w.queue = w.process() }

// process is a queue of its own on the same rows.
func (w *world) process() *jobs.Queue {
	q := jobs.NewQueue(jobs.Config{Store: w.Road.Store, Clock: w.Clock, Wall: w.wall, Holder: "test", Entropy: core.SystemEntropy{}})
	every := time.Minute
	if w.mute {
		every = 100_000 * time.Hour
	}
	w.driver.HandleJobs(q, every)
	q.Handle("cases.raise", jobs.Policy{}, func(_ context.Context, j jobs.Job) jobs.Result {
		p := strings.Split(j.Args, "|")
		f := found{p[0], p[1], p[2], p[3]}
		w.findingsMu.Lock()
		defer w.findingsMu.Unlock()
		for _, known := range w.findings {
			if known == f {
				return jobs.Done()
			}
		}
		w.findings = append(w.findings, f)
		return jobs.Done()
	})
	return q
}

// quiet makes a world whose sweeps only the test runs.
func (w *world) quiet() *world {
	w.mute = true
	w.restart()
	return w
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

// pass lets both clocks run, and the PSP's with them.
func (w *world) pass(d time.Duration) {
	w.wall.Advance(d)
	w.Clock.Advance(d)
	w.sim.Step(w.Clock.Now())
}

// step runs what is due a second from now.
func (w *world) step() {
	w.t.Helper()
	w.pass(time.Second)
	_, err := w.queue.Step(context.Background())
	w.must(err)
}

// sweep reads the PSP back once and lets what follows happen.
func (w *world) sweep() {
	w.t.Helper()
	w.must(w.driver.Sweep(context.Background(), sandpay.Name))
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
	w.sweep()
}

// deposit is a payer's deposit at the PSP.
func (w *world) deposit(reference, holder string, minor int64, mod ...func(*sandpaysim.DepositRequest)) string {
	w.t.Helper()
	in := sandpaysim.DepositRequest{
		Amount: minor, Currency: "EUR", Reference: reference, Merchant: merchant, Method: "card",
		Source: sandpaysim.Party{Account: "4111", Holder: holder},
	}
	for _, m := range mod {
		m(&in)
	}
	obj, err := w.sim.Deposit(in)
	w.must(err)
	return obj.ID
}

// fund puts money into a wallet by a real deposit of the client's own.
func (w *world) fund(client core.Ref, minor int64) {
	w.t.Helper()
	before := w.wallet(client).Posted
	w.deposit("REF-"+strings.TrimPrefix(string(client), "cl_"), w.ports.names[client], minor, func(d *sandpaysim.DepositRequest) {
		if w.ports.entities[client] == "en_bvi" {
			d.Merchant = offshore
		}
	})
	w.sweep()
	if got := w.wallet(client).Posted; got != before+minor {
		w.t.Fatalf("funded: %d, want %d", got, before+minor)
	}
}

// wallet is the client's wallet in euro; empty while there is none.
func (w *world) wallet(client core.Ref) ledger.Account {
	w.t.Helper()
	a, err := ledger.Get(context.Background(), w.Road.Store.Reader(), ledger.AccountID(ledger.ClientWallet, string(client), "EUR"))
	w.must(err)
	if a == nil {
		return ledger.Account{}
	}
	return *a
}

// books wants a wallet of exactly this, and a book that sums to nothing.
func (w *world) books(when string, client core.Ref, posted, held int64) {
	w.t.Helper()
	if a := w.wallet(client); a.Posted != posted || a.Held != held {
		w.t.Fatalf("%s: posted %d, held %d; want %d, %d", when, a.Posted, a.Held, posted, held)
	}
	w.balanced(when)
}

func (w *world) balanced(when string) {
	w.t.Helper()
	off, err := ledger.Imbalances(context.Background(), w.Road.Store.Reader())
	w.must(err)
	if len(off) != 0 {
		w.t.Fatalf("%s: the book is off by %v", when, off)
	}
}

func (w *world) withdrawal(id core.Ref) *payments.Withdrawal {
	w.t.Helper()
	got, err := payments.WithdrawalByID(context.Background(), w.Road.Store.Reader(), id)
	w.must(err)
	if got == nil {
		w.t.Fatalf("there is no withdrawal %s", id)
	}
	return got
}

// is wants the three states of a withdrawal and its exception.
func (w *world) is(when string, id core.Ref, want string) *payments.Withdrawal {
	w.t.Helper()
	got := w.withdrawal(id)
	if have := strings.TrimSpace(string(got.Decision) + " " + string(got.Execution) + " " + got.Settlement + " " + got.Exception); have != want {
		w.t.Fatalf("%s: %s, want %s\n%+v\nfindings %v", when, have, want, *got, w.findings)
	}
	return got
}

// as is a client in person.
func (w *world) as(client core.Ref) evidence.Actor {
	w.Policy.Held[client] = []string{"client"}
	return evidence.Actor{Ref: client, Session: "se_portal"}
}

// requested is a withdrawal as the client asks for it, to the bank detail with
// the given end.
func (w *world) requested(client core.Ref, detail string, minor int64) core.Ref {
	w.t.Helper()
	return w.Do(w.as(client), payments.RequestWithdrawal{
		Client: client, BankDetail: core.Ref("bd_" + strings.TrimPrefix(string(client), "cl_") + "." + detail), Minor: minor, Currency: "EUR",
	}).Subject
}

func (w *world) clear(id core.Ref, risk string) {
	w.t.Helper()
	w.Do(w.clerk, payments.ClearWithdrawal{Withdrawal: id, Risk: risk})
}

// ask is the release of a withdrawal as its maker sees it.
func (w *world) ask(id core.Ref) payments.ReleaseWithdrawal {
	got := w.withdrawal(id)
	in := payments.ReleaseWithdrawal{Withdrawal: id, Minor: got.Minor, Currency: got.Currency}
	if got.Mismatched() {
		in.Words, in.Case = words, caseOpen
	}
	return in
}

// released has a cleared withdrawal released by as many as its rule asks.
func (w *world) released(id core.Ref) {
	w.t.Helper()
	w.agreed(w.Do(w.clerk, w.ask(id)).Proposal)
	if got := w.withdrawal(id); got.Decision != payments.Approved {
		w.t.Fatalf("not approved: %+v", *got)
	}
}

// agreed has a proposal approved by a lead, and by a senior if there is a seat.
func (w *world) agreed(proposal core.Ref) {
	w.t.Helper()
	w.Approve(w.lead, proposal)
	if w.state(proposal) == command.Open {
		w.Approve(w.senior, proposal)
	}
}

func (w *world) state(proposal core.Ref) command.ProposalState {
	w.t.Helper()
	p, err := command.GetProposal(context.Background(), w.Road.Store.Reader(), proposal)
	w.must(err)
	return p.State
}

// approved is a withdrawal that only has to be sent.
func (w *world) approved(client core.Ref, detail string, minor int64) core.Ref {
	w.t.Helper()
	id := w.requested(client, detail, minor)
	w.clear(id, payments.RiskLow)
	w.released(id)
	return id
}

func (w *world) try(a evidence.Actor, in command.Input) string {
	_, err := w.Road.Run(context.Background(), a, "", in)
	return code(err)
}

// approve tries an approval and returns the code of its refusal.
func (w *world) approve(a evidence.Actor, proposal core.Ref) string {
	w.t.Helper()
	p, err := command.GetProposal(context.Background(), w.Road.Store.Reader(), proposal)
	w.must(err)
	_, err = w.Road.Approve(context.Background(), a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."})
	return code(err)
}

// truth is what the PSP truly did under a withdrawal's tag.
func (w *world) truth(id core.Ref) sandpaysim.Entry { return w.sim.Truth(w.withdrawal(id).Tag) }

// found counts the findings of a kind about a subject; "" stands for any.
func (w *world) found(kind string, subject core.Ref) (n int) {
	for _, f := range w.findings {
		if (kind == "" || f.kind == kind) && (subject == "" || f.subject == string(subject)) {
			n++
		}
	}
	return n
}

// only wants exactly the findings of these kinds, in any order.
func (w *world) only(when string, kinds ...string) {
	w.t.Helper()
	left := map[string]int{}
	for _, k := range kinds {
		left[k]++
	}
	for _, f := range w.findings {
		left[f.kind]--
	}
	for _, n := range left {
		if n != 0 {
			w.t.Fatalf("%s: findings %v, want %v", when, w.findings, kinds)
		}
	}
}

func (w *world) fold() {
	w.t.Helper()
	ps, err := w.Road.Log.VerifyFold(context.Background(), w.Road.Store.Reader())
	w.must(err)
	for _, p := range ps {
		w.t.Errorf("fold: %+v", p)
	}
	w.holds()
}

// holds wants every hold's end to agree with its withdrawal's, and each wallet
// to hold aside what its open holds say.
func (w *world) holds() {
	w.t.Helper()
	states := w.holdStates()
	open := map[string]int64{}
	for id, h := range states {
		got := w.withdrawal(id)
		want := ledger.HoldOpen
		switch {
		case got.Decision == payments.Refused:
			want = ledger.HoldReleased
		case got.Exception == payments.ExceptLatePayer && got.Execution == payments.ExecPerson:
			want = h.state // it ended when the PSP first said so
		case got.Execution == payments.ExecFailed:
			want = ledger.HoldReleased
		case got.Paid != 0:
			want = ledger.HoldCaptured
		case got.Execution == payments.ExecReturned:
			want = ledger.HoldReleased
		}
		if h.state != want && !(got.Paid != 0 && h.state == ledger.HoldReleased) { // paid after a failure
			w.t.Errorf("the hold of %+v is %s, want %s", *got, h.state, want)
		}
		if h.state == ledger.HoldOpen {
			open[h.account] += h.minor
		}
	}
	rows, err := w.Road.Store.Reader().Query(context.Background(), "SELECT id, held FROM ledger_account WHERE kind = 'client_wallet'")
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var id string
		var held int64
		w.must(rows.Scan(&id, &held))
		if held != open[id] {
			w.t.Errorf("%s holds %d aside, its holds say %d", id, held, open[id])
		}
	}
	w.must(rows.Err())
}

type hold struct {
	account, state string
	minor          int64
}

func (w *world) holdStates() map[core.Ref]hold {
	w.t.Helper()
	rows, err := w.Road.Store.Reader().Query(context.Background(), "SELECT id, account, minor, state FROM ledger_hold")
	w.must(err)
	defer rows.Close()
	out := map[core.Ref]hold{}
	for rows.Next() {
		var id core.Ref
		var h hold
		w.must(rows.Scan(&id, &h.account, &h.minor, &h.state))
		out[id] = h
	}
	w.must(rows.Err())
	return out
}
