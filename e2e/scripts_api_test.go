package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// address sets LISTEN to an address of this machine where nothing listens, and
// URL to what will be there.
func address(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("LISTEN", l.Addr().String())
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ts.Setenv("URL", "http://localhost:"+port)
	ts.Check(l.Close())
}

// browser signs a persona in at the demo's console, as a visitor does.
func browser(ts *testscript.TestScript, staff string) (*http.Client, string) {
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	c, base := &http.Client{Jar: jar, Timeout: 30 * time.Second}, ts.Getenv("URL")
	for range 600 {
		var resp *http.Response
		if resp, err = c.Get(base + "/sign-in"); err == nil {
			ts.Check(resp.Body.Close())
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Check(err)
	resp, err := c.PostForm(base+"/sign-in/persona", url.Values{"staff": {staff}})
	ts.Check(err)
	ts.Check(resp.Body.Close())
	return c, base
}

// token STAFF ACTION… makes an API token at the running demo's console for all
// reading, seeing and the actions, and sets TOKEN.
func token(ts *testscript.TestScript, _ bool, args []string) {
	c, base := browser(ts, args[0])
	form := url.Values{
		"name": {"script"}, "days": {"7"}, "reads": {"on"}, "sees": {"on"}, "actions": {strings.Join(args[1:], "\n")},
		"idempotency_key": {fmt.Sprintf("script-%d", len(args))}, "step_up_code": {"000000"}, "step_up_to": {"/account/tokens"},
	}
	resp, err := c.PostForm(base+"/step-up", form) // leads on to the form that it carries
	ts.Check(err)
	page, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	made := regexp.MustCompile(`vs_[A-Za-z0-9_-]{40,}`).FindString(string(page))
	if made == "" {
		ts.Fatalf("no token: %d\n%s", resp.StatusCode, page)
	}
	ts.Setenv("TOKEN", made)
}

// api STATUS METHOD PATH [BODY] asks the API and demands the status, with a
// key for writes made from KEY. The answer is matched by stdout.
func api(ts *testscript.TestScript, _ bool, args []string) {
	var body io.Reader
	if len(args) > 3 {
		body = strings.NewReader(args[3])
	}
	r, err := http.NewRequest(args[1], ts.Getenv("URL")+"/api/v1"+args[2], body)
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "script-"+ts.Getenv("KEY"))
	if t := ts.Getenv("TOKEN"); t != "" {
		r.Header.Set("Authorization", "Bearer "+t)
	}
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(answer)
	ts.Check(err)
	if fmt.Sprint(resp.StatusCode) != args[0] {
		ts.Fatalf("%s %s answers %d, not %s: %s", args[1], args[2], resp.StatusCode, args[0], answer)
	}
}
