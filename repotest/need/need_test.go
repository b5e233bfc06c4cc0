package need

import (
	"runtime"
	"strings"
	"testing"
)

// witness records how a test was ended without ending this one.
type witness struct {
	testing.TB
	ended string
}

func (w *witness) Helper() {}

func (w *witness) Fatalf(string, ...any) { w.ended = "failed"; runtime.Goexit() }

func (w *witness) Skipf(string, ...any) { w.ended = "skipped"; runtime.Goexit() }

func ending(f func(testing.TB)) string {
	w, done := &witness{}, make(chan struct{})
	go func() { defer close(done); f(w) }()
	<-done
	return w.ended
}

func TestMissing(t *testing.T) {
	for require, want := range map[string]string{
		"": "skipped", "chromium": "skipped", "pgx": "skipped", "pg": "failed", "chromium, pg": "failed",
	} {
		t.Setenv(Variable, require)
		if got := ending(func(tb testing.TB) { Missing(tb, "pg", "no server") }); got != want {
			t.Errorf("%s=%q: a missing pg was %s, want %s", Variable, require, got, want)
		}
	}
}

func TestProgram(t *testing.T) {
	t.Setenv(Variable, "")
	if got := Program(t, "go", "no-such-program", "go"); !strings.HasSuffix(got, "go") {
		t.Errorf("found %q, want the go command", got)
	}
	if got := ending(func(tb testing.TB) { Program(tb, "it", "no-such-program") }); got != "skipped" {
		t.Errorf("a missing program was %s, want skipped", got)
	}
}
