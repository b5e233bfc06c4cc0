package witness

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Witness is an opened witness.
type Witness struct {
	dir    string
	key    evidence.Cosigner
	logs   map[string][]note.Verifier
	clock  core.Clock
	report func(string) // told loudly: forks, and state that was touched

	mu     sync.Mutex // one checkpoint at a time: comparing and keeping are one act
	newest map[string]int64
	lock   *os.File
}

// Open opens the witness of a folder. No second program can open it until this
// one is closed. report is told, one line each, what a person must look at.
func Open(dir string, clock core.Clock, report func(string)) (*Witness, error) {
	w := &Witness{dir: dir, clock: clock, report: report}
	var err error
	if w.key, err = evidence.LoadCosigner(filepath.Join(dir, fileKey)); err != nil {
		return nil, err
	}
	if w.logs, err = readLogs(dir); err != nil {
		return nil, err
	}
	for _, sub := range []string{dirState, dirForks} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	if w.lock, err = lock(dir); err != nil {
		return nil, err
	}
	if w.newest, err = readHistory(dir); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for origin := range w.logs {
		if _, err := w.last(origin); err != nil {
			w.report(err.Error())
		}
	}
	if n := len(w.Forks()); n > 0 {
		w.report(fmt.Sprintf("%d refused histories lie in %s", n, filepath.Join(dir, dirForks)))
	}
	return w, nil
}

// Close lets another program have the folder.
func (w *Witness) Close() error { return w.lock.Close() }

// Key is the witness's public key.
func (w *Witness) Key() evidence.WitnessKey { return w.key.Key() }

// Forks lists the files in which refused histories are kept.
func (w *Witness) Forks() []string {
	files, _ := filepath.Glob(filepath.Join(w.dir, dirForks, "*.txt"))
	return files
}

// checkpoint is a checkpoint of any log: the first three lines of its note.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
	text   string // the whole signed text
	note   string // with signatures
}

func parseCheckpoint(text string) (checkpoint, error) {
	c := checkpoint{text: text}
	bad := errors.New("the checkpoint is not three lines of origin, size and root")
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return c, bad
	}
	for _, extension := range lines[3 : len(lines)-1] {
		if extension == "" {
			return c, bad
		}
	}
	size, err := decimal(lines[1])
	root, rerr := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || rerr != nil || len(root) != tlog.HashSize || lines[0] == "" {
		return c, bad
	}
	c.origin, c.size, c.root = lines[0], size, tlog.Hash(root)
	if c.size == 0 && c.root != sha256.Sum256(nil) {
		return c, errors.New("a log without entries has the hash of nothing as its root")
	}
	return c, nil
}

// decimal reads a size as it must be spelt: no sign, no leading zero.
func decimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 63)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("a size is written in decimal without leading zeroes")
	}
	return n, nil
}

// refusal is why a checkpoint is not cosigned, with the status of HTTP that
// the protocol gives to it.
type refusal struct {
	status int
	text   string
	size   int64 // with 409: the size that was cosigned last
}

// Error is the reason.
func (r *refusal) Error() string { return r.text }

// request is one body of add-checkpoint.
type request struct {
	old   int64
	proof []tlog.Hash
	note  string
}

const maxProof = 63

func parseRequest(body string) (request, error) {
	var r request
	head, signed, ok := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	size, named := strings.CutPrefix(lines[0], "old ")
	old, err := decimal(size)
	if !ok || !named || err != nil || len(lines)-1 > maxProof {
		return r, errors.New("the body is a line \"old SIZE\", at most 63 hashes, an empty line and a checkpoint")
	}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return r, errors.New("a line of the proof is not a hash in base64")
		}
		r.proof = append(r.proof, tlog.Hash(h))
	}
	r.old, r.note = old, signed
	return r, nil
}

// Add checks one request of add-checkpoint and returns the cosignature line.
// The new checkpoint is kept, durably, before it returns.
func (w *Witness) Add(body string) (string, error) {
	r, err := parseRequest(body)
	if err != nil {
		return "", &refusal{status: 400, text: err.Error()}
	}
	c, err := w.open(r.note)
	if err != nil {
		return "", err
	}
	if r.old > c.size {
		return "", &refusal{status: 400, text: "the old size is larger than the checkpoint's"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.last(c.origin)
	if err != nil {
		w.report(err.Error())
		return "", err
	}
	if last == nil {
		last = &checkpoint{origin: c.origin, root: sha256.Sum256(nil)}
	}
	if err := w.extends(c, last, r); err != nil {
		return "", err
	}
	at := w.clock.Now()
	line := w.key.Cosign(c.text, at)
	if c.size == last.size && last.note != "" {
		return line, nil // it is kept already: who asks again gets a fresh time
	}
	c.note += line
	if err := w.keep(c, at); err != nil {
		w.report(err.Error())
		return "", err
	}
	return line, nil
}

// open demands that a key which is trusted for the origin signed the note, and
// keeps no other signature.
func (w *Witness) open(signed string) (*checkpoint, error) {
	origin, _, _ := strings.Cut(signed, "\n")
	keys := w.logs[origin]
	if len(keys) == 0 {
		return nil, &refusal{status: 404, text: "this witness does not know the log"}
	}
	n, err := note.Open([]byte(signed), note.VerifierList(keys...))
	if err != nil {
		return nil, &refusal{status: 403, text: "no key that this witness trusts for the log signed the checkpoint"}
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return nil, &refusal{status: 400, text: err.Error()}
	}
	c.note = n.Text + "\n"
	for _, s := range n.Sigs {
		c.note += "— " + s.Name + " " + s.Base64 + "\n"
	}
	return &c, nil
}

// extends decides whether c may follow last. A log that signed two histories
// is told from one that only asked with a stale size.
func (w *Witness) extends(c, last *checkpoint, r request) error {
	switch {
	case c.size == last.size && c.root != last.root:
		return w.refuse("fork", c, last, r, &refusal{409, "the log signed another root than this witness cosigned at the same size: two histories", last.size})
	case r.old != last.size:
		return &refusal{409, "this witness cosigned another size last", last.size}
	case c.size == last.size || last.size == 0:
		if len(r.proof) > 0 {
			return &refusal{status: 422, text: "there is nothing to prove from this size; the proof must be empty"}
		}
		return nil
	}
	if err := tlog.CheckTree(r.proof, c.size, c.root, last.size, last.root); err != nil {
		return w.refuse("unproven", c, last, r, &refusal{status: 422, text: "the proof does not show that this checkpoint of the log extends the one cosigned last: two histories, or a damaged request"})
	}
	return nil
}

// kept bounds how many refusals of a kind are kept: who holds a log's key, or
// saw a checkpoint that the witness did not, could otherwise fill the disk. The
// first are the evidence.
const kept = 500

// refuse keeps both notes for whoever asks, and tells loudly.
func (w *Witness) refuse(kind string, c, last *checkpoint, r request, why *refusal) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s.\n\nLog %s, refused at %s.\n\nCosigned by this witness:\n\n%s\nRefused:\n\n%s\nAsked from size %d with this proof:\n",
		strings.ToUpper(kind), why.text, c.origin, w.clock.Now(), last.note, c.note, r.old)
	for _, h := range r.proof {
		text.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	sum := sha256.Sum256([]byte(last.note + c.note))
	path := filepath.Join(w.dir, dirForks, kind+"-"+slug(c.origin)+"-"+strconv.FormatInt(c.size, 10)+"-"+hex.EncodeToString(sum[:6])+".txt")
	w.report(fmt.Sprintf("%s: %s: %s; both notes are kept in %s", strings.ToUpper(kind), c.origin, why.text, path))
	had, _ := filepath.Glob(filepath.Join(w.dir, dirForks, kind+"-*.txt"))
	if _, err := os.Stat(path); err == nil || len(had) >= kept {
		return why
	}
	if err := evidence.ReplaceFile(path, []byte(text.String())); err != nil {
		w.report("the refused checkpoint could not be kept: " + err.Error())
	}
	return why
}
