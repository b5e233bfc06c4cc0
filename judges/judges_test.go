package judges

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/compact"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

const host = "logs.example"

// bench is a sealed log and everything a judge needs.
type bench struct {
	t       testing.TB
	s       *store.Store
	seq     *evidence.Sequencer
	signers evidence.Signers
	outside *evidence.FileOutside
	n       int
	leaves  map[string][]string
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, s: storetest.Open(t, store.SQLite), leaves: map[string][]string{}}
	var err error
	if b.signers, err = evidence.SeededSigner(host, [32]byte{3}); err != nil {
		t.Fatal(err)
	}
	if b.outside, err = evidence.NewFileOutside(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	b.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: b.s, Signers: b.signers, Clock: core.SystemClock{}, Holder: "judged", Outside: b.outside})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// id is the nth event id: in the order of n.
func id(n int) string { return fmt.Sprintf("01a1fd55-7a80-7000-8000-%012x", n) }

// seal writes n events the way the product leaves them and seals them.
func (b *bench) seal(log string, n int) {
	b.t.Helper()
	for n > 0 {
		part := min(n, 1000)
		n -= part
		var events, queue []string
		for range part {
			leaf := fmt.Sprintf(`{"id":"%s","source":"%s","type":"test.event"}`, id(b.n), evidence.Origin(host, log))
			events = append(events, fmt.Sprintf("('%s','%s',1,'test.event','st_x','done','','%s','[]')", id(b.n), log, leaf))
			queue = append(queue, fmt.Sprintf("('%s','%s')", id(b.n), log))
			b.leaves[log] = append(b.leaves[log], leaf)
			b.n++
		}
		storetest.Tamper(b.t, b.s, "INSERT INTO event (id, log, at, type, actor, outcome, refs, leaf, changes) VALUES "+strings.Join(events, ","))
		storetest.Tamper(b.t, b.s, "INSERT INTO unsealed (event, log) VALUES "+strings.Join(queue, ","))
	}
	if _, err := b.seq.Step(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) checkpoint(log string) evidence.Checkpoint {
	b.t.Helper()
	text, err := b.outside.Last(log)
	if err != nil {
		b.t.Fatal(err)
	}
	keys, err := b.signers.Verifiers(log)
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := evidence.OpenCheckpoint(text, log, keys)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// tree is transparency-dev's tree over the same leaves.
func tree(leaves []string) []byte {
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, leaf := range leaves {
		if err := r.Append(rfc6962.DefaultHasher.HashLeaf([]byte(leaf)), nil); err != nil {
			panic(err)
		}
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		panic(err)
	}
	return root
}

func raw(hs []tlog.Hash) [][]byte {
	out := make([][]byte, len(hs))
	for i := range hs {
		out[i] = hs[i][:]
	}
	return out
}

// Whatever the bursts: roots, inclusion and consistency proofs are those of
// transparency-dev/merkle, and the proof file is read by their parser.
func TestMerkleAgrees(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		log := fmt.Sprintf("log%d", run)
		var past []evidence.Checkpoint
		for range rapid.IntRange(1, 4).Draw(rt, "bursts") {
			b.seal(log, rapid.IntRange(1, 400).Draw(rt, "events"))
			past = append(past, b.checkpoint(log))
		}
		now, leaves := past[len(past)-1], b.leaves[log]
		if string(now.Root[:]) != string(tree(leaves)) || int(now.Size) != len(leaves) {
			rt.Fatalf("another root for %d leaves", len(leaves))
		}
		for range 5 {
			i := rapid.IntRange(0, len(leaves)-1).Draw(rt, "leaf")
			p, err := evidence.Inclusion(ctx, b.s.Reader(), eventOf(leaves[i]))
			if err != nil {
				rt.Fatal(err)
			}
			hash := rfc6962.DefaultHasher.HashLeaf([]byte(leaves[i]))
			if err := merkle.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.Index), uint64(p.Size), hash, raw(p.Hashes), now.Root[:]); err != nil {
				rt.Fatal(err)
			}
			var theirs proof.TLogProof
			if err := theirs.Unmarshal([]byte(p.Marshal())); err != nil || theirs.Index != uint64(i) || string(theirs.Marshal()) != p.Marshal() {
				rt.Fatalf("their parser reads another proof: %+v, %v", theirs, err)
			}
		}
		for _, old := range past {
			p, err := evidence.Consistency(ctx, b.s.Reader(), log, old.Size, now.Size)
			if err != nil {
				rt.Fatal(err)
			}
			if err := merkle.VerifyConsistency(rfc6962.DefaultHasher, uint64(old.Size), uint64(now.Size), raw(p.Hashes), old.Root[:], now.Root[:]); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

func eventOf(leaf string) string { return leaf[len(`{"id":"`):][:36] }

// check runs Tessera's fsck over an exported folder. Its own command exits 0
// on corruption and can hang when a lone worker gives up, so it is called as a
// library, with several workers, and not answering in time is a rejection.
func check(t *testing.T, b *bench, log, dir string) error {
	t.Helper()
	v, err := b.signers.Verifier(log)
	if err != nil {
		t.Fatal(err)
	}
	return checkWith(v, dir)
}

func checkWith(v note.Verifier, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil { // a short bundle makes it panic
				done <- fmt.Errorf("fsck gave up: %v", p)
			}
		}()
		done <- fsck.New(v.Name(), v, client.FileFetcher{Root: dir}, hashBundle, fsck.Opts{N: 8}).Check(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("fsck did not answer: %w", ctx.Err())
	}
}

func hashBundle(text []byte) ([][]byte, error) {
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(text); err != nil {
		return nil, err
	}
	out := make([][]byte, len(bundle.Entries))
	for i, e := range bundle.Entries {
		out[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return out, nil
}

func (b *bench) export(log string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	err := b.s.Snapshot(context.Background(), func(r store.Reader) error {
		return evidence.ExportTiles(context.Background(), r, log, dir)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return dir
}

// Tessera's fsck accepts what we export at sizes around tiles, and rejects it
// after one flipped byte in, or the loss of, any one file.
func TestFsckAcceptsAndRejects(t *testing.T) {
	b := newBench(t)
	for i, size := range []int{1, 255, 256, 257, 700} {
		log := fmt.Sprintf("en_%d", i)
		b.seal(log, size)
		dir := b.export(log)
		if err := check(t, b, log, dir); err != nil {
			t.Errorf("fsck refuses a sound log of %d: %v", size, err)
		}
		for _, file := range files(t, dir) {
			if size != 700 && size != 257 {
				break
			}
			mutate(t, b, log, dir, file)
		}
	}
}

func mutate(t *testing.T, b *bench, log, dir, file string) {
	t.Helper()
	path := filepath.Join(dir, file)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, len(good) / 2, len(good) - 2} {
		bad := append([]byte(nil), good...)
		bad[at] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := check(t, b, log, dir); err == nil {
			t.Errorf("fsck accepts %s with byte %d flipped", file, at)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := check(t, b, log, dir); err == nil {
		t.Errorf("fsck accepts the log without %s", file)
	}
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil || len(out) < 3 {
		t.Fatalf("the export has %v, %v", out, err)
	}
	return out
}

// What was forged in the database before the export is rejected by fsck too.
func TestFsckRejectsForgedRows(t *testing.T) {
	forgeries := map[string]string{
		"leaf text":  `UPDATE event SET leaf = replace(leaf, 'test.event', 'test.Event') WHERE id = '` + id(300) + `'`,
		"leaf hash":  `UPDATE leaf SET hash = (SELECT hash FROM leaf WHERE idx = 1) WHERE idx = 690`,
		"tile":       `UPDATE tile SET hashes = (SELECT hashes FROM tile WHERE n = 1) WHERE n = 0`,
		"tile root":  `UPDATE tile SET root = (SELECT root FROM tile WHERE n = 1) WHERE n = 0`,
		"checkpoint": `UPDATE checkpoint SET note = replace(note, char(10) || '700' || char(10), char(10) || '699' || char(10))`,
		"leaf order": `UPDATE leaf SET event = CASE event WHEN '` + id(5) + `' THEN 'x' ELSE event END, idx = idx`,
	}
	for name, statement := range forgeries {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.seal("group", 700)
			storetest.Tamper(t, b.s, statement)
			dir := t.TempDir()
			if err := evidence.ExportTiles(context.Background(), b.s.Reader(), "group", dir); err != nil {
				return // our own export already refuses
			}
			if err := check(t, b, "group", dir); err == nil {
				t.Error("fsck accepts it")
			}
		})
	}
}

// Two levels of full tiles: more than 65,536 entries.
func TestFsckOfALargeLog(t *testing.T) {
	if testing.Short() {
		return
	}
	b := newBench(t)
	b.seal("group", 66_000)
	dir := b.export("group")
	if err := check(t, b, "group", dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"tile/0/200", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/entries/255"} {
		mutate(t, b, "group", dir, file)
	}
}
