package evidence

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkpoints opens the notes of one log and the proofs between them.
func (v *packCheck) checkpoints(l *PackLog) {
	if l.Name == "" {
		return
	}
	newest, ok := v.checkpoint(l, l.Size)
	for _, size := range l.Earlier {
		older, okOlder := v.checkpoint(l, size)
		path := consistencyPath(l.Name, size, l.Size)
		text := v.pack.consistency[path]
		if text == "" {
			v.add(path, "missing-file", "the proof between two checkpoints is not there")
			continue
		}
		p, err := parseConsistency(text)
		if err == nil && (p.From != size || p.To != l.Size || !strings.Contains(text, "\n"+l.Origin+"\n")) {
			err = fmt.Errorf("it is about other checkpoints")
		}
		if err == nil && ok && okOlder {
			err = VerifyConsistency(p, older, newest)
		}
		if err != nil {
			v.add(path, "consistency", err.Error())
		}
	}
}

// checkpoint opens one note under a trusted key.
func (v *packCheck) checkpoint(l *PackLog, size int64) (Checkpoint, bool) {
	path := notePath(l.Name, size)
	text := v.pack.notes[path]
	if text == "" {
		v.add(path, "missing-file", "the checkpoint is not there")
		return Checkpoint{}, false
	}
	c, err := OpenCheckpoint(text, l.Name, v.trusted)
	switch {
	case err != nil:
		v.add(path, "signature", err.Error())
		return c, false
	case c.Size != size || c.Origin != l.Origin:
		v.add(path, "checkpoint", fmt.Sprintf("it covers %d entries of %s", c.Size, c.Origin))
		return c, false
	}
	v.open[path] = c
	return c, true
}

// event checks one event: what the manifest says of it, its proof, the changes
// and the values.
func (v *packCheck) event(i int) {
	e, dir := &v.pack.Events[i], eventDir(i+1, v.pack.Events[i].ID)
	for _, file := range []string{"leaf.json", "changes.jsonl", "proof.tlog-proof", "disclosures.json"} {
		if _, ok := v.files.size[dir+file]; !ok {
			v.add(dir+file, "missing-file", "an entry has four files, and this one is not there")
		}
	}
	if i > 0 && v.pack.Events[i-1].ID >= e.ID {
		v.add(fileManifest, "bad-list", fmt.Sprintf("the entries are out of order at %s", clip(e.ID)))
	}
	if !v.pack.Manifest.within(e.ID) {
		v.add(dir+"leaf.json", "out-of-period", "the entry is outside of the pack's period")
	}
	v.leaf(e, dir)
	v.proof(e, dir)
	v.changes(e, dir)
}

func (v *packCheck) leaf(e *PackEvent, dir string) {
	var leaf struct {
		ID       string `json:"id"`
		Source   string `json:"source"`
		Metadata struct {
			Log string `json:"log_name"`
		} `json:"metadata"`
		Changes struct {
			Count  int    `json:"count"`
			SHA256 string `json:"sha256"`
		} `json:"changes"`
	}
	if err := json.Unmarshal([]byte(e.Leaf), &leaf); err != nil {
		v.add(dir+"leaf.json", "unreadable-file", "it is not JSON: "+err.Error())
		return
	}
	if leaf.ID != e.ID || leaf.Metadata.Log != e.Log || leaf.Source != Origin(v.pack.Manifest.Host, e.Log) {
		v.add(dir+"leaf.json", "other-entry", fmt.Sprintf("it is entry %s of %s", clip(leaf.ID), clip(leaf.Source)))
	}
	if leaf.Changes.SHA256 != sumHex([]byte(e.Changes)) || leaf.Changes.Count != strings.Count(e.Changes, "\n") {
		v.add(dir+"changes.jsonl", "changes", "it does not have the hash or the number of lines that the leaf states")
	}
}

func (v *packCheck) proof(e *PackEvent, dir string) {
	path := dir + "proof.tlog-proof"
	p, err := ParseInclusionProof(e.Proof)
	if err != nil {
		v.add(path, "proof", err.Error())
		return
	}
	l := v.logs[e.Log]
	if l == nil {
		v.add(path, "proof", fmt.Sprintf("the pack has no checkpoint of log %q", clip(e.Log)))
		return
	}
	note := notePath(l.Name, l.Size)
	if p.Checkpoint != v.pack.notes[note] || p.Index != e.Index {
		v.add(path, "proof", "it is about another checkpoint or place than the manifest says")
		return
	}
	c, ok := v.open[note]
	if !ok || p.Index < 0 || p.Index >= c.Size {
		v.add(path, "proof", "its checkpoint is not one of a trusted key, or does not cover it")
		return
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash([]byte(e.Leaf))); err != nil {
		v.add(dir+"leaf.json", "not-in-log", fmt.Sprintf("the log does not have this leaf at place %d", p.Index))
	}
}

// changes demands that every digest of the change document is either disclosed
// with a salt that gives it, or stated as withheld.
func (v *packCheck) changes(e *PackEvent, dir string) {
	path := dir + "disclosures.json"
	digests, err := digestsOf(e.Changes)
	if err != nil {
		v.add(dir+"changes.jsonl", "unreadable-file", err.Error())
		return
	}
	stated := map[string]PackValue{}
	for _, d := range append(append([]PackValue(nil), e.Disclosed...), e.Withheld...) {
		if _, twice := stated[d.place()]; twice {
			v.add(path, "disclosure", fmt.Sprintf("%s.%s is stated twice", clip(d.Table), clip(d.Column)))
		}
		stated[d.place()] = d
	}
	for _, want := range digests {
		have, ok := stated[want.place()]
		delete(stated, want.place())
		switch {
		case !ok:
			v.add(path, "disclosure", fmt.Sprintf("%s.%s is neither disclosed nor stated as withheld", clip(want.Table), clip(want.Column)))
		case have.Digest != want.Digest || have.Class != want.Class:
			v.add(path, "disclosure", fmt.Sprintf("%s.%s has another digest or class in the changes", clip(want.Table), clip(want.Column)))
		}
	}
	for _, d := range stated {
		v.add(path, "disclosure", fmt.Sprintf("%s.%s is not among the changes", clip(d.Table), clip(d.Column)))
	}
	for _, d := range e.Disclosed {
		if d.Value == nil || d.Why != "" || Digest(d.Salt, d.Column, *d.Value) != d.Digest {
			v.add(path, "disclosure", fmt.Sprintf("the value of %s.%s does not have the recorded digest", clip(d.Table), clip(d.Column)))
		}
	}
	for _, d := range e.Withheld {
		if d.Value != nil || d.Salt != "" || d.Why == "" {
			v.add(path, "disclosure", fmt.Sprintf("%s.%s is stated as withheld and is not, or without a reason", clip(d.Table), clip(d.Column)))
		}
	}
}
