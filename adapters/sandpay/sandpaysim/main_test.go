package sandpaysim

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// console is a writer that a test may read while the program writes.
type console struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}

func TestUsage(t *testing.T) {
	var out console
	for args, want := range map[string]int{"-h": 0, "--nonsense": 2, "extra": 2, "--listen=0.0.0.0:0": 1} {
		if got := run(t.Context(), []string{args}, &out, &out); got != want {
			t.Errorf("%s exits with %d, not %d", args, got, want)
		}
	}
}

// TestStandAlone runs the program, pays through its control API, stops it and
// starts it again on the same file.
func TestStandAlone(t *testing.T) {
	state := filepath.Join(t.TempDir(), "psp.json")
	payout := `{"amount":7,"currency":"EUR","merchant":"m","reference":"R","destination":{"account":"A","holder":"H"}}`
	standAlone(t, state, func(control string) {
		res, err := http.Post(control+"/control/payout", "application/json", strings.NewReader(payout))
		if err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
	})
	standAlone(t, state, func(control string) {
		res, err := http.Get(control + "/control/oracle")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var body bytes.Buffer
		if _, _ = body.ReadFrom(res.Body); !strings.Contains(body.String(), `"reference":"R"`) {
			t.Errorf("forgotten: %s", body.String())
		}
	})
	if err := os.WriteFile(state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out console
	if code := run(t.Context(), []string{"--listen=127.0.0.1:0", "--control=127.0.0.1:0", "--state=" + state}, &out, &out); code != 1 {
		t.Errorf("a damaged file exits with %d", code)
	}
	if raw, _ := os.ReadFile(state); string(raw) != "{" {
		t.Error("a damaged file was overwritten")
	}
}

func standAlone(t *testing.T, state string, use func(control string)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out console
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"--listen=127.0.0.1:0", "--control=127.0.0.1:0", "--state=" + state}, &out, &out)
	}()
	address := regexp.MustCompile(`dashboard +(http://\S+)`)
	for range 500 {
		if found := address.FindStringSubmatch(out.String()); found != nil {
			use(found[1])
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if code := <-exit; code != 0 {
		t.Errorf("exit %d: %s", code, out.String())
	}
}
