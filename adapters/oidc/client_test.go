package oidc_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/oidc"
	"vouchsafe/adapters/oidc/oidcsim"
	"vouchsafe/core"
)

const redirect = "https://firm.example/sign-in/with/corp/back"

var ask = access.IdentityAsk{State: "state-of-this-try", Nonce: "nonce-of-this-try", Verifier: "verifier-of-this-try-that-is-long-enough-0123456"}

type rig struct {
	t      *testing.T
	sim    *oidcsim.Server
	wall   *core.VirtualClock
	client *oidc.Client
}

func newRig(t *testing.T, adjust func(*oidc.Config)) *rig {
	r := &rig{t: t, wall: core.NewVirtualClock(core.At(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)))}
	r.sim = oidcsim.New(oidcsim.Options{
		Name: "Corp ID", ClientID: "vouchsafe", Secret: "s3cr3t of the client", Redirects: []string{redirect}, Wall: r.wall, SecondFactor: "two",
		People: []oidcsim.Person{{Sub: "u-1", Name: "Mina", Email: "mina@firm.example", Groups: []string{"a", "b"}}},
	})
	issuer, shut, err := r.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	cfg := oidc.Config{
		ID: "corp", Label: "Corp ID", Issuer: issuer, ClientID: "vouchsafe", Secret: "s3cr3t of the client", Redirect: redirect,
		ACR: []string{"two"}, Wall: r.wall, Timeout: time.Second, MaxAge: 12 * time.Hour,
	}
	if adjust != nil {
		adjust(&cfg)
	}
	if r.client, err = oidc.New(cfg); err != nil {
		t.Fatal(err)
	}
	return r
}

// visit chooses a person at the provider and returns what the browser brings
// back.
func (r *rig) visit(q access.IdentityAsk, form url.Values) access.IdentityAnswer {
	r.t.Helper()
	address, err := r.client.Ask(context.Background(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	u, _ := url.Parse(address)
	for k, v := range u.Query() {
		form[k] = v
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if page, err := browser.Get(address); err != nil || page.StatusCode != http.StatusOK {
		r.t.Fatalf("the provider's page: %v", err)
	} else if body, _ := io.ReadAll(page.Body); !strings.Contains(string(body), "Mina") {
		r.t.Errorf("the page offers nobody: %s", body)
	}
	resp, err := browser.PostForm(r.sim.Issuer()+"/authorize", form)
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("choosing: %v %v", resp, err)
	}
	back, _ := url.Parse(resp.Header.Get("Location"))
	v := back.Query()
	return access.IdentityAnswer{Code: v.Get("code"), State: v.Get("state"), Issuer: v.Get("iss"), Error: v.Get("error")}
}

func (r *rig) mina() access.IdentityAnswer {
	return r.visit(ask, url.Values{"sub": {"u-1"}, "strong": {"1"}})
}

func TestWhatTheProviderSignedIsTaken(t *testing.T) {
	r := newRig(t, nil)
	p, err := r.client.Take(context.Background(), ask, r.mina())
	if err != nil {
		t.Fatal(err)
	}
	if p.Issuer != r.sim.Issuer() || p.Subject != "u-1" || !p.Strong || p.At != r.wall.Now() || !p.Grouped || !slices.Equal(p.Groups, []string{"a", "b"}) || p.Name != "Mina mina@firm.example" {
		t.Errorf("proven is %+v", p)
	}
	one := r.visit(ask, url.Values{"sub": {"u-1"}})
	if p, err = r.client.Take(context.Background(), ask, one); err != nil || p.Strong {
		t.Errorf("one factor counts as two: %+v %v", p, err)
	}
	r.sim.Rotate() // a new key is fetched when it is first seen
	if _, err = r.client.Take(context.Background(), ask, r.mina()); err != nil {
		t.Errorf("after the key was rotated: %v", err)
	}
	r.sim.Break(oidcsim.NoGroups)
	if p, err = r.client.Take(context.Background(), ask, r.mina()); err != nil || p.Grouped {
		t.Errorf("a missing claim says something: %+v %v", p, err)
	}
}

func TestASecondFactorCountsOnlyInAcceptedWords(t *testing.T) {
	for _, c := range []struct {
		acr, amr []string
		want     bool
	}{{nil, nil, false}, {[]string{"three"}, nil, false}, {nil, []string{"mfa"}, true}, {nil, []string{"hwk"}, false}, {[]string{""}, []string{""}, false}} {
		r := newRig(t, func(cfg *oidc.Config) { cfg.ACR, cfg.AMR = c.acr, c.amr })
		if p, err := r.client.Take(context.Background(), ask, r.mina()); err != nil || p.Strong != c.want {
			t.Errorf("acr %v, amr %v: strong is %v, %v", c.acr, c.amr, p.Strong, err)
		}
	}
}

func TestFaultsOfAProviderProveNothing(t *testing.T) {
	for fault, reason := range map[oidcsim.Fault]string{
		oidcsim.WrongNonce: "wrong-nonce", oidcsim.AlgNone: "token-not-valid", oidcsim.AlgHS256: "token-not-valid", oidcsim.StrangeKey: "token-not-valid",
		oidcsim.Expired: "token-expired", oidcsim.OldToken: "token-not-of-now", oidcsim.FutureToken: "token-not-of-now",
		oidcsim.WrongAudience: "token-not-valid", oidcsim.TwoAudiences: "made-for-another", oidcsim.WrongAZP: "made-for-another",
		oidcsim.WrongIssuer: "token-not-valid", oidcsim.NoSubject: "no-subject", oidcsim.NoToken: "no-id-token",
		oidcsim.MixUp: "another-provider", oidcsim.NoIssuer: "another-provider", oidcsim.Refuses: "no-code",
		oidcsim.NoAuthTime: "signed-in-too-long-ago", oidcsim.LongAgo: "signed-in-too-long-ago",
	} {
		t.Run(string(fault), func(t *testing.T) {
			r := newRig(t, nil)
			r.sim.Break(fault)
			p, err := r.client.Take(context.Background(), ask, r.mina())
			d, ok := errors.AsType[*access.IdentityDoubt](err)
			if !ok || d.Reason != reason || p.Subject != "" {
				t.Errorf("got %+v, %v; want %s", p, err, reason)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Error("the error shows the client's secret")
			}
		})
	}
}

func TestACodeIsGoodOnceAndOnlyWithItsVerifier(t *testing.T) {
	r := newRig(t, nil)
	back := r.mina()
	stolen := ask
	stolen.Verifier = "verifier-of-somebody-else-that-is-long-enough-01234"
	for _, q := range []access.IdentityAsk{stolen, ask} { // the first try spends the code
		_, err := r.client.Take(context.Background(), q, back)
		if d, ok := errors.AsType[*access.IdentityDoubt](err); !ok || d.Reason != "code-refused" {
			t.Errorf("got %v", err)
		}
	}
}

func TestAProviderThatIsAwayIsNoDoubtAboutAnybody(t *testing.T) {
	for _, fault := range []oidcsim.Fault{oidcsim.Slow, oidcsim.Down} {
		r := newRig(t, nil)
		back := r.mina()
		r.sim.Break(fault)
		_, err := r.client.Take(context.Background(), ask, back)
		if _, doubt := errors.AsType[*access.IdentityDoubt](err); err == nil || doubt {
			t.Errorf("%s: %v", fault, err)
		}
		away := newRig(t, nil)
		away.sim.Break(fault)
		began := time.Now()
		for range 3 { // it is left alone for a while: not every try waits
			if _, err := away.client.Ask(context.Background(), ask); err == nil {
				t.Errorf("%s: a provider that is away was asked", fault)
			}
		}
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("three tries took %s", d)
		}
	}
}

func TestOnlySecureProvidersAreConfigured(t *testing.T) {
	good := oidc.Config{ID: "corp", Label: "Corp", Issuer: "https://id.example", ClientID: "x", Secret: "y"}
	if c, err := oidc.New(good); err != nil || c.About() != (access.ProviderAbout{ID: "corp", Label: "Corp", Issuer: "https://id.example"}) {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*oidc.Config){
		"http":      func(c *oidc.Config) { c.Issuer = "http://id.example" },
		"query":     func(c *oidc.Config) { c.Issuer += "?x=1" },
		"user":      func(c *oidc.Config) { c.Issuer = "https://me@id.example" },
		"id":        func(c *oidc.Config) { c.ID = "../x" },
		"no label":  func(c *oidc.Config) { c.Label = "" },
		"no client": func(c *oidc.Config) { c.ClientID = "" },
		"no secret": func(c *oidc.Config) { c.Secret = "" },
		"max age":   func(c *oidc.Config) { c.MaxAge = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := oidc.New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if strings.Contains(good.String()+good.GoString(), "y") && strings.Contains(good.GoString(), `"y"`) {
		t.Error("the configuration prints its secret")
	}
}
