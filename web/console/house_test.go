package console

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"vouchsafe/access"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
	"vouchsafe/web/ui"
)

// What policy sees of the tables; the program declares the same when it wires.
func init() {
	access.Columns(core.KindClient, "entity", nil)
	access.Columns(access.KindEvent, "event.entity", map[string]string{"id": "event.id"})
	routes = append(routes, route{"POST /test/settings", (*Server).testSetting, signedIn})
}

// A command that wants a fresh second factor, with a form of its own.
type changeSetting struct {
	Setting core.Ref `json:"setting"`
	Value   string   `json:"value"`
}

func (changeSetting) Action() command.Action { return "system.setting.change" }

func (c changeSetting) Subject() core.Ref { return c.Setting }

var eventSetting = evidence.Register("console.setting.tested", evidence.APIActivity, "A setting of the tests was changed.")

type settingHandler struct{}

func (settingHandler) Load(_ context.Context, _ store.Reader, in changeSetting) (int, command.Resource, error) {
	return 0, command.Resource{Kind: core.KindSetting, Ref: in.Setting, Entity: "en_cy"}, nil
}

func (settingHandler) Check(changeSetting, int, command.Moment) command.Verdict {
	return command.Proceed()
}

func (settingHandler) Apply(_ context.Context, _ *command.Tx, in changeSetting, _ int) ([]evidence.Event, error) {
	return []evidence.Event{{Type: eventSetting, Entity: "en_cy", Subjects: []core.Ref{in.Setting}, Text: in.Value}}, nil
}

func (s *Server) testSetting(w http.ResponseWriter, r *http.Request) error {
	var in changeSetting
	if err := decodeForm(r, &in); err != nil {
		return err
	}
	return s.run(w, r, in, "/account", func(f *core.Fault) error { return f })
}

// gcm seals with a fixed key and counted nonces.
type gcm struct {
	cipher.AEAD
	n atomic.Uint64
}

func (g *gcm) Seal(plain, ad []byte) ([]byte, error) {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[4:], g.n.Add(1))
	return g.AEAD.Seal(nonce, nonce, plain, ad), nil
}

func (g *gcm) Open(sealed, ad []byte) ([]byte, error) {
	if len(sealed) < 12 {
		return nil, errors.New("short")
	}
	return g.AEAD.Open(nil, sealed[:12], sealed[12:], ad)
}

// house is the console over the real policies, real sign-in and real clients,
// in two legal entities.
type house struct {
	*commandtest.Rig
	t        *testing.T
	auth     *access.Auth
	policies *access.Authorizer
	wall     *core.VirtualClock
	signer   evidence.Signers
	seq      *evidence.Sequencer
	server   *Server
	url      string
	who      map[string]core.Ref
	emails   map[string]string
	mail     map[string]string // the last invitation sent to an address
}

const housePassword = "correct horse battery 9"

var houseSeed = []byte("twenty bytes of seed")

// people of the house: name, employer, role.
var residents = []struct {
	name, entity string
	role         access.Role
}{
	{"maria", "en_cy", access.Compliance},
	{"otto", "en_cy", access.Compliance},
	{"sue", "en_cy", access.Support},
	{"hal", "en_cy", access.HeadOfDealing},
	{"adam", "en_cy", access.SystemAdmin},
	{"nia", "en_sc", access.Compliance},
	{"sam", "en_sc", access.Support},
	{"aud", "en_cy", access.Auditor},
	{"gus", "en_group", access.Auditor},
}

func openHouse(t *testing.T, plain bool) *house {
	t.Helper()
	return openHouseWith(t, plain)
}

// openHouseWith is openHouse with providers at which people can sign in.
func openHouseWith(t *testing.T, plain bool, providers ...access.IdentityProvider) *house {
	t.Helper()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	policy, err := access.NewAuthorizer()
	must(t, err)
	access.Register(reg, nil, policy)
	clients.Register(reg)
	command.Handle[changeSetting, int](reg, settingHandler{}, command.Doc{Title: "Change a setting", Kind: core.KindSetting, StepUp: true})
	h := &house{
		Rig: commandtest.New(t, storetest.Open(t, store.SQLite), reg), t: t, wall: core.NewVirtualClock(commandtest.Start),
		who: map[string]core.Ref{}, emails: map[string]string{}, mail: map[string]string{},
	}
	h.Road.Policy, h.policies = policy, policy
	block, err := aes.NewCipher(make([]byte, 32))
	must(t, err)
	aead, err := cipher.NewGCM(block)
	must(t, err)
	h.auth, err = access.New(access.AuthConfig{
		Road: h.Road, Wall: h.wall, Sealer: &gcm{AEAD: aead}, RPID: "localhost", Firm: "Firm",
		Providers: providers,
		Origins:   []string{"http://localhost"}, Entropy: core.NewSeededEntropy(5), Demo: plain,
		Deliver: func(_ context.Context, email, token string) error { h.mail[email] = token; return nil },
	})
	must(t, err)
	access.RegisterAuth(reg, h.auth)
	access.RegisterIdentities(reg, h.auth)
	dir := t.TempDir()
	h.signer, err = evidence.GenerateSigner(filepath.Join(dir, "log.key"), h.Road.Log.Host)
	must(t, err)
	outside, err := evidence.NewFileOutside(filepath.Join(dir, "out"))
	must(t, err)
	h.seq, err = evidence.NewSequencer(evidence.SequencerConfig{Store: h.Road.Store, Signers: h.signer, Clock: h.wall, Holder: "test", Outside: outside})
	must(t, err)
	h.people()
	h.server = New(Deps{
		Road: h.Road, Auth: h.auth, Wall: h.wall, Demo: plain, Plain: plain, Report: func(err error) { t.Errorf("reported: %v", err) },
		Records: h, Policies: h.policies, Personas: []Persona{{Staff: h.who["sue"], Name: "Sue", Note: "support"}},
		CaseOwners: h.owners,
		Names: func(ctx context.Context, refs []core.Ref) (map[core.Ref]string, error) {
			return access.StaffNames(ctx, h.Road.Store.Reader(), refs)
		},
	})
	srv := httptest.NewServer(h.server.Handler())
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// EntityOf tells the entity of clients, like the program's own introduction.
func (h *house) EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error) {
	if ref.Kind() != core.KindClient {
		return "", nil
	}
	return clients.Service{}.EntityOf(ctx, r, ref)
}

// MayOwn asks the policies, like the program's own introduction.
func (h *house) MayOwn(ctx context.Context, r store.Reader, who core.Ref, file command.Resource) (bool, error) {
	ruling, err := h.policies.Authorize(ctx, r, evidence.Actor{Ref: who}, "cases.case.view", file, h.Clock.Now())
	return ruling.Allow, err
}

// owners are those who may own a case.
func (h *house) owners(ctx context.Context, file command.Resource) ([]core.Ref, error) {
	return h.policies.WhoMay(ctx, h.Road.Store.Reader(), "cases.case.view", file, h.Clock.Now())
}

func (h *house) people() {
	install := evidence.Actor{Ref: access.SysInstall, StepUp: true}
	h.Do(install, access.CreateEntity{Code: "cy", Name: "Aurum Cyprus Ltd", Jurisdiction: "CY", Regulator: "CySEC", Licence: "1/22", Currency: "EUR"})
	h.Do(install, access.CreateEntity{Code: "sc", Name: "Aurum Seychelles Ltd", Jurisdiction: "SC", Regulator: "FSA", Licence: "SD1", Currency: "USD"})
	for _, p := range residents {
		h.hire(p.name, core.Ref(p.entity), p.role)
	}
}

// hire gives the house one more colleague.
func (h *house) hire(name string, entity core.Ref, role access.Role) {
	install := evidence.Actor{Ref: access.SysInstall, StepUp: true}
	email := name + "@firm.example"
	ref := h.Do(install, access.CreateStaff{Entity: entity, Name: strings.ToUpper(name[:1]) + name[1:] + " Colleague", Email: email, Line: access.FirstLine}).Subject
	h.Do(install, access.BootstrapGrant{Holder: ref, Role: role, Entity: entity, Until: commandtest.Start.Add(60 * 24 * time.Hour)})
	_, err := h.auth.Enrol(h.T.Context(), install, ref, housePassword, houseSeed)
	must(h.t, err)
	h.who[name], h.emails[name] = ref, email
}

func (h *house) seal() {
	h.t.Helper()
	_, err := h.seq.Step(context.Background())
	must(h.t, err)
}

// granted is the event of a resident's first role, which is no client's story.
func (h *house) granted(name string) string {
	h.t.Helper()
	for _, e := range h.Events(h.who[name]) {
		if e.Type == access.EventGrantBootstrapped.Name {
			return e.ID
		}
	}
	h.t.Fatalf("%s was never given a role", name)
	return ""
}

// visitor is one browser without JavaScript: links and plain forms.
type visitor struct {
	h      *house
	client *http.Client
	name   string
}

func (h *house) stranger() *visitor {
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	return &visitor{h: h, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// code is a code nobody has used yet.
func (h *house) code() string {
	h.t.Helper()
	h.wall.Advance(31 * time.Second)
	code, err := totp.GenerateCode(base32.StdEncoding.EncodeToString(houseSeed), h.wall.Now().Time())
	must(h.t, err)
	return code
}

// as signs a resident in by the form.
func (h *house) as(name string) *visitor {
	h.t.Helper()
	v := h.stranger()
	v.name = name
	v.post("/sign-in", http.StatusSeeOther, "email", h.emails[name], "password", housePassword, "code", h.code(), "next", "/approvals")
	return v
}

// answer is what came back.
type answer struct {
	code   int
	body   string
	header http.Header
}

func (a answer) to() string { return a.header.Get("Location") }

func (v *visitor) do(r *http.Request, want int) answer {
	v.h.t.Helper()
	res, err := v.client.Do(r)
	must(v.h.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(v.h.t, err)
	a := answer{res.StatusCode, string(b), res.Header}
	if want != 0 && a.code != want {
		v.h.t.Fatalf("%s %s as %s answers %d, want %d: %s", r.Method, r.URL, v.name, a.code, want, problem.FindString(a.body))
	}
	v.h.sound(r, a)
	return a
}

var inlined = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<script>|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|\shx-on`)

// sound checks what holds of every answer.
func (h *house) sound(r *http.Request, a answer) {
	h.t.Helper()
	if got := a.header.Get("Content-Security-Policy"); got != ui.CSP {
		h.t.Errorf("%s: content policy %q", r.URL, got)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
		if a.header.Get(name) != want {
			h.t.Errorf("%s: %s is %q", r.URL, name, a.header.Get(name))
		}
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		if a.header.Get("Cache-Control") != "no-store" {
			h.t.Errorf("%s may be stored", r.URL)
		}
		if m := inlined.FindString(a.body); m != "" {
			h.t.Errorf("%s holds %q", r.URL, m)
		}
	}
}

func (v *visitor) get(path string, want int) answer {
	v.h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, v.h.url+path, nil)
	must(v.h.t, err)
	return v.do(r, want)
}

func (v *visitor) post(path string, want int, fields ...string) answer {
	v.h.t.Helper()
	f := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, v.h.url+path, strings.NewReader(f.Encode()))
	must(v.h.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r, want)
}

// field reads the value of a hidden field of a page.
func field(t testing.TB, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("the page has no field %s", name)
	}
	return m[1]
}

// canaries are what only some may see.
var canaries = []string{"Canaryname", "canarymail", "99123456", "Canarystreet", "1984-02-29", "370400440532013000", "Canaryword"}

func (h *house) masked(what, body string) {
	h.t.Helper()
	for _, c := range canaries {
		if strings.Contains(body, c) {
			h.t.Errorf("%s shows %q", what, c)
		}
	}
}

// story makes a client and a proposal about bank details in en_cy, and another
// client in en_sc.
func (h *house) story() (client, proposal, foreign core.Ref) {
	h.t.Helper()
	sue, sam := evidence.Actor{Ref: h.who["sue"], IP: "192.0.2.77"}, evidence.Actor{Ref: h.who["sam"]}
	in := clients.CreateClient{
		Entity: "en_cy", Name: "Adelheid Canaryname", Email: "adelheid@canarymail.example", Phone: "+35799123456",
		Address: "7 Canarystreet, Limassol", Country: "CY", BirthDate: "1984-02-29", Nationality: "DE",
	}
	client = h.Do(sue, in).Subject
	h.Clock.Advance(time.Hour)
	out := h.Do(sue, clients.AddBankDetail{Client: client, Holder: "Adelheid Canaryname", Account: "DE89370400440532013000", Currency: "EUR", Reason: "client_request", Words: "Canaryword given on the phone."})
	in.Entity, in.Name, in.Email = "en_sc", "Ferdinand Farname", "far@mail.example"
	foreign = h.Do(sam, in).Subject
	h.seal()
	return client, out.Proposal, foreign
}
