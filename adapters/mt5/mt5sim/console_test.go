package mt5sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func ask(t *testing.T, h http.Handler, method, target, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

func TestConsoleForms(t *testing.T) {
	tb := newTable(t, Options{})
	h := tb.Console()
	for _, c := range []struct {
		path string
		form url.Values
		want string // a parameter of the redirect
	}{
		{"/balance", url.Values{"dealer": {"1055"}, "login": {"700001"}, "action": {"5"}, "amount": {"-250.00"}, "comment": {"<b>oops</b>"}}, "said"},
		{"/balance", url.Values{"dealer": {"1055"}, "login": {"700001"}, "action": {"2"}, "amount": {"-99999"}}, "failed"},
		{"/balance", url.Values{"dealer": {"x"}, "login": {"700001"}}, "failed"},
		{"/account", url.Values{"dealer": {"1055"}, "login": {"700001"}, "leverage": {"500"}, "rights": {"5"}}, "said"},
		{"/account", url.Values{"dealer": {"1055"}, "login": {"700001"}, "group": {`real\pro-eur`}}, "said"},
		{"/fault", url.Values{"fault": {"drop-after-apply"}, "count": {"2"}}, "said"},
		{"/fault", url.Values{"fault": {"nonsense"}}, "failed"},
	} {
		w := ask(t, h, http.MethodPost, c.path, formKind, c.form.Encode())
		if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), c.want+"=") {
			t.Errorf("%s %v: HTTP %d to %s", c.path, c.form, w.Code, w.Header().Get("Location"))
		}
	}
	if a, _ := tb.Account(testLogin); a.Balance != 75000 || a.Leverage != 500 || a.Rights != 5 || a.Group != `real\pro-eur` {
		t.Errorf("after the forms: %+v", a)
	}
	w := ask(t, h, http.MethodGet, "/?login=700001", "", "")
	body := w.Body.String()
	for _, want := range []string{"-250.00", "&lt;b&gt;oops", "drop-after-apply on the next 2", "750.00 EUR", "<td>correction</td><td>1055</td>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if strings.Contains(body, "<script") || strings.Contains(body, "style=") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page must work under its own strict policy")
	}
	if w = ask(t, h, http.MethodGet, "/console.css", "", ""); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: HTTP %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestConsoleRefusesOtherSites(t *testing.T) {
	tb := newTable(t, Options{})
	r := httptest.NewRequest(http.MethodPost, "/disarm", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	tb.Console().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a form of another site got HTTP %d", w.Code)
	}
}

func TestControlAPI(t *testing.T) {
	tb := newTable(t, Options{})
	h := tb.Console()
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/control/balance", `{"dealer":1055,"login":700001,"action":2,"amount":"10.00","comment":"gift"}`, 200, `"ticket":5000002`},
		{"/control/balance", `{"dealer":1055,"login":1,"action":2,"amount":"10.00"}`, 422, "no such account"},
		{"/control/balance", `{"unknown":1}`, 400, "not the JSON"},
		{"/control/account", `{"dealer":1055,"login":700001,"rights":0}`, 200, "{}"},
		{"/control/fault", `{"fault":"apply-late","count":3}`, 200, "{}"},
		{"/control/fault", `{"fault":"nonsense"}`, 422, "no such fault"},
		{"/control/release", "", 200, `"applied":0`},
	} {
		w := ask(t, h, http.MethodPost, c.path, jsonKind, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: HTTP %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
	if a, _ := tb.Account(testLogin); a.Rights != 0 || a.Balance != 101000 {
		t.Errorf("after the commands: %+v", a)
	}
	w := ask(t, h, http.MethodGet, "/control/oracle", "", "")
	if !strings.Contains(w.Body.String(), `"comment":"gift"`) || !strings.Contains(w.Body.String(), "apply-late") {
		t.Errorf("oracle: %s", w.Body)
	}
	if w = ask(t, h, http.MethodPost, "/control/disarm", jsonKind, ""); w.Code != 200 || len(tb.Armed()) != 0 {
		t.Errorf("disarm: HTTP %d, %v", w.Code, tb.Armed())
	}
}

func TestMainServesAndKeepsState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	args := []string{"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--seed", "5", "--state", file, "--plain"}
	for range 2 { // the second run loads what the first saved
		ctx, cancel := context.WithCancel(context.Background())
		out, in := io.Pipe()
		exit := make(chan int)
		go func() { exit <- run(ctx, args, in, io.Discard) }()
		var api, console, login, password string
		if _, err := fmt.Fscanf(out, "Web API  %s\nConsole  %s\nManager  %s with password %s\n", &api, &console, &login, &password); err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post(console+"/control/balance", jsonKind, strings.NewReader(`{"login":1}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("control API: HTTP %d", resp.StatusCode)
		}
		cancel()
		select {
		case got := <-exit:
			if got != 0 {
				t.Errorf("exit code %d", got)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it does not stop")
		}
	}
}

func TestMainRefusals(t *testing.T) {
	for _, args := range [][]string{
		{"--no-such-flag"},
		{"surplus"},
		{"--plain", "--listen", "0.0.0.0:0", "--control", "127.0.0.1:0"},
		{"--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"},
		{"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--state", "/dev/null"},
	} {
		var stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if got := run(ctx, args, io.Discard, &stderr); got != 2 || stderr.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, got, stderr.String())
		}
		cancel()
	}
}
