package witness_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
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

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// body is a request from one size, with a proof made by the firm.
func (f *firm) body(log string, from, to int64, note string) string {
	f.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", from)
	if from > 0 && from < to {
		p, err := evidence.Consistency(f.t.Context(), f.s.Reader(), log, from, to)
		f.must(err)
		for _, h := range p.Hashes {
			b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
		}
	}
	return b.String() + "\n" + note
}

// Every answer that the protocol names, over real HTTP.
func TestAnswersOfTheProtocol(t *testing.T) {
	f := newFirm(t, storetest.Open(t, store.SQLite))
	n3 := f.seal("group", 3, "one")
	w := newWitness(t, "w.example", f.keys("group"))
	want := func(what, body string, status int) string {
		t.Helper()
		got, typ, text := w.post(body)
		if got != status {
			t.Errorf("%s: %d %q, want %d", what, got, text, status)
		}
		if status == 409 && (typ != "text/x.tlog.size" || !strings.HasSuffix(text, "\n")) {
			t.Errorf("%s: the size is answered as %q %q", what, typ, text)
		}
		return text
	}
	line := want("the first checkpoint", f.body("group", 0, 3, n3), 200)
	if found, err := evidence.Cosignatures(n3+line, []evidence.WitnessKey{w.key}); err != nil || len(found) != 1 || found[0].At != start {
		t.Errorf("%+v, %v", found, err)
	}
	n10 := f.seal("group", 7, "one")
	if got := want("a stale size", f.body("group", 0, 10, n10), 409); got != "3\n" {
		t.Errorf("it names %q", got)
	}
	want("another stale size", f.body("group", 2, 10, n10), 409)
	want("a proof that is none", strings.Replace(f.body("group", 3, 10, n10), "\n", "\n"+strings.Repeat("A", 43)+"=\n", 1), 422)
	want("the next", f.body("group", 3, 10, n10), 200)
	w.clock.Advance(time.Minute)
	again := want("the same again", f.body("group", 10, 10, n10), 200)
	if found, err := evidence.Cosignatures(n10+again, []evidence.WitnessKey{w.key}); err != nil || found[0].At != start.Add(time.Minute) {
		t.Errorf("%+v, %v", found, err)
	}
	want("an older one", f.body("group", 3, 3, n3), 409)
	want("a proof from nothing to the same", "old 10\n"+strings.Repeat("A", 43)+"=\n\n"+n10, 422)
	want("an old size beyond the checkpoint", "old 11\n\n"+n10, 400)
	want("a log that is not known", f.body("en_x", 0, 2, f.seal("en_x", 2, "one")), 404)

	stranger, err := evidence.SeededSigner(host, [32]byte{9})
	f.must(err)
	g := newFirm(t, storetest.Open(t, store.SQLite))
	g.signers = stranger
	g.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: g.s, Signers: stranger, Clock: core.SystemClock{}, Holder: "x", Outside: g.outside})
	f.must(err)
	want("a key that is not known", "old 10\n\n"+g.seal("group", 12, "one"), 403)
	want("a signature that is wrong", "old 10\n\n"+strings.Replace(n10, "\n10\n", "\n11\n", 1), 403)
	for _, bad := range []string{
		"", "old 10", "old 10\n", "old 010\n\n" + n10, "old -1\n\n" + n10, "old +10\n\n" + n10, "new 10\n\n" + n10, "old 10\nAAAA\n\n" + n10,
		"old 10\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64) + "\n" + n10, strings.Repeat("x", 70<<10),
	} {
		want(fmt.Sprintf("%.20q", bad), bad, 400)
	}
	if res, err := http.Get(w.srv.URL + "/add-checkpoint"); err != nil || res.StatusCode != 405 {
		t.Errorf("GET: %v, %v", res.StatusCode, err)
	}
	res, err := http.Get(w.srv.URL)
	f.must(err)
	defer res.Body.Close()
	if page := readAll(t, res); !strings.Contains(page, w.key.String()) || !strings.Contains(page, n10) || !strings.Contains(page, "1 REFUSED") {
		t.Errorf("the page says\n%s", page)
	}
	if len(w.forks()) != 1 { // the 422 of a signed, newer checkpoint
		t.Errorf("kept: %q", w.forks())
	}
}

// Two histories under one key: the second is refused, kept and told, whether
// it has the same size or is longer; and also after a restart.
func TestForksAreRefusedAndKept(t *testing.T) {
	f, g := newFirm(t, storetest.Open(t, store.SQLite)), newFirm(t, storetest.Open(t, store.SQLite))
	w := newWitness(t, "w.example", f.keys("group"))
	n5 := f.seal("group", 5, "one")
	if got, _, text := w.post(f.body("group", 0, 5, n5)); got != 200 {
		t.Fatal(got, text)
	}
	other := g.seal("group", 5, "two")
	for _, old := range []string{"0", "5"} {
		if got, _, text := w.post("old " + old + "\n\n" + other); got != 409 || text != "5\n" {
			t.Errorf("same size, other root, from %s: %d %q", old, got, text)
		}
	}
	longer := g.seal("group", 4, "two")
	if got, _, _ := w.post(g.body("group", 5, 9, longer)); got != 422 {
		t.Errorf("a longer fork: %d", got)
	}
	w.reopen()
	forks := w.forks()
	if len(forks) != 2 || !strings.HasPrefix(forks[0], "FORK") || !strings.Contains(forks[0], n5) || !strings.Contains(forks[0], other) {
		t.Errorf("kept: %q", forks)
	}
	if !strings.Contains(forks[1], longer) || !strings.HasPrefix(forks[1], "UNPROVEN") {
		t.Errorf("kept: %q", forks[1])
	}
	loud := strings.Join(w.told, "\n")
	if !strings.Contains(loud, "FORK: logs.example/evidence/group") || !strings.Contains(loud, "2 refused histories lie") {
		t.Errorf("told: %s", loud)
	}
	if got, _, _ := w.post(f.body("group", 5, 6, f.seal("group", 1, "one"))); got != 200 {
		t.Errorf("the true history goes on: %d", got)
	}
}

// The state never goes back: not by a restart, not by an older copy, not by
// taking it away, not by changing it.
func TestTheStateNeverGoesBack(t *testing.T) {
	f := newFirm(t, storetest.Open(t, store.SQLite))
	w := newWitness(t, "w.example", f.keys("group"))
	n2 := f.seal("group", 2, "one")
	w.post(f.body("group", 0, 2, n2))
	files, err := filepath.Glob(filepath.Join(w.dir, "state", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	old, err := os.ReadFile(files[0])
	f.must(err)
	n6 := f.seal("group", 4, "one")
	if got, _, _ := w.post(f.body("group", 2, 6, n6)); got != 200 {
		t.Fatal(got)
	}
	now, err := os.ReadFile(files[0])
	f.must(err)
	n9 := f.body("group", 6, 9, f.seal("group", 3, "one"))
	from2 := f.body("group", 2, 9, f.outside.notes["group"])
	for what, text := range map[string][]byte{"set back": old, "taken away": nil, "changed": []byte(strings.Replace(string(now), "\n6\n", "\n5\n", 1)), "emptied": {}} {
		f.must(os.RemoveAll(files[0]))
		if text != nil {
			f.must(os.WriteFile(files[0], text, 0o600))
		}
		w.reopen()
		for _, body := range []string{n9, from2, f.body("group", 0, 2, n2)} {
			if got, _, text := w.post(body); got != 500 {
				t.Errorf("%s: %d %q", what, got, text)
			}
		}
		if len(w.told) == 0 {
			t.Errorf("%s: nobody was told", what)
		}
		w.told = nil
	}
	f.must(os.WriteFile(files[0], now, 0o600))
	w.reopen()
	if got, _, text := w.post(n9); got != 200 {
		t.Errorf("put back: %d %q", got, text)
	}
	if _, err := witness.Open(w.dir, w.clock, func(string) {}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("two programs at once: %v", err)
	}
	if _, err := witness.Create(w.dir, "w.example"); err == nil {
		t.Error("a second witness was made in the folder")
	}
}

// Many requests at once: each size is cosigned by one history only, and what
// is kept at the end is the largest that was cosigned.
func TestOneAtATime(t *testing.T) {
	f := newFirm(t, storetest.Open(t, store.SQLite))
	w := newWitness(t, "w.example", f.keys("group"))
	w.post(f.body("group", 0, 1, f.seal("group", 1, "one")))
	var bodies []string
	for size := int64(2); size <= 12; size++ {
		bodies = append(bodies, f.body("group", 1, size, f.seal("group", 1, "one")))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for _, body := range bodies {
		wg.Go(func() {
			got, _, _ := w.post(body)
			mu.Lock()
			defer mu.Unlock()
			if got == 200 {
				good++
			} else if got != 409 {
				t.Errorf("answered %d", got)
			}
		})
	}
	wg.Wait()
	if good != 1 { // all ask from size 1: after the first it is another
		t.Errorf("%d requests from one size were cosigned", good)
	}
}

// What cannot be a witness's folder, key file or address, in words that say
// what to do.
func TestSettingUpGoesWrongInWords(t *testing.T) {
	dir := t.TempDir()
	if _, err := witness.Trust(dir, "x"); err == nil || !strings.Contains(err.Error(), "vouchsafe witness new") {
		t.Error(err)
	}
	key, err := witness.Create(dir, "w.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := witness.Open(dir, core.SystemClock{}, nil); err == nil || !strings.Contains(err.Error(), "vouchsafe witness trust") {
		t.Error(err)
	}
	for _, bad := range []string{"", "# only words\n", "nonsense", key.String()} {
		if _, err := witness.Trust(dir, bad); err == nil {
			t.Errorf("%q was taken as the key of a log", bad)
		}
	}
	for _, bad := range []string{"", "w.example", "ftp://w.example", "http://w.example", "https://"} {
		if _, err := witness.NewRemote(bad, key); err == nil {
			t.Errorf("%q was taken as an address", bad)
		}
	}
}
