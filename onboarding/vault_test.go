package onboarding

import (
	"bytes"
	"context"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

func vault(t *testing.T) (*FileVault, *keys.Ring) {
	t.Helper()
	ctx := context.Background()
	kek := filepath.Join(t.TempDir(), "kek.json")
	if err := keys.GenerateKEK(kek); err != nil {
		t.Fatal(err)
	}
	aead, err := keys.LoadKEK(kek)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.OpenRing(ctx, storetest.OpenKeys(t, store.SQLite), aead, core.NewVirtualClock(1), core.NewSeededEntropy(1))
	if err != nil {
		t.Fatal(err)
	}
	v, err := OpenFileVault(ctx, filepath.Join(t.TempDir(), "docs"), ring, core.SystemEntropy{})
	if err != nil {
		t.Fatal(err)
	}
	return v, ring
}

func files(t *testing.T, v *FileVault) (out []string) {
	t.Helper()
	err := filepath.WalkDir(v.dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func get(v *FileVault, subject core.Ref, sha string) ([]byte, error) {
	f, err := v.Open(context.Background(), subject, sha)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func TestVaultKeepsAndHides(t *testing.T) {
	v, ring := vault(t)
	ctx := context.Background()
	for _, n := range []int{1, 100, vaultSegment - 1, vaultSegment, vaultSegment + 1, 3*vaultSegment + 7} {
		plain := bytes.Repeat([]byte("canary passport "), n/16+1)[:n]
		sha, size, err := v.Put(ctx, "cl_a", bytes.NewReader(plain))
		if err != nil || size != int64(n) {
			t.Fatalf("%d bytes: %d, %v", n, size, err)
		}
		if got, err := get(v, "cl_a", sha); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes come back as %d: %v", n, len(got), err)
		}
		if _, err := get(v, "cl_b", sha); !core.IsFault(err, "no-content") {
			t.Fatalf("another person's: %v", err)
		}
		for _, p := range files(t, v) {
			raw, err := os.ReadFile(p)
			if err != nil || bytes.Contains(raw, []byte("canary")) || strings.Contains(p, sha) || strings.Contains(p, "cl_a") {
				t.Fatalf("%s tells what it holds (%v)", p, err)
			}
		}
	}
	sha, _, _ := v.Put(ctx, "cl_a", strings.NewReader("same"))
	before := len(files(t, v))
	if again, _, err := v.Put(ctx, "cl_a", strings.NewReader("same")); err != nil || again != sha || len(files(t, v)) != before {
		t.Fatalf("the same content twice: %v", err)
	}
	if _, err := ring.Destroy(ctx, "cl_a"); err != nil {
		t.Fatal(err)
	}
	if _, err := get(v, "cl_a", sha); !core.IsFault(err, "no-content") {
		t.Fatalf("after the key was destroyed: %v", err)
	}
}

// Any changed, missing or added byte is found before the reader's end.
func TestVaultFindsTampering(t *testing.T) {
	v, _ := vault(t)
	sha, _, err := v.Put(context.Background(), "cl_a", bytes.NewReader(make([]byte, 2*vaultSegment)))
	if err != nil {
		t.Fatal(err)
	}
	path := v.path("cl_a", sha)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(what string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := get(v, "cl_a", sha); err == nil {
			t.Errorf("%s is not found", what)
		}
	}
	for at := 0; at < len(good); at += max(1, len(good)/97) {
		b := bytes.Clone(good)
		b[at] ^= 1
		spoil("a changed byte", b)
		spoil("a cut", good[:at])
	}
	spoil("an added byte", append(bytes.Clone(good), 0))
	other, _, err := v.Put(context.Background(), "cl_a", strings.NewReader("other"))
	if err != nil {
		t.Fatal(err)
	}
	swapped, err := os.ReadFile(v.path("cl_a", other))
	if err != nil {
		t.Fatal(err)
	}
	spoil("another file of the same person", swapped)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestVaultLeavesNothingHalf(t *testing.T) {
	v, _ := vault(t)
	_, _, err := v.Put(context.Background(), "cl_a", io.MultiReader(strings.NewReader("half"), broken{}))
	if err == nil || len(files(t, v)) != 0 {
		t.Fatalf("%v, and %v stay", err, files(t, v))
	}
	if _, err := get(v, "cl_a", ""); !core.IsFault(err, "no-content") {
		t.Fatal(err)
	}
}

func TestSweepRemovesOrphansOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v, _ := vault(t)
		ctx, now := context.Background(), core.At(time.Now())
		sha, _, err := v.Put(ctx, "cl_a", strings.NewReader("orphan"))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := SweepOrphans(ctx, s.Reader(), v, now); err != nil || n != 0 {
			t.Fatalf("swept %d fresh ones, %v", n, err)
		}
		if n, err := SweepOrphans(ctx, s.Reader(), v, now.Add(orphanAge+time.Hour)); err != nil || n != 1 {
			t.Fatalf("swept %d, %v", n, err)
		}
		if _, err := get(v, "cl_a", sha); !core.IsFault(err, "no-content") {
			t.Fatal(err)
		}
	})
}
