package ecb_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/ecb"
	"vouchsafe/adapters/ecb/ecbsim"
	"vouchsafe/core"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>`

// The published form, as the bank's own examples show it.
func TestOneDayIsRead(t *testing.T) {
	day, err := ecb.Parse([]byte(head + `<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.0568'/><Cube currency='JPY' rate='162.53'/><Cube currency='ISK' rate='145.1'/></Cube></Cube></gesmes:Envelope>`))
	if err != nil || day != (ecb.Day{Day: "2026-11-20", Base: "EUR", Rates: "USD 1.0568\nJPY 162.53"}) {
		t.Errorf("%+v, %v", day, err)
	}
}

func TestNothingIsGuessed(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":         "",
		"another page":    "<html><body>Maintenance</body></html>",
		"no day":          head + `<Cube></Cube></gesmes:Envelope>`,
		"two days":        head + `<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1'/></Cube><Cube time='2026-11-19'><Cube currency='USD' rate='1'/></Cube></Cube></gesmes:Envelope>`,
		"a strange day":   head + `<Cube><Cube time='20.11.2026'><Cube currency='USD' rate='1'/></Cube></Cube></gesmes:Envelope>`,
		"nothing we hold": head + `<Cube><Cube time='2026-11-20'><Cube currency='ISK' rate='145.1'/></Cube></Cube></gesmes:Envelope>`,
		"broken off":      head + `<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.0`,
	} {
		if day, err := ecb.Parse([]byte(body)); err == nil {
			t.Errorf("%s reads as %+v", name, day)
		}
	}
}

func TestTheSourceIsAskedOverTheWire(t *testing.T) {
	at := core.NewVirtualClock(core.At(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))) // a Sunday
	srv := httptest.NewServer(&ecbsim.Server{Clock: at})
	defer srv.Close()
	c, err := ecb.New(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	day, err := c.Read(t.Context())
	if err != nil || day.Day != "2026-11-20" || !strings.Contains(day.Rates, "USD 1.0") {
		t.Errorf("on a Sunday: %+v, %v", day, err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"down":    func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusServiceUnavailable) },
		"endless": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) },
		"empty":   func(http.ResponseWriter, *http.Request) {},
	} {
		bad := httptest.NewServer(h)
		c.URL = bad.URL
		if day, err := c.Read(t.Context()); err == nil {
			t.Errorf("%s: read %+v", name, day)
		}
		bad.Close()
	}
	for _, address := range []string{"", "ftp://x.example/", "http://rates.example/daily.xml", "://", "https://"} {
		if _, err := ecb.New(address); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
	if _, err := ecb.New(ecb.URL); err != nil {
		t.Error(err)
	}
}
