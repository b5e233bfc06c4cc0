package evidence

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"vouchsafe/core"
	"vouchsafe/store"
)

// ExportTiles writes a log as of its newest checkpoint into dir, in the layout
// of C2SP tlog-tiles: checkpoint, tile/<level>/<n>[.p/<width>] and
// tile/entries/<n>[.p/<width>]. Tools that nobody here wrote can check it.
// What it writes is what is stored, checked by nobody yet; the checkpoint has
// the cosignatures of witnesses under it, as far as there are any. It comes
// last: a folder without one is not finished. Files of an earlier export into
// the same folder are replaced. r should be a snapshot.
func ExportTiles(ctx context.Context, r store.Reader, log, dir string) error {
	row, err := lastCheckpoint(ctx, r, log)
	if err != nil {
		return err
	}
	if row == nil {
		return core.Faultf(core.Unknown, "no-checkpoint", "Log %s has no checkpoint yet.", log)
	}
	if err := exportEntries(ctx, r, log, row.Size, dir); err != nil {
		return err
	}
	for level := 0; row.Size>>(level*tileHeight) > 0; level++ {
		width := row.Size >> (level * tileHeight)
		for n := int64(0); n*tileWidth < width; n++ {
			// A reader per tile, so that a large log is not kept in memory.
			hashes, err := newTileReader(ctx, r, log, row.Size).row(level, n)
			if err != nil {
				return err
			}
			if err := writeTile(dir, strconv.Itoa(level), n, len(hashes), joinHashes(hashes)); err != nil {
				return err
			}
		}
	}
	note, err := cosignedNote(ctx, r, row)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "checkpoint"), []byte(note), 0o644)
}

func exportEntries(ctx context.Context, r store.Reader, log string, size int64, dir string) error {
	rows, err := r.Query(ctx, `SELECT l.idx, e.leaf FROM leaf l JOIN event e ON e.id = l.event
		WHERE l.log = $1 AND l.idx < $2 ORDER BY l.idx`, log, size)
	if err != nil {
		return err
	}
	defer rows.Close()
	var bundle, leaf []byte
	next := int64(0)
	for ; rows.Next(); next++ {
		var idx int64
		if err := rows.Scan(&idx, &leaf); err != nil {
			return err
		}
		if idx != next || len(leaf) > MaxLeaf {
			return fmt.Errorf("evidence: event %d of log %s is missing or too long to export", next, log)
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(leaf)))
		bundle = append(bundle, leaf...)
		if idx%tileWidth == tileWidth-1 || idx == size-1 {
			if err := writeTile(dir, "entries", idx/tileWidth, int(idx%tileWidth)+1, bundle); err != nil {
				return err
			}
			bundle = bundle[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if next != size {
		return fmt.Errorf("evidence: log %s has %d events of the %d in its checkpoint", log, next, size)
	}
	return nil
}

// writeTile writes one file of the layout. n is spelt in groups of three
// digits, all but the last marked by an x: 1234067 is x001/x234/067.
func writeTile(dir, level string, n int64, width int, data []byte) error {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += ".p/" + strconv.Itoa(width)
	}
	full := filepath.Join(dir, "tile", level, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, data, 0o644)
}
