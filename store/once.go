package store

import "sync"

// snapshot is the Reader of one unchanging view, with what was kept of it.
type snapshot struct {
	reader
	mu   sync.Mutex
	kept map[string]any
}

// Once reads something by fn and, where r is a Snapshot's reader, keeps it for
// as long as that view lives: the answer cannot change. In a transaction that
// writes, and without a common view, it reads every time. An error is not kept.
func Once[V any](r Reader, key string, fn func() (V, error)) (V, error) {
	s, ok := r.(*snapshot)
	if !ok {
		return fn()
	}
	s.mu.Lock()
	v, ok := s.kept[key].(V)
	s.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := fn()
	if err == nil {
		s.mu.Lock()
		s.kept[key] = v
		s.mu.Unlock()
	}
	return v, err
}
