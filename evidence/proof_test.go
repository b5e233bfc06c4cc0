package evidence

import (
	"errors"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func TestInclusionProofs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		ids := r.write("en_mt", 700)
		if _, err := Inclusion(r.ctx, s.Reader(), ids[0]); err != error(ErrNotSealed) {
			t.Errorf("proof of a waiting event: %v", err)
		}
		if _, err := Inclusion(r.ctx, s.Reader(), "nobody"); !core.IsFault(err, "no-event") {
			t.Errorf("proof of no event: %v", err)
		}
		r.step()
		for _, i := range []int{0, 1, 255, 256, 511, 512, 698, 699} {
			p, err := Inclusion(r.ctx, s.Reader(), ids[i])
			if err != nil {
				t.Fatal(err)
			}
			read, err := ParseInclusionProof(p.Marshal())
			if err != nil || read.Index != int64(i) || read.Size != 700 || read.Log != "en-mt" {
				t.Fatalf("the proof read back: %+v, %v", read, err)
			}
			if err := VerifyInclusion([]byte(r.texts["en_mt"][i]), read, r.keys("en_mt")); err != nil {
				t.Error(err)
			}
			if VerifyInclusion([]byte(r.texts["en_mt"][(i+1)%700]), read, r.keys("en_mt")) == nil {
				t.Error("the proof holds for another leaf")
			}
			if VerifyInclusion([]byte(r.texts["en_mt"][i]), read, r.keys("group")) == nil {
				t.Error("the proof holds under another log's key")
			}
		}
	})
}

// Every bit of a proof file counts, and so does every bit of the leaf.
func TestEveryByteOfAProofCounts(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	ids := r.write("group", 5)
	r.step()
	p, err := Inclusion(r.ctx, r.s.Reader(), ids[2])
	if err != nil {
		t.Fatal(err)
	}
	text, leaf, keys := p.Marshal(), []byte(r.texts["group"][2]), r.keys("group")
	for i := range len(text) {
		for bit := range 8 {
			bad := []byte(text)
			bad[i] ^= 1 << bit
			read, err := ParseInclusionProof(string(bad))
			if err == nil && VerifyInclusion(leaf, read, keys) == nil {
				t.Fatalf("byte %d, bit %d: accepted\n%s", i, bit, bad)
			}
		}
	}
	for i := range leaf {
		leaf[i] ^= 1
		if VerifyInclusion(leaf, p, keys) == nil {
			t.Fatalf("leaf byte %d: accepted", i)
		}
		leaf[i] ^= 1
	}
}

func TestProofRefusedFromForgedRows(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	ids := r.write("group", 300)
	r.step()
	flipped("tile", "hashes", "n = 0", 100)(r)
	p, err := Inclusion(r.ctx, r.s.Reader(), ids[0])
	if err == nil || errors.Is(err, ErrNotSealed) {
		t.Errorf("a proof from a forged tile: %+v, %v", p, err)
	}
}

func TestConsistencyProofs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		var opened []Checkpoint
		for _, n := range []int{1, 255, 1, 300} {
			r.write("group", n)
			r.step()
			c, err := OpenCheckpoint(r.outside.notes["group"], "group", r.keys("group"))
			if err != nil {
				t.Fatal(err)
			}
			opened = append(opened, c)
		}
		for i, older := range opened {
			for _, newer := range opened[i:] {
				p, err := Consistency(r.ctx, s.Reader(), "group", older.Size, newer.Size)
				if err != nil {
					t.Fatal(err)
				}
				if err := VerifyConsistency(p, older, newer); err != nil {
					t.Errorf("%d to %d: %v", older.Size, newer.Size, err)
				}
				forged := older
				forged.Root[3] ^= 1
				if VerifyConsistency(p, forged, newer) == nil {
					t.Errorf("%d to %d: another past was accepted", older.Size, newer.Size)
				}
			}
		}
		for _, bad := range [][2]int64{{0, 5}, {5, 4}, {1, 558}} {
			if _, err := Consistency(r.ctx, s.Reader(), "group", bad[0], bad[1]); err == nil {
				t.Errorf("a proof of %v", bad)
			}
		}
	})
}
