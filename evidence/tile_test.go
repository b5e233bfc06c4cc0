package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The edge that grows leaf by leaf gives the roots and tiles of the naive tree.
func TestTreeModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(250, 800)).Draw(rt, "leaves")
		leaves := make([]string, n)
		var tree logTree
		for i := range leaves {
			leaves[i] = fmt.Sprintf("leaf %d", i)
			if rapid.IntRange(0, 99).Draw(rt, "copy") == 0 {
				tree = *tree.clone()
			}
			tree.add(tlog.RecordHash([]byte(leaves[i])), func(f fullTile) {
				from := int(f.n) << (tileHeight * (f.level + 1))
				if i+1 != from+1<<(tileHeight*(f.level+1)) {
					rt.Fatalf("tile %d/%d became full at %d leaves", f.level, f.n, i+1)
				}
				if want := naive(leaves[from : i+1]); f.root != want || collapse(f.hashes) != want || len(f.hashes) != tileWidth {
					rt.Fatalf("tile %d/%d is wrong", f.level, f.n)
				}
			})
		}
		if tree.root() != naive(leaves) || tree.size != int64(n) {
			rt.Fatalf("the root of %d leaves is wrong", n)
		}
	})
}

// 2^16 leaves and a few: two levels of full tiles, judged by x/mod's own tree.
func TestTreeOfTwoLevels(t *testing.T) {
	var tree logTree
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	levels := []int{0, 0, 0}
	for i := range int64(tileWidth*tileWidth + 300) {
		h := tlog.RecordHash(fmt.Append(nil, i))
		tree.add(h, func(f fullTile) { levels[f.level]++ })
		hs, err := tlog.StoredHashesForRecordHash(i, h, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hs...)
	}
	want, err := tlog.TreeHash(tree.size, reader)
	if err != nil || tree.root() != want {
		t.Errorf("the root differs from tlog's (%v)", err)
	}
	if !slices.Equal(levels, []int{257, 1, 0}) {
		t.Errorf("full tiles by level: %v", levels)
	}
}

// What is read back at any size is the tree as it was at that size.
func TestTileReaderAtEverySize(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRig(t, s)
		for _, n := range []int{1, 254, 1, 1, 255, 300} {
			r.write("group", n)
			r.step()
		}
		texts := r.texts["group"]
		for _, size := range []int{1, 2, 255, 256, 257, 511, 512, 513, 700, 812} {
			root, err := tlog.TreeHash(int64(size), newTileReader(r.ctx, s.Reader(), "group", int64(size)))
			if err != nil || root != naive(texts[:size]) {
				t.Errorf("root at %d: %v", size, err)
			}
			tree, err := loadTree(r.ctx, s.Reader(), "group", int64(size))
			if err != nil {
				t.Errorf("edge at %d: %v", size, err)
				continue
			}
			if tree.root() != root {
				t.Errorf("the edge at %d has another root", size)
			}
			for i := size; i < min(size+300, len(texts)); i++ { // and it grows on rightly
				tree.add(tlog.RecordHash([]byte(texts[i])), nil)
			}
			if tree.root() != naive(texts[:tree.size]) {
				t.Errorf("the edge loaded at %d grows wrongly", size)
			}
		}
		if _, err := newTileReader(r.ctx, s.Reader(), "group", 813).row(0, 3); err == nil {
			t.Error("a hash past the end was read")
		}
	})
}

func TestExportLayout(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	dir := t.TempDir()
	if err := ExportTiles(r.ctx, r.s.Reader(), "group", dir); err == nil {
		t.Error("an empty log was exported")
	}
	r.write("group", 513)
	r.step()
	if err := ExportTiles(r.ctx, r.s.Reader(), "group", dir); err != nil {
		t.Fatal(err)
	}
	for path, size := range map[string]int64{
		"tile/0/000": 8192, "tile/0/001": 8192, "tile/0/002.p/1": 32, "tile/1/000.p/2": 64,
		"tile/entries/000": -1, "tile/entries/001": -1, "tile/entries/002.p/1": int64(len(r.texts["group"][512]) + 2),
		"checkpoint": int64(len(r.outside.notes["group"])),
	} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || size >= 0 && info.Size() != size {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if err := writeTile(dir, "0", 1234067, 9, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "tile/0/x001/x234/067.p/9")); err != nil {
		t.Error(err)
	}
}
