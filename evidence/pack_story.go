package evidence

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vouchsafe/core"
)

// packLeaf is a leaf as the readable files tell it.
type packLeaf struct {
	LeafView
	ID     string   `json:"id"`
	Type   string   `json:"type"`
	Status string   `json:"status"`
	Case   core.Ref `json:"case_uid"`
	Class  Class    `json:"class_uid"`
}

// viewLeaf parses a leaf; what cannot be parsed reads as empty, and
// verification names it.
func viewLeaf(leaf string) packLeaf {
	var v packLeaf
	_ = json.Unmarshal([]byte(leaf), &v)
	return v
}

// policySets lists the hashes of all policy sets that decided, sorted.
func policySets(events []PackEvent) []string {
	sets := map[string]bool{}
	for _, e := range events {
		if set := viewLeaf(e.Leaf).Policy.Set; set != "" {
			sets[set] = true
		}
	}
	return slices.Sorted(maps.Keys(sets))
}

// refsIn lists the records that an event names.
func refsIn(e *PackEvent, v packLeaf) []core.Ref {
	refs := []core.Ref{core.Ref(v.Actor.UID), core.Ref(v.Actor.For), v.Case}
	if v.Approval != nil {
		refs = append(refs, core.Ref(v.Approval.Maker), core.Ref(v.Approval.Proposal))
		for _, a := range v.Approval.Approvers {
			refs = append(refs, core.Ref(a))
		}
	}
	lines, _ := ParseChanges(e.Changes)
	for _, l := range lines {
		refs = append(refs, core.Ref(l.Key))
		for _, c := range l.Cells {
			for _, value := range []*string{c.New, c.Old} {
				if value != nil {
					refs = append(refs, core.Ref(*value))
				}
			}
		}
	}
	slices.Sort(refs)
	return slices.DeleteFunc(slices.Compact(refs), func(r core.Ref) bool { return !r.Valid() })
}

// countedMissing is what anybody can count in a pack that is not there. The
// builder states it and verification demands that it be stated.
func countedMissing(p *Pack) []Missing {
	var out []Missing
	miss := func(code, format string, args ...any) {
		out = append(out, Missing{code, fmt.Sprintf(format, args...)})
	}
	if len(p.Events) == 0 {
		miss("no-events", "No entry about this subject is in this pack.")
	}
	for _, line := range withheldSums(p.Events) {
		miss("withheld", "%s", line)
	}
	if n := len(p.Manifest.Withheld); n > 0 {
		miss("withheld-events", "%d entries about this subject were left out; their places in the log are named in manifest.json.", n)
	}
	for _, id := range related(p.Events) {
		miss("related", "Entry %s belongs to the same act as one in this pack and is about something else; it is not in it.", id)
	}
	for _, set := range policySets(p.Events) {
		if p.policies["policies/"+set+".txt"] == nil {
			miss("policy-text", "The text of policy set %s is not in this pack.", set)
		}
	}
	if p.Manifest.Printer == "" {
		miss("pdf", "There is no PDF in this pack; index.html is made to be printed.")
	}
	for _, l := range p.Manifest.Logs {
		if !l.Whole {
			miss("recount", "That no entry was left out cannot be counted in log %s: %s.", l.Name, l.Why)
		}
	}
	for _, d := range p.Manifest.Documents {
		if at := anchor(p.Events, d.File); at == "" {
			miss("unanchored", "No entry in this pack states the digest of %s.", d.File)
		}
	}
	return out
}

// withheldSums counts withheld values by reason and class.
func withheldSums(events []PackEvent) []string {
	type sum struct {
		why   string
		class core.Class
	}
	n := map[sum]int{}
	for _, e := range events {
		for _, v := range e.Withheld {
			n[sum{v.Why, v.Class}]++
		}
	}
	keys := slices.SortedFunc(maps.Keys(n), func(a, b sum) int {
		return cmp.Or(cmp.Compare(a.why, b.why), cmp.Compare(a.class, b.class))
	})
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = fmt.Sprintf("Withheld values of class %s: %d (%s). Their digests are here.", k.class, n[k], whyText(k.why))
	}
	return out
}

func whyText(why string) string {
	switch why {
	case WhyNotPermitted:
		return "whoever built this pack may not see them"
	case WhyErased:
		return "erased"
	case WhySecret:
		return "secrets are shown to nobody"
	case WhyScope:
		return "outside of what whoever built this pack may read"
	}
	return why
}

// related lists the events of the same acts that are not in the pack. An act's
// later events are found only if their own first event is named by one here.
func related(events []PackEvent) []string {
	have, out := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		have[e.ID] = true
	}
	for _, e := range events {
		if c := viewLeaf(e.Leaf).Metadata.Correlation; c != "" && !have[c] {
			out[c] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// anchor finds the event that states a document's digest, as a plain or as a
// disclosed value.
func anchor(events []PackEvent, file string) string {
	m := documentPath.FindStringSubmatch(file)
	if m == nil {
		return ""
	}
	for _, e := range events {
		if strings.Contains(e.Changes, `"`+m[1]+`"`) {
			return e.ID
		}
		for _, v := range e.Disclosed {
			if v.Value != nil && *v.Value == m[1] {
				return e.ID
			}
		}
	}
	return ""
}

// StoryText is one side of a changed column as a reader sees it.
type StoryText struct {
	Text   string
	Absent bool   // there was no value
	Why    string // it is withheld
}

// StoryCell is one changed column with its two sides.
type StoryCell struct {
	Table, Key, Rev, Column string
	Class                   core.Class
	Old, New                StoryText
	Changed                 bool // there was an older value
}

// cells lists what an event changed, in the order of the change document.
func (e *PackEvent) cells() []StoryCell {
	values := map[string]PackValue{}
	for _, v := range append(slices.Clone(e.Disclosed), e.Withheld...) {
		values[v.place()] = v
	}
	lines, _ := ParseChanges(e.Changes)
	var out []StoryCell
	for _, l := range lines {
		for _, col := range slices.Sorted(maps.Keys(l.Cells)) {
			c := l.Cells[col]
			side := func(name string, plain *string, digest string) StoryText {
				if digest == "" {
					if plain == nil {
						return StoryText{Absent: true}
					}
					return StoryText{Text: *plain}
				}
				v := values[place(l.Table, l.Key, col, name)]
				if v.Value == nil {
					return StoryText{Why: whyText(v.Why)}
				}
				return StoryText{Text: *v.Value}
			}
			cell := StoryCell{
				Table: l.Table, Key: l.Key, Rev: l.Rev, Column: col, Class: c.Class,
				New: side("new", c.New, c.NewSD), Old: side("old", c.Old, c.OldSD),
			}
			cell.Changed = !cell.Old.Absent
			out = append(out, cell)
		}
	}
	return out
}
