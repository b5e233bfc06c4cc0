package app

import (
	"net/http"
	"testing"
)

func TestClientIPBelievesOnlyOurOwnWebServers(t *testing.T) {
	c := Config{Proxies: []string{"10.0.0.0/8", "192.0.2.1", "fd00::/8"}}
	if _, err := c.proxies(); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ peer, forwarded, want string }{
		{"198.51.100.9:1", "", "198.51.100.9"},
		{"198.51.100.9:1", "203.0.113.5", "198.51.100.9"},
		{"10.1.2.3:1", "", "10.1.2.3"},
		{"10.1.2.3:1", "203.0.113.5", "203.0.113.5"},
		{"[::ffff:10.1.2.3]:1", "203.0.113.5", "203.0.113.5"},
		{"[fd00::1]:1", "2001:db8::7", "2001:db8::7"},
		{"10.1.2.3:1", "6.6.6.6, 203.0.113.5, 192.0.2.1", "203.0.113.5"},
		{"10.1.2.3:1", "6.6.6.6, rubbish", "10.1.2.3"},
		{"10.1.2.3:1", "203.0.113.5, rubbish, 10.9.9.9", "10.9.9.9"},
	} {
		r := &http.Request{RemoteAddr: x.peer, Header: http.Header{}}
		if x.forwarded != "" {
			r.Header.Set("X-Forwarded-For", x.forwarded)
		}
		if got := c.clientIP()(r); got != x.want {
			t.Errorf("%s for %q: %s, want %s", x.peer, x.forwarded, got, x.want)
		}
	}
	for _, bad := range []string{"", "example.org", "10.0.0.0/40"} {
		if _, err := (Config{Data: "d", Host: "h", Proxies: []string{bad}}).complete(); err == nil {
			t.Errorf("%q was taken for a network", bad)
		}
	}
}
