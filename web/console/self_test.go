package console

import (
	"encoding/base32"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
	wa "github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"vouchsafe/access"
	"vouchsafe/evidence"
)

func (v *visitor) sees(path string, wants ...string) string {
	v.h.t.Helper()
	body := v.get(path, http.StatusOK).body
	for _, want := range wants {
		if !strings.Contains(body, want) {
			v.h.t.Errorf("%s lacks %q", path, want)
		}
	}
	return body
}

func TestPasswordsAreChangedByTheirHolder(t *testing.T) {
	h := openHouse(t, true)
	v, elsewhere := h.as("maria"), h.as("maria")
	v.sees("/account/sign-in", "Code generator set up", "Register a passkey", "Change the password")
	fresh := "seven lanterns below deck"
	for _, c := range []struct {
		old, password, repeated, want string
		status                        int
	}{
		{housePassword, fresh, fresh + "x", "not the same", http.StatusUnprocessableEntity},
		{housePassword, "short", "short", "at least 12 characters", http.StatusUnprocessableEntity},
		{"wrong " + housePassword, fresh, fresh, "old password is not right", http.StatusForbidden},
	} {
		h.wall.Advance(time.Minute)
		a := v.post("/account/password", c.status, "old", c.old, "password", c.password, "repeated", c.repeated)
		if !strings.Contains(a.body, c.want) || strings.Contains(a.body, c.password) && len(c.password) > 8 || strings.Contains(a.body, housePassword) {
			t.Errorf("%q: %s", c.want, problem.FindString(a.body))
		}
	}
	h.wall.Advance(time.Minute)
	v.post("/account/password", http.StatusSeeOther, "old", housePassword, "password", fresh, "repeated", fresh)
	v.sees("/account", "This session")
	elsewhere.get("/account", http.StatusSeeOther)
	s := h.stranger()
	s.post("/sign-in", http.StatusUnauthorized, "email", h.emails["maria"], "password", housePassword, "code", h.code())
	h.wall.Advance(time.Minute)
	s.post("/sign-in", http.StatusSeeOther, "email", h.emails["maria"], "password", fresh, "code", h.code())
}

func TestGeneratorsAreReplacedWithAFreshFactor(t *testing.T) {
	h := openHouse(t, true)
	v := h.as("maria")
	h.wall.Advance(6 * time.Minute)
	asked := v.get("/account/generator", http.StatusForbidden)
	if strings.Contains(asked.body, "qr-ink") || field(t, asked.body, stepUpTo) != "/account/generator" {
		t.Fatal("a new seed is shown without a fresh factor")
	}
	if a := v.post("/step-up", http.StatusSeeOther, stepUpTo, "/account/generator", stepUpCode, h.code()); a.to() != "/account/generator" {
		t.Fatalf("after the factor one is at %q", a.to())
	}
	page := v.get("/account/generator", http.StatusOK)
	secret := regexp.MustCompile(`title="([A-Z2-7]{32})"`).FindStringSubmatch(page.body)
	if secret == nil || !strings.Contains(page.body, `class="qr-ink"`) {
		t.Fatal("the page shows no secret or no code to scan")
	}
	offer := html.UnescapeString(field(t, page.body, "offer"))
	wrong := v.post("/account/generator", http.StatusUnprocessableEntity, "offer", offer, "code", "000000")
	if !strings.Contains(wrong.body, secret[1]) || !strings.Contains(wrong.body, "not the code of the new generator") {
		t.Error("a wrong code costs the seed that was scanned, or is not told about")
	}
	v.post("/account/generator", http.StatusUnprocessableEntity, "offer", strings.Repeat("A", 64), "code", "000000")
	code := func() string {
		c, err := totp.GenerateCode(secret[1], h.wall.Now().Time())
		must(t, err)
		return c
	}
	v.post("/account/generator", http.StatusSeeOther, "offer", offer, "code", code())
	h.wall.Advance(31 * time.Second)
	s := h.stranger()
	s.post("/sign-in", http.StatusSeeOther, "email", h.emails["maria"], "password", housePassword, "code", code())
	if raw, err := base32.StdEncoding.DecodeString(secret[1]); err != nil || string(raw) == string(houseSeed) {
		t.Error("the seed is not new")
	}
}

func TestPasskeysAreRegisteredAndRemoved(t *testing.T) {
	h := openHouse(t, true)
	v := h.as("maria")
	rp := wa.RelyingParty{Name: "Firm", ID: "localhost", Origin: "http://localhost"}
	device, key := wa.NewAuthenticator(), wa.NewCredential(wa.KeyTypeEC2)
	for len(key.Key.AttestationData()) != 77 { // of the others the virtual device writes too short a key
		key = wa.NewCredential(wa.KeyTypeEC2)
	}
	device.Options.UserHandle = []byte(h.who["maria"])
	page := v.get("/account/passkeys/new", http.StatusOK)
	m := regexp.MustCompile(`data-passkey-new="([^"]*)"`).FindStringSubmatch(page.body)
	if m == nil {
		t.Fatal("the page gives the script no options")
	}
	o, err := wa.ParseAttestationOptions(html.UnescapeString(m[1]))
	must(t, err)
	answer := wa.CreateAttestationResponse(rp, device, key, *o)
	offer := field(t, page.body, "offer")
	if a := v.post("/account/passkeys", http.StatusUnprocessableEntity, "name", "x", "offer", offer, "passkey", answer); !strings.Contains(a.body, "Give the passkey a name") {
		t.Error("a name too short is not told about")
	}
	v.post("/account/passkeys", http.StatusUnprocessableEntity, "name", "blue key", "offer", offer, "passkey", "{}")
	v.post("/account/passkeys", http.StatusSeeOther, "name", "blue key", "offer", offer, "passkey", answer)
	with := v.sees("/account/sign-in", "blue key")
	remove := regexp.MustCompile(`/account/passkeys/ky_[a-z0-9]+/remove`).FindString(with)
	h.as("otto").post(remove, http.StatusForbidden, "idempotency_key", "k")
	h.wall.Advance(6 * time.Minute)
	v.post(remove, http.StatusForbidden, "idempotency_key", "k1")
	v.post("/step-up", http.StatusTemporaryRedirect, "idempotency_key", "k1", stepUpTo, remove, stepUpCode, h.code())
	v.post(remove, http.StatusSeeOther, "idempotency_key", "k1")
	if strings.Contains(v.sees("/account/sign-in"), "blue key") {
		t.Error("the passkey is still there")
	}
}

func TestTokensAreShownOnce(t *testing.T) {
	h := openHouse(t, true)
	h.Clock.Advance(time.Hour) // the roles have begun
	v := h.as("maria")
	page := v.sees("/account/tokens/new", `value="clients.client.view"`, `value="evidence.event.search"`, `value="see.bank"`)
	for _, never := range []string{`value="access.token`, `value="access.grant.request`, `value="command.proposal.approve"`, `value="payments.withdrawal.release"`, `value="payments.attempt.begin"`} {
		if strings.Contains(page, never) {
			t.Errorf("a token is offered for %s", never)
		}
	}
	key := field(t, page, "idempotency_key")
	make1 := func(want int, days string, acts ...string) answer {
		r, err := http.NewRequest(http.MethodPost, h.url+"/account/tokens", strings.NewReader(url.Values{
			"idempotency_key": {key}, "name": {"nightly report"}, "days": {days}, "actions": acts,
		}.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return v.do(r, want)
	}
	if a := make1(http.StatusUnprocessableEntity, "soon", "clients.client.view"); !strings.Contains(a.body, "whole number") || !strings.Contains(a.body, `value="clients.client.view" checked`) {
		t.Error("wrong days are not told about, or the choice is lost")
	}
	make1(http.StatusUnprocessableEntity, "91", "clients.client.view")
	if a := make1(http.StatusUnprocessableEntity, "5"); !strings.Contains(a.body, "Choose what the token may do") {
		t.Error("a token for nothing is not told about")
	}
	make1(http.StatusUnprocessableEntity, "5", "access.grant.request")
	made := make1(http.StatusOK, "5", "clients.client.view", "clients.client.list")
	token := regexp.MustCompile(`vs_[A-Za-z0-9_-]{43}`).FindString(made.body)
	if token == "" {
		t.Fatal("the token is not shown")
	}
	actor, _, err := h.auth.AuthenticateToken(t.Context(), token, "192.0.2.9")
	must(t, err)
	if actor.Ref != h.who["maria"] || made.header.Get("Location") != "" || strings.Contains(made.header.Get("Set-Cookie"), token) {
		t.Error("the token is not the holder's, or leaked")
	}
	if again := make1(http.StatusOK, "5", "clients.client.view", "clients.client.list"); strings.Contains(again.body, "vs_") || !strings.Contains(again.body, "You had sent this already") {
		t.Error("sending again shows or makes a token")
	}
	list := v.sees("/account/tokens", "nightly report", "clients.client.list", "in force")
	if strings.Contains(list, token) {
		t.Error("the list shows the token")
	}
	revoke := regexp.MustCompile(`/account/tokens/tk_[a-z0-9]+/revoke`).FindString(list)
	h.as("otto").post(revoke, http.StatusForbidden, "idempotency_key", "k")
	v.post(revoke, http.StatusSeeOther, "idempotency_key", "k")
	if _, _, err := h.auth.AuthenticateToken(t.Context(), token, "192.0.2.9"); err == nil {
		t.Error("a revoked token is good")
	}
	v.sees("/account/tokens", "revoked")
	if a := v.post(revoke, http.StatusConflict, "idempotency_key", "k2"); !strings.Contains(a.body, "revoked already") {
		t.Error("revoking twice is not told about")
	}
	h.wall.Advance(6 * time.Minute)
	key = "another"
	make1(http.StatusForbidden, "5", "clients.client.view")
}

func TestCredentialsOfOthersStayTheirs(t *testing.T) {
	h := openHouse(t, true)
	for _, name := range []string{"otto", "adam"} {
		if v, err := h.auth.Credentials(t.Context(), h.actorOf(name), h.who["maria"]); err == nil {
			t.Errorf("%s reads Maria's credentials: %+v", name, v)
		}
	}
	if v, err := h.auth.Credentials(t.Context(), h.actorOf("maria"), h.who["maria"]); err != nil || !v.Factor() || v.PasswordSet == 0 {
		t.Errorf("one's own: %+v, %v", v, err)
	}
}

// A QR code is drawn module for module, with the quiet zone around it.
func TestQRCodesAreDrawnWhole(t *testing.T) {
	const text = "otpauth://totp/Firm:maria@firm.example?secret=JBSWY3DPEHPK3PXP&issuer=Firm"
	v, err := qrOf(text)
	must(t, err)
	code, err := qr.Encode(text, qr.M, qr.Auto)
	must(t, err)
	n := code.Bounds().Dx()
	if v.Size != n+8 {
		t.Errorf("%d modules for %d", v.Size, n)
	}
	drawn := make([][]bool, n)
	for y := range drawn {
		drawn[y] = make([]bool, n)
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(v.Path, -1) {
		for x := atoi(m[1]); x < atoi(m[1])+atoi(m[3]); x++ {
			drawn[atoi(m[2])][x] = true
		}
		if m[3] != m[4] {
			t.Errorf("a rectangle that does not close: %v", m)
		}
	}
	for y := range n {
		for x := range n {
			if r, _, _, _ := code.At(x, y).RGBA(); (r == 0) != drawn[y][x] {
				t.Fatalf("module %d,%d differs", x, y)
			}
		}
	}
	if _, err := qrOf(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that fits no code is drawn")
	}
}

func atoi(s string) (n int) {
	for _, d := range s {
		n = n*10 + int(d-'0')
	}
	return n
}

// actorOf is a resident as a page's request has them.
func (h *house) actorOf(name string) evidence.Actor {
	return evidence.Actor{Ref: h.who[name], IP: "192.0.2.1", Factors: []string{access.FactorPassword}}
}
