package core

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// Entropy fills p with random bytes; it never fails (a machine without
// entropy must not go on: the system source panics).
type Entropy interface{ Read(p []byte) }

// SystemEntropy is the operating system's generator.
type SystemEntropy struct{}

// Read fills p from crypto/rand.
func (SystemEntropy) Read(p []byte) { _, _ = crand.Read(p) }

// SeededEntropy is a deterministic generator (ChaCha8): same seed, same bytes
// in the order they are drawn. For the demo, the simulators and tests only;
// `serve` never uses it. Safe for concurrent use, but then the order of draws,
// and so the bytes each caller gets, is the scheduler's.
type SeededEntropy struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// NewSeededEntropy starts a generator from a number.
func NewSeededEntropy(seed uint64) *SeededEntropy {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	return &SeededEntropy{src: rand.NewChaCha8(s)}
}

// Read fills p with the next bytes.
func (e *SeededEntropy) Read(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, _ = e.src.Read(p)
}

// Draw takes one 32-byte seed from e and returns a generator over it. A
// command draws once and uses only its own generator afterwards, so that a
// retried transaction makes the same ids.
func Draw(e Entropy) *SeededEntropy {
	var s [32]byte
	e.Read(s[:])
	return Replay(s)
}

// Replay is the generator that Draw made from seed.
func Replay(seed [32]byte) *SeededEntropy {
	return &SeededEntropy{src: rand.NewChaCha8(seed)}
}
