package evidence

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// forgery changes one byte, or one row, behind the program's back.
type forgery struct {
	name  string
	harm  func(r *rig)
	codes []string // every problem that must be named, no others
	text  string   // must occur in the first problem
}

// flipped reads one value, flips the lowest bit of its byte at, writes it back.
func flipped(table, column, where string, at int, args ...any) func(r *rig) {
	return func(r *rig) {
		r.tb.Helper()
		var raw []byte
		q := "SELECT " + column + " FROM " + table + " WHERE " + where
		if err := r.s.Reader().QueryRow(r.ctx, q, args...).Scan(&raw); err != nil {
			r.tb.Fatal(err)
		}
		raw = slices.Clone(raw)
		if at < 0 {
			at += len(raw)
		}
		raw[at] ^= 1
		var value any = raw
		if column == "leaf" || column == "note" || column == "event" || column == "id" || column == "log" {
			value = string(raw)
		}
		storetest.Tamper(r.tb, r.s, fmt.Sprintf("UPDATE %s SET %s = $%d WHERE %s", table, column, len(args)+1, where), append(args, value)...)
	}
}

func tampered(statement string, args ...any) func(r *rig) {
	return func(r *rig) { r.tb.Helper(); storetest.Tamper(r.tb, r.s, statement, args...) }
}

func outsideFlipped(at int) func(r *rig) {
	return func(r *rig) {
		note := []byte(r.outside.notes["en_mt"])
		if at < 0 {
			at += len(note)
		}
		note[at] ^= 1
		r.outside.notes["en_mt"] = string(note)
	}
}

// The rig of these forgeries: 600 events in log en_mt (two full tiles),
// checkpoints at 100, 520 and 600, five events waiting; another log beside.
var forgeries = []forgery{
	{"nothing", func(*rig) {}, nil, ""},
	{"leaf text under a tile", flipped("event", "leaf", "id = (SELECT event FROM leaf WHERE log = 'en_mt' AND idx = 7)", 60), []string{"leaf-text"}, "event 7"},
	{"leaf text in the tail", flipped("event", "leaf", "id = (SELECT event FROM leaf WHERE log = 'en_mt' AND idx = 590)", 60), []string{"leaf-hash"}, "event 590"},
	{"leaf hash under a tile", flipped("leaf", "hash", "log = 'en_mt' AND idx = 300", 5), []string{"leaf-hash"}, "leaf hash of event 300"},
	{"leaf hash in the tail", flipped("leaf", "hash", "log = 'en_mt' AND idx = 599", 5), []string{"leaf-hash", "checkpoint-root", "checkpoint-root"}, "event 599"},
	{"leaf text and hash", func(r *rig) {
		flipped("event", "leaf", "id = (SELECT event FROM leaf WHERE log = 'en_mt' AND idx = 550)", 60)(r)
		rehash(r, 550)
	}, []string{"checkpoint-root", "checkpoint-root"}, "600"},
	{"tile hash", flipped("tile", "hashes", "log = 'en_mt' AND n = 1 AND level = 0", 4000), []string{"tile"}, "hashes"},
	{"tile root", flipped("tile", "root", "log = 'en_mt' AND n = 0 AND level = 0", 0), []string{"tile"}, "root"},
	{"tile taken", tampered("DELETE FROM tile WHERE log = 'en_mt' AND n = 1"), []string{"tile-missing"}, "en_mt/0/1"},
	{"tile invented", tampered("INSERT INTO tile (log, level, n, root, hashes) SELECT log, 1, 0, root, hashes FROM tile WHERE log = 'en_mt' AND n = 1"), []string{"tile-excess"}, "en_mt/1/0"},
	{"checkpoint origin", flipped("checkpoint", "note", "log = 'en_mt' AND size = 520", 0), []string{"checkpoint-signature"}, "en_mt/520"},
	{"checkpoint root in the note", flipped("checkpoint", "note", "log = 'en_mt' AND size = 520", 50), []string{"checkpoint-signature"}, "note"},
	{"checkpoint signature", flipped("checkpoint", "note", "log = 'en_mt' AND size = 520", -10), []string{"checkpoint-signature"}, "note"},
	{"checkpoint signature's spare bits", func(r *rig) { spareBits(r) }, []string{"checkpoint-signature"}, "canonical"},
	{"checkpoint row's root", flipped("checkpoint", "root", "log = 'en_mt' AND size = 520", 31), []string{"checkpoint-row"}, "root"},
	{"checkpoint row's size", tampered("UPDATE checkpoint SET size = 521 WHERE log = 'en_mt' AND size = 520"), []string{"checkpoint-row"}, "size"},
	{"checkpoint of the other log", func(r *rig) {
		tampered("UPDATE checkpoint SET note = (SELECT o.note FROM checkpoint o WHERE o.log = 'group') WHERE log = 'en_mt' AND size = 600")(r)
	}, []string{"checkpoint-signature"}, "en_mt/600"},
	{"outside note's size", outsideFlipped(len("logs.example/evidence/en-mt\n")), []string{"outside-unreadable"}, "outside"},
	{"outside note's end", outsideFlipped(-1), []string{"outside-unreadable"}, "outside"},
	{"last events cut", func(r *rig) {
		tampered("DELETE FROM leaf WHERE log = 'en_mt' AND idx >= 590")(r)
		tampered("DELETE FROM checkpoint WHERE log = 'en_mt' AND size > 590")(r)
		tampered("DELETE FROM event WHERE log = 'en_mt' AND id NOT IN (SELECT event FROM leaf) AND id NOT IN (SELECT event FROM unsealed)")(r)
	}, []string{"outside-beyond"}, "590"},
	{
		"checkpoint over more events", tampered("DELETE FROM leaf WHERE log = 'en_mt' AND idx = 599"),
		[]string{"outside-beyond", "checkpoint-beyond", "event-unplaced"},
		"599",
	},
	{"leaf row taken", tampered("DELETE FROM leaf WHERE log = 'en_mt' AND idx = 40"), []string{"leaf-gap", "event-unplaced"}, "40 to 40"},
	{"event taken", tampered("DELETE FROM event WHERE id = (SELECT event FROM leaf WHERE log = 'en_mt' AND idx = 41)"), []string{"event-missing"}, "41"},
	{"event taken out of the queue", tampered("DELETE FROM unsealed WHERE event = (SELECT max(event) FROM unsealed)"), []string{"event-unplaced"}, "queue"},
	{"event put into another log", tampered("UPDATE event SET log = 'group' WHERE id = (SELECT event FROM leaf WHERE log = 'en_mt' AND idx = 41)"), []string{"event-log"}, "group"},
	{"leaf row of another event", tampered("UPDATE leaf SET event = 'nobody' WHERE log = 'en_mt' AND idx = 12"), []string{"event-missing", "event-unplaced"}, "nobody"},
	{"queue names nothing", tampered("INSERT INTO unsealed (event, log) VALUES ('nobody', 'en_mt')"), []string{"queue-nowhere"}, "nobody"},
	{"queue names another log", tampered("UPDATE unsealed SET log = 'group' WHERE event = (SELECT max(event) FROM unsealed)"), []string{"queue-log"}, "another log"},
	{"a whole range taken", tampered("DELETE FROM leaf WHERE log = 'en_mt' AND idx >= 200 AND idx < 590"), nil, "200 to 589"},
	{"a negative index", tampered("UPDATE leaf SET idx = -1 WHERE log = 'en_mt' AND idx = 0"), nil, "negative"},
	{"an index far away", tampered("UPDATE leaf SET idx = 900000000000 WHERE log = 'en_mt' AND idx = 599"), nil, "599 to 899999999999"},
}

func rehash(r *rig, idx int64) {
	var leaf []byte
	q := "SELECT e.leaf FROM event e JOIN leaf l ON l.event = e.id WHERE l.log = 'en_mt' AND l.idx = $1"
	if err := r.s.Reader().QueryRow(r.ctx, q, idx).Scan(&leaf); err != nil {
		r.tb.Fatal(err)
	}
	h := naive([]string{string(leaf)})
	storetest.Tamper(r.tb, r.s, "UPDATE leaf SET hash = $2 WHERE log = 'en_mt' AND idx = $1", idx, h[:])
}

// spareBits changes a signature's base64 without changing the bytes it stands
// for: 68 bytes leave two bits of the last character free.
func spareBits(r *rig) {
	var note string
	if err := r.s.Reader().QueryRow(r.ctx, "SELECT note FROM checkpoint WHERE log = 'en_mt' AND size = 520").Scan(&note); err != nil {
		r.tb.Fatal(err)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	at := len(note) - len("X=\n")
	forged := note[:at] + string(alphabet[strings.IndexByte(alphabet, note[at])+1]) + note[at+1:]
	tail := func(s string) string {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s[strings.LastIndexByte(s, ' ')+1:]))
		if err != nil {
			r.tb.Fatal(err)
		}
		return string(b)
	}
	if tail(note) != tail(forged) {
		r.tb.Fatal("the forged signature has other bytes")
	}
	storetest.Tamper(r.tb, r.s, "UPDATE checkpoint SET note = $1 WHERE log = 'en_mt' AND size = 520", forged)
}

func TestEveryForgeryIsNamed(t *testing.T) {
	for _, engine := range storetest.Engines {
		for i, f := range forgeries {
			if engine == store.Postgres && i%3 != 0 {
				continue // the same Go code; a database each is dear
			}
			t.Run(string(engine)+"/"+f.name, func(t *testing.T) {
				r := newRig(t, storetest.Open(t, engine))
				r.write("group", 30)
				for _, n := range []int{100, 420, 80} {
					r.write("en_mt", n)
					r.step()
				}
				r.write("en_mt", 5)
				f.harm(r)
				ps := r.verify("en_mt")
				if f.name == "nothing" {
					if len(ps) > 0 {
						t.Fatalf("a sound log has problems: %v", ps)
					}
					return
				}
				if len(ps) == 0 {
					t.Fatal("nothing was found")
				}
				if f.codes != nil && !slices.Equal(codes(ps), f.codes) {
					t.Errorf("found %v, want %v", ps, f.codes)
				}
				if !strings.Contains(ps[0].String(), f.text) {
					t.Errorf("the first problem %q does not say %q", ps[0], f.text)
				}
				for _, p := range ps {
					if p.Log != "en_mt" || p.Table == "" || p.Key == "" || p.Text == "" || p.Code == "unreadable" {
						t.Errorf("a problem without place: %+v", p)
					}
				}
			})
		}
	}
}

// A log of which nothing is left in the database is named by what is kept
// outside, one whose events have neither place nor queue by the events, and a
// note that is gone by the checkpoints.
func TestALogTakenAwayWholeIsNamed(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			r := newRig(t, storetest.Open(t, engine))
			for _, log := range []string{"group", "en_mt", "en_sc"} {
				r.write(log, 3)
			}
			r.step()
			for _, gone := range []string{"en_mt", "en_sc"} {
				for _, table := range []string{"leaf", "checkpoint"} {
					storetest.Tamper(t, r.s, "DELETE FROM "+table+" WHERE log = $1", gone)
				}
			}
			storetest.Tamper(t, r.s, "DELETE FROM event WHERE log = 'en_mt'")
			delete(r.outside.notes, "en_sc")
			delete(r.outside.notes, "group")
			logs, err := LogsToVerify(r.ctx, r.s.Reader(), r.outside)
			if err != nil || !slices.Equal(logs, []string{"en_mt", "en_sc", "group"}) {
				t.Fatalf("%v, %v", logs, err)
			}
			for log, want := range map[string][]string{
				"en_mt": {"outside-beyond"}, "en_sc": {"event-unplaced", "event-unplaced", "event-unplaced"}, "group": {"outside-missing"},
			} {
				if got := codes(r.verify(log)); !slices.Equal(got, want) {
					t.Errorf("%s: %v, want %v", log, got, want)
				}
			}
		})
	}
}

// Every single byte of a checkpoint note counts, in the database and outside.
func TestEveryByteOfANoteCounts(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	r.write("group", 3)
	r.step()
	good := r.outside.notes["group"]
	for i := range len(good) {
		for bit := range 8 {
			bad := []byte(good)
			bad[i] ^= 1 << bit
			if c, err := OpenCheckpoint(string(bad), "group", r.keys("group")); err == nil {
				t.Fatalf("byte %d, bit %d: accepted as %+v:\n%s", i, bit, c, bad)
			}
		}
	}
}

// A log of more than one chunk, and a gap wider than one.
func TestVerifyAcrossChunks(t *testing.T) {
	if testing.Short() {
		return
	}
	r := newRig(t, storetest.Open(t, store.SQLite))
	for range 30 { // a transaction has a limit of time
		r.write("group", 5_000)
	}
	r.step()
	r.sound("group")
	var level1 int
	if err := r.s.Reader().QueryRow(r.ctx, "SELECT count(*) FROM tile WHERE level = 1").Scan(&level1); err != nil || level1 != 2 {
		t.Fatalf("%d tiles of level 1, %v", level1, err)
	}
	flipped("tile", "hashes", "level = 1 AND n = 1", 77)(r)
	if got := codes(r.verify("group")); !slices.Equal(got, []string{"tile"}) {
		t.Errorf("found %v", got)
	}
	storetest.Tamper(t, r.s, "DELETE FROM leaf WHERE idx >= 1000 AND idx < 140000")
	ps := r.verify("group")
	if len(ps) == 0 || ps[0].Code != "leaf-gap" || ps[0].Key != "group/1000" || !strings.Contains(ps[0].Text, "1000 to 139999") {
		t.Errorf("a wide gap: %d problems, %v", len(ps), ps[:min(3, len(ps))])
	}
}

func TestUnreadableIsAProblem(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	ps := VerifyLog(r.ctx, brokenReader{}, "group", r.keys("group"), nil)
	if got := codes(ps); !slices.Equal(got, []string{"unreadable"}) {
		t.Errorf("found %v", got)
	}
}

type brokenReader struct{ store.Reader }

func (brokenReader) QueryRow(_ context.Context, _ string, _ ...any) store.Row { return brokenRow{} }

type brokenRow struct{}

func (brokenRow) Scan(...any) error { return sql.ErrConnDone }
