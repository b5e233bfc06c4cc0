package oversight

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
)

func TestQueriesReadBackAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"client:CL-8F3K2Q":                     "CL-8F3K2Q",
		"client:cl_06f2k9m3q7x4c5v6b8n1a":      "cl_06f2k9m3q7x4c5v6b8n1a",
		"wd-v6b8n1 by:me":                      "WD-V6B8N1 by:st_me",
		"staff:me":                             "st_me",
		"entity:CY outcome:Denied":             "entity:cy outcome:denied",
		"action:command.run after:2026-11-01":  "action:command.run after:2026-11-01",
		"before:2026-11-20T14:00:00Z":          "before:2026-11-20T14:00:00Z",
		"Okonjo's letter":                      "letter okonjo s",
		`"case:4471" x`:                        "4471 case x",
		"019febc3-6900-7004-8827-e518c7700c40": "019febc3-6900-7004-8827-e518c7700c40",
		"  ":                                   "",
	} {
		q, err := ParseQuery(text, "st_me")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := q.String()
		if fields(got) != fields(want) {
			t.Errorf("%q reads as %q, want %q", text, got, want)
		}
		again, err := ParseQuery(got, "st_me")
		if err != nil || again.String() != got {
			t.Errorf("%q reads back as %q, %v", got, again.String(), err)
		}
		if q.Plain() == (len(q.Words) > 0) {
			t.Errorf("%q: plain %v with words %q", text, q.Plain(), q.Words)
		}
	}
}

func fields(s string) string {
	fs := strings.Fields(s)
	slices.Sort(fs)
	return strings.Join(fs, " ")
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	for _, text := range []string{"colour:red", "client:", "client:Okonjo", "outcome:fine", "before:yesterday", "after:1969-01-01", "action:nothing", "by:cl", strings.Repeat("word ", 300), "a b c d e f g h i j k l m n o p q"} {
		_, err := ParseQuery(text, "st_me")
		if f := core.AsFault(err); f == nil || f.Kind != core.Invalid || len(f.Fields) != 1 || f.Fields[0].Field != "q" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"client:CL-8F3K2Q after:2026-01-01", `"a b`, "::", "by:me x:y", "\x00", "é:ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text, "st_me")
		if err != nil {
			return
		}
		again, err := ParseQuery(q.String(), "st_me")
		if err != nil || again.String() != q.String() && fields(again.String()) != fields(q.String()) {
			t.Errorf("%q: %q reads back as %q, %v", text, q.String(), again.String(), err)
		}
	})
}

// Each drawn side must be the side on which the hash is put together: folding
// the path by sides gives the root.
func TestSidesGiveTheRoot(t *testing.T) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	for size := int64(1); size <= 70; size++ {
		hs, err := tlog.StoredHashes(size-1, []byte{byte(size)}, read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hs...)
		root, err := tlog.TreeHash(size, read)
		if err != nil {
			t.Fatal(err)
		}
		for index := range size {
			proof, err := tlog.ProveRecord(size, index, read)
			if err != nil {
				t.Fatal(err)
			}
			sides := sidesOf(index, size)
			if len(sides) != len(proof) {
				t.Fatalf("%d of %d: %d sides for %d hashes", index, size, len(sides), len(proof))
			}
			h := tlog.RecordHash([]byte{byte(index + 1)})
			for i, p := range proof {
				if sides[i] {
					h = tlog.NodeHash(p, h)
				} else {
					h = tlog.NodeHash(h, p)
				}
			}
			if h != root {
				t.Fatalf("%d of %d: the path as drawn does not lead to the root", index, size)
			}
		}
	}
}
