package manuals

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vouchsafe/core"
)

// Clause is one numbered clause of a manual.
type Clause struct {
	Number  string   `json:"number"`
	Heading string   `json:"heading"`
	Text    string   `json:"text"`
	Applies []string `json:"applies" nullable:"false"` // acts, policies and rules
}

var (
	clauseHead = regexp.MustCompile(`^(\d{1,3}(?:\.\d{1,3}){0,3})\s+(\S.*)$`)
	appliesTo  = "applies to:"
)

// Clauses reads the text of a manual. A clause begins with a line that has its
// number and heading, goes on with its text, and may end with a line "Applies
// to:" and the acts, policies or rules that rest on it, with commas between.
func Clauses(text string) ([]Clause, error) {
	var out []Clause
	for i, line := range strings.Split(tidy(text), "\n") {
		line = strings.TrimRight(line, " \t")
		if head := clauseHead.FindStringSubmatch(line); head != nil {
			if slices.ContainsFunc(out, func(c Clause) bool { return c.Number == head[1] }) {
				return nil, invalid("Line %d: there is a clause %s already.", i+1, head[1])
			}
			out = append(out, Clause{Number: head[1], Heading: head[2], Applies: []string{}})
			continue
		}
		if len(out) == 0 {
			if line == "" {
				continue
			}
			return nil, invalid("Line %d stands before the first clause. Begin a clause with its number and heading, such as: 4.2 Names that differ", i+1)
		}
		c := &out[len(out)-1]
		if rest, ok := cutFold(line, appliesTo); ok {
			for _, x := range strings.Split(rest, ",") {
				if x = strings.TrimSpace(x); x != "" && !slices.Contains(c.Applies, x) {
					c.Applies = append(c.Applies, x)
				}
			}
			continue
		}
		c.Text += line + "\n"
	}
	for i := range out {
		if out[i].Text = strings.TrimSpace(out[i].Text); out[i].Text == "" {
			return nil, invalid("Clause %s has a heading and no text.", out[i].Number)
		}
	}
	if len(out) == 0 {
		return nil, invalid("The manual has no clause. Begin one with its number and heading, such as: 4.2 Names that differ")
	}
	return out, nil
}

func invalid(format string, args ...any) error {
	return core.InvalidField("text", fmt.Sprintf(format, args...))
}

func cutFold(line, prefix string) (string, bool) {
	if len(line) >= len(prefix) && strings.EqualFold(line[:len(prefix)], prefix) {
		return line[len(prefix):], true
	}
	return "", false
}

// tidy is the one form in which a text is kept.
func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// basis is how an event names a clause; named is the other way round.
func basis(title string, version int, number string) string {
	return fmt.Sprintf("%s v%d §%s", title, version, number)
}

var basisForm = regexp.MustCompile(`^(.+) v(\d+) §([\d.]+)$`)
