package witness_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/witness"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

const host = "logs.example"

var start = core.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))

// firm is a store whose log is sealed and sent to witnesses.
type firm struct {
	t       *testing.T
	s       *store.Store
	seq     *evidence.Sequencer
	signers evidence.Signers
	outside *memory
	n       int
}

// memory keeps the last note of each log.
type memory struct{ notes map[string]string }

func (m *memory) Last(log string) (string, error) { return m.notes[log], nil }
func (m *memory) Put(log, note string) error      { m.notes[log] = note; return nil }

func newFirm(t *testing.T, s *store.Store) *firm {
	f := &firm{t: t, s: s, outside: &memory{map[string]string{}}}
	var err error
	f.signers, err = evidence.SeededSigner(host, [32]byte{3})
	f.must(err)
	f.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: s, Signers: f.signers, Clock: core.SystemClock{}, Holder: "firm", Outside: f.outside})
	f.must(err)
	return f
}

func (f *firm) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// seal writes n events of a log, the way the product leaves them, in words that
// tell one history from another, and seals them. It returns the checkpoint.
func (f *firm) seal(log string, n int, words string) string {
	f.t.Helper()
	var events, queue []string
	for range n {
		id := fmt.Sprintf("01a1fd55-7a80-7000-8000-%012x", f.n)
		f.n++
		leaf := fmt.Sprintf(`{"id":"%s","source":"%s","type":"test.event","words":"%s"}`, id, evidence.Origin(host, log), words)
		events = append(events, "('"+id+"','"+log+"',1,'test.event','st_x','done','','"+leaf+"','[]')")
		queue = append(queue, "('"+id+"','"+log+"')")
	}
	storetest.Tamper(f.t, f.s, "INSERT INTO event (id, log, at, type, actor, outcome, refs, leaf, changes) VALUES "+strings.Join(events, ","))
	storetest.Tamper(f.t, f.s, "INSERT INTO unsealed (event, log) VALUES "+strings.Join(queue, ","))
	_, err := f.seq.Step(f.t.Context())
	f.must(err)
	return f.outside.notes[log]
}

func (f *firm) keys(logs ...string) string { return f.signers.VerifierKeys(logs) }

// witnessRig is a witness in a folder, served over HTTP.
type witnessRig struct {
	t     *testing.T
	dir   string
	clock *core.VirtualClock
	w     *witness.Witness
	srv   *httptest.Server
	mu    sync.Mutex
	told  []string
	key   evidence.WitnessKey
}

func newWitness(t *testing.T, name, keys string) *witnessRig {
	r := &witnessRig{t: t, dir: filepath.Join(t.TempDir(), "w"), clock: core.NewVirtualClock(start)}
	var err error
	if r.key, err = witness.Create(r.dir, name); err != nil {
		t.Fatal(err)
	}
	if _, err = witness.Trust(r.dir, keys); err != nil {
		t.Fatal(err)
	}
	r.open()
	t.Cleanup(func() { r.srv.Close(); r.w.Close() })
	return r
}

func (r *witnessRig) open() {
	r.t.Helper()
	var err error
	r.w, err = witness.Open(r.dir, r.clock, func(s string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, s)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.srv = httptest.NewServer(r.w.Handler())
}

func (r *witnessRig) reopen() {
	r.t.Helper()
	r.srv.Close()
	if err := r.w.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

func (r *witnessRig) remote() *witness.Remote {
	r.t.Helper()
	c, err := witness.NewRemote(r.srv.URL, r.key)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// post sends a raw body and returns status, type and text.
func (r *witnessRig) post(body string) (int, string, string) {
	r.t.Helper()
	res, err := http.Post(r.srv.URL+"/add-checkpoint", "text/plain", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	_, err = fmt.Fprint(&b, readAll(r.t, res))
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), b.String()
}

func (r *witnessRig) forks() []string {
	r.t.Helper()
	var out []string
	for _, path := range r.w.Forks() {
		text, err := os.ReadFile(path)
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// duty is the firm's side, with what it was told of contests.
func (f *firm) duty(contests *[]evidence.Contest, ws ...evidence.Witness) *evidence.Witnessing {
	return &evidence.Witnessing{Store: f.s, Witnesses: ws, Wall: core.SystemClock{}, Contested: func(_ context.Context, c evidence.Contest) error {
		*contests = append(*contests, c)
		return nil
	}}
}

func (f *firm) witnessed(quorum int, keys ...evidence.WitnessKey) map[string]evidence.Witnessed {
	f.t.Helper()
	list, err := evidence.WitnessedLogs(f.t.Context(), f.s.Reader(), keys, quorum)
	f.must(err)
	out := map[string]evidence.Witnessed{}
	for _, w := range list {
		out[w.Log] = w
	}
	return out
}

var errBroken = errors.New("broken")

func (m *memory) Logs() ([]string, error) { return slices.Sorted(maps.Keys(m.notes)), nil }
