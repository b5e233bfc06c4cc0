package evidence

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
)

// logs adds, for every log that the pack touches, its checkpoints, the proofs
// between them and, where allowed, all its entries.
func (g *gatherer) logs(ctx context.Context) error {
	for _, log := range []string{GroupLog, string(g.spec.Entity)} {
		if log == "" {
			continue
		}
		if _, err := g.tree(ctx, log); err != nil { // recounted even when no event is in it
			return err
		}
	}
	names := []string{}
	for _, log := range slices.Sorted(maps.Keys(g.trees)) {
		t := g.trees[log]
		if t == nil {
			continue
		}
		info := PackLog{
			Name: log, Origin: Origin(g.log.Host, log), Size: t.newest.Size, SignedAt: t.newest.At.String(),
			Events: len(t.events), Earlier: []int64{},
		}
		why, err := g.whole(ctx, log, t)
		if err != nil {
			return err
		}
		info.Whole, info.Why = why == "", why
		if len(t.events) == 0 && !info.Whole {
			continue
		}
		if err := g.checkpoints(ctx, log, t, &info); err != nil {
			return err
		}
		names = append(names, log)
		g.pack.Manifest.Logs = append(g.pack.Manifest.Logs, info)
	}
	g.pack.keys = g.signers.VerifierKeys(names)
	return nil
}

// checkpoints adds the newest note, those on both sides of the pack's first
// event, between which it was written, and the newest that witnesses cosigned:
// up to there outsiders vouch, after it only the firm.
func (g *gatherer) checkpoints(ctx context.Context, log string, t *packTree, info *PackLog) error {
	g.pack.notes[notePath(log, t.newest.Size)] = t.newest.Note
	rows, err := g.earlier(ctx, log, t)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row == nil || row.Size >= t.newest.Size || slices.Contains(info.Earlier, row.Size) {
			continue
		}
		hashes, err := tlog.ProveTree(t.newest.Size, row.Size, t.tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(hashes, t.newest.Size, tlog.Hash(t.newest.Root), row.Size, tlog.Hash(row.Root)); err != nil {
			return fmt.Errorf("evidence: the stored log %s does not extend its checkpoint of %d events: %w", log, row.Size, err)
		}
		if g.pack.notes[notePath(log, row.Size)], err = cosignedNote(ctx, g.r, row); err != nil {
			return err
		}
		g.pack.consistency[consistencyPath(log, row.Size, t.newest.Size)] = marshalConsistency(
			ConsistencyProof{Log: log, From: row.Size, To: t.newest.Size, Hashes: hashes}, info.Origin)
		info.Earlier = append(info.Earlier, row.Size)
	}
	return nil
}

// earlier finds the checkpoints before the newest that tell something more.
func (g *gatherer) earlier(ctx context.Context, log string, t *packTree) (rows []*checkpointRow, err error) {
	if len(t.events) > 0 {
		first := t.events[0].Index
		for _, e := range t.events {
			first = min(first, e.Index)
		}
		for _, tail := range []string{
			"WHERE log = $1 AND size <= $2 AND size > 0 ORDER BY size DESC LIMIT 1",
			"WHERE log = $1 AND size > $2 ORDER BY size LIMIT 1",
		} {
			row, err := checkpointTable.One(ctx, g.r, tail, log, first)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	row, err := newestCosigned(ctx, g.r, log)
	return append(rows, row), err
}

// whole includes all entries of a log and finds the subject's events among
// them that the builder may not read. It returns why not, or "".
func (g *gatherer) whole(ctx context.Context, log string, t *packTree) (string, error) {
	if g.spec.Whole == nil || !g.spec.Whole(log) {
		return "whoever built this pack may not hand over this whole log", nil
	}
	if t.newest.Size > MaxPackLog {
		return fmt.Sprintf("this log has %d entries, more than the %d that a pack includes", t.newest.Size, MaxPackLog), nil
	}
	if why, err := g.marks(ctx); err != nil || why != "" {
		return why, err
	}
	mine, err := newBelonging(&g.pack.Manifest)
	if err != nil {
		return "", err
	}
	have := map[int64]bool{}
	for _, e := range t.events {
		have[e.Index] = true
	}
	w := newWholeWriter(log)
	rows, err := g.r.Query(ctx, `SELECT l.idx, e.leaf FROM leaf l JOIN event e ON e.id = l.event
		WHERE l.log = $1 AND l.idx < $2 ORDER BY l.idx`, log, t.newest.Size)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var idx int64
		var leaf []byte
		if err := rows.Scan(&idx, &leaf); err != nil {
			return "", err
		}
		if idx != w.tree.size || len(leaf) > MaxLeaf {
			return "", fmt.Errorf("evidence: event %d of log %s is missing or too long to export", w.tree.size, log)
		}
		if id, ok := mine.claims(leaf); ok && !have[idx] {
			g.pack.Manifest.Withheld = append(g.pack.Manifest.Withheld, PackEntry{ID: id, Log: log, Index: idx, Why: WhyScope})
		}
		w.add(leaf)
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	if w.tree.size != t.newest.Size || string(t.newest.Root) != string(rootBytes(&w.tree)) {
		return "", fmt.Errorf("evidence: the events of log %s do not give the root of its checkpoint", log)
	}
	w.finish(t.newest.Note, g.pack.whole)
	slices.SortFunc(g.pack.Manifest.Withheld, func(a, b PackEntry) int { return cmp.Compare(a.ID, b.ID) })
	return "", nil
}

// marks puts the keys into the manifest by which the entries of the subject,
// and of what is followed, can be recognised. It returns why they cannot.
func (g *gatherer) marks(ctx context.Context) (string, error) {
	key, err := g.log.Keys.Lookup(ctx, g.spec.Subject)
	if err != nil {
		return "", err
	}
	if key == nil {
		return "the subject's key was destroyed: its entries cannot be recognised any more", nil
	}
	g.pack.Manifest.TagKey = tagKeyText(key.TagKey())
	for i := range g.pack.Manifest.Followed {
		f := &g.pack.Manifest.Followed[i]
		key, err := g.log.Keys.Lookup(ctx, f.Ref)
		if err != nil {
			return "", err
		}
		if key == nil {
			return "the key of " + string(f.Ref) + " was destroyed: its entries cannot be recognised any more", nil
		}
		f.TagKey = tagKeyText(key.TagKey())
	}
	return "", nil
}

func rootBytes(t *logTree) []byte { h := t.root(); return h[:] }

// belonging recognises the leaves of the subject, and of what is followed, as
// the index of subjects does: by tag, by case and by legal entity, in the
// window of the pack.
type belonging struct {
	m    *PackManifest
	keys [][]byte
	refs []core.Ref
}

// newBelonging reads the keys of a manifest.
func newBelonging(m *PackManifest) (belonging, error) {
	b := belonging{m: m}
	for _, f := range append([]PackFollowed{{m.Subject, m.TagKey}}, m.Followed...) {
		key, err := base64.StdEncoding.Strict().DecodeString(f.TagKey)
		if err != nil || len(key) != 32 {
			return b, fmt.Errorf("evidence: there is no key by which the entries of %s can be recognised", clip(string(f.Ref)))
		}
		b.keys, b.refs = append(b.keys, key), append(b.refs, f.Ref)
	}
	return b, nil
}

// claims returns the leaf's event id, and whether it is one of the subject's.
func (b belonging) claims(leaf []byte) (string, bool) {
	var v struct {
		ID       string   `json:"id"`
		Case     core.Ref `json:"case_uid"`
		Tags     []string `json:"subject_tags"`
		Metadata struct {
			Tenant core.Ref `json:"tenant_uid"`
		} `json:"metadata"`
	}
	if json.Unmarshal(leaf, &v) != nil || !b.m.within(v.ID) {
		return v.ID, false
	}
	if v.Metadata.Tenant == b.m.Subject || v.Case != "" && slices.Contains(b.refs, v.Case) {
		return v.ID, true
	}
	for _, key := range b.keys {
		if slices.Contains(v.Tags, keys.TagWith(key, v.ID)) {
			return v.ID, true
		}
	}
	return v.ID, false
}

// wholeWriter makes the files of a whole log in the layout of C2SP tlog-tiles.
type wholeWriter struct {
	dir    string
	tree   logTree
	bundle []byte
	files  map[string][]byte
}

func newWholeWriter(log string) *wholeWriter {
	return &wholeWriter{dir: wholeDir(log), files: map[string][]byte{}}
}

func (w *wholeWriter) add(leaf []byte) {
	w.bundle = binary.BigEndian.AppendUint16(w.bundle, uint16(len(leaf)))
	w.bundle = append(w.bundle, leaf...)
	w.tree.add(tlog.RecordHash(leaf), func(f fullTile) {
		w.put(strconv.Itoa(f.level), f.n, tileWidth, joinHashes(f.hashes))
	})
	if w.tree.size%tileWidth == 0 {
		w.put("entries", w.tree.size/tileWidth-1, tileWidth, w.bundle)
		w.bundle = nil
	}
}

// finish writes what is unfinished, and hands over all files.
func (w *wholeWriter) finish(note string, into map[string][]byte) {
	if part := int(w.tree.size % tileWidth); part > 0 {
		w.put("entries", w.tree.size/tileWidth, part, w.bundle)
	}
	for level, row := range w.tree.rows {
		if len(row) > 0 {
			w.put(strconv.Itoa(level), w.tree.size>>(tileHeight*(level+1)), len(row), joinHashes(row))
		}
	}
	w.files[w.dir+"checkpoint"] = []byte(note)
	maps.Copy(into, w.files)
}

func (w *wholeWriter) put(level string, n int64, width int, data []byte) {
	w.files[w.dir+tilePath(level, n, width)] = slices.Clone(data)
}

// tilePath is the path of a tile within its log, as writeTile spells it.
func tilePath(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += ".p/" + strconv.Itoa(width)
	}
	return "tile/" + level + "/" + path
}
