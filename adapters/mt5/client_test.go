package mt5_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/adapters/mt5/mt5test"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

type bench struct {
	sim    *mt5sim.Server
	wall   *core.VirtualClock
	client *mt5.Client
	config mt5.Config
}

// newBench connects a client to a simulator that shares its wall clock.
func newBench(t *testing.T, opt mt5sim.Options, adjust func(*mt5.Config)) *bench {
	t.Helper()
	b := &bench{wall: core.NewVirtualClock(core.SystemClock{}.Now())}
	opt.Wall = b.wall
	b.sim = mt5sim.New(opt)
	t.Cleanup(b.sim.Close)
	mt5test.Fill(t, b.sim)
	base, err := b.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.config = mt5.Config{
		Name: "mt5-test", BaseURL: base, RootPEM: b.sim.PEM(), Clock: b.wall,
		Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, Timeout: 2 * time.Second,
	}
	if adjust != nil {
		adjust(&b.config)
	}
	if b.client, err = mt5.New(b.config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.client.Close)
	return b
}

func (b *bench) post(minor int64) (command.Op, platform.Receipt, command.Certainty, error) {
	op := mt5test.NewOp()
	op.Deadline = b.wall.Now().Add(time.Minute)
	r, c, err := b.client.Post(context.Background(), op, mt5test.Login,
		platform.Posting{Action: platform.PostBalance, Minor: minor, Digits: 2, Comment: op.Tag})
	return op, r, c, err
}

func TestRefusesServerWithoutProof(t *testing.T) {
	b := newBench(t, mt5sim.Options{}, nil)
	b.sim.Arm(mt5sim.Arming{Fault: mt5sim.BadProof, Count: 10})
	_, r, c, err := b.post(1)
	if c != command.Rejected || r.Code != "not-sent" || len(b.sim.Arrivals()) != 0 {
		t.Fatalf("%q, %+v, %v", c, r, err)
	}
	if !strings.Contains(err.Error(), "could not prove") {
		t.Errorf("the cause does not say why: %v", err)
	}
}

func TestWrongPasswordBacksOffAndStaysSecret(t *testing.T) {
	const secret = "Wr0ng-Secret!"
	b := newBench(t, mt5sim.Options{}, func(c *mt5.Config) { c.Password = secret })
	_, _, c, err := b.post(1)
	if c != command.Rejected || !core.IsFault(err, "not-sent") {
		t.Fatalf("%q, %v", c, err)
	}
	texts := []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprint(b.config), fmt.Sprintf("%#v", b.config), fmt.Sprintf("%#v", b.client), fmt.Sprintf("%+v", b.client)}
	raw, _ := json.Marshal(b.config)
	for _, text := range append(texts, string(raw)) {
		if strings.Contains(text, secret) || strings.Contains(text, "srv_rand") {
			t.Errorf("a secret shows in %s", text)
		}
	}
	if _, err = b.client.Account(context.Background(), mt5test.Login); err == nil || !strings.Contains(err.Error(), "next try") {
		t.Errorf("the next sign-in did not wait: %v", err)
	}
	b.wall.Advance(10 * time.Second)
	if _, err = b.client.Account(context.Background(), mt5test.Login); err == nil || strings.Contains(err.Error(), "next try") {
		t.Errorf("sign-in is not tried again after the wait: %v", err)
	}
}

func TestUntrustedCertificateIsNotSent(t *testing.T) {
	b := newBench(t, mt5sim.Options{}, func(c *mt5.Config) { c.RootPEM, c.Roots = nil, x509.NewCertPool() })
	_, r, c, err := b.post(1)
	if c != command.Rejected || r.Code != "not-sent" || err == nil {
		t.Fatalf("%q, %+v, %v", c, r, err)
	}
}

// A long silence ends the session on the server; the ping before the next
// write finds out, so that the write is not the one that is refused.
func TestWriteAfterSilenceSignsInFirst(t *testing.T) {
	b := newBench(t, mt5sim.Options{}, nil)
	for range 3 {
		if _, _, c, err := b.post(5); c != command.Applied {
			t.Fatalf("%q, %v", c, err)
		}
		b.wall.Advance(10 * time.Minute)
	}
	if n := len(b.sim.Arrivals()); n != 3 {
		t.Fatalf("%d writes for three postings", n)
	}
}

// The same without the ping: the server was restarted a moment ago. Nothing
// was written to the dead connection, so a new session carries the first send.
func TestWriteAfterRestartIsSentOnce(t *testing.T) {
	b := newBench(t, mt5sim.Options{PlainHTTP: true}, nil)
	if _, _, c, err := b.post(5); c != command.Applied {
		t.Fatalf("%q, %v", c, err)
	}
	b.sim.Close()
	if _, r, c, err := b.post(5); c != command.Rejected || r.Code != "not-sent" {
		t.Fatalf("with the server down: %q, %v", c, err)
	}
	if _, err := b.sim.Start(strings.TrimPrefix(b.config.BaseURL, "http://")); err != nil {
		t.Fatal(err)
	}
	op, _, c, err := b.post(5)
	if c != command.Applied || b.sim.ArrivalsOf(op.Tag) != 1 {
		t.Fatalf("after the restart: %q, %v", c, err)
	}
}

func TestMissingRights(t *testing.T) {
	b := newBench(t, mt5sim.Options{Managers: []mt5sim.Manager{{
		Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, NoMoney: true, NoAccounts: true, NoPersonal: true,
	}}}, nil)
	_, r, c, err := b.post(1)
	if c != command.Rejected || r.Code != "platform-permission" || core.AsFault(err).Kind != core.Denied {
		t.Fatalf("post: %q, %+v, %v", c, r, err)
	}
	a, err := b.client.Account(context.Background(), mt5test.Login)
	if err != nil || a.Name != "" || !a.PersonalHidden {
		t.Fatalf("a missing right must not look like an emptied name: %+v, %v", a, err)
	}
}

func TestPasswordsLeaveNoTraceInDigests(t *testing.T) {
	b := newBench(t, mt5sim.Options{}, nil)
	account := platform.NewAccount{
		Login: 700009, Name: "Grace Example", Group: mt5test.Group, Leverage: 30, Rights: 1,
		MainPassword: "1Ar#pqkj", InvestorPassword: "2Ar#pqkj",
	}
	digest := func() [32]byte {
		op := mt5test.NewOp()
		op.Deadline = b.wall.Now().Add(time.Minute)
		r, _, _ := b.client.Create(context.Background(), op, account)
		return r.Request
	}
	first := digest()
	account.MainPassword = "3Ar#pqkj"
	if digest() != first {
		t.Error("the digest depends on a password, so the password can be guessed from it")
	}
	account.Name = "Other Example"
	if digest() == first {
		t.Error("the digest does not depend on the name")
	}
}

func TestConfigRefusals(t *testing.T) {
	good := mt5.Config{Name: "n", BaseURL: "https://mt5.example.com", Login: 1, Password: "p"}
	if _, err := mt5.New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*mt5.Config){
		"no name": func(c *mt5.Config) { c.Name = "" }, "no login": func(c *mt5.Config) { c.Login = 0 },
		"no password": func(c *mt5.Config) { c.Password = "" }, "plain": func(c *mt5.Config) { c.BaseURL = "http://mt5.example.com" },
		"userinfo": func(c *mt5.Config) { c.BaseURL = "https://u:p@mt5.example.com" }, "bad pem": func(c *mt5.Config) { c.RootPEM = []byte("x") },
	} {
		c := good
		spoil(&c)
		if _, err := mt5.New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
