// Package api tries the HTTP API and the console from outside, as every role:
// real requests with real tokens and sessions, on both engines.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/app"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
	"vouchsafe/web/console"
)

// start is a working day; the firm lives under a clock that stands still
// unless a test moves it.
var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// firm is an installation with two entities and one person for every role.
type firm struct {
	*app.App
	t      *testing.T
	ctx    context.Context
	clock  *core.VirtualClock
	srv    *httptest.Server
	psp    *sandpaysim.Server
	people map[string]evidence.Actor // by column, and by column/entity for those who make records
	tokens map[string]string
	homes  [2]*home // own, other
	n      int
}

// column is one person of the matrix.
type column struct {
	name   string
	role   access.Role
	entity string // "own" or "group"
}

var columns = []column{
	{"compliance", access.Compliance, "own"},
	{"senior", access.SeniorCompliance, "own"},
	{"payments", access.Payments, "own"},
	{"pay-lead", access.PaymentsLead, "own"},
	{"support", access.Support, "own"},
	{"dealing", access.Dealing, "own"},
	{"head", access.HeadOfDealing, "own"},
	{"ib", access.IBManager, "own"},
	{"admin", access.SystemAdmin, "own"},
	{"auditor", access.Auditor, "own"},
	{"board", access.Board, "own"},
	{"g-senior", access.SeniorCompliance, "group"},
	{"g-admin", access.SystemAdmin, "group"},
	{"g-audit", access.Auditor, "group"},
	{"nobody", "", ""},
}

// tokenless are those who can have no token: they see the console only.
var tokenless = []column{{"vendor", access.VendorSupport, "own"}}

func each(t *testing.T, fn func(t *testing.T, f *firm)) {
	t.Helper()
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) { fn(t, newFirm(t, e)) })
	}
}

func (f *firm) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func newFirm(t *testing.T, engine store.Engine) *firm {
	t.Helper()
	f := &firm{
		t: t, ctx: context.Background(), clock: core.NewVirtualClock(core.At(start)),
		people: map[string]evidence.Actor{}, tokens: map[string]string{},
	}
	f.open(engine)
	install := evidence.Actor{Ref: access.SysInstall}
	f.homes = [2]*home{{f: f, code: "own-ltd", mark: "own"}, {f: f, code: "other-ltd", mark: "other"}}
	for i, h := range f.homes {
		f.do(install, access.CreateEntity{Code: h.code, Name: h.code, Jurisdiction: []string{"CY", "SC"}[i], Regulator: "Regulator", Licence: "L1", Currency: "EUR"})
		h.entity = core.Ref("en_" + h.code)
	}
	for _, c := range slices.Concat(columns, tokenless) {
		f.hire(c.name, c.role, map[string]core.Ref{"own": f.homes[0].entity, "group": access.Group}[c.entity])
	}
	for _, r := range []access.Role{access.Compliance, access.SeniorCompliance, access.Support, access.Dealing, access.HeadOfDealing, access.PaymentsLead} {
		for _, h := range f.homes {
			f.hire(string(r)+"/"+h.mark, r, h.entity)
		}
	}
	for _, h := range f.homes {
		h.furnish()
	}
	return f
}

// open makes an installation on an engine, with a trading platform beside it.
func (f *firm) open(engine store.Engine) {
	dir := f.t.TempDir()
	cfg := map[string]any{"data": dir, "host": "matrix.example", "demo": true}
	if engine == store.Postgres {
		cfg["database"] = storetest.PostgresURL(f.t)
	}
	text, _ := json.Marshal(cfg)
	file := filepath.Join(dir, "vouchsafe.json")
	f.must(os.WriteFile(file, text, 0o600))
	c, err := app.LoadConfig(file)
	f.must(err)
	f.must(app.Create(f.ctx, c, io.Discard))
	sim := mt5sim.New(mt5sim.Options{Seed: 1, Clock: f.clock, Groups: []mt5sim.Group{{Name: `real\eu-retail`, Currency: "EUR", Digits: 2}, {Name: `real\intl-standard`, Currency: "EUR", Digits: 2}}})
	base, err := sim.Start("127.0.0.1:0")
	f.must(err)
	f.t.Cleanup(func() { sim.Close() })
	client, err := mt5.New(mt5.Config{
		Name: "mt5", BaseURL: base, RootPEM: sim.PEM(), Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword,
		Clock: f.clock, Entropy: core.SystemEntropy{}, Timeout: 10 * time.Second,
	})
	f.must(err)
	f.t.Cleanup(func() { client.Close() })
	f.psp = sandpaysim.New(sandpaysim.Options{Seed: 1, Clock: f.clock})
	base, err = f.psp.Start("127.0.0.1:0")
	f.must(err)
	f.t.Cleanup(func() { f.psp.Close() })
	key, secret := sandpaysim.DemoKeys(1)
	bank, err := sandpay.New(sandpay.Config{BaseURL: base, APIKey: key, WebhookSecrets: []string{secret}, Wall: f.clock})
	f.must(err)
	f.App, err = app.Open(f.ctx, c, app.Options{Clock: f.clock, Wall: f.clock, Holder: "matrix", Platforms: app.Platforms{
		All: []platform.Platform{client}, ByEntity: map[core.Ref]string{"en_own-ltd": "mt5", "en_other-ltd": "mt5"},
	}, Routes: []payments.Route{{Entity: "en_own-ltd", PSP: bank, Merchant: "own-ltd"}, {Entity: "en_other-ltd", PSP: bank, Merchant: "other-ltd"}}})
	f.must(err)
	f.t.Cleanup(func() { f.App.Close() })
	f.srv = httptest.NewServer(f.Handler([]console.Persona{}, func(err error) { f.t.Errorf("reported: %v", err) }))
	f.t.Cleanup(f.srv.Close)
}

// hire enters a person with one role, or with none.
func (f *firm) hire(name string, role access.Role, entity core.Ref) {
	install := evidence.Actor{Ref: access.SysInstall}
	f.n++
	employer := entity
	if employer == "" {
		employer = access.Group
	}
	id := f.do(install, access.CreateStaff{Entity: employer, Name: "Colleague " + name, Email: fmt.Sprintf("p%d@firm.example", f.n), Line: access.FirstLine}).Subject
	f.people[name] = evidence.Actor{Ref: id, IP: "10.0.0.1", Factors: []string{"password", "totp"}, StepUp: true}
	if role != "" {
		f.do(install, access.BootstrapGrant{Holder: id, Role: role, Entity: entity, Until: f.clock.Now().Add(80 * 24 * time.Hour)})
	}
}

// do runs a command that must be done or proposed.
func (f *firm) do(a evidence.Actor, in command.Input) command.Outcome {
	f.t.Helper()
	f.clock.Advance(time.Second)
	out, err := f.Road.Run(f.ctx, a, "", in)
	if err != nil {
		f.t.Fatalf("%s: %v", in.Action(), err)
	}
	return out
}

// agree approves a proposal.
func (f *firm) agree(a evidence.Actor, proposal core.Ref) command.Outcome {
	f.t.Helper()
	p, err := command.GetProposal(f.ctx, f.Store.Reader(), proposal)
	f.must(err)
	out, err := f.Road.Approve(f.ctx, a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Compared with the papers."})
	f.must(err)
	return out
}

// settle lets jobs and the outside world run.
func (f *firm) settle() {
	f.t.Helper()
	for range 3 {
		f.must(f.Settle(f.ctx))
		f.psp.Step(f.clock.Now())
		f.clock.Advance(70 * time.Second)
	}
}

// token makes a person's token for actions.
func (f *firm) token(name string, actions ...string) string {
	f.t.Helper()
	made, err := f.Domains.Auth.CreateToken(f.ctx, f.people[name], "", "matrix", actions, 60)
	f.must(err)
	return made.Token
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// text is all that an answer tells.
func (a answer) text() string {
	var b strings.Builder
	_ = a.header.Write(&b)
	return b.String() + "\n" + a.body
}

func (a answer) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

// send makes one request to the API with a token. Writes get a key of their
// own unless the header brings one.
func (f *firm) send(token string, q ask) answer {
	f.t.Helper()
	var body io.Reader
	header := http.Header{}
	switch b := q.body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
		header.Set("Content-Type", "application/octet-stream")
	case string:
		body = strings.NewReader(b)
		header.Set("Content-Type", "application/json")
	default:
		text, err := json.Marshal(b)
		f.must(err)
		body = bytes.NewReader(text)
		header.Set("Content-Type", "application/json")
	}
	r, err := http.NewRequestWithContext(f.ctx, q.method, f.srv.URL+q.path, body)
	f.must(err)
	f.n++
	if q.method == http.MethodPost {
		header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", f.n))
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	for name, v := range q.header {
		header[name] = v
	}
	r.Header = header
	resp, err := http.DefaultTransport.RoundTrip(r) // redirects are answers too
	f.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	f.must(err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// ask is one request.
type ask struct {
	method, path string
	body         any
	header       http.Header
}

func scan(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range img.Pix {
		img.Pix[i] = byte(n >> (i % 3 * 8))
	}
	img.SetGray(n%40, n/40%40, color.Gray{Y: 9})
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

// actions are the scopes that a token can have: all that the API's operations
// name, and seeing.
func (f *firm) actions() []string {
	out := []string{"see.personal", "see.identity", "see.bank"}
	for _, op := range f.operations() {
		if !slices.Contains(out, op.Action) && !slices.Contains([]string{string(command.ActApprove), string(command.ActDecline)}, op.Action) {
			out = append(out, op.Action)
		}
	}
	return out
}

// operation is one endpoint as the served description tells it.
type operation struct{ ID, Method, Path, Action, About string }

func (f *firm) operations() (out []operation) {
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Action      string `json:"x-action"`
			Description string
		}
	}
	a := f.send("", ask{method: "GET", path: "/api/v1/openapi.json"})
	f.must(json.Unmarshal([]byte(a.body), &doc))
	for path, methods := range doc.Paths {
		for m, op := range methods {
			out = append(out, operation{op.OperationID, strings.ToUpper(m), path, op.Action, op.Description})
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	return out
}
