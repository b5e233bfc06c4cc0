package evidence

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func TestOutsideFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outside")
	out, err := NewFileOutside(dir)
	if err != nil {
		t.Fatal(err)
	}
	if last, err := out.Last("group"); last != "" || err != nil {
		t.Errorf("Last of nothing = %q, %v", last, err)
	}
	s, _ := SeededSigner(rigHost, [32]byte{1})
	signer, _ := s.Signer("group")
	sign := func(size int64) string {
		text, _ := signCheckpoint(Checkpoint{signer.Name(), size, tlog.Hash{byte(size)}}, signer)
		return text
	}
	for _, size := range []int64{3, 9, 9, 12} {
		if err := out.Put("group", sign(size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Put("group", sign(11)); err == nil {
		t.Error("the outside checkpoint went back")
	}
	again, _ := NewFileOutside(dir)
	if last, err := again.Last("group"); last != sign(12) || err != nil {
		t.Errorf("Last = %q, %v", last, err)
	}
	path := filepath.Join(dir, "group.history")
	h, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	h.WriteString(`"torn by a cra`)
	h.Close()
	if err := again.Put("group", sign(20)); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	var got []string
	for _, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		var note string
		if json.Unmarshal(line, &note) == nil {
			got = append(got, note)
		}
	}
	if len(got) != 4 || got[3] != sign(20) || got[1] != sign(9) {
		t.Errorf("the history has %d notes:\n%s", len(got), text)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 2 || len(hidden) != 0 {
		t.Errorf("files left: %v %v", left, hidden)
	}
	if _, err := out.Last("../group"); err == nil {
		t.Error("a name left the folder")
	}
}

// Every flip in the outside file is found by verification and stops signing.
func TestFlippedOutsideFile(t *testing.T) {
	r := newRig(t, storetest.Open(t, store.SQLite))
	files, err := NewFileOutside(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.seq.cfg.Outside = files
	r.write("group", 3)
	r.step()
	path, _ := files.path("group", ".checkpoint")
	good, _ := os.ReadFile(path)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 4
		os.WriteFile(path, bad, 0o600)
		ps := VerifyLog(r.ctx, r.s.Reader(), "group", r.keys("group"), files)
		if len(ps) != 1 || ps[0].Table != "outside" {
			t.Fatalf("byte %d: %v", i, ps)
		}
	}
	r.write("group", 1)
	if _, err := r.seq.Step(r.ctx); err == nil {
		t.Error("signed over an outside checkpoint that cannot be read")
	}
	os.WriteFile(path, good, 0o600)
	r.seq.cfg.Outside = files
	r.step()
	if ps := VerifyLog(r.ctx, r.s.Reader(), "group", r.keys("group"), files); len(ps) != 0 {
		t.Error(ps)
	}
}

func TestCheckpointTextIsStrict(t *testing.T) {
	good := Checkpoint{"a/evidence/b", 7, tlog.Hash{1}}
	if c, err := parseBody(good.body()); err != nil || c != good {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{
		"", "\n\n\n", "a\n07\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"a\n+7\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n-7\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"a\n7\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n", "a\n7\nAQ==\n", good.body() + "extension\n",
	} {
		if c, err := parseBody(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, c)
		}
	}
}
