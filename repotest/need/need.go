// Package need is the one way for a test to go without something.
//
// A test that cannot find PostgreSQL or a browser may be skipped on a laptop,
// but never unseen where it counts: VOUCHSAFE_REQUIRE names what must be there
// (comma-separated: "pg,chromium,tesseract,tools"), and what it names turns a
// skip into a failure. A repository test refuses a bare t.Skip anywhere else.
package need

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Variable is the environment variable that names what may not be missing.
const Variable = "VOUCHSAFE_REQUIRE"

// Missing ends the test because what is not there: as a failure when
// VOUCHSAFE_REQUIRE names it, as a skip that says why otherwise.
func Missing(tb testing.TB, what, why string) {
	tb.Helper()
	if required(what) {
		tb.Fatalf("%s is missing and %s=%s demands it: %s", what, Variable, os.Getenv(Variable), why)
	}
	tb.Skipf("SKIPPED without %s: %s (run `make setup`)", what, why)
}

// Program returns the path of the first of names that is installed, or calls
// Missing on behalf of what.
func Program(tb testing.TB, what string, names ...string) string {
	tb.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(tb, what, "none of these programs is installed: "+strings.Join(names, ", "))
	return ""
}

func required(what string) bool {
	named := strings.FieldsFunc(os.Getenv(Variable), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(named, what)
}
