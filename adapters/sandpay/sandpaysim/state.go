package sandpaysim

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"vouchsafe/core"
)

// saved is the state file. Keys, secrets and faults are not in it.
type saved struct {
	Version int   `json:"version"`
	Book    *book `json:"book"`
}

const stateVersion = 1

// SaveTo writes the books to a file: a new file is written whole, flushed and
// renamed over the old one, so a crash leaves one or the other.
func (s *Server) SaveTo(path string) error {
	s.mu.Lock()
	raw, err := json.Marshal(saved{Version: stateVersion, Book: s.book})
	s.dirty = false
	s.mu.Unlock()
	if err == nil {
		err = replace(path, raw)
	}
	if err != nil {
		s.mu.Lock()
		s.dirty = true // or the next save would think there is nothing to do
		s.mu.Unlock()
		return core.Faultf(core.Unavailable, "state-not-saved", "The sandbox's books cannot be written to %s.", path).Because(err)
	}
	return nil
}

// SaveIfChanged saves when something happened since the last save.
func (s *Server) SaveIfChanged(path string) error {
	s.mu.Lock()
	changed := s.dirty
	s.mu.Unlock()
	if path == "" || !changed {
		return nil
	}
	return s.SaveTo(path)
}

func replace(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// LoadFrom replaces the books with a saved file's. A file that does not exist
// is fs.ErrNotExist by errors.Is; a damaged one leaves the books as they are.
func (s *Server) LoadFrom(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return core.Faultf(core.Unavailable, "state-not-loaded", "The sandbox's books cannot be read from %s.", path).Because(err)
	}
	var state saved
	if err := json.Unmarshal(raw, &state); err != nil || state.Version != stateVersion || !state.Book.sound() {
		return core.Faultf(core.Invalid, "state-damaged", "The file %s is no SandPay state of this version.", path).Because(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book, s.dirty = state.Book, false
	return nil
}

// sound reports whether a loaded book is whole enough to work with.
func (b *book) sound() bool {
	if b == nil || b.Keys == nil || b.Posts == nil || slices.Contains(b.Objects, nil) || slices.Contains(b.Events, nil) {
		return false
	}
	for _, a := range b.Keys {
		if a == nil {
			return false
		}
	}
	return !slices.ContainsFunc(b.Late, func(l late) bool { return b.Keys[l.Key] == nil })
}
