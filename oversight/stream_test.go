package oversight_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/adapters/outlet"
	"vouchsafe/adapters/outlet/siemsim"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var (
	streamTold  = evidence.Register("stream.test.told", evidence.EntityManagement, "Something was told in a test.")
	streamOther = evidence.Register("stream.other.told", evidence.EntityManagement, "Something else was told in a test.")
)

// delivering is a firm whose log is sealed and delivered, with its jobs.
type delivering struct {
	*commandtest.Rig
	seq   *evidence.Sequencer
	queue *jobs.Queue
	d     *oversight.Delivery
}

func newDelivering(t *testing.T, s *store.Store, streams ...*oversight.Stream) *delivering {
	t.Helper()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	oversight.Register(reg, fewReads)
	d := &delivering{Rig: commandtest.New(t, s, reg)}
	signers, err := evidence.SeededSigner("test.vouchsafe.example", [32]byte{5})
	must(t, err)
	outside, err := evidence.NewFileOutside(filepath.Join(t.TempDir(), "outside"))
	must(t, err)
	d.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: s, Signers: signers, Clock: d.Clock, Holder: "one", Outside: outside})
	must(t, err)
	d.restart(streams...)
	return d
}

// restart is a new process over the same store.
func (d *delivering) restart(streams ...*oversight.Stream) {
	d.d = &oversight.Delivery{Road: d.Road, Wall: d.Clock, Streams: streams}
	d.queue = jobs.NewQueue(jobs.Config{Store: d.Road.Store, Clock: d.Clock, Wall: d.Clock, Holder: "test", Entropy: core.SystemEntropy{}})
	d.d.HandleJobs(d.queue, time.Second)
	for range 2 { // a cursor is made before anything moves it
		d.run()
	}
}

// run lets the time go by in which duties are due.
func (d *delivering) run() {
	d.T.Helper()
	d.Clock.Advance(time.Minute) // leases of a process that died run out
	_, err := d.queue.Step(context.Background())
	must(d.T, err)
}

// tell writes n events of a type into a log and seals them.
func (d *delivering) tell(typ evidence.Type, log string, n int) (ids []string) {
	d.T.Helper()
	for range n {
		d.Clock.Advance(time.Second)
		err := d.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			id, err := d.Road.Log.Append(ctx, tx, evidence.Stamp{At: d.Clock.Now(), Entropy: d.Road.Entropy, Actor: evidence.Actor{Ref: "st_teller"}},
				evidence.Event{Type: typ, Log: log, Subjects: []core.Ref{"cl_ada"}, Text: "Canaryname", Details: []evidence.Detail{{Name: "name", Value: "Canaryname", Class: core.Personal}}})
			if len(ids) == 0 || ids[len(ids)-1] != id {
				ids = append(ids, id)
			}
			return err
		})
		must(d.T, err)
	}
	_, err := d.seq.Step(context.Background())
	must(d.T, err)
	return ids
}

var inMessage = regexp.MustCompile(`"uid":"([0-9a-f]{8}-[0-9a-f-]{27})"`)

func idsIn(messages []string) (ids []string) {
	for _, m := range messages {
		if part := inMessage.FindStringSubmatch(m); part != nil {
			ids = append(ids, part[1])
		}
	}
	return ids
}

func siem(t *testing.T) (*siemsim.Receiver, *oversight.Stream) {
	t.Helper()
	sim, err := siemsim.Start("127.0.0.1:0", nil, nil)
	must(t, err)
	t.Cleanup(sim.Close)
	to, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr(), Plain: true, Host: "x.example"})
	must(t, err)
	return sim, &oversight.Stream{Name: "siem", Format: export.OCSF, Receiver: to}
}

// delay is the stream's measure.
func (d *delivering) delay(bound time.Duration) oversight.Measure {
	d.T.Helper()
	all, err := d.d.Gauge(d.Clock, bound)(context.Background(), d.Road.Store.Reader())
	must(d.T, err)
	return all[0]
}

// Every event of every log arrives over the wire, in the order of its log,
// once while nothing fails, and again after a crash between sending and moving
// the cursor: never not at all. The MLRO's log stays.
func TestEventsAreDeliveredAtLeastOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sim, stream := siem(t)
		d := newDelivering(t, s, stream)
		secret := d.tell(streamTold, evidence.MLROLog, 2)
		group, cy := d.tell(streamTold, "group", 1200), d.tell(streamTold, "en_cy", 30)
		d.run()
		want := append(slices.Clone(cy), group...)
		if got := idsIn(sim.Messages()); !slices.Equal(got, want) {
			t.Fatalf("%d of %d events arrived", len(got), len(want))
		}
		d.run()
		if len(sim.Messages()) != len(want) {
			t.Error("what was delivered came again")
		}
		crash := errors.New("the process dies here")
		d.d.StopAfterSend(func() error { return crash })
		late := d.tell(streamTold, "group", 7)
		d.run()
		if m := d.delay(time.Second); !m.Out() || m.Waiting != 7 || !strings.Contains(m.Trouble, crash.Error()) {
			t.Errorf("%+v", m)
		}
		d.restart(stream)
		got := idsIn(sim.Messages())[len(want):]
		if !slices.Equal(got, append(slices.Clone(late), late...)) {
			t.Errorf("after the crash came %d events, want %d twice", len(got), len(late))
		}
		if m := d.delay(time.Second); m.Out() || m.Waiting != 0 || m.Trouble != "" {
			t.Errorf("%+v", m)
		}
		text := strings.Join(sim.Messages(), "\n")
		if strings.Contains(text, "Canaryname") || strings.Contains(text, secret[0]) {
			t.Error("a personal value, or the MLRO's log, left the firm")
		}
	})
}

// A receiver that fails gets the same batch until it takes it; nothing is lost
// and nothing of it is counted as delivered.
func TestAReceiverThatFails(t *testing.T) {
	s := storetest.Open(t, store.SQLite)
	sim, stream := siem(t)
	d := newDelivering(t, s, stream)
	ids := d.tell(streamTold, "group", 20)
	sim.Set(siemsim.Reset)
	for range 3 {
		d.run()
	}
	if m := d.delay(time.Minute); m.Waiting != 20 || !m.Out() || m.Trouble == "" {
		t.Errorf("%+v", m)
	}
	sim.Set(siemsim.Well)
	d.run()
	if got := idsIn(sim.Messages()); !slices.Equal(got, ids) {
		t.Errorf("%d events arrived", len(got))
	}
}

// A stream carries the types and logs that it names, from where it names.
func TestStreamsChoose(t *testing.T) {
	s := storetest.Open(t, store.SQLite)
	sim, stream := siem(t)
	stream.Types, stream.Logs, stream.FromNow = []string{"stream.test.*"}, []string{"en_cy", evidence.MLROLog}, true
	d := newDelivering(t, s)
	d.tell(streamTold, "en_cy", 5)
	d.restart(stream)
	want := d.tell(streamTold, "en_cy", 2)
	want = append(want, d.tell(streamTold, evidence.MLROLog, 1)...) // a log that is new: from its beginning
	d.tell(streamOther, "en_cy", 3)
	d.tell(streamTold, "group", 3)
	d.run()
	if got := idsIn(sim.Messages()); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if m := d.delay(time.Minute); m.Waiting != 0 {
		t.Errorf("%+v", m)
	}
}

// hook is an endpoint that answers as a test wants, by event.
type hook struct {
	mu     sync.Mutex
	answer func(id string) int
	tries  map[string]int
	took   []string
	srv    *httptest.Server
}

func newHook(t *testing.T) (*hook, *oversight.Stream, *core.VirtualClock) {
	t.Helper()
	h := &hook{answer: func(string) int { return 200 }, tries: map[string]int{}}
	h.srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		id := r.Header.Get("webhook-id")
		h.tries[id]++
		code := h.answer(id)
		if code == 200 {
			h.took = append(h.took, id)
		}
		rw.WriteHeader(code)
	}))
	t.Cleanup(h.srv.Close)
	clock := core.NewVirtualClock(commandtest.Start)
	to, err := outlet.NewWebhook(outlet.WebhookConfig{URL: h.srv.URL, Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, Wall: clock})
	must(t, err)
	return h, &oversight.Stream{Name: "hook", Format: export.JSONL, Receiver: to, Each: true, Types: []string{"stream.test"}}, clock
}

// Each event has a job of its own: one that is refused does not hold up the
// others, comes again ever more slowly, becomes a dead letter and is delivered
// after a person queued it again.
func TestWebhooksRetryAndDie(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h, stream, _ := newHook(t)
		d := newDelivering(t, s, stream)
		ids := d.tell(streamTold, "group", 5)
		d.tell(streamOther, "group", 2)
		bad := ids[2]
		h.answer = func(id string) int { return map[bool]int{true: 400, false: 200}[id == bad] }
		for range 12 {
			d.run()
		}
		if len(h.took) != 4 || h.tries[bad] < 2 {
			t.Fatalf("%d were taken, %v", len(h.took), h.tries)
		}
		if m := d.delay(time.Minute); m.Waiting != 1 || !m.Out() || !strings.Contains(m.Trouble, "400") {
			t.Errorf("%+v", m)
		}
		for range 40 {
			d.Clock.Advance(6 * time.Hour)
			d.run()
		}
		dead, err := jobs.DeadLetters(context.Background(), s.Reader(), core.PageRequest{})
		must(t, err)
		if len(dead.Rows) != 1 || !strings.Contains(dead.Rows[0].Args, bad) || h.tries[bad] != 10 {
			t.Fatalf("dead: %+v after %d tries", dead.Rows, h.tries[bad])
		}
		h.answer = func(string) int { return 200 }
		d.Do(d.Staff("vik", "system_admin"), oversight.ReviveJob{Job: dead.Rows[0].ID})
		d.run()
		if len(h.took) != 5 || h.took[4] != bad {
			t.Errorf("taken: %v", h.took)
		}
	})
}

// An endpoint that is down for long loses nothing and keeps no worker: one try
// in a while finds out.
func TestAnEndpointThatIsDown(t *testing.T) {
	s := storetest.Open(t, store.SQLite)
	h, stream, _ := newHook(t)
	d := newDelivering(t, s, stream)
	ids := d.tell(streamTold, "group", 50)
	h.answer = func(string) int { return 503 }
	d.run()
	sum := 0
	for _, n := range h.tries {
		sum += n
	}
	if sum != 1 {
		t.Errorf("%d tries at once on an endpoint that is down", sum)
	}
	h.answer = func(string) int { return 200 }
	for range 200 {
		d.run()
	}
	slices.Sort(h.took)
	slices.Sort(ids)
	if !slices.Equal(h.took, ids) {
		t.Errorf("%d of %d arrived", len(h.took), len(ids))
	}
	h.answer = func(string) int { return 410 }
	d.tell(streamTold, "group", 1)
	d.run()
	d.run()
	dead, err := jobs.DeadLetters(context.Background(), s.Reader(), core.PageRequest{})
	must(t, err)
	if len(dead.Rows) != 1 || dead.Rows[0].Attempts > 1 {
		t.Errorf("gone: %+v", dead.Rows)
	}
}

// What the configuration says of witnesses and streams is on record once,
// changes and farewells too.
func TestConnectionsAreOnRecord(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		for _, now := range [][]oversight.Connection{
			{{Name: "stream siem", Says: "syslog to a"}, {Name: "witness w", Says: "k"}},
			{{Name: "stream siem", Says: "syslog to a"}, {Name: "witness w", Says: "k"}},
			{{Name: "stream siem", Says: "syslog to b"}},
			{},
			{},
			{{Name: "stream siem", Says: "syslog to b"}},
		} {
			must(t, oversight.Connect(ctx, r.Road, now))
		}
		var told []string
		for _, e := range r.Events("sys_clock") {
			told = append(told, e.Type)
		}
		if fmt.Sprint(len(told)) != "6" { // two, one changed and one gone, one gone, one back
			t.Errorf("%v", told)
		}
		ps, err := r.Road.Log.VerifyFold(ctx, r.Road.Store.Reader())
		if err != nil || len(ps) > 0 {
			t.Error(ps, err)
		}
	})
}

// A measure tells when it leaves its bounds and when it is back, not between.
func TestMeasuresTellOnce(t *testing.T) {
	machine(t, func(t *testing.T, r *commandtest.Rig) {
		m := oversight.Measure{Name: oversight.MeasureClock, Of: "ntp.example", Bound: time.Second}
		for _, v := range []time.Duration{0, 900 * time.Millisecond, 2 * time.Second, time.Hour, 0, 0, 3 * time.Second} {
			m.Value = v
			must(t, oversight.Watch(context.Background(), r.Road, func(context.Context, store.Reader) ([]oversight.Measure, error) { return []oversight.Measure{m}, nil }))
		}
		var told []string
		for _, e := range r.Events("sys_clock") {
			told = append(told, e.Type[len("oversight.log."):]+" "+string(e.Outcome))
		}
		if strings.Join(told, ", ") != "exceeded failed, recovered done, exceeded failed" {
			t.Errorf("%v", told)
		}
		if _, err := r.Road.Run(context.Background(), evidence.Actor{Ref: "sys_clock"}, "", oversight.WatchLog{Measure: m}); !core.IsFault(err, "no-news") {
			t.Errorf("told again: %v", err)
		}
	})
}
