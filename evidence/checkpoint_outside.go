package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// OutsideStore keeps the last checkpoint of each log away from the database,
// so that a database set back to an earlier state is noticed before anything
// is signed that contradicts what outsiders already hold.
type OutsideStore interface {
	// Last returns the newest kept note of a log, or "" when there is none.
	Last(log string) (string, error)
	// Put keeps a note as the newest. When it returns nil the note is durable.
	// It never replaces a note by one of a smaller size.
	Put(log, note string) error
	// Logs names the logs of which a note is kept, sorted.
	Logs() ([]string, error)
}

// FileOutside keeps checkpoints as files of one folder: LOG.checkpoint is the
// last note, LOG.history has every note that was put, one JSON string per
// line, and is only ever appended to.
//
// It protects as far as its folder is out of reach of who can change the
// database: best another machine's disk. Who deletes LOG.checkpoint takes the
// protection away until the next Put; copies at witnesses are the remedy.
type FileOutside struct {
	dir string
	mu  sync.Mutex
}

// NewFileOutside opens the folder, making it if need be (0700).
func NewFileOutside(dir string) (*FileOutside, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("evidence: keep checkpoints outside: %w", err)
	}
	return &FileOutside{dir: dir}, nil
}

func (f *FileOutside) path(log, ext string) (string, error) {
	if !validLog(log) {
		return "", fmt.Errorf("evidence: %q cannot name a log", log)
	}
	return filepath.Join(f.dir, log+ext), nil
}

// Last implements OutsideStore.
func (f *FileOutside) Last(log string) (string, error) {
	path, err := f.path(log, ".checkpoint")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// Logs implements OutsideStore. A log of which only the history is left is one
// of them: taking the last note away does not take it from the list.
func (f *FileOutside) Logs() ([]string, error) {
	files, err := os.ReadDir(f.dir)
	var out []string
	for _, file := range files {
		log, ok := strings.CutSuffix(file.Name(), ".checkpoint")
		if !ok {
			log, ok = strings.CutSuffix(file.Name(), ".history")
		}
		if ok && validLog(log) && !slices.Contains(out, log) {
			out = append(out, log)
		}
	}
	return out, err
}

// Put implements OutsideStore. The history is written first: a note that is
// the last one is always in it.
func (f *FileOutside) Put(log, text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	had, err := f.Last(log)
	if err != nil || had == text {
		return err
	}
	if sizeOf(text) < sizeOf(had) {
		return fmt.Errorf("evidence: the outside checkpoint of log %s is newer than the one to keep", log)
	}
	path, err := f.path(log, ".checkpoint")
	if err != nil {
		return err
	}
	if err := f.remember(log, text); err != nil {
		return fmt.Errorf("evidence: keep the history of checkpoints: %w", err)
	}
	if err := ReplaceFile(path, []byte(text)); err != nil {
		return fmt.Errorf("evidence: keep the checkpoint outside: %w", err)
	}
	return nil
}

// sizeOf reads the size line without checking anything; -1 when unreadable.
func sizeOf(text string) int64 {
	body, _, _ := strings.Cut(text, "\n\n")
	c, err := parseBody(body + "\n")
	if err != nil {
		return -1
	}
	return c.Size
}

func (f *FileOutside) remember(log, text string) error {
	path, err := f.path(log, ".history")
	if err != nil {
		return err
	}
	h, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	line, err := json.Marshal(text)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	if torn(h) { // a crash cut the last line: begin a new one, keep what is there
		line = append([]byte{'\n'}, line...)
	}
	_, err = h.Write(append(line, '\n'))
	return errors.Join(err, h.Sync(), h.Close())
}

func torn(h *os.File) bool {
	info, err := h.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = h.ReadAt(last, info.Size()-1)
	return err == nil && !bytes.Equal(last, []byte{'\n'})
}

// ReplaceFile puts data in the place of path, whole or not at all, durably.
func ReplaceFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openOutside reads the last outside note of a log; nil when there is none.
func openOutside(outside OutsideStore, log string, keys Verifiers) (*Checkpoint, error) {
	text, err := outside.Last(log)
	if err != nil || text == "" {
		return nil, err
	}
	c, err := OpenCheckpoint(text, log, keys)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

var _ note.Signer = logSigner{}
