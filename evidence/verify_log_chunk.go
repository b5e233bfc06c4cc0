package evidence

import (
	"crypto/sha256"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// chunkLeaves is how many leaves are read by one query: as many as one tile of
// level 1 covers. It bounds memory (2 MiB of hashes) and lets the tiles be
// read between two queries, since PostgreSQL allows one open result at a time.
const chunkLeaves = tileWidth * tileWidth

// chunk is what the rows of one range of indexes say.
type chunk struct {
	from, to int64
	hashes   []tlog.Hash         // as stored; where that is no hash, as computed
	there    []bool              // a row was found
	computed map[int64]tlog.Hash // where the event's text hashes to something else
	tiles    map[int64]tileRow   // stored tiles of level 0, by n
}

// chunkQuery is one ordered read; it is also the "bare read" of the benchmark.
const chunkQuery = `SELECT l.idx, l.event, l.hash, e.log, e.leaf FROM leaf l LEFT JOIN event e ON e.id = l.event
	WHERE l.log = $1 AND l.idx >= $2 AND l.idx < $3 ORDER BY l.idx`

func (v *logCheck) verifyChunk(from, to int64) error {
	c := &v.chunk
	c.from, c.to = from, to
	c.hashes, c.there = append(c.hashes[:0], make([]tlog.Hash, to-from)...), append(c.there[:0], make([]bool, to-from)...)
	c.computed, c.tiles = map[int64]tlog.Hash{}, map[int64]tileRow{}
	if err := v.readLeaves(); err != nil {
		return err
	}
	tiles, err := tileTable.Select(v.ctx, v.r, "WHERE log = $1 AND level = 0 AND n >= $2 AND n < $3", v.log, from/tileWidth, to/tileWidth)
	if err != nil {
		return err
	}
	for _, t := range tiles {
		c.tiles[t.N] = t
	}
	v.settle()
	return v.grow()
}

func (v *logCheck) readLeaves() error {
	c := &v.chunk
	rows, err := v.r.Query(v.ctx, chunkQuery, v.log, c.from, c.to)
	if err != nil {
		return err
	}
	defer rows.Close()
	var idx int64
	var event, hash, log, leaf sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&idx, &event, &hash, &log, &leaf); err != nil {
			return err
		}
		if idx > v.next {
			v.add(Problem{
				Code: "leaf-gap", Table: "leaf", Key: v.key(v.next), Column: "idx",
				Text: fmt.Sprintf("The indexes %d to %d are missing.", v.next, idx-1),
			})
		}
		if idx < v.next {
			v.add(Problem{Code: "leaf-order", Event: string(event), Table: "leaf", Key: v.key(idx), Column: "idx", Text: "This index occurs twice."})
			continue
		}
		v.next = idx + 1
		v.leaf(idx, event, hash, log, leaf)
	}
	return rows.Err()
}

// leaf checks one row against its event.
func (v *logCheck) leaf(idx int64, event, hash, log, leaf sql.RawBytes) {
	c := &v.chunk
	stored, ok := asHash(hash)
	c.hashes[idx-c.from], c.there[idx-c.from] = stored, ok
	if log == nil {
		v.add(Problem{
			Code: "event-missing", Event: string(event), Table: "event", Key: string(event),
			Text: fmt.Sprintf("Event %d of the log is gone; its leaf hash is still there.", idx),
		})
		return
	}
	v.buf = append(append(v.buf[:0], 0), leaf...) // RFC 6962: leaf hashes begin with 0x00
	computed := tlog.Hash(sha256.Sum256(v.buf))
	if string(log) == v.log {
		v.matched++
	} else {
		v.add(Problem{
			Code: "event-log", Event: string(event), Table: "event", Key: string(event), Column: "log",
			Text: fmt.Sprintf("The event's row says log %s; it is sealed in log %s.", string(log), v.log),
		})
	}
	if ok && computed == stored {
		return
	}
	c.computed[idx] = computed
	if !ok {
		c.hashes[idx-c.from], c.there[idx-c.from] = computed, true
	}
}

// settle decides about leaves that are missing or whose text and hash
// disagree, by the stored tile over them, so that one forged row is reported
// as one row and the tree above it can still be compared.
func (v *logCheck) settle() {
	c := &v.chunk
	for i := range c.there {
		idx := c.from + int64(i)
		computed, disagree := c.computed[idx]
		if c.there[i] && !disagree {
			continue
		}
		third, known := c.tileHash(idx)
		if disagree {
			v.disagree(idx, computed, third, known)
		}
		switch {
		case known:
			c.hashes[i] = third
		case !c.there[i]:
			v.broken = true
		}
	}
}

func (c *chunk) tileHash(idx int64) (tlog.Hash, bool) {
	t, ok := c.tiles[idx/tileWidth]
	if !ok || len(t.Hashes) != tileWidth*tlog.HashSize {
		return tlog.Hash{}, false
	}
	return tlog.Hash(t.Hashes[idx%tileWidth*tlog.HashSize:][:tlog.HashSize]), true
}

func (v *logCheck) disagree(idx int64, computed, third tlog.Hash, known bool) {
	p := Problem{
		Code: "leaf-hash", Table: "leaf", Key: v.key(idx), Column: "hash",
		Text: fmt.Sprintf("The text of event %d does not have the hash under which it was sealed.", idx),
	}
	switch row := v.chunk.hashes[idx-v.chunk.from]; {
	case known && third == computed:
		p.Text = fmt.Sprintf("The leaf hash of event %d was changed: its text still has the hash that stands in the tile.", idx)
	case known && third == row:
		p.Code, p.Table, p.Column = "leaf-text", "event", "leaf"
		p.Text = fmt.Sprintf("The text of event %d was changed after it was sealed.", idx)
	}
	if err := v.r.QueryRow(v.ctx, "SELECT event FROM leaf WHERE log = $1 AND idx = $2", v.log, idx).Scan(&p.Event); err != nil {
		p.Text += " " + err.Error()
	}
	if p.Table == "event" {
		p.Key = p.Event
	}
	v.add(p)
}

// grow adds the chunk to the tree and compares tiles and checkpoints with it.
func (v *logCheck) grow() error {
	c := &v.chunk
	rows, err := checkpointTable.Select(v.ctx, v.r, "WHERE log = $1 AND size > $2 AND size <= $3 ORDER BY size", v.log, c.from, c.to)
	if err != nil {
		return err
	}
	var upper []fullTile
	full := func(f fullTile) {
		if f.level > 0 {
			f.hashes = append([]tlog.Hash(nil), f.hashes...)
			upper = append(upper, f)
			return
		}
		stored, ok := c.tiles[f.n]
		v.tile(f, &stored, ok)
	}
	for i := range c.hashes {
		size := c.from + int64(i) + 1
		if !v.broken {
			v.tree.add(c.hashes[i], full)
		}
		if len(rows) > 0 && rows[0].Size == size {
			if opened, ok := v.storedCheckpoint(&rows[0]); ok {
				v.checkpointRoot("checkpoint", opened)
			}
			rows = rows[1:]
		}
		if v.outside != nil && v.outside.Size == size {
			v.checkpointRoot("outside", *v.outside)
			v.outside = nil
		}
	}
	return v.upper(upper)
}

func (v *logCheck) upper(tiles []fullTile) error {
	for _, f := range tiles {
		stored, err := tileTable.One(v.ctx, v.r, "WHERE log = $1 AND level = $2 AND n = $3", v.log, int64(f.level), f.n)
		if err != nil {
			return err
		}
		if stored == nil {
			stored = &tileRow{}
		}
		v.tile(f, stored, stored.Log != "")
	}
	return nil
}

// tile compares a stored tile with the one that the events give.
func (v *logCheck) tile(f fullTile, stored *tileRow, there bool) {
	p := Problem{Table: "tile", Key: v.key(int64(f.level), f.n)}
	if !there {
		p.Code, p.Text = "tile-missing", "The events fill this tile, and it is not stored."
		v.add(p)
		return
	}
	p.Code = "tile"
	if string(stored.Hashes) != string(joinHashes(f.hashes)) {
		p.Column, p.Text = "hashes", "The stored hashes are not those of the events."
		v.add(p)
	}
	if string(stored.Root) != string(f.root[:]) {
		p.Column, p.Text = "root", "The stored root is not that of the events."
		v.add(p)
	}
}
