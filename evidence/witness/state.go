package witness

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/note"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// The files of a witness's folder.
const (
	fileKey     = "witness.key"
	filePublic  = "witness.pub"
	fileLogs    = "logs.pub"
	fileLock    = "lock"
	fileHistory = "history.jsonl"
	dirState    = "state"
	dirForks    = "forks"
)

// Create makes the folder of a new witness, with its key, and returns the
// public key.
func Create(dir, name string) (evidence.WitnessKey, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return evidence.WitnessKey{}, err
	}
	c, err := evidence.GenerateCosigner(filepath.Join(dir, fileKey), name)
	if errors.Is(err, fs.ErrExist) {
		return evidence.WitnessKey{}, fmt.Errorf("%s holds a witness already", dir)
	}
	if err != nil {
		return evidence.WitnessKey{}, err
	}
	return c.Key(), os.WriteFile(filepath.Join(dir, filePublic), []byte(c.Key().String()+"\n"), 0o644)
}

// Trust adds the logs of a file of verifier keys, such as a firm's log.pub,
// to those that the witness in dir cosigns, and returns their origins. Keys
// that it has already are left as they are; a second key for a known origin is
// added beside the first, since a log may change its key.
func Trust(dir, keys string) (origins []string, err error) {
	path := filepath.Join(dir, fileLogs)
	had, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, fileKey)); err != nil {
		return nil, fmt.Errorf("%s holds no witness; make one with `vouchsafe witness new`: %w", dir, err)
	}
	known := strings.Split(string(had), "\n")
	text := string(had)
	for _, line := range strings.Split(keys, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%q is no verifier key of a log: %w", line, err)
		}
		origins = append(origins, v.Name())
		if !slices.Contains(known, line) {
			text += line + "\n"
		}
	}
	if len(origins) == 0 {
		return nil, errors.New("the file holds no verifier key")
	}
	return origins, evidence.ReplaceFile(path, []byte(text))
}

// Logs reads the keys of the logs that a witness cosigns, by origin.
func readLogs(dir string) (map[string][]note.Verifier, error) {
	text, err := os.ReadFile(filepath.Join(dir, fileLogs))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the witness knows no log yet: give it a firm's log.pub with `vouchsafe witness trust`")
	}
	if err != nil {
		return nil, err
	}
	out := map[string][]note.Verifier{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", fileLogs, i+1, err)
		}
		out[v.Name()] = append(out[v.Name()], v)
	}
	return out, nil
}

// lock keeps a second program away from the folder for as long as this one
// lives.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, fileLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another program works as the witness in %s", dir)
	}
	return f, nil
}

// slug names the files of an origin, whatever letters it has.
func slug(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	safe := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, strings.ToLower(origin))
	return safe[:min(len(safe), 60)] + "-" + hex.EncodeToString(sum[:6])
}

func (w *Witness) statePath(origin string) string {
	return filepath.Join(w.dir, dirState, slug(origin)+".checkpoint")
}

// seen is one line of the history: a checkpoint that was cosigned.
type seen struct {
	Origin string       `json:"origin"`
	Size   int64        `json:"size"`
	Root   string       `json:"root"` // hex
	At     core.Instant `json:"at"`
}

// last is the newest checkpoint of a log that this witness cosigned; nil when
// it never did. It is read anew each time and believed only with our own
// cosignature on it, and only when the history knows no newer one.
func (w *Witness) last(origin string) (*checkpoint, error) {
	text, err := os.ReadFile(w.statePath(origin))
	if errors.Is(err, fs.ErrNotExist) {
		if w.newest[origin] > 0 {
			return nil, fmt.Errorf("the state of %s is gone, although this witness cosigned %d entries: put the newest copy of it back, or begin anew under another name", origin, w.newest[origin])
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := note.Open(text, note.VerifierList(w.key.Key()))
	if err != nil {
		return nil, fmt.Errorf("the state of %s was changed behind our back: %w", origin, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil || c.origin != origin {
		return nil, fmt.Errorf("the state of %s is that of another log", origin)
	}
	if c.size < w.newest[origin] {
		return nil, fmt.Errorf("the state of %s was set back: it says %d entries, the history %d", origin, c.size, w.newest[origin])
	}
	c.note = string(text)
	return &c, nil
}

// keep stores a cosigned checkpoint: the state first, whole or not at all, then
// a line of the history. The state is thus never behind the history, unless
// somebody took it away.
func (w *Witness) keep(c *checkpoint, at core.Instant) error {
	if err := evidence.ReplaceFile(w.statePath(c.origin), []byte(c.note)); err != nil {
		return err
	}
	if err := appendLine(filepath.Join(w.dir, fileHistory), seen{c.origin, c.size, hex.EncodeToString(c.root[:]), at}); err != nil {
		return err
	}
	w.newest[c.origin] = c.size
	return nil
}

func appendLine(path string, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(append([]byte{'\n'}, line...), '\n')) // what a crash cut off ends here
	return errors.Join(err, f.Sync(), f.Close())
}

// readHistory finds the largest size that was cosigned of each log.
func readHistory(dir string) (map[string]int64, error) {
	out := map[string]int64{}
	f, err := os.Open(filepath.Join(dir, fileHistory))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s seen
		if json.Unmarshal(lines.Bytes(), &s) == nil { // not the one that a crash cut off
			out[s.Origin] = max(out[s.Origin], s.Size)
		}
	}
	return out, lines.Err()
}
