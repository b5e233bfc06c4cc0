package mt5sim

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// SaveTo writes accounts, deals and the oracle to a file, which is either the
// old or the new one at every moment. Armed faults and sessions are not kept.
func (s *Server) SaveTo(path string) error {
	s.mu.Lock()
	text, err := json.Marshal(s.state)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".mt5sim-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // no such file once renamed
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// LoadFrom replaces the state by a saved one. A missing file is an error that
// is fs.ErrNotExist.
func (s *Server) LoadFrom(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var loaded state
	if err := json.Unmarshal(text, &loaded); err != nil {
		return fmt.Errorf("mt5sim: %s is not a saved state: %w", path, err)
	}
	if loaded.Accounts == nil {
		return fmt.Errorf("mt5sim: %s is not a saved state", path)
	}
	for i, d := range loaded.Deals {
		loaded.index(i, d)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = loaded
	return nil
}

// KeepSaved saves every so often while there were changes, and once more when
// ctx ends. It returns the first error; a crash loses at most one interval.
func (s *Server) KeepSaved(ctx context.Context, path string, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	saved := -1
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		s.mu.Lock()
		now := s.changes
		s.mu.Unlock()
		if now == saved {
			continue
		}
		if err := s.SaveTo(path); err != nil {
			return err
		}
		saved = now
	}
	return nil
}
