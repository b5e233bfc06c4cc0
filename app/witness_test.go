package app

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/witness"
	"vouchsafe/oversight"
)

// outsider is a witness that runs for a firm, over HTTP.
type outsider struct {
	t   *testing.T
	dir string
	w   *witness.Witness
	srv *httptest.Server
	key evidence.WitnessKey
}

func newOutsider(t *testing.T, name, keyFile string) *outsider {
	o := &outsider{t: t, dir: filepath.Join(t.TempDir(), "w")}
	var out, errw bytes.Buffer
	for _, args := range [][]string{{"new", name}, {"trust", keyFile}} {
		if code := Main(append([]string{"witness", "--dir", o.dir}, args...), nil, &out, &errw); code != ExitGood {
			t.Fatalf("witness %v: %d %s", args, code, errw.String())
		}
	}
	pub, err := os.ReadFile(filepath.Join(o.dir, "witness.pub"))
	if err == nil {
		o.key, err = evidence.ParseWitnessKey(string(pub))
	}
	if err != nil || !strings.Contains(out.String(), o.key.String()) || !strings.Contains(out.String(), "cosigns  ") {
		t.Fatalf("%v, %s", err, out.String())
	}
	if o.w, err = witness.Open(o.dir, core.SystemClock{}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	o.srv = httptest.NewServer(o.w.Handler())
	t.Cleanup(func() { o.srv.Close(); o.w.Close() })
	return o
}

// witnessedFirm is a firm that two outsiders witness.
func witnessedFirm(t *testing.T) (*firm, [2]*outsider) {
	f := openFirm(t)
	sue := f.colleague("sue", access.Support)
	f.do(sue, clients.CreateClient{Entity: "en_cy", Name: "Ada Example", Email: "ada@client.example", Phone: "+35722000001", Address: "1 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-29"})
	f.settle()
	if err := f.WriteKeys(f.ctx); err != nil {
		t.Fatal(err)
	}
	var two [2]*outsider
	cfg := f.Config
	for i, name := range []string{"a.example", "b.example"} {
		two[i] = newOutsider(t, name, cfg.KeyFile())
		cfg.Witnesses = append(cfg.Witnesses, WitnessConfig{URL: two[i].srv.URL, Key: two[i].key.String()})
	}
	cfg, err := cfg.complete()
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(f.ctx, cfg, Options{Clock: f.clock, Wall: f.clock, Entropy: core.NewSeededEntropy(4), Holder: "test", Report: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	f.App.Close()
	f.App = a
	t.Cleanup(func() { a.Close() })
	return f, two
}

func (f *firm) settle() {
	f.t.Helper()
	if err := f.Settle(f.ctx); err != nil {
		f.t.Fatal(err)
	}
}

// health reads the state of the log as an auditor of the group sees it.
func (f *firm) health() oversight.LogHealth {
	f.t.Helper()
	v, err := command.Ask(f.ctx, f.Road, f.auditor(), f.LogWatch(), oversight.ViewLog{})
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func (f *firm) auditor() evidence.Actor {
	f.t.Helper()
	if s, err := access.StaffByEmail(f.ctx, f.Store.Reader(), "aud@firm.example"); err != nil || s != nil {
		return evidence.Actor{Ref: s.ID}
	}
	ref := f.do(install, access.CreateStaff{Entity: "en_cy", Name: "aud", Email: "aud@firm.example", Line: access.ThirdLine}).Subject
	for _, e := range []core.Ref{access.Group, "en_cy"} {
		f.do(install, access.BootstrapGrant{Holder: ref, Role: access.Auditor, Entity: e, Until: f.clock.Now().Add(60 * 24 * time.Hour)})
	}
	return evidence.Actor{Ref: ref}
}

// The whole way: sealed, witnessed by a schedule, seen as numbers; one witness
// falls behind, which is an event once and another when it is back; packs and
// tiles carry the cosignatures, and verify says how many agree.
func TestTheLogIsWitnessed(t *testing.T) {
	f, w := witnessedFirm(t)
	f.settle()
	f.clock.Advance(time.Minute)
	f.settle()
	for _, l := range f.health().Witnessed {
		if l.Size == 0 || len(l.Witnesses) != 2 {
			t.Errorf("%+v", l)
		}
	}
	w[1].srv.Close()
	sue := f.colleague("sam", access.Support)
	f.do(sue, clients.CreateClient{Entity: "en_cy", Name: "Ben Example", Email: "ben@client.example", Phone: "+35722000002", Address: "2 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-28"})
	watch := func() int {
		t.Helper()
		f.settle()
		f.clock.Advance(time.Minute)
		f.settle() // asks about what the first has sealed
		f.clock.Advance(11 * time.Minute)
		for range 2 {
			if err := oversight.Watch(f.ctx, f.Road, f.gauge()); err != nil {
				t.Fatal(err)
			}
		}
		return f.count("SELECT count(*) FROM event WHERE type = 'oversight.log.exceeded'")
	}
	if n := watch(); n != 2 { // the group's log and the entity's
		t.Errorf("%d measures left their bounds", n)
	}
	found := false
	for _, m := range f.health().Measures {
		found = found || m.Name == oversight.MeasureWitness && m.Out() && m.Waiting > 0 && strings.Contains(m.Trouble, "b.example")
	}
	if !found {
		t.Errorf("the page does not tell who is behind: %+v", f.health().Measures)
	}
	again := httptest.NewServer(w[1].w.Handler())
	defer again.Close()
	f.witnessing.Witnesses[1] = mustRemote(t, again.URL, w[1].key)
	if n := watch(); n != 2 || f.count("SELECT count(*) FROM event WHERE type = 'oversight.log.recovered'") != 2 {
		t.Errorf("%d left, not all came back", n)
	}
	f.noneDenied()
	f.measured()
	f.handedOver(w)
}

// measured demands the numbers of the page as metrics.
func (f *firm) measured() {
	f.t.Helper()
	rec := httptest.NewRecorder()
	f.Metrics().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`vouchsafe_log_measure_seconds{measure="witness",of="en_cy"} 0`, `vouchsafe_log_measure_out{measure="sealing",of="group"} `,
		`vouchsafe_log_entries{log="en_cy",state="witnessed"} `, "# TYPE vouchsafe_jobs gauge",
	} {
		if !strings.Contains(rec.Body.String(), want) {
			f.t.Errorf("the metrics lack %s\n%s", want, rec.Body)
		}
	}
}

func mustRemote(t *testing.T, url string, key evidence.WitnessKey) *witness.Remote {
	t.Helper()
	r, err := witness.NewRemote(url, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// handedOver builds a pack and verifies it and the installation by the verb.
func (f *firm) handedOver(w [2]*outsider) {
	t := f.t
	t.Helper()
	pack, err := command.Ask(f.ctx, f.Road, f.auditor(), f.Packs(), oversight.BuildPack{Kind: "staff", Ref: f.auditor().Ref})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pack.zip")
	if err := os.WriteFile(file, pack.Zip, 0o600); err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(t.TempDir(), "trust.policy")
	stranger, err := evidence.NewCosigner("c.example", bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	write := func(quorum string) {
		text := "witness a " + w[0].key.String() + "\nwitness b " + w[1].key.String() + "\nwitness c " + stranger.Key().String() + "\n" + quorum + "\n"
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(want int, says string, args ...string) {
		t.Helper()
		var out, errw bytes.Buffer
		if code := Main(append([]string{"verify"}, args...), nil, &out, &errw); code != want || !strings.Contains(out.String()+errw.String(), says) {
			t.Errorf("verify %v: %d, want %d saying %q\n%s%s", args, code, want, says, out.String(), errw.String())
		}
	}
	key := f.Config.KeyFile()
	verify(ExitGood, "sound", file, "--key", key)
	verify(ExitGood, "2 witnesses agree: a.example at 2", file, "--key", key, "--witness", w[0].key.String(), "--witness", w[1].key.String())
	verify(ExitFound, "not-witnessed", file, "--key", key, "--witness", stranger.Key().String())
	write("group g 2 a b c\nquorum g")
	verify(ExitGood, "2 witnesses agree", file, "--key", key, "--policy", policy)
	write("group g all a b c\nquorum g")
	verify(ExitFound, "not-witnessed", file, "--key", key, "--policy", policy)
	verify(ExitNoCheck, "NAME+HASH+KEY", file, "--key", key, "--witness", "x")
	verify(ExitNoCheck, "not by both", file, "--key", key, "--policy", policy, "--witness", stranger.Key().String())
	verify(ExitGood, "2 witnesses agree", "--data", f.Config.Data, "--witness", w[0].key.String(), "--witness", w[1].key.String())
	verify(ExitFound, "not-witnessed", "--data", f.Config.Data, "--policy", policy)
	verify(ExitGood, "sound", "--data", f.Config.Data)
	f.oneEntry(w, stranger.Key(), verify)
	if err := f.Config.write(); err != nil {
		t.Fatal(err)
	}
	verify(ExitGood, "2 witnesses agree", "--data", f.Config.Data) // those of the configuration
	var out, errw bytes.Buffer
	if Main([]string{"doctor", "--data", f.Config.Data}, nil, &out, &errw); !strings.Contains(out.String(), "cosigned by 2 of 2") {
		t.Errorf("doctor says\n%s%s", out.String(), errw.String())
	}
}

// oneEntry checks a single entry by the files that its page offers.
func (f *firm) oneEntry(w [2]*outsider, stranger evidence.WitnessKey, verify func(want int, says string, args ...string)) {
	t := f.t
	t.Helper()
	var id string
	if err := f.Store.Reader().QueryRow(f.ctx, "SELECT event FROM leaf WHERE log = 'en_cy' AND idx = 1").Scan(&id); err != nil {
		t.Fatal(err)
	}
	e, err := oversight.FindEvent(f.ctx, f.Road, records{}, f.auditor(), oversight.ViewEvent{Event: id})
	if err != nil || e.Proof.Witnesses != 2 {
		t.Fatalf("%d witnesses, %v", e.Proof.Witnesses, err)
	}
	leaf, proof := filepath.Join(t.TempDir(), "leaf.json"), filepath.Join(t.TempDir(), "x.tlog-proof")
	put := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(leaf, e.Leaf)
	put(proof, e.Proof.Text)
	one := []string{"--leaf", leaf, "--proof", proof, "--key", f.Config.KeyFile()}
	verify(ExitGood, "sound     entry 1 of", one...)
	verify(ExitGood, "2 witnesses agree", append(one, "--witness", w[0].key.String(), "--witness", w[1].key.String())...)
	verify(ExitFound, "not-witnessed", append(one, "--witness", stranger.String())...)
	verify(ExitNoCheck, "--key", one[:4]...)
	verify(ExitNoCheck, "usage", one[:2]...)
	put(leaf, strings.Replace(e.Leaf, "done", "gone", 1))
	verify(ExitFound, "is not event 1", one...)
	put(leaf, e.Leaf)
	put(proof, strings.Replace(e.Proof.Text, "index 1\n", "index 2\n", 1))
	verify(ExitFound, "is not event 2", one...)
}

// A database that was set back behind the witnesses' backs is a critical
// finding, once, whoever asks how often.
func TestAContestIsAFinding(t *testing.T) {
	f, _ := witnessedFirm(t)
	for range 3 {
		for _, log := range []string{"en_cy", "group"} {
			c := evidence.Contest{Log: log, Witness: "a.example+00000000", Size: 2, Theirs: 9}
			if err := f.witnessing.Contested(context.Background(), c); err != nil {
				t.Fatal(err)
			}
		}
		f.settle()
		f.clock.Advance(time.Minute)
	}
	if n := f.count("SELECT count(*) FROM finding WHERE kind = 'log-contested' AND severity = 'critical'"); n != 2 {
		t.Errorf("%d findings", n)
	}
	if n := f.count("SELECT count(*) FROM event WHERE type = 'oversight.log.contested' AND outcome = 'failed'"); n != 2 {
		t.Errorf("%d events", n)
	}
	if n := f.count("SELECT count(*) FROM event WHERE type = 'oversight.log.contested' AND log = 'en_cy'"); n != 1 {
		t.Errorf("%d events in the entity's log", n)
	}
	if len(f.health().Contests) != 2 {
		t.Errorf("%+v", f.health().Contests)
	}
	f.noneDenied()
}

// What is wrong in a configuration is said in words, before anything starts.
func TestWitnessConfiguration(t *testing.T) {
	key, err := evidence.NewCosigner("a.example", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	vkey := key.Key().String()
	for want, c := range map[string]Config{
		"NAME+HASH+KEY": {Witnesses: []WitnessConfig{{Key: "x"}}}, "https": {Witnesses: []WitnessConfig{{Key: vkey, URL: "http://w.example"}}},
		"twice": {Witnesses: []WitnessConfig{{Key: vkey}, {Key: vkey}}}, "quorum of 2": {Witnesses: []WitnessConfig{{Key: vkey}}, WitnessQuorum: 2},
	} {
		c.Data, c.Host = t.TempDir(), "x.example"
		if _, err := c.complete(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
