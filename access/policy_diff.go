package access

import (
	"fmt"
	"strings"
)

// PolicyFileDiff is how one file of two sets differs, policy by policy.
type PolicyFileDiff struct {
	File   string            `json:"file"`
	Blocks []PolicyBlockDiff `json:"blocks"`
}

// PolicyBlockDiff is one policy, or other text of a file, as it was and as it
// is; one is empty where it came or went.
type PolicyBlockDiff struct {
	ID  string `json:"id,omitempty"`
	Was string `json:"was,omitempty"`
	Now string `json:"now,omitempty"`
}

// diffSets are the policies in which two sets differ, file by file. A policy
// keeps its id, so that one which was only changed stands once.
func diffSets(was, now []byte) (out []PolicyFileDiff) {
	old := map[string]PolicyBlock{}
	for _, b := range SplitPolicies(was) {
		old[b.key()] = b
	}
	at := map[string]int{}
	add := func(file string, d PolicyBlockDiff) {
		i, ok := at[file]
		if !ok {
			i = len(out)
			at[file], out = i, append(out, PolicyFileDiff{File: file})
		}
		out[i].Blocks = append(out[i].Blocks, d)
	}
	for _, b := range SplitPolicies(now) {
		before, had := old[b.key()]
		delete(old, b.key())
		if !had || before.Text != b.Text {
			add(b.File, PolicyBlockDiff{b.ID, before.Text, b.Text})
		}
	}
	for _, b := range SplitPolicies(was) {
		if _, gone := old[b.key()]; gone {
			add(b.File, PolicyBlockDiff{b.ID, b.Text, ""})
		}
	}
	return out
}

// key is what a block is known by across two sets: its id, or the file whose
// head or tail it is.
func (b PolicyBlock) key() string {
	if b.ID != "" {
		return b.ID
	}
	first, _, _ := strings.Cut(b.Text, "\n")
	return b.File + "\n" + first
}

// sentenceOf says which policies of which files change.
func sentenceOf(diff []PolicyFileDiff) string {
	var files []string
	for _, f := range diff {
		var ids []string
		for _, b := range f.Blocks {
			switch {
			case b.ID == "":
				ids = append(ids, "its words")
			case b.Was == "":
				ids = append(ids, b.ID+" (new)")
			case b.Now == "":
				ids = append(ids, b.ID+" (gone)")
			default:
				ids = append(ids, b.ID)
			}
		}
		files = append(files, fmt.Sprintf("%s: %s", f.File, strings.Join(ids, ", ")))
	}
	return strings.Join(files, "; ")
}
