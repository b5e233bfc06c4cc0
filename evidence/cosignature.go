package evidence

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"vouchsafe/core"
)

// A witness is somebody else's program that has seen a checkpoint of ours,
// checked that it extends every earlier one that it saw, and says so with a
// timestamped signature (C2SP tlog-cosignature, cosignature/v1 with Ed25519).

// algCosignature is the signature type of Ed25519 cosignatures in key texts.
const algCosignature = 4

const (
	cosignatureTime = 8 // bytes of the timestamp before the signature
	cosignatureSize = cosignatureTime + ed25519.SignatureSize
)

// WitnessKey is the public key of a witness. It verifies cosignatures as a
// note.Verifier.
type WitnessKey struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// ParseWitnessKey reads a witness's verifier key: NAME+HASH+KEY with the type
// of Ed25519 cosignatures.
func ParseWitnessKey(vkey string) (WitnessKey, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(vkey), "+")
	hash, text, ok := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case !ok || err != nil || len(raw) == 0 || !validKeyName(name):
		return WitnessKey{}, fmt.Errorf("%q is no verifier key of a witness: it reads NAME+HASH+KEY", clip(vkey))
	case raw[0] == 1:
		return WitnessKey{}, fmt.Errorf("the key of %s is that of a log, not of a witness: ask the witness for the key that it cosigns with", name)
	case raw[0] != algCosignature || len(raw) != 1+ed25519.PublicKeySize:
		return WitnessKey{}, fmt.Errorf("the key of %s is not an Ed25519 key for cosignatures, the only kind that this program reads", name)
	}
	w := WitnessKey{name, keyHash(name, raw), raw[1:]}
	if fmt.Sprintf("%08x", w.hash) != hash {
		return WitnessKey{}, fmt.Errorf("the key of %s does not have the hash that stands in it: a letter was changed", name)
	}
	return w, nil
}

// keyHash is the key hash of signed notes.
func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

func validKeyName(name string) bool {
	return name != "" && len(name) <= 200 && !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == '+' || c > '~' })
}

// Name implements note.Verifier.
func (w WitnessKey) Name() string { return w.name }

// KeyHash implements note.Verifier.
func (w WitnessKey) KeyHash() uint32 { return w.hash }

// String is the verifier key as text.
func (w WitnessKey) String() string {
	raw := append([]byte{algCosignature}, w.key...)
	return fmt.Sprintf("%s+%08x+%s", w.name, w.hash, base64.StdEncoding.EncodeToString(raw))
}

// Verify implements note.Verifier: sig is a timestamp and a signature over it
// and the note's text.
func (w WitnessKey) Verify(text, sig []byte) bool {
	if len(sig) != cosignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(w.key, cosigned(at, text), sig[cosignatureTime:])
}

// cosigned is what a witness signs.
func cosigned(seconds uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(seconds, 10)+"\n"), text...)
}

// Cosigner is the key of a witness.
type Cosigner struct {
	name string
	key  ed25519.PrivateKey
}

// NewCosigner is the witness key of a 32-byte seed.
func NewCosigner(name string, seed []byte) (Cosigner, error) {
	if !validKeyName(name) || len(seed) != ed25519.SeedSize {
		return Cosigner{}, fmt.Errorf("%q cannot name a witness: use printable letters without spaces and without +, best a name of your own domain, such as witness.example.org", clip(name))
	}
	return Cosigner{name, ed25519.NewKeyFromSeed(seed)}, nil
}

// GenerateCosigner makes a witness key and keeps it in a new file that only
// its owner may read (0400). It refuses to replace a file.
func GenerateCosigner(path, name string) (Cosigner, error) {
	seed := make([]byte, ed25519.SeedSize)
	core.SystemEntropy{}.Read(seed) // never from a demo's or a test's seed: see NewCosigner
	c, err := NewCosigner(name, seed)
	if err != nil {
		return c, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if err != nil {
		return c, fmt.Errorf("keep the witness key: %w", err)
	}
	_, err = f.WriteString(c.text())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return c, err
}

// text is the key as signed notes write private keys.
func (c Cosigner) text() string {
	raw := append([]byte{algCosignature}, c.key.Seed()...)
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s\n", c.name, c.Key().hash, base64.StdEncoding.EncodeToString(raw))
}

// LoadCosigner reads the key that GenerateCosigner kept. It refuses a file
// that others than its owner may read.
func LoadCosigner(path string) (Cosigner, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Cosigner{}, fmt.Errorf("read the witness key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Cosigner{}, fmt.Errorf("the witness key %s may be read by others (mode %04o): make a new one", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Cosigner{}, fmt.Errorf("read the witness key: %w", err)
	}
	part := strings.Split(strings.TrimSpace(string(text)), "+")
	bad := fmt.Errorf("%s holds no key of a witness", path) // never with what it holds
	if len(part) < 5 || part[0] != "PRIVATE" || part[1] != "KEY" {
		return Cosigner{}, bad
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.Join(part[4:], "+"))
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != algCosignature {
		return Cosigner{}, bad
	}
	c, err := NewCosigner(part[2], raw[1:])
	if err == nil && fmt.Sprintf("%08x", c.Key().hash) != part[3] {
		return Cosigner{}, bad
	}
	return c, err
}

// Key is the public key.
func (c Cosigner) Key() WitnessKey {
	pub := c.key.Public().(ed25519.PublicKey)
	return WitnessKey{c.name, keyHash(c.name, append([]byte{algCosignature}, pub...)), pub}
}

// Cosign is the signature line of a witness over a checkpoint's text, at the
// given time of its clock.
func (c Cosigner) Cosign(text string, at core.Instant) string {
	seconds := uint64(at.Time().Unix())
	raw := binary.BigEndian.AppendUint32(nil, c.Key().hash)
	raw = binary.BigEndian.AppendUint64(raw, seconds)
	raw = append(raw, ed25519.Sign(c.key, cosigned(seconds, []byte(text)))...)
	return "— " + c.name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// Cosignature is a checked statement of one witness about one checkpoint.
type Cosignature struct {
	Witness string       `json:"witness"`
	At      core.Instant `json:"at"` // by the witness's clock, to the second
	Line    string       `json:"-"`  // as it stands in the note

	id string // key name and hash: a name alone says nothing
}

// Cosignatures are those of the given witnesses on a signed checkpoint, in
// their order. A witness that is not there is left out; one whose signature is
// there and wrong is an error that names it.
func Cosignatures(signed string, witnesses []WitnessKey) (found []Cosignature, err error) {
	for _, w := range witnesses {
		n, nerr := note.Open([]byte(signed), note.VerifierList(w))
		if bad, ok := errors.AsType[*note.InvalidSignatureError](nerr); ok {
			err = errors.Join(err, fmt.Errorf("the cosignature of %s does not fit the checkpoint", bad.Name))
			continue
		}
		if _, ok := errors.AsType[*note.UnverifiedNoteError](nerr); ok {
			continue
		}
		if nerr != nil {
			return nil, nerr
		}
		sig := n.Sigs[0]
		raw, _ := base64.StdEncoding.Strict().DecodeString(sig.Base64) // opened
		seconds := int64(binary.BigEndian.Uint64(raw[4:]))
		found = append(found, Cosignature{w.name, core.Instant(seconds * 1e6), "— " + sig.Name + " " + sig.Base64 + "\n", w.id()})
	}
	return found, err
}

var _ note.Verifier = WitnessKey{}
