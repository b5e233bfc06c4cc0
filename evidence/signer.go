package evidence

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"vouchsafe/core"
)

// Signers is the firm's one Ed25519 log key. It signs for every log, each
// under its own C2SP key name: the log's origin (see Origin). The key hash is
// made of name and key, so a signature for one log is never one for another.
type Signers struct {
	host string
	key  ed25519.PrivateKey
}

const seedHeader = "vouchsafe log key, Ed25519 seed: "

// GenerateSigner makes a new log key and keeps its seed in a new file that
// only its owner may read (0400). It refuses to replace a file.
func GenerateSigner(path, host string) (Signers, error) {
	seed := make([]byte, ed25519.SeedSize)
	core.SystemEntropy{}.Read(seed) // a log key is never made from a demo's or a test's seed: see SeededSigner
	s, err := newSigners(host, seed)
	if err != nil {
		return Signers{}, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if err != nil {
		return Signers{}, fmt.Errorf("evidence: keep the log key: %w", err)
	}
	_, err = f.WriteString(seedHeader + base64.StdEncoding.EncodeToString(seed) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return Signers{}, fmt.Errorf("evidence: keep the log key: %w", err)
	}
	return s, nil
}

// LoadSigner reads the log key that GenerateSigner kept. It refuses a file
// that others than its owner may read.
func LoadSigner(path, host string) (Signers, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Signers{}, fmt.Errorf("evidence: read the log key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Signers{}, fmt.Errorf("evidence: the log key %s may be read by others (mode %04o): chmod 0400 and make a new key", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Signers{}, fmt.Errorf("evidence: read the log key: %w", err)
	}
	body, ok := strings.CutPrefix(strings.TrimSpace(string(text)), seedHeader)
	seed, err := base64.StdEncoding.Strict().DecodeString(body)
	if !ok || err != nil { // neither error may print the seed
		return Signers{}, fmt.Errorf("evidence: %s holds no log key", path)
	}
	return newSigners(host, seed)
}

// SeededSigner is the log key of a given 32-byte seed, for the demo and tests.
func SeededSigner(host string, seed [32]byte) (Signers, error) { return newSigners(host, seed[:]) }

func newSigners(host string, seed []byte) (Signers, error) {
	if len(seed) != ed25519.SeedSize {
		return Signers{}, errors.New("evidence: a log key has 32 bytes of seed")
	}
	s := Signers{host, ed25519.NewKeyFromSeed(seed)}
	_, err := s.Verifier("x") // proves that the host can stand in a key name
	return s, err
}

// Signer returns the signer of one log.
func (s Signers) Signer(log string) (note.Signer, error) {
	v, err := s.Verifier(log)
	if err != nil {
		return nil, err
	}
	return logSigner{v.Name(), v.KeyHash(), s.key}, nil
}

// Verifier returns the verifier of one log.
func (s Signers) Verifier(log string) (note.Verifier, error) {
	vkey, err := s.vkey(log)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

// vkey is the C2SP verifier key of one log.
func (s Signers) vkey(log string) (string, error) {
	if s.key == nil {
		return "", errors.New("evidence: there is no log key")
	}
	if !validLog(log) {
		return "", fmt.Errorf("evidence: %q cannot name a log", log)
	}
	return note.NewEd25519VerifierKey(Origin(s.host, log), s.key.Public().(ed25519.PublicKey))
}

// validLog keeps log names fit for key names, file names and URLs.
func validLog(log string) bool {
	if log == "" || len(log) > 64 || log[0] == '.' {
		return false
	}
	for _, c := range []byte(log) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

type logSigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

func (s logSigner) Name() string                    { return s.name }
func (s logSigner) KeyHash() uint32                 { return s.hash }
func (s logSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// VerifierKeys is a file for outsiders: one C2SP verifier key per log, with a
// comment above each. A log whose name cannot stand in a key is left out.
func (s Signers) VerifierKeys(logs []string) string {
	var b strings.Builder
	b.WriteString("# Verifier keys of the logs of " + s.host + " (C2SP signed-note, Ed25519).\n")
	for _, log := range logs {
		if vkey, err := s.vkey(log); err == nil {
			fmt.Fprintf(&b, "# log %s\n%s\n", log, vkey)
		}
	}
	return b.String()
}

// Verifiers are the keys that a reader trusts, by log. A log may have several:
// after a change of keys the old one still proves the old checkpoints.
type Verifiers struct{ byLog map[string][]note.Verifier }

const originPath = "/evidence/"

// logOf is the log part of an origin in the spelling of origins, where a dash
// stands for an underscore.
func logOf(origin string) string {
	if _, log, ok := strings.Cut(origin, originPath); ok {
		return log
	}
	return ""
}

// Verifiers returns the verifiers of the given logs.
func (s Signers) Verifiers(logs ...string) (Verifiers, error) {
	var out Verifiers
	for _, log := range logs {
		v, err := s.Verifier(log)
		if err != nil {
			return Verifiers{}, err
		}
		out = out.with(v)
	}
	return out, nil
}

// ParseVerifierKeys reads a file of verifier keys: one per line, empty lines
// and lines that begin with # ignored. Every key must be named by an origin.
func ParseVerifierKeys(text string) (Verifiers, error) {
	var out Verifiers
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return Verifiers{}, fmt.Errorf("evidence: verifier key in line %d: %w", i+1, err)
		}
		if !validLog(logOf(v.Name())) {
			return Verifiers{}, fmt.Errorf("evidence: verifier key in line %d: %q is not an origin HOST/evidence/LOG", i+1, v.Name())
		}
		out = out.with(v)
	}
	return out, nil
}

// Empty reports whether there is no key at all.
func (v Verifiers) Empty() bool { return len(v.byLog) == 0 }

// Join returns the keys of both.
func (v Verifiers) Join(more Verifiers) Verifiers {
	out := v
	for _, vs := range more.byLog {
		for _, one := range vs {
			out = out.with(one)
		}
	}
	return out
}

func (v Verifiers) with(one note.Verifier) Verifiers {
	next := Verifiers{map[string][]note.Verifier{}}
	for log, vs := range v.byLog {
		next.byLog[log] = vs
	}
	log := logOf(one.Name())
	for _, had := range next.byLog[log] {
		if had.Name() == one.Name() && had.KeyHash() == one.KeyHash() {
			return next
		}
	}
	next.byLog[log] = append(next.byLog[log][:len(next.byLog[log]):len(next.byLog[log])], one)
	return next
}

// of returns the keys of one log, however its name is spelt.
func (v Verifiers) of(log string) []note.Verifier { return v.byLog[logOf(Origin("", log))] }
