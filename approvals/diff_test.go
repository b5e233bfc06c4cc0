package approvals_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vouchsafe/approvals"
)

func TestVersionsAreLaidSideBySide(t *testing.T) {
	type l = approvals.DiffLine
	for name, c := range map[string]struct {
		was, now string
		want     []l
	}{
		"the same":      {"a: 1\nb: 2", "a: 1\nb: 2\n", []l{{"a: 1", "a: 1"}, {"b: 2", "b: 2"}}},
		"from nothing":  {"", "a: 1", []l{{"", "a: 1"}}},
		"one changed":   {"a: 1\nb: 2\nc: 3", "a: 1\nb: 5\nc: 3", []l{{"a: 1", "a: 1"}, {"b: 2", "b: 5"}, {"c: 3", "c: 3"}}},
		"one came":      {"a: 1\nc: 3", "a: 1\nb: 2\nc: 3", []l{{"a: 1", "a: 1"}, {"", "b: 2"}, {"c: 3", "c: 3"}}},
		"one went":      {"a: 1\nb: 2\nc: 3", "a: 1\nc: 3", []l{{"a: 1", "a: 1"}, {"b: 2", ""}, {"c: 3", "c: 3"}}},
		"two changed":   {"a: 1\nb: 2", "a: 7\nb: 8", []l{{"a: 1", "a: 7"}, {"b: 2", "b: 8"}}},
		"two exchanged": {"a: 1\nb: 2", "b: 2\na: 1", []l{{"a: 1", ""}, {"b: 2", "b: 2"}, {"", "a: 1"}}},
	} {
		if got := approvals.Diff(c.was, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What stands on the left is the old text whole and in order, and so on the
// right: a difference that loses a line would hide a rule from its approver.
func TestADifferenceLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a: 1", "a: 2", "b: 1", "b: 2", "c: 1", "d: 4"}), 0, 8).Draw(t, label), "\n")
		}
		was, now := text("was"), text("now")
		var left, right []string
		for _, l := range approvals.Diff(was, now) {
			if l.Was != "" {
				left = append(left, l.Was)
			}
			if l.Now != "" {
				right = append(right, l.Now)
			}
		}
		if strings.Join(left, "\n") != was || strings.Join(right, "\n") != now {
			t.Fatalf("%q and %q became %q and %q", was, now, left, right)
		}
	})
}
