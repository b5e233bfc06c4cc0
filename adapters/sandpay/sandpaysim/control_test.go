package sandpaysim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vouchsafe/adapters/sandpay/sandpaysim"
)

// ask sends one request to the control handler.
func ask(t *testing.T, sim *sandpaysim.Server, method, path, kind, body string, change ...func(*http.Request)) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8092"+path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	sim.Control().ServeHTTP(w, r)
	return w.Result()
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

func text(res *http.Response) string {
	raw, _ := io.ReadAll(res.Body)
	return string(raw)
}

func TestControlAPI(t *testing.T) {
	sim, _ := newSim("")
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/control/payout", `{"amount":700,"currency":"EUR","merchant":"m","reference":"R","destination":{"account":"DE9003","holder":"H"}}`, 200},
		{"/control/payout", `{"amount":700,"currency":"EUR","merchant":"m","destination":{"account":"DE9001","holder":"H"}}`, 422},
		{"/control/payout", `{"amount":-7}`, 422},
		{"/control/payout", `{"amont":7}`, 400},
		{"/control/deposit", `{"amount":700,"currency":"EUR","merchant":"m","method":"card","source":{"account":"4242","holder":"H"}}`, 200},
		{"/control/fault", `{"kind":"slow","times":2}`, 200},
		{"/control/fault", `{"kind":"meteor","times":2}`, 422},
		{"/control/release", `{"id":"po_none"}`, 422},
	} {
		if res := ask(t, sim, "POST", c.path, asJSON, c.body); res.StatusCode != c.want {
			t.Errorf("%s %s: %d %s", c.path, c.body, res.StatusCode, text(res))
		}
	}
	if f := sim.Faults(); len(f) != 1 || f[0] != (sandpaysim.Fault{Kind: sandpaysim.Slow, Times: 2}) {
		t.Errorf("%v", f)
	}
	oracle := text(ask(t, sim, "GET", "/control/oracle", "", ""))
	if !strings.Contains(oracle, `"reference":"R"`) || !strings.Contains(oracle, `"origin":"dashboard"`) || !strings.Contains(oracle, `"deposits":[{`) {
		t.Error(oracle)
	}
}

func TestControlIsForThisMachineOnly(t *testing.T) {
	sim, _ := newSim("")
	payout := `{"amount":700,"currency":"EUR","merchant":"m","destination":{"account":"A","holder":"H"}}`
	for what, c := range map[string]struct {
		kind   string
		change func(*http.Request)
	}{
		"a foreign Host":    {asJSON, func(r *http.Request) { r.Host = "evil.example:8092" }},
		"a cross-site form": {asJSON, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"a foreign Origin":  {asJSON, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
		"plain text":        {"text/plain", func(*http.Request) {}},
	} {
		if res := ask(t, sim, "POST", "/control/payout", c.kind, payout, c.change); res.StatusCode < 400 {
			t.Errorf("%s is answered %d", what, res.StatusCode)
		}
	}
	if len(sim.Oracle().References) != 0 {
		t.Error("a refused request paid")
	}
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "nonsense"} {
		if _, err := sim.StartControl(addr); err == nil {
			t.Errorf("it listens on %s", addr)
		}
	}
}

func TestDashboard(t *testing.T) {
	sim, _ := newSim("")
	if page := text(ask(t, sim, "GET", "/", "", "")); !strings.Contains(page, "Nothing yet.") {
		t.Error(page)
	}
	form := url.Values{
		"amount": {"1250"}, "currency": {"EUR"}, "merchant": {"acme-eu"}, "holder": {"<script>Ada"},
		"account": {"DE9003"}, "method": {"card"}, "kind": {"slow"}, "mode": {"on"},
	}
	for _, path := range []string{"/payout", "/deposit", "/fault"} {
		if res := ask(t, sim, "POST", path, asForm, form.Encode()); res.StatusCode != 303 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	res := ask(t, sim, "GET", "/", "", "")
	page := text(res)
	for _, want := range []string{"EUR 1,250.00", "on_hold", "Release", "dashboard", "&lt;script&gt;Ada", "deposit by card"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, inline := range []string{"<script", "<style", " style=", " onclick="} {
		if strings.Contains(page, inline) {
			t.Errorf("the page holds %q", inline)
		}
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	if sim.Faults()[0].Times != -1 {
		t.Errorf("%v", sim.Faults())
	}
	held := sim.Truth("").Payouts[0]
	if res := ask(t, sim, "POST", "/release", asForm, "id="+held.ID); res.StatusCode != 303 || sim.Truth("").Payouts[0].Status != "pending" {
		t.Errorf("released: %d", res.StatusCode)
	}
	if css := ask(t, sim, "GET", "/dashboard.css", "", ""); css.StatusCode != 200 {
		t.Errorf("style: %d", css.StatusCode)
	}
}

func TestDashboardKeepsWhatWasTyped(t *testing.T) {
	sim, _ := newSim("")
	form := url.Values{"amount": {"12.345"}, "currency": {"EUR"}, "merchant": {"acme-eu"}, "holder": {"Grace"}, "account": {"X"}}
	for _, path := range []string{"/payout", "/deposit"} {
		res := ask(t, sim, "POST", path, asForm, form.Encode())
		page := text(res)
		if res.StatusCode != 422 || !strings.Contains(page, `value="12.345"`) || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res := ask(t, sim, "POST", "/fault", asForm, "kind=slow&mode=maybe"); res.StatusCode != 422 {
		t.Errorf("a mode that is none: %d", res.StatusCode)
	}
}
