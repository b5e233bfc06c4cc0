package mt5

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/core"
)

// closer answers everything, but a booking it "applies" and then closes the
// kept-alive connection on. It counts the bookings.
func closer(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var booked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/balance") {
			booked.Add(1)
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path == "/moved" {
			booked.Add(1)
			http.Redirect(w, r, "/api/trade/balance", http.StatusTemporaryRedirect)
			return
		}
		_, _ = fmt.Fprint(w, `{"retcode":"0 Done"}`)
	}))
	t.Cleanup(server.Close)
	return server, &booked
}

func testSession(t *testing.T, base string) *session {
	t.Helper()
	set, err := Config{Name: "t", BaseURL: base, Login: 1, Password: "x", Timeout: 5 * time.Second}.settings()
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(set)
	t.Cleanup(func() { s.seal() })
	return s
}

// The trap that this adapter is built around: without its guards net/http does
// re-send. This test fails when that ever stops being so, and the guards can go.
func TestPlainClientResendsGet(t *testing.T) {
	server, booked := closer(t)
	client := &http.Client{Transport: &http.Transport{}}
	for _, path := range []string{"/ping", "/api/trade/balance"} {
		resp, err := client.Get(server.URL + path)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body) // or the connection is not kept
			_ = resp.Body.Close()
		}
	}
	if booked.Load() < 2 {
		t.Fatalf("a GET was booked %d times; net/http used to re-send it", booked.Load())
	}
}

func TestSessionNeverResends(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		for name, body := range map[string]map[string]string{"with a body": {"Login": "1"}, "without a body": nil} {
			server, booked := closer(t)
			s := testSession(t, server.URL)
			if err := s.ping(context.Background()); err != nil {
				t.Fatal(err)
			}
			before := s.written()
			if _, err := s.do(context.Background(), method, request{path: "/api/trade/balance", body: body}); err == nil {
				t.Fatal("a closed connection gave an answer")
			}
			if booked.Load() != 1 {
				t.Errorf("%s %s: booked %d times", method, name, booked.Load())
			}
			if s.seal() == before {
				t.Errorf("%s %s: the bytes that left were not counted", method, name)
			}
		}
	}
}

func TestSessionDoesNotFollowRedirects(t *testing.T) {
	server, booked := closer(t)
	s := testSession(t, server.URL)
	if _, err := s.do(context.Background(), http.MethodPost, request{path: "/moved"}); err == nil {
		t.Fatal("a redirect was taken for an answer")
	}
	if booked.Load() != 1 {
		t.Fatalf("the write arrived %d times", booked.Load())
	}
}

// A session whose idle connection was closed must not dial a second one, and
// must know that nothing was written.
func TestSpentSessionWritesNothing(t *testing.T) {
	server, booked := closer(t)
	s := testSession(t, server.URL)
	if err := s.ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := s.written()
	s.http.CloseIdleConnections()
	_, err := s.do(context.Background(), http.MethodPost, request{path: "/api/trade/balance"})
	if err == nil || booked.Load() != 0 || s.seal() != before {
		t.Fatalf("error %v, booked %d times", err, booked.Load())
	}
}

func TestSealedConnectionRefusesBytes(t *testing.T) {
	server, _ := closer(t)
	s := testSession(t, server.URL)
	if err := s.ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	sent := s.seal()
	if _, err := (&countedConn{Conn: s.conn, session: s}).Write([]byte("x")); err == nil || s.written() != sent {
		t.Fatal("a byte could leave after the count was taken")
	}
}

func TestGateSpacesRefusedSignIns(t *testing.T) {
	g, now := &gate{}, core.Instant(1_000_000_000)
	want := firstWait
	for range 12 {
		g.refused(now)
		if got := g.closed(now); got != want {
			t.Fatalf("waits %s, want %s", got, want)
		}
		want = min(2*want, longestWait)
	}
	g.passed()
	if g.closed(now) != 0 {
		t.Fatal("a success does not open the gate")
	}
}
