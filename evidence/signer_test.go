package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestLogKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.key")
	made, err := GenerateSigner(path, rigHost)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("the key file: %v, %v", info, err)
	}
	if _, err := GenerateSigner(path, rigHost); err == nil {
		t.Error("a key was replaced")
	}
	loaded, err := LoadSigner(path, rigHost)
	if err != nil || !loaded.key.Equal(made.key) {
		t.Fatalf("another key came back: %v", err)
	}
	os.Chmod(path, 0o440)
	if _, err := LoadSigner(path, rigHost); err == nil {
		t.Error("a key that others may read was loaded")
	}
	os.Chmod(path, 0o600)
	os.WriteFile(path, []byte("something else\n"), 0o600)
	if _, err := LoadSigner(path, rigHost); err == nil || strings.Contains(err.Error(), "something") {
		t.Errorf("no key: %v", err)
	}
	if _, err := SeededSigner("a host", [32]byte{}); err == nil {
		t.Error("a host that cannot stand in a key name was taken")
	}
}

func TestVerifierKeysReadBack(t *testing.T) {
	s, _ := SeededSigner(rigHost, [32]byte{1})
	other, _ := SeededSigner(rigHost, [32]byte{2})
	keys, err := ParseVerifierKeys(s.VerifierKeys([]string{"group", "en_mt"}))
	if err != nil {
		t.Fatal(err)
	}
	signed := func(s Signers, log, origin string) string {
		signer, err := s.Signer(log)
		if err != nil {
			t.Fatal(err)
		}
		if origin == "" {
			origin = signer.Name()
		}
		text, err := signCheckpoint(Checkpoint{origin, 9, tlog.Hash{4}}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if c, err := OpenCheckpoint(signed(s, "en_mt", ""), "en_mt", keys); err != nil || c.Size != 9 {
		t.Errorf("%+v, %v", c, err)
	}
	refused := map[string][2]string{
		"another key":             {signed(other, "group", ""), "group"},
		"another log's name":      {signed(s, "en_mt", ""), "group"},
		"another origin":          {signed(s, "group", Origin(rigHost, "en_mt")), "group"},
		"a log nobody has key of": {signed(s, "mlro", ""), "mlro"},
		"nothing":                 {"", "group"},
	}
	for name, c := range refused {
		if _, err := OpenCheckpoint(c[0], c[1], keys); err == nil {
			t.Errorf("a checkpoint by %s was taken", name)
		}
	}
	more, _ := other.Verifiers("group")
	if _, err := OpenCheckpoint(signed(other, "group", ""), "group", keys.Join(more)); err != nil {
		t.Errorf("after a change of keys: %v", err)
	}
	if _, err := OpenCheckpoint(signed(other, "group", ""), "group", keys); err == nil {
		t.Error("Join changed what it joined")
	}
	for _, bad := range []string{"nonsense", strings.Replace(s.VerifierKeys([]string{"group"}), "/evidence/", "/elsewhere/", 1)} {
		if _, err := ParseVerifierKeys(bad); err == nil {
			t.Errorf("keys were read from %q", bad)
		}
	}
	if _, err := s.Signer("../x"); err == nil {
		t.Error("a log may be named ../x")
	}
}
