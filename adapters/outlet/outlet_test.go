package outlet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/outlet"
	"vouchsafe/adapters/outlet/siemsim"
	"vouchsafe/core"
	"vouchsafe/oversight"
)

var at = core.At(time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC))

// authority signs a certificate for 127.0.0.1 and returns both.
func authority(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "siem"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func batch(n int) (out []oversight.Outgoing) {
	for i := range n {
		out = append(out, oversight.Outgoing{
			ID: fmt.Sprintf("ev-%d", i), Type: "clients.client.created", At: at, Good: i%2 == 0, Body: []byte(fmt.Sprintf(`{"n":%d,"words":"Zoë \n %s"}`, i, strings.Repeat("x", 50*i))),
		})
	}
	return out
}

var rfc5424 = regexp.MustCompile(`^<(\d+)>1 2026-11-21T09:00:00\.123456Z backoffice\.example vouchsafe - clients\.client\.created - (\{.*\})$`)

// Messages arrive whole, in their order, as RFC 5424 says, over TLS and over a
// plain connection on this machine.
func TestSyslogArrives(t *testing.T) {
	cert, root := authority(t)
	for name, conf := range map[string]*tls.Config{"tls": {Certificates: []tls.Certificate{cert}}, "plain": nil} {
		sim, err := siemsim.Start("127.0.0.1:0", conf, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr(), Plain: conf == nil, RootPEM: root, Host: "backoffice.example"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Deliver(t.Context(), batch(40)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		got := sim.Messages()
		if len(got) != 80 {
			t.Fatalf("%s: %d messages", name, len(got))
		}
		for i, m := range got {
			part := rfc5424.FindStringSubmatch(m)
			want := batch(40)[i%40]
			pri := map[bool]string{true: "110", false: "108"}[want.Good]
			if part == nil || part[2] != string(want.Body) || part[1] != pri {
				t.Errorf("%s: message %d is %q", name, i, m)
			}
		}
		sim.Close()
	}
}

// Whatever leaves it open whether the receiver read everything is an error:
// the batch comes again.
func TestSyslogIsDeliveredOnlyWhenRead(t *testing.T) {
	cert, root := authority(t)
	sim, err := siemsim.Start("127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr(), RootPEM: root})
	if err != nil {
		t.Fatal(err)
	}
	for fault, want := range map[siemsim.Fault]string{siemsim.Cut: "without TLS's farewell", siemsim.Reset: "broke off"} {
		sim.Set(fault)
		if err := s.Deliver(t.Context(), batch(200)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", fault, err)
		}
	}
	sim.Set(siemsim.Silent)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := s.Deliver(ctx, batch(1)); err == nil {
		t.Error("a silent receiver was believed")
	}
	trusting, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr(), RootPEM: root, TrustWrite: true})
	if err != nil {
		t.Fatal(err)
	}
	sim.Set(siemsim.Cut)
	if err := trusting.Deliver(t.Context(), batch(1)); err != nil {
		t.Errorf("trust_write: %v", err)
	}
	sim.Set(siemsim.Well)
	if err := s.Deliver(t.Context(), batch(1)); err != nil {
		t.Errorf("well again: %v", err)
	}
	stranger, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	before := len(sim.Messages())
	if err := stranger.Deliver(t.Context(), batch(1)); err == nil || len(sim.Messages()) != before {
		t.Errorf("a certificate that nobody trusts was believed: %v", err)
	}
	sim.Close()
	if err := s.Deliver(t.Context(), batch(1)); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("down: %v", err)
	}
}

// A receiver that wants our certificate gets it, and no one else is let in.
func TestSyslogWithOurCertificate(t *testing.T) {
	cert, root := authority(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)
	sim, err := siemsim.Start("127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	for _, own := range []*tls.Certificate{&cert, nil} {
		s, err := outlet.NewSyslog(outlet.SyslogConfig{Address: sim.Addr(), RootPEM: root, Certificate: own})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Deliver(t.Context(), batch(3)); (err == nil) != (own != nil) {
			t.Errorf("with a certificate %v: %v", own != nil, err)
		}
	}
	if n := len(sim.Messages()); n != 3 {
		t.Errorf("%d messages", n)
	}
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// The signature of the standard's own example.
func TestWebhookSignature(t *testing.T) {
	var got http.Header
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		got = r.Header
		body, _ = io.ReadAll(r.Body)
		rw.WriteHeader(http.StatusNoContent)
	}))
	defer srv.Close()
	second := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	w, err := outlet.NewWebhook(outlet.WebhookConfig{URL: srv.URL + "/hook?token=t0k3n", Secrets: []string{secret, second}, Wall: core.NewVirtualClock(at)})
	if err != nil {
		t.Fatal(err)
	}
	o := batch(1)[0]
	if err := w.Deliver(t.Context(), []oversight.Outgoing{o}); err != nil {
		t.Fatal(err)
	}
	id, sent := got.Get("webhook-id"), got.Get("webhook-timestamp")
	if id != o.ID || sent != fmt.Sprint(at.Time().Unix()) || got.Get("content-type") != "application/json" {
		t.Errorf("%v", got)
	}
	var out []string
	for _, s := range []string{secret, second} {
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", id, sent, body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if got.Get("webhook-signature") != strings.Join(out, " ") {
		t.Errorf("%q", got.Get("webhook-signature"))
	}
	var p struct {
		Type, Timestamp string
		Data            map[string]any
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Type != o.Type || p.Timestamp != at.String() || p.Data["n"] != 0.0 {
		t.Errorf("%s: %v", body, err)
	}
}

// Each answer means what the standard says, no redirect is followed, and no
// error shows the address, in which a token may stand.
func TestWebhookAnswers(t *testing.T) {
	code, hits := 200, 0
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		hits++
		rw.Header().Set("Location", "/elsewhere")
		rw.WriteHeader(code)
	}))
	w, err := outlet.NewWebhook(outlet.WebhookConfig{URL: srv.URL + "/hook?token=t0k3n", Secrets: []string{secret}, Wall: core.NewVirtualClock(at)})
	if err != nil {
		t.Fatal(err)
	}
	send := func(answer int) error {
		code, hits = answer, 0
		err := w.Deliver(t.Context(), batch(1))
		if hits != 1 {
			t.Errorf("%d: asked %d times", answer, hits)
		}
		if err != nil && strings.Contains(err.Error(), "t0k3n") {
			t.Errorf("the error shows the token: %v", err)
		}
		return err
	}
	for _, answer := range []int{200, 201, 204} {
		if err := send(answer); err != nil {
			t.Errorf("%d: %v", answer, err)
		}
	}
	for answer, want := range map[int]error{410: oversight.ErrGone, 400: oversight.ErrNotThis, 404: oversight.ErrNotThis} {
		if err := send(answer); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", answer, err, want)
		}
	}
	for _, answer := range []int{302, 307, 429, 500, 503} {
		if err := send(answer); err == nil || errors.Is(err, oversight.ErrNotThis) || errors.Is(err, oversight.ErrGone) {
			t.Errorf("%d: %v", answer, err)
		}
	}
	srv.Close()
	if err := w.Deliver(t.Context(), batch(1)); err == nil || strings.Contains(err.Error(), "t0k3n") {
		t.Errorf("down: %v", err)
	}
}

// What cannot work is said before anything is sent, in words.
func TestSettingsInWords(t *testing.T) {
	for want, cfg := range map[string]outlet.SyslogConfig{
		"host:6514": {Address: "siem.example"}, "without TLS": {Address: "siem.example:514", Plain: true}, "no certificate in PEM": {Address: "siem.example:6514", RootPEM: []byte("x")},
	} {
		if _, err := outlet.NewSyslog(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for want, cfg := range map[string]outlet.WebhookConfig{
		"https://HOST": {URL: "hook.example"}, "by https": {URL: "http://hook.example/", Secrets: []string{secret}}, "secret_files": {URL: "https://hook.example/"},
		"whsec_": {URL: "https://hook.example/", Secrets: []string{"s3cr3t"}}, "24 to 64": {URL: "https://hook.example/", Secrets: []string{"whsec_AAAA"}},
	} {
		if _, err := outlet.NewWebhook(cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
