package api

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"vouchsafe/access"
	"vouchsafe/core"
)

var seeLine = regexp.MustCompile("\\| ([a-z_]+) \\| (may|may not) \\| `see\\.([a-z]+)` on ([A-Za-z]+) \\|")

// What the guide says that a role sees, or never sees, of clients is what the
// scans of the API and of the console hold every answer against.
func TestTheGuidesMasksAreThoseOfTheMatrix(t *testing.T) {
	text, err := os.ReadFile("../../docs/guide/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	_, sees := parseMatrix(t, string(matrix))
	lines := seeLine.FindAllStringSubmatch(string(text), -1)
	if len(lines) < 20 {
		t.Fatalf("the guide has %d lines about seeing only", len(lines))
	}
	for _, line := range lines {
		for _, c := range slices.Concat(columns, tokenless) {
			if c.role != access.Role(line[1]) || c.entity != "own" || line[4] == "Staff" {
				continue
			}
			classes, told := sees[c.name]
			if !told || slices.Contains(classes, core.Class(line[3])) != (line[2] == "may") {
				t.Errorf("%s: the guide says %s see %s, %s says %v", line[1], line[2], line[3], matrixFile, classes)
			}
		}
	}
}
