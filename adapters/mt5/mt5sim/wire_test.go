package mt5sim

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
)

// caller is a bare client of its own making, so that the simulator is not only
// tested against the adapter that it is there to test.
type caller struct {
	t    *testing.T
	base string
	http *http.Client
}

const testLogin = 700001

// table is a simulator with clocks that stand still and one account.
type table struct {
	*Server
	wall *core.VirtualClock
	base string
}

func newTable(t *testing.T, opt Options) *table {
	t.Helper()
	start := core.At(time.Date(2025, 3, 3, 8, 0, 0, 0, time.UTC))
	wall := core.NewVirtualClock(start)
	opt.Clock, opt.Wall, opt.PlainHTTP = core.NewVirtualClock(start), wall, true
	s := New(opt)
	t.Cleanup(s.Close)
	base, err := s.Start("127.0.0.1:0")
	if err == nil {
		err = s.AddAccount(Account{Login: testLogin, Name: "Ada", Group: `real\standard-eur`, Leverage: 30, Rights: 1})
	}
	if err == nil {
		_, err = s.Balance(1055, testLogin, ActionBalance, 100000, "opening")
	}
	if err != nil {
		t.Fatal(err)
	}
	return &table{s, wall, base}
}

func (tb *table) caller(t *testing.T) *caller {
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{t, tb.base, &http.Client{Transport: transport, Jar: jar}}
}

// get returns the status and the answer as text by field.
func (c *caller) do(method, path string, body string) (int, map[string]json.RawMessage) {
	c.t.Helper()
	req, err := http.NewRequest(method, c.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, _ := io.ReadAll(resp.Body)
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &fields)
	return resp.StatusCode, fields
}

func (c *caller) get(path string) map[string]json.RawMessage {
	c.t.Helper()
	status, fields := c.do(http.MethodGet, path, "")
	if status != http.StatusOK {
		c.t.Fatalf("%s: HTTP %d", path, status)
	}
	return fields
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// code is the leading number of the return code.
func code(fields map[string]json.RawMessage) wire.Retcode {
	c, ok := wire.ParseRetcode(text(fields["retcode"]))
	if !ok {
		return -1
	}
	return c
}

func (c *caller) challenge() []byte {
	c.t.Helper()
	started := c.get("/api/auth/start?version=484&agent=test&login=1000&type=manager")
	rand, err := hex.DecodeString(text(started["srv_rand"]))
	if err != nil || len(rand) != 16 {
		c.t.Fatalf("challenge %v, %v", rand, err)
	}
	return rand
}

func (c *caller) prove(challenge []byte, password string) int {
	c.t.Helper()
	proof := wire.Proof(wire.PasswordHash(password), challenge)
	q := url.Values{"srv_rand_answer": {hex.EncodeToString(proof[:])}, "cli_rand": {"4db98fec17aab4dc5a240bdc659e8395"}}
	status, _ := c.do(http.MethodGet, "/api/auth/answer?"+q.Encode(), "")
	return status
}

func (tb *table) signedIn(t *testing.T) *caller {
	t.Helper()
	c := tb.caller(t)
	if status := c.prove(c.challenge(), DemoPassword); status != http.StatusOK {
		t.Fatalf("sign-in: HTTP %d", status)
	}
	return c
}

func TestHandshake(t *testing.T) {
	tb := newTable(t, Options{Seed: 7})
	c := tb.caller(t)
	if status, _ := c.do(http.MethodGet, "/api/test/access", ""); status != http.StatusForbidden {
		t.Errorf("a stranger got HTTP %d", status)
	}
	if status := c.prove(c.challenge(), "wrong"); status != http.StatusForbidden {
		t.Errorf("a wrong password got HTTP %d", status)
	}
	rand := c.challenge()
	tb.wall.Advance(11 * time.Second)
	if status := c.prove(rand, DemoPassword); status != http.StatusForbidden {
		t.Errorf("an answer after eleven seconds got HTTP %d", status)
	}
	if status := c.prove(c.challenge(), DemoPassword); status != http.StatusOK {
		t.Errorf("a good answer got HTTP %d", status)
	}
	for _, q := range []string{
		"version=483&agent=t&login=1000&type=manager", "version=484&agent=a%20b&login=1000&type=manager",
		"version=484&agent=t&login=1&type=manager", "version=484&agent=t&login=1000&type=client",
	} {
		if status, _ := c.do(http.MethodGet, "/api/auth/start?"+q, ""); status != http.StatusForbidden {
			t.Errorf("%s: HTTP %d", q, status)
		}
	}
}

func TestSessionIsBoundToConnectionAndCookie(t *testing.T) {
	tb := newTable(t, Options{})
	c := tb.signedIn(t)
	if got := code(c.get("/api/test/access")); got != wire.Done {
		t.Fatalf("ping: %d", got)
	}
	thief := tb.caller(t)
	thief.http.Jar = c.http.Jar
	if status, _ := thief.do(http.MethodGet, "/api/test/access", ""); status != http.StatusForbidden {
		t.Errorf("the cookie alone opened another connection: HTTP %d", status)
	}
	tb.wall.Advance(179 * time.Second)
	c.get("/api/test/access")
	tb.wall.Advance(181 * time.Second)
	if status, _ := c.do(http.MethodGet, "/api/test/access", ""); status != http.StatusForbidden {
		t.Errorf("after three minutes of silence: HTTP %d", status)
	}
	c = tb.signedIn(t)
	c.get("/api/quit")
	if status, _ := c.do(http.MethodGet, "/api/test/access", ""); status != http.StatusForbidden {
		t.Errorf("after leaving: HTTP %d", status)
	}
}
