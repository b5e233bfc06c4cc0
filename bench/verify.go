package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Checking is one turn of verifying a whole log, both ways.
type Checking struct {
	Events int
	Road   time.Duration // evidence.VerifyLog
	Bare   time.Duration // one ordered read of the leaves, hashed and made a tree
}

// Ratio is the speed of verification as a share of the bare read's.
func (c Checking) Ratio() float64 { return c.Bare.Seconds() / c.Road.Seconds() }

// Check verifies the entity's log and reads it bare; who begins takes turns.
func (s *Site) Check(ctx context.Context, f *Firm, turn int) (Checking, error) {
	var out Checking
	log := string(f.Entity)
	keys, err := s.Signers.Verifiers(log)
	if err != nil {
		return out, err
	}
	for _, road := range []bool{turn%2 == 0, turn%2 != 0} {
		start := time.Now()
		if road {
			err = s.Store.Snapshot(ctx, func(r store.Reader) error {
				if ps := evidence.VerifyLog(ctx, r, log, keys, s.Outside); len(ps) > 0 {
					return fmt.Errorf("bench: the log does not verify: %s", ps[0])
				}
				return nil
			})
			out.Road = time.Since(start)
		} else {
			out.Events, err = s.bareTree(ctx, log)
			out.Bare = time.Since(start)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// bareTree reads all leaves in order and computes the root.
func (s *Site) bareTree(ctx context.Context, log string) (n int, err error) {
	err = s.Store.Snapshot(ctx, func(r store.Reader) error {
		rows, err := r.Query(ctx, "SELECT l.idx, e.leaf FROM leaf l JOIN event e ON e.id = l.event WHERE l.log = $1 ORDER BY l.idx", log)
		if err != nil {
			return err
		}
		defer rows.Close()
		var peaks []tlog.Hash // the perfect subtrees at the edge, smallest last
		var idx int64
		var leaf sql.RawBytes
		for rows.Next() {
			if err := rows.Scan(&idx, &leaf); err != nil {
				return err
			}
			peaks = append(peaks, tlog.RecordHash(leaf))
			for i := n; i&1 == 1; i >>= 1 {
				last := len(peaks) - 1
				peaks = append(peaks[:last-1], tlog.NodeHash(peaks[last-1], peaks[last]))
			}
			n++
		}
		root := sha256.Sum256(nil)
		for i := len(peaks) - 1; i >= 0; i-- {
			if root = tlog.NodeHash(peaks[i], root); i == len(peaks)-1 {
				root = peaks[i]
			}
		}
		var stored []byte
		rows.Close() // PostgreSQL allows one open result per connection
		if err := r.QueryRow(ctx, "SELECT root FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1", log).Scan(&stored); err != nil {
			return err
		}
		if string(stored) != string(root[:]) {
			return fmt.Errorf("bench: the bare tree of %d leaves has another root than the checkpoint", n)
		}
		return rows.Err()
	})
	return n, err
}

// Fold checks every change document, tag, disclosure and row: state is the fold
// of the changes. There is no bare form of it.
func (s *Site) Fold(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	err := s.Store.Snapshot(ctx, func(r store.Reader) error {
		ps, err := s.Log.VerifyFold(ctx, r)
		if err == nil && len(ps) > 0 {
			err = fmt.Errorf("bench: the fold finds: %s", ps[0])
		}
		return err
	})
	return time.Since(start), err
}

// Hashing is how fast this machine computes SHA-256, in bytes per second: of
// long blocks, and of blocks as long as a leaf.
type Hashing struct{ Long, Leaf, LeafAll float64 }

// Hash measures raw SHA-256 for about so long each.
func Hash(d time.Duration) Hashing {
	return Hashing{hashing(1<<20, 1, d), hashing(900, 1, d), hashing(900, runtime.GOMAXPROCS(0), d)}
}

func hashing(size, workers int, d time.Duration) float64 {
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	start := time.Now()
	for range workers {
		wg.Go(func() {
			block, n := make([]byte, size), 0
			for time.Since(start) < d {
				for range max(1, 1<<20/size) {
					sum := sha256.Sum256(block)
					block[0] = sum[0]
					n += size
				}
			}
			mu.Lock()
			total += n
			mu.Unlock()
		})
	}
	wg.Wait()
	return float64(total) / time.Since(start).Seconds()
}

// Packing is what one pack of a client with a long story costs.
type Packing struct {
	Events, Bytes int
	Build, Verify time.Duration
}

// Pack builds and verifies the pack of the client with the long story: events
// with proofs, pages, tables and disclosures, without the PDF.
func (s *Site) Pack(ctx context.Context, f *Firm, h *History) (Packing, error) {
	var out Packing
	keys, err := s.Signers.Verifiers(string(f.Entity), evidence.GroupLog)
	if err != nil {
		return out, err
	}
	spec := evidence.PackSpec{
		Kind: "client", Subject: h.Whole, Title: "Client", Entity: f.Entity, Builder: f.Officer.Ref, Tool: "vouchsafe bench",
		Built: s.Road.Clock.Now(), Scope: store.True,
		May:   func(core.Class, core.Ref) bool { return true },
		Whole: func(string) bool { return false },
	}
	var built *evidence.BuiltPack
	start := time.Now()
	err = s.Store.Snapshot(ctx, func(r store.Reader) error {
		var err error
		built, err = s.Log.BuildPack(ctx, r, s.Signers, spec)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Build, out.Bytes, out.Events = time.Since(start), len(built.Zip), len(built.Content.Events)
	start = time.Now()
	problems, _, err := evidence.VerifyPack(bytes.NewReader(built.Zip), int64(len(built.Zip)), keys)
	out.Verify = time.Since(start)
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("bench: the pack does not verify: %s", problems[0])
	}
	return out, err
}
