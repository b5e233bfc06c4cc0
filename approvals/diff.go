package approvals

import (
	"slices"
	"strings"
)

// DiffLine is one line of two texts laid side by side: Was and Now are the
// same where nothing changed, one is empty where a line came or went, and both
// stand where a rule of that name reads differently.
type DiffLine struct {
	Was string `json:"was,omitempty"`
	Now string `json:"now,omitempty"`
}

// Changed says whether the line differs.
func (l DiffLine) Changed() bool { return l.Was != l.Now }

// Diff lays two versions of rules side by side, in the order of the new one. A
// rule keeps its name, so one that was only changed stands on one line.
func Diff(was, now string) []DiffLine {
	a, b := ruleLines(was), ruleLines(now)
	kept := common(a, b)
	var out []DiffLine
	i, j := 0, 0
	for _, k := range append(kept, [2]int{len(a), len(b)}) {
		out = append(out, between(a[i:k[0]], b[j:k[1]])...)
		if k[0] < len(a) {
			out = append(out, DiffLine{a[k[0]], b[k[1]]})
		}
		i, j = k[0]+1, k[1]+1
	}
	return out
}

func ruleLines(text string) (out []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// common is the longest run of lines that both have in the same order, as
// places in each.
func common(a, b []string) (out [][2]int) {
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if long[i][j] = max(long[i+1][j], long[i][j+1]); a[i] == b[j] {
				long[i][j] = long[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// between pairs lines of one name among those that differ.
func between(was, now []string) (out []DiffLine) {
	name := func(line string) string { n, _, _ := strings.Cut(line, ":"); return n }
	left := slices.Clone(was)
	for _, line := range now {
		i := slices.IndexFunc(left, func(x string) bool { return name(x) == name(line) })
		if i < 0 {
			out = append(out, DiffLine{Now: line})
			continue
		}
		for _, gone := range left[:i] {
			out = append(out, DiffLine{Was: gone})
		}
		out = append(out, DiffLine{left[i], line})
		left = left[i+1:]
	}
	for _, gone := range left {
		out = append(out, DiffLine{Was: gone})
	}
	return out
}
