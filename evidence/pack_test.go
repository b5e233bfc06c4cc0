package evidence

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func TestPackIsSound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newPackRig(t, s)
		r.story()
		b := r.build(r.spec())
		sum := r.sound(b.Zip)
		if sum.Counts.Events != 5 || sum.Manifest != b.Manifest || sum.SignedBy == "" || len(sum.Logs) != 2 {
			t.Errorf("summary %+v", sum)
		}
		for _, l := range sum.Logs {
			if !l.Whole {
				t.Errorf("log %s was not recounted: %s", l.Name, l.Why)
			}
		}
		if again := r.build(r.spec()); !bytes.Equal(again.Zip, b.Zip) {
			t.Error("the same content gave other bytes")
		}
		for _, sh := range b.Shown {
			if sh.Class == core.Bank || sh.Class == core.Secret || sh.Subject == "" {
				t.Errorf("%v was shown", sh)
			}
		}
		if dir := os.Getenv("VOUCHSAFE_KEEP_PACK"); dir != "" { // to look at one
			check(t, os.WriteFile(dir+"/pack.zip", b.Zip, 0o600))
			check(t, os.WriteFile(dir+"/log.pub", []byte(r.signers.VerifierKeys([]string{"group", "en_test"})), 0o600))
		}
	})
}

// What a class withholds stands nowhere in the pack, in no file.
func TestPackWithholds(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.story()
	files := unzip(t, r.build(r.spec()).Zip)
	spec := r.spec()
	spec.May = nil
	for path, body := range files {
		for _, word := range []string{"DE00 1234", "FR11 9999", "hunter2"} {
			if bytes.Contains(body, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
	}
	all := ""
	for _, body := range files {
		all += string(body)
	}
	for _, want := range []string{"Alma Álvarez", "198.51.100.9", "withheld: whoever built this pack may not see them", "Mira Maker", "No proof of address"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is nowhere", want)
		}
	}
	none := r.build(spec)
	if sum := r.sound(none.Zip); sum.Counts.Disclosed != 0 || len(none.Shown) != 0 {
		t.Errorf("%d values were disclosed to somebody who may see none", sum.Counts.Disclosed)
	}
}

// Hostile text stays text: in the page, and in a spreadsheet.
func TestPackTextIsHarmless(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.story()
	files := unzip(t, r.build(r.spec()).Zip)
	if page := string(files[filePage]); strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("a person's words became markup")
	}
	rows, err := csv.NewReader(bytes.NewReader(files[fileCSV])).ReadAll()
	check(t, err)
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	for in, want := range map[string]string{"=1": "'=1", "-5.20": "-5.20", "-1+2": "'-1+2", "+49": "'+49", "@x": "'@x", "": "", "5": "5", "-Inf": "'-Inf"} {
		if got := HarmlessCell(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// A pack of a window, of a narrow scope and of a subject without events are
// sound too, and say what is not in them.
func TestPackSaysWhatIsMissing(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.story()
	codes := func(spec PackSpec) string {
		t.Helper()
		var out []string
		for _, m := range r.sound(r.build(spec).Zip).Missing {
			out = append(out, m.Code)
		}
		return strings.Join(out, " ")
	}
	if got := codes(r.spec()); got != "proof-of-address withheld withheld related unanchored" {
		t.Error(got)
	}
	bare := r.spec()
	bare.Printer = nil
	if got := codes(bare); got != "proof-of-address withheld withheld related pdf unanchored" {
		t.Error(got)
	}
	narrow := r.spec()
	narrow.Scope = store.Eq("log", "group")
	if got := codes(narrow); !strings.Contains(got, "withheld-events") {
		t.Error(got)
	}
	window := r.spec()
	window.From, window.To = r.clock.Now().Add(-5e9), r.clock.Now()
	if got := codes(window); strings.Contains(got, "withheld-events") {
		t.Error(got)
	}
	closed := r.spec()
	closed.Whole = nil
	closed.Policy = nil
	if got := codes(closed); !strings.Contains(got, "recount") || !strings.Contains(got, "policy-text") {
		t.Error(got)
	}
	nobody := r.spec()
	nobody.Subject = "wd_none"
	if got := codes(nobody); !strings.Contains(got, "no-events") {
		t.Error(got)
	}
	r.do(Stamp{}, Event{Type: packDenied, Entity: packEntity, Subjects: []core.Ref{packClient}}, nil)
	if got := codes(r.spec()); !strings.HasPrefix(got, "unsealed") {
		t.Error(got)
	}
	byCase := r.spec()
	byCase.Kind, byCase.Subject = "record", "ca_1"
	if sum := r.sound(r.build(byCase).Zip); sum.Counts.Events != 1 {
		t.Errorf("%d events of the case", sum.Counts.Events)
	}
}

// Erasure leaves packs that still verify, with the values gone.
func TestPackAfterErasure(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.story()
	had, err := r.log.Keys.Destroy(r.ctx, packClient)
	if err != nil || !had {
		t.Fatal(had, err)
	}
	spec := r.spec()
	spec.Kind, spec.Subject = "withdrawal", "wd_1"
	sum := r.sound(r.build(spec).Zip)
	if sum.Counts.Events != 3 {
		t.Errorf("%d events", sum.Counts.Events)
	}
	for _, m := range sum.Missing {
		if m.Code == "withheld" && strings.Contains(m.Text, "erased") {
			return
		}
	}
	t.Error("the pack does not say that values were erased")
}

// A large log is not included, and the pack says so.
func TestPackOfLogWithManyTiles(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.noise(254)
	r.story() // the story crosses the border of the first tile
	r.noise(300)
	r.seal()
	b := r.build(r.spec())
	r.sound(b.Zip)
	files := unzip(t, b.Zip)
	for _, path := range []string{"logs/en-test/tile/0/000", "logs/en-test/tile/1/000.p/2", "logs/en-test/tile/entries/001", "logs/en-test/checkpoint"} {
		if files[path] == nil {
			t.Errorf("%s is not there", path)
		}
	}
}
