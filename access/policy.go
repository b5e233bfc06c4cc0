package access

import (
	"bytes"
	"context"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// KindPolicySet is the kind of a set of policies. Its reference is made of the
// first half of the hash that stands on decisions.
const KindPolicySet core.Kind = "ps"

// PolicySetRef is the reference of the set with a hash.
func PolicySetRef(hash string) core.Ref {
	return core.Ref(string(KindPolicySet) + "_" + hash[:min(32, len(hash))])
}

// PolicySet is a set of policies that this installation has decided by. Sets
// are kept for good: an event of years ago names the hash, and the text is
// here.
type PolicySet struct {
	Hash    string // SHA-256 of Text, hex
	Text    string // every file, see setText
	Engine  string // what evaluated it first
	Adopted core.Instant

	rev int64
}

var policySets = store.Declare(store.Table[PolicySet]{
	Name: "policy_set", Kind: store.Recorded,
	Rev: func(p *PolicySet) *int64 { return &p.rev },
	Columns: []store.Column[PolicySet]{
		public("id", func(p *PolicySet) any { return &p.Hash }),
		public("text", func(p *PolicySet) any { return &p.Text }),
		public("engine", func(p *PolicySet) any { return &p.Engine }),
		public("adopted", func(p *PolicySet) any { return &p.Adopted }),
	},
})

// PolicyText returns the text whose SHA-256 is the hash of a set of policies:
// the program's own, or an earlier one that is kept; nil when there is none.
func (a *Authorizer) PolicyText(ctx context.Context, r store.Reader, set string) ([]byte, error) {
	if set == a.set.hash {
		return a.set.text, nil
	}
	p, err := policySets.Get(ctx, r, set)
	if err != nil || p == nil {
		return nil, err
	}
	return []byte(p.Text), nil
}

// PolicyBlock is one policy of a text, with the words that stand above it; or,
// without an ID, other text of the file.
type PolicyBlock struct {
	ID, File, Text string
}

// SplitPolicies takes the text of a set apart, for people who look for one
// policy. A policy begins with its @id, or with the comment right above it, and
// goes on to the next.
func SplitPolicies(text []byte) (out []PolicyBlock) {
	file, id := "", ""
	var lines []string
	flush := func() {
		if body := strings.Trim(strings.Join(lines, "\n"), "\n"); body != "" {
			out = append(out, PolicyBlock{ID: id, File: file, Text: body})
		}
		id, lines = "", nil
	}
	for raw := range bytes.Lines(text) {
		line := strings.TrimRight(string(raw), "\r\n")
		switch name, ok := strings.CutPrefix(line, fileMark); {
		case ok:
			flush()
			file = name
			continue
		case strings.HasPrefix(line, `@id("`):
			above := commentAt(lines)
			words := lines[above:]
			lines = lines[:above:above]
			flush()
			id, _, _ = strings.Cut(strings.TrimPrefix(line, `@id("`), `"`)
			lines = words
		}
		lines = append(lines, line)
	}
	flush()
	return out
}

// commentAt is where the comment begins that ends the lines.
func commentAt(lines []string) int {
	i := len(lines)
	for i > 0 && strings.HasPrefix(lines[i-1], "//") {
		i--
	}
	return i
}
