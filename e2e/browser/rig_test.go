// Package browser tries the product as people do: in a browser, against the
// demo as the README's first command starts it.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"vouchsafe/app"
	"vouchsafe/repotest/need"
)

// asProgram makes the test binary run the program itself.
const asProgram = "VOUCHSAFE_BROWSER_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// program is a call of the program as a process of its own.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// demo is a running demo.
type demo struct {
	t       *testing.T
	dir     string
	stop    func()
	URL     string            `json:"url"`
	MT5     string            `json:"mt5_console"`
	PSP     string            `json:"psp_dashboard"`
	Key     string            `json:"key"`
	Stories app.Stories       `json:"stories"`
	people  map[string]string // name to reference, as the sign-in page offers them
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	d := &demo{t: t, dir: filepath.Join(t.TempDir(), "data"), people: map[string]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := program(ctx, "demo", "--data", d.dir, "--listen", "127.0.0.1:0", "--json")
	out, err := cmd.StdoutPipe()
	d.must(err)
	cmd.Stderr = t.Output()
	d.must(cmd.Start())
	d.stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait()
	})
	t.Cleanup(d.stop)
	d.must(json.NewDecoder(bufio.NewReader(out)).Decode(d))
	go func() { _, _ = io.Copy(io.Discard, out) }()
	d.must(d.findPeople())
	return d
}

func (d *demo) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

var persona = regexp.MustCompile(`(?s)name="staff" value="(st_[^"]+)".*?<span>\s*([^<]+?)\s*<br`)

func (d *demo) findPeople() error {
	page, _, err := d.get(http.DefaultClient, "/sign-in")
	for _, m := range persona.FindAllStringSubmatch(page, -1) {
		first, _, _ := strings.Cut(m[2], " ")
		d.people[strings.ToLower(first)] = m[1]
	}
	if err == nil && len(d.people) < 10 {
		err = fmt.Errorf("the sign-in page offers %d personas", len(d.people))
	}
	return err
}

// get reads a page without a browser.
func (d *demo) get(c *http.Client, path string) (string, int, error) {
	res, err := c.Get(d.URL + path)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), res.StatusCode, err
}

// as is a client without a browser, signed in as a persona.
func (d *demo) as(name string) *http.Client {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	d.must(err)
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(d.URL+"/sign-in/persona", url.Values{"staff": {d.people[name]}, "next": {"/"}})
	d.must(err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("signing in as %s: %s", name, res.Status)
	}
	return c
}

// tab is a browser's tab, and what it complained about.
type tab struct {
	*demo
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// browser opens a browser of its own, signed in as a persona.
func (d *demo) browser(name string) *tab {
	d.t.Helper()
	path := need.Program(d.t, "chromium", "chromium", "chromium-browser", "google-chrome")
	ctx, cancel := context.WithTimeout(d.t.Context(), 3*time.Minute)
	d.t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox))
	d.t.Cleanup(cancel)
	b := &tab{demo: d, ctx: ctx}
	b.listen()
	b.do(chromedp.EmulateViewport(1440, 1000), chromedp.Navigate(d.URL+"/sign-in"))
	b.do(chromedp.Click(`input[name="staff"][value="`+d.people[name]+`"] ~ button`, chromedp.NodeVisible))
	b.do(chromedp.WaitVisible(".side .person"))
	return b
}

// listen notes what the browser's console shows: a blocked script or style, a
// missing file, an error.
func (b *tab) listen() {
	entries := chromedp.Events(b.ctx, log.EntryAdded)
	_, err := chromedp.Run(b.ctx, chromedp.Action[struct{}](func(ctx context.Context, t *chromedp.Target) (struct{}, error) {
		_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
		return struct{}{}, err
	}))
	b.must(err)
	go func() {
		for ev, err := range entries {
			if err != nil {
				return
			}
			if ev.Entry.Level == "error" || ev.Entry.Source == "security" {
				b.mu.Lock()
				b.faults = append(b.faults, fmt.Sprintf("%s (%s)", ev.Entry.Text, ev.Entry.URL))
				b.mu.Unlock()
			}
		}
	}()
}

// quiet fails when the browser complained.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Errorf("the browser complains: %s", f)
	}
	b.faults = nil
}

func (b *tab) do(steps ...chromedp.Action[struct{}]) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, steps...))
}

// open goes to a page of the console.
func (b *tab) open(path string) {
	b.t.Helper()
	res, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(b.URL+path))
	b.must(err)
	if res.Status != http.StatusOK {
		b.t.Errorf("%s answers %d", path, res.Status)
	}
}

// text is what the page shows.
func (b *tab) text() string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	b.must(err)
	return s
}

// shows fails unless the page shows every piece.
func (b *tab) shows(pieces ...string) {
	b.t.Helper()
	text := b.text()
	for _, p := range pieces {
		if !strings.Contains(text, p) {
			where, _ := chromedp.Run(b.ctx, chromedp.Location())
			b.t.Errorf("%s does not show %q", where, p)
		}
	}
}

// waitFor waits until the page shows a piece.
func (b *tab) waitFor(piece string) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(b.text(), piece); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("the page never shows %q, but %s", piece, b.text())
		}
	}
}
