package evidence

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/store"
)

// tileHeight is the height of a tile: 256 hashes wide, as C2SP tlog-tiles
// demands.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// logTree is the growing edge of an RFC 6962 tree: enough to take the next
// leaf, to say the root and to hand out each tile when it becomes full. It
// computes every inner node exactly once. The zero logTree is empty.
type logTree struct {
	size int64
	// peaks[h] is the perfect subtree of 2^h leaves at the edge; valid where
	// bit h of size is set.
	peaks []tlog.Hash
	// rows[l] holds the hashes of the unfinished tile of level l.
	rows [][]tlog.Hash
}

// fullTile is a tile that became full.
type fullTile struct {
	level  int
	n      int64
	root   tlog.Hash
	hashes []tlog.Hash // valid only until the next leaf
}

// add appends a leaf hash and calls full, if not nil, for each tile that it
// completed, lowest level first.
func (t *logTree) add(h tlog.Hash, full func(fullTile)) {
	t.put(0, h)
	height := 0
	for ; t.size>>height&1 == 1; height++ {
		h = tlog.NodeHash(t.peaks[height], h)
		if (height+1)%tileHeight != 0 {
			continue
		}
		level := height / tileHeight
		if full != nil {
			full(fullTile{level, t.size >> (height + 1), h, t.rows[level]})
		}
		t.rows[level] = t.rows[level][:0]
		t.put(level+1, h)
	}
	t.peak(height, h)
	t.size++
}

func (t *logTree) put(level int, h tlog.Hash) {
	if level == len(t.rows) {
		t.rows = append(t.rows, make([]tlog.Hash, 0, tileWidth))
	}
	t.rows[level] = append(t.rows[level], h)
}

func (t *logTree) peak(height int, h tlog.Hash) {
	for height >= len(t.peaks) {
		t.peaks = append(t.peaks, tlog.Hash{})
	}
	t.peaks[height] = h
}

// root is the RFC 6962 Merkle tree hash.
func (t *logTree) root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	var root tlog.Hash
	first := true
	for h := range t.peaks {
		switch {
		case t.size>>h&1 == 0:
		case first:
			root, first = t.peaks[h], false
		default:
			root = tlog.NodeHash(t.peaks[h], root)
		}
	}
	return root
}

// clone returns a copy that grows apart from t.
func (t *logTree) clone() *logTree {
	c := &logTree{size: t.size, peaks: append([]tlog.Hash(nil), t.peaks...), rows: make([][]tlog.Hash, len(t.rows))}
	for i, row := range t.rows {
		c.rows[i] = append(make([]tlog.Hash, 0, tileWidth), row...)
	}
	return c
}

// loadTree reads the edge of a stored log of the given size.
func loadTree(ctx context.Context, r store.Reader, log string, size int64) (*logTree, error) {
	t, tiles := &logTree{size: size}, newTileReader(ctx, r, log, size)
	for level := 0; size>>(level*tileHeight) > 0; level++ {
		at := size >> (level * tileHeight)
		t.rows = append(t.rows, make([]tlog.Hash, 0, tileWidth))
		if at%tileWidth == 0 {
			continue
		}
		row, err := tiles.row(level, at/tileWidth)
		if err != nil {
			return nil, err
		}
		t.rows[level] = append(t.rows[level], row...)
		for b, off := tileHeight-1, 0; b >= 0; b-- {
			if len(row)>>b&1 == 1 {
				t.peak(level*tileHeight+b, collapse(row[off:off+1<<b]))
				off += 1 << b
			}
		}
	}
	return t, nil
}

// collapse is the root of a perfect subtree over hs, whose length is a power
// of two.
func collapse(hs []tlog.Hash) tlog.Hash {
	if len(hs) == 1 {
		return hs[0]
	}
	half := len(hs) / 2
	return tlog.NodeHash(collapse(hs[:half]), collapse(hs[half:]))
}

// tileReader is a tlog.HashReader over the stored rows of a log as it was at
// one size. It keeps what it read, so one reader serves one proof or one
// check; it is not safe for concurrent use.
type tileReader struct {
	ctx  context.Context
	r    store.Reader
	log  string
	size int64
	kept map[[2]int64][]tlog.Hash
}

func newTileReader(ctx context.Context, r store.Reader, log string, size int64) *tileReader {
	return &tileReader{ctx, r, log, size, map[[2]int64][]tlog.Hash{}}
}

// ReadHashes implements tlog.HashReader.
func (t *tileReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		height, n := tlog.SplitStoredHashIndex(index)
		level, wide := height/tileHeight, int64(1)<<(height%tileHeight)
		first := n * wide
		row, err := t.row(level, first/tileWidth)
		if err != nil {
			return nil, err
		}
		off := first % tileWidth
		if off+wide > int64(len(row)) {
			return nil, fmt.Errorf("evidence: log %s of %d leaves has no hash %d", t.log, t.size, index)
		}
		out[i] = collapse(row[off : off+wide])
	}
	return out, nil
}

// row returns the hashes of a tile: all 256 of a full one as stored, fewer of
// the one at the edge, computed from the rows below it.
func (t *tileReader) row(level int, n int64) ([]tlog.Hash, error) {
	key := [2]int64{int64(level), n}
	if row := t.kept[key]; row != nil {
		return row, nil
	}
	width := min(tileWidth, t.size>>(level*tileHeight)-n*tileWidth)
	if n < 0 || width <= 0 {
		return nil, fmt.Errorf("evidence: log %s of %d leaves has no tile %d/%d", t.log, t.size, level, n)
	}
	var row []tlog.Hash
	var err error
	if width == tileWidth {
		row, err = t.stored(level, n)
	} else {
		row, err = t.partial(level, n, width)
	}
	if err == nil {
		t.kept[key] = row
	}
	return row, err
}

func (t *tileReader) stored(level int, n int64) ([]tlog.Hash, error) {
	var raw []byte
	err := t.r.QueryRow(t.ctx, "SELECT hashes FROM tile WHERE log = $1 AND level = $2 AND n = $3", t.log, int64(level), n).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("evidence: tile %d/%d of log %s is missing", level, n, t.log)
	}
	if err != nil {
		return nil, err
	}
	if len(raw) != tileWidth*tlog.HashSize {
		return nil, fmt.Errorf("evidence: tile %d/%d of log %s has %d bytes", level, n, t.log, len(raw))
	}
	return splitHashes(raw), nil
}

func splitHashes(raw []byte) []tlog.Hash {
	row := make([]tlog.Hash, len(raw)/tlog.HashSize)
	for i := range row {
		copy(row[i][:], raw[i*tlog.HashSize:])
	}
	return row
}

func joinHashes(row []tlog.Hash) []byte {
	raw := make([]byte, 0, len(row)*tlog.HashSize)
	for i := range row {
		raw = append(raw, row[i][:]...)
	}
	return raw
}

func (t *tileReader) partial(level int, n, width int64) ([]tlog.Hash, error) {
	q, args := "SELECT idx, hash FROM leaf WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx", []any{t.log}
	if level > 0 {
		q, args = "SELECT n, root FROM tile WHERE log = $1 AND n >= $2 AND n < $3 AND level = $4 ORDER BY n", []any{t.log}
	}
	args = append(args, n*tileWidth, n*tileWidth+width)
	if level > 0 {
		args = append(args, int64(level-1))
	}
	rows, err := t.r.Query(t.ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]tlog.Hash, 0, width)
	for rows.Next() {
		var at int64
		var raw []byte
		if err := rows.Scan(&at, &raw); err != nil {
			return nil, err
		}
		if at != n*tileWidth+int64(len(row)) || len(raw) != tlog.HashSize {
			break
		}
		row = append(row, tlog.Hash(raw))
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if int64(len(row)) != width {
		return nil, fmt.Errorf("evidence: log %s lacks hash %d of level %d", t.log, n*tileWidth+int64(len(row)), level)
	}
	return row, nil
}
