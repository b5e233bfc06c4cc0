package witness_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/evidence"
	"vouchsafe/evidence/witness"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The firm's side against real witnesses: it catches up, survives one that is
// down, and the quorum tells how far outsiders vouch.
func TestCheckpointsAreWitnessed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFirm(t, s)
		a, b := newWitness(t, "a.example", f.keys("group", "en_cy")), newWitness(t, "b.example", f.keys("group", "en_cy"))
		var contests []evidence.Contest
		d := f.duty(&contests, a.remote(), b.remote())
		f.seal("group", 300, "one")
		f.seal("en_cy", 4, "one")
		f.must(d.Step(t.Context()))
		got := f.witnessed(2, a.key, b.key)
		if got["group"].Size != 300 || got["en_cy"].Size != 4 || got["group"].Waiting != 0 {
			t.Fatalf("%+v", got)
		}
		dead := b.remote()
		b.srv.Close()
		d.Witnesses[1] = dead
		f.seal("group", 9, "one")
		if err := d.Step(t.Context()); err == nil || strings.Contains(err.Error(), "127.0.0.1:") && strings.Contains(err.Error(), "/add-checkpoint") {
			t.Errorf("a witness that is down: %v", err)
		}
		one, two := f.witnessed(1, a.key, b.key)["group"], f.witnessed(2, a.key, b.key)["group"]
		if one.Size != 309 || two.Size != 300 || two.Waiting == 0 || two.Witnesses[1].Error == "" || two.Witnesses[0].Error != "" {
			t.Fatalf("one %+v, two %+v", one, two)
		}
		b.reopen()
		d.Witnesses[1] = b.remote()
		f.must(d.Step(t.Context()))
		if got := f.witnessed(2, a.key, b.key)["group"]; got.Size != 309 || got.Witnesses[1].Error != "" {
			t.Errorf("%+v", got)
		}
		// What we remember of a witness may be lost; it says what it knows.
		storetest.Tamper(t, s, "DELETE FROM cosignature")
		f.seal("group", 1, "one")
		f.must(d.Step(t.Context()))
		if got := f.witnessed(2, a.key, b.key)["group"]; got.Size != 310 || len(contests) > 0 {
			t.Errorf("%+v, contests %+v", got, contests)
		}
		keys, err := f.signers.Verifiers("group")
		f.must(err)
		trust, err := evidence.TrustIn(2, a.key, b.key)
		f.must(err)
		trust.Logs = keys
		problems, size, by, err := evidence.VerifyWitnessed(t.Context(), s.Reader(), "group", trust)
		if err != nil || len(problems) > 0 || size != 310 || len(by) != 2 {
			t.Errorf("%v %d %v %v", problems, size, by, err)
		}
		f.exported(size, a.key, b.key)
	})
}

// exported demands both cosignatures in the tile export and in a proof.
func (f *firm) exported(size int64, keys ...evidence.WitnessKey) {
	f.t.Helper()
	dir := f.t.TempDir()
	f.must(evidence.ExportTiles(f.t.Context(), f.s.Reader(), "group", dir))
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	f.must(err)
	event := "01a1fd55-7a80-7000-8000-000000000005"
	p, err := evidence.Inclusion(f.t.Context(), f.s.Reader(), event)
	f.must(err)
	for _, note := range []string{string(text), p.Checkpoint} {
		found, err := evidence.Cosignatures(note, keys)
		if err != nil || len(found) != len(keys) {
			f.t.Errorf("%v, %v in\n%s", found, err, note)
		}
	}
	if p.Size != size {
		f.t.Errorf("the proof is against %d", p.Size)
	}
}

// A database that was set back, or another history under the same key, is
// contested by the witness, whatever the sizes; stored cosignatures that were
// touched are named.
func TestContests(t *testing.T) {
	for name, c := range map[string]struct{ first, second int }{
		"set back": {9, 5}, "same size": {9, 9}, "longer": {9, 14},
	} {
		t.Run(name, func(t *testing.T) {
			f, g := newFirm(t, storetest.Open(t, store.SQLite)), newFirm(t, storetest.Open(t, store.SQLite))
			w := newWitness(t, "w.example", f.keys("group"))
			var contests []evidence.Contest
			f.seal("group", c.first, "one")
			f.must(f.duty(&contests, w.remote()).Step(t.Context()))
			g.seal("group", c.second, "two")
			if err := g.duty(&contests, w.remote()).Step(t.Context()); err == nil {
				t.Error("no error")
			}
			want := evidence.Contest{Log: "group", Witness: strings.Join(strings.SplitN(w.key.String(), "+", 3)[:2], "+"), Size: int64(c.second), Theirs: int64(c.first)}
			if len(contests) != 1 || contests[0] != want {
				t.Errorf("contests %+v, want %+v", contests, want)
			}
			if got := g.witnessed(1, w.key)["group"]; got.Size != 0 || got.Witnesses[0].Error == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestTouchedCosignaturesAreNamed(t *testing.T) {
	f := newFirm(t, storetest.Open(t, store.SQLite))
	w := newWitness(t, "w.example", f.keys("group"))
	var contests []evidence.Contest
	for range 2 {
		f.seal("group", 3, "one")
		f.must(f.duty(&contests, w.remote()).Step(t.Context()))
	}
	trust, err := evidence.TrustIn(1, w.key)
	f.must(err)
	check := func(want string) {
		t.Helper()
		problems, _, _, err := evidence.VerifyWitnessed(t.Context(), f.s.Reader(), "group", trust)
		f.must(err)
		if want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || problems[0].Code != want) {
			t.Errorf("%v, want %q", problems, want)
		}
	}
	check("")
	storetest.Tamper(t, f.s, "UPDATE cosignature SET line = (SELECT line FROM cosignature WHERE size = 3) WHERE size = 6")
	check("cosignature")
	storetest.Tamper(t, f.s, "DELETE FROM checkpoint WHERE size = 6")
	check("checkpoint-missing")
}

// liar answers whatever a test wants.
type liar struct {
	key  evidence.WitnessKey
	line string
	err  error
}

func (l liar) Key() evidence.WitnessKey { return l.key }
func (l liar) Add(context.Context, int64, []tlog.Hash, string) (string, error) {
	return l.line, l.err
}

// What a witness sends is believed only when it is its signature.
func TestBadWitnesses(t *testing.T) {
	f := newFirm(t, storetest.Open(t, store.SQLite))
	w := newWitness(t, "w.example", f.keys("group"))
	note := f.seal("group", 3, "one")
	status, text := 200, ""
	bad := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(text))
	}))
	defer bad.Close()
	r, err := witness.NewRemote(bad.URL, w.key)
	f.must(err)
	_, _, good := w.post(f.body("group", 0, 3, note))
	ask := func(s int, body string) error {
		status, text = s, body
		_, err := r.Add(t.Context(), 0, nil, note)
		return err
	}
	f.must(ask(200, good))
	for name, c := range map[string]struct {
		status int
		text   string
	}{
		"nothing": {200, ""}, "words": {200, "ok\n"}, "another key": {200, strings.Replace(good, "w.example", "v.example", 1)},
		"no end": {200, strings.TrimSuffix(good, "\n")}, "a note": {200, note + good}, "no size": {409, "x\n"}, "unknown": {404, ""}, "key unknown": {403, ""}, "down": {502, good},
	} {
		if err := ask(c.status, c.text); err == nil {
			t.Errorf("%s was believed", name)
		}
	}
	var contests []evidence.Contest
	for _, l := range []liar{{key: w.key, line: "— w.example AAAA\n"}, {key: w.key, err: errBroken}} {
		if err := f.duty(&contests, l).Step(t.Context()); err == nil {
			t.Errorf("%+v was believed", l)
		}
	}
	if got := f.witnessed(1, w.key)["group"]; got.Size != 0 || len(contests) > 0 {
		t.Errorf("%+v %+v", got, contests)
	}
}
