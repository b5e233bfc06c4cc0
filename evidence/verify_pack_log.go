package evidence

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// recount rebuilds a log that is included whole from its entries, demands the
// root that was signed, and counts the subject's entries: each must be in the
// pack or be stated as left out.
func (v *packCheck) recount(l *PackLog) {
	if !l.Whole || l.Name == "" {
		return
	}
	dir := wholeDir(l.Name)
	subject, err := newBelonging(&v.pack.Manifest)
	if err != nil {
		v.add(fileManifest, "recount", "it has no key by which the subject's entries can be recognised")
		return
	}
	c, ok := v.open[notePath(l.Name, l.Size)]
	if !ok || l.Size > MaxPackLog {
		v.add(dir+"checkpoint", "recount", "there is no trusted checkpoint to recount this log by, or it is too large")
		v.claim(dir)
		return
	}
	want := map[string][]byte{}
	w := newWholeWriter(l.Name)
	mine := v.tally(l, w, subject)
	if w.tree.size == l.Size && w.tree.root() == c.Root {
		w.finish(v.pack.notes[notePath(l.Name, l.Size)], want)
		v.compareWhole(dir, want)
	} else {
		v.add(dir+"tile/entries", "recount", fmt.Sprintf("the %d entries do not give the root that was signed over %d", w.tree.size, l.Size))
		v.claim(dir)
	}
	v.accounted(l, mine)
}

// claim marks the files of a log that could not be compared as known, so that
// they are not called foreign too.
func (v *packCheck) claim(dir string) {
	for path := range v.pack.whole {
		if len(path) > len(dir) && path[:len(dir)] == dir {
			v.known[path] = true
		}
	}
}

// tally reads the entry bundles in order. It returns the subject's leaves by
// place.
func (v *packCheck) tally(l *PackLog, w *wholeWriter, b belonging) map[int64]string {
	mine := map[int64]string{}
	for n := int64(0); n*tileWidth < l.Size; n++ {
		width := int(min(tileWidth, l.Size-n*tileWidth))
		path := wholeDir(l.Name) + tilePath("entries", n, width)
		bundle := v.pack.whole[path]
		for range width {
			if len(bundle) < 2 {
				v.add(path, "recount", "the bundle ends before its last entry")
				return mine
			}
			size := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+size {
				v.add(path, "recount", "the bundle ends before its last entry")
				return mine
			}
			leaf := bundle[2 : 2+size]
			bundle = bundle[2+size:]
			if _, ok := b.claims(leaf); ok {
				mine[w.tree.size] = string(leaf)
			}
			w.add(leaf)
		}
		if len(bundle) > 0 {
			v.add(path, "recount", "the bundle goes on after its last entry")
		}
	}
	return mine
}

// compareWhole demands exactly the files that the entries make.
func (v *packCheck) compareWhole(dir string, want map[string][]byte) {
	for _, path := range slices.Sorted(maps.Keys(want)) {
		v.known[path] = true
		switch have, ok := v.pack.whole[path]; {
		case !ok:
			v.add(path, "missing-file", "a log that is included whole has this file")
		case string(have) != string(want[path]):
			v.add(path, "recount", "it is not what the entries of the log make")
		}
	}
}

// accounted compares the subject's leaves with the events of the pack and with
// those stated as left out.
func (v *packCheck) accounted(l *PackLog, mine map[int64]string) {
	for i, e := range v.pack.Events {
		if e.Log != l.Name {
			continue
		}
		path := eventDir(i+1, e.ID) + "leaf.json"
		if leaf, ok := mine[e.Index]; !ok {
			v.add(path, "not-of-subject", "the entry carries no mark of the subject, or is not in the log at its place")
		} else if leaf != e.Leaf {
			v.add(path, "not-in-log", "the log has another leaf at this place")
		}
		delete(mine, e.Index)
	}
	for _, w := range v.pack.Manifest.Withheld {
		if w.Log != l.Name {
			continue
		}
		if leaf, ok := mine[w.Index]; !ok || viewLeaf(leaf).ID != w.ID {
			v.add(fileManifest, "recount", fmt.Sprintf("entry %s is stated as left out and is not one of the subject's", clip(w.ID)))
		}
		delete(mine, w.Index)
	}
	for _, index := range slices.Sorted(maps.Keys(mine)) {
		id := viewLeaf(mine[index]).ID
		v.add("events/"+id, "withheld-event", fmt.Sprintf("entry %s, place %d of log %s, is about the subject and is not in the pack", clip(id), index, l.Name))
	}
}
