// Package kill ends the program with SIGKILL at random moments under load, on
// both engines, and demands that nothing that was acknowledged is lost and
// nothing is half done.
package kill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// childEnv holds the orders of a child process; without it this is the parent.
const childEnv = "VOUCHSAFE_KILL_CHILD"

// host is the name of the rig's logs.
const host = "rig.vouchsafe.example"

// orders are what a child is told.
type orders struct {
	Database, Dir string
	Ahead         time.Duration // how far its clocks are ahead: each life begins after the leases of the last
	Liar          bool          // a negative control: acknowledge first, commit afterwards
	Torn          bool          // another: pay out in two transactions
	MT5           string        // base address of the platform, for the child that has one
}

func TestMain(m *testing.M) {
	text := os.Getenv(childEnv)
	if text == "" {
		os.Exit(m.Run())
	}
	var o orders
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = live(context.Background(), o)
	}
	fmt.Fprintln(os.Stderr, "child:", err)
	os.Exit(3)
}

// firm is the program in a child: real store, road, queue and sequencer.
type firm struct {
	orders
	road  *command.Road
	queue *jobs.Queue
	seq   *evidence.Sequencer
	wake  chan struct{}
}

// openFirm wires a child.
func openFirm(ctx context.Context, o orders) (*firm, error) {
	clock := core.NewOffsetClock(core.SystemClock{}.Now().Add(o.Ahead))
	s, err := store.Open(ctx, store.Options{DSN: o.Database})
	if err != nil {
		return nil, err
	}
	log, err := openLog(ctx, o, clock)
	if err != nil {
		return nil, err
	}
	signers, err := evidence.LoadSigner(filepath.Join(o.Dir, "log.key"), host)
	if err != nil {
		return nil, err
	}
	outside, err := evidence.NewFileOutside(filepath.Join(o.Dir, "outside"))
	if err != nil {
		return nil, err
	}
	f := &firm{orders: o, wake: make(chan struct{}, 1)}
	f.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: s, Signers: signers, Clock: clock, Holder: "rig", Outside: outside})
	if err != nil {
		return nil, err
	}
	f.queue = jobs.NewQueue(jobs.Config{Store: s, Clock: clock, Wall: clock, Holder: fmt.Sprint("rig/", os.Getpid()), Entropy: core.SystemEntropy{}})
	reg := command.NewRegistry()
	register(reg)
	f.road = &command.Road{
		Store: s, Log: log, Registry: reg, Clock: clock, Entropy: core.SystemEntropy{}, Nudge: f.nudge,
		Policy: &commandtest.Policy{Held: map[core.Ref][]string{"st_ann": {"clerk"}, "st_lea": {"lead"}}},
	}
	parts := []torn{whole}
	if o.Torn {
		parts = []torn{offHold, journalOf}
	}
	f.queue.Handle(jobPay, jobs.Policy{Lease: 5 * time.Second}, pays(f.road, parts...))
	if o.MT5 != "" {
		return f, f.connect(clock)
	}
	return f, nil
}

// openLog opens the log with its subject keys.
func openLog(ctx context.Context, o orders, clock core.Clock) (*evidence.Log, error) {
	ks, err := store.Open(ctx, store.Options{DSN: "sqlite:" + filepath.Join(o.Dir, "keys.db")})
	if err != nil {
		return nil, err
	}
	kek, err := keys.LoadKEK(filepath.Join(o.Dir, "kek.json"))
	if err != nil {
		return nil, err
	}
	ring, err := keys.OpenRing(ctx, ks, kek, clock, core.SystemEntropy{})
	return &evidence.Log{Host: host, Keys: ring}, err
}

func (f *firm) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
	f.queue.Nudge()
}

// live serves until it is killed.
func live(ctx context.Context, o orders) error {
	f, err := openFirm(ctx, o)
	if err != nil {
		return err
	}
	go func() { _ = f.seq.Run(ctx, f.wake, 50*time.Millisecond) }()
	go f.queue.Run(ctx, 2, nil, 100*time.Millisecond)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go dieWithParent()
	fmt.Println(l.Addr())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /run/{action}", f.serveRun)
	mux.HandleFunc("POST /decide", f.serveDecide)
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Second}).Serve(l)
}

// dieWithParent ends the child when its parent's end of the pipe closes.
func dieWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(4)
}

// answer is what a client is told.
type answer struct {
	State    command.State `json:"state"`
	Event    string        `json:"event"`
	Subject  core.Ref      `json:"subject"`
	Proposal core.Ref      `json:"proposal"`
	Hash     string        `json:"hash"`
	Code     string        `json:"code"` // of a fault
}

func (f *firm) serveRun(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	in, err := f.road.Registry.Decode(command.Action(r.PathValue("action")), body)
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	run := func(ctx context.Context) (command.Outcome, error) {
		return f.road.Run(ctx, person(r), command.Key(r.Header.Get("Idempotency-Key")), in)
	}
	if f.Liar { // says yes, and does it a moment later
		reply(w, answer{State: command.StateDone}, nil)
		go func() {
			time.Sleep(20 * time.Millisecond)
			_, _ = run(context.Background())
		}()
		return
	}
	out, err := run(r.Context())
	f.answer(r.Context(), w, out, err)
}

func (f *firm) serveDecide(w http.ResponseWriter, r *http.Request) {
	var d command.Decide
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
		reply(w, answer{}, err)
		return
	}
	out, err := f.road.Approve(r.Context(), person(r), command.Key(r.Header.Get("Idempotency-Key")), d)
	f.answer(r.Context(), w, out, err)
}

func person(r *http.Request) evidence.Actor {
	return evidence.Actor{Ref: core.Ref(r.Header.Get("Actor")), StepUp: true}
}

func (f *firm) answer(ctx context.Context, w http.ResponseWriter, out command.Outcome, err error) {
	a := answer{State: out.State, Event: out.Event, Subject: out.Subject, Proposal: out.Proposal}
	if err == nil && out.State == command.StateProposed {
		p, perr := command.GetProposal(ctx, f.road.Store.Reader(), out.Proposal)
		if err = perr; err == nil && p == nil {
			err = errors.New("the proposal that was answered is not there")
		}
		if err == nil {
			a.Hash = p.Hash
		}
	}
	reply(w, a, err)
}

func reply(w http.ResponseWriter, a answer, err error) {
	if err != nil {
		a.Code = core.AsFault(err).Code
	}
	_ = json.NewEncoder(w).Encode(a)
}
