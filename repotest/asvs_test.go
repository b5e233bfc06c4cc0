package repotest

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const securityFile = "SECURITY.md"

var (
	asvsRow   = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \|(.*)\|$`)
	testNamed = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
)

// asvsOwed are the requirements of ASVS 5.0.0 that the table must answer: levels
// 1 and 2 of chapters 6, 7, 8 and 16, and some of level 3.
var asvsOwed = strings.Fields(`
	2.3.5
	6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4
	6.4.1 6.4.2 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4
	7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.5.3 7.6.1 7.6.2
	8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.2.4 8.3.1 8.4.1
	16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3`)

// unshown finds rows of the table of requirements that name a test which does
// not exist, or neither a test nor why there is none; and missing rows.
func unshown(r *repo) (found []finding) {
	table := r.find(securityFile)
	if table == nil {
		return nil
	}
	tests := map[string]bool{}
	for f := range r.code(all) {
		for _, d := range f.syntax.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && strings.HasPrefix(fd.Name.Name, "Test") {
				tests[fd.Name.Name] = true
			}
		}
	}
	var answered []string
	for _, m := range asvsRow.FindAllStringSubmatch(table.text, -1) {
		where := securityFile + ":" + m[1]
		answered = append(answered, m[1])
		named := testNamed.FindAllStringSubmatch(m[2], -1)
		for _, n := range named {
			if !tests[n[1]] {
				found = append(found, finding{where, fmt.Sprintf("names %s, which does not exist", n[1])})
			}
		}
		if said := regexp.MustCompile(`\*\*(not met|does not apply|in words)\*\*`).MatchString(m[2]); len(named) == 0 && !said {
			found = append(found, finding{where, "names no test: name one, or say **not met**, **does not apply** or **in words** and why"})
		}
	}
	if len(answered) > 0 {
		for _, owed := range asvsOwed {
			if !slices.Contains(answered, owed) {
				found = append(found, finding{securityFile + ":" + owed, "has no row"})
			}
		}
	}
	return found
}

func TestSecurityTableNamesTestsThatExist(t *testing.T) {
	rows := "| 1.1.1 | x | `TestThere` |\n| 1.1.2 | x | `TestGone` |\n| 1.1.3 | x | trust us |\n| 1.1.4 | x | **not met**: later |\n"
	want := []string{securityFile + ":1.1.2", securityFile + ":1.1.3"}
	for _, owed := range asvsOwed {
		if owed == "2.3.5" {
			want = append(want, securityFile+":2.3.5")
			continue
		}
		rows += "| " + owed + " | x | `TestThere` |\n"
	}
	rule{check: unshown, planted: map[string]string{
		securityFile:     rows,
		"core/a_test.go": "package core\n\nimport \"testing\"\n\nfunc TestThere(t *testing.T) {}\n",
	}, want: want}.enforce(t)
}
