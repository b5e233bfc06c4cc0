package console

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/oidc"
	"vouchsafe/adapters/oidc/oidcsim"
)

// corpBack is where the provider sends browsers; the tests bring them to the
// house themselves.
const corpBack = "https://console.firm.example/sign-in/with/corp/back"

// corpHouse is a house whose people can sign in at a provider that speaks
// OpenID Connect over HTTP.
type corpHouse struct {
	*house
	sim *oidcsim.Server
}

func openCorp(t *testing.T) *corpHouse {
	t.Helper()
	h := &corpHouse{sim: oidcsim.New(oidcsim.Options{
		Name: "Corp ID", ClientID: "vouchsafe", Secret: "client secret", Redirects: []string{corpBack}, SecondFactor: "two",
		People: []oidcsim.Person{{Sub: "sub-sue", Name: "Sue C.", Email: "sue@corp.example"}, {Sub: "sub-otto", Name: "Otto C."}},
	})}
	issuer, shut, err := h.sim.Start("127.0.0.1:0")
	must(t, err)
	t.Cleanup(shut)
	client, err := oidc.New(oidc.Config{
		ID: "corp", Label: "Corp ID", Issuer: issuer, ClientID: "vouchsafe", Secret: "client secret", Redirect: corpBack, ACR: []string{"two"}, Timeout: 5 * time.Second,
	})
	must(t, err)
	h.house = openHouseWith(t, true, client)
	h.wall.Set(h.wall.Now()) // sessions live by the house's clock, tokens by the world's
	return h
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// chooses is somebody on the provider's page: who they say they are there. It
// returns the address to which the provider sends their browser, at the house.
func (h *corpHouse) chooses(address, sub string, more url.Values) string {
	h.t.Helper()
	if !strings.HasPrefix(address, h.sim.Issuer()+"/") {
		h.t.Fatalf("the browser is sent to %s", address)
	}
	page, err := http.Get(address)
	must(h.t, err)
	body, err := io.ReadAll(page.Body)
	must(h.t, err)
	form := url.Values{"sub": {sub}}
	for _, m := range hiddenField.FindAllStringSubmatch(string(body), -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for k, v := range more {
		form[k] = v
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(h.sim.Issuer()+"/authorize", form)
	must(h.t, err)
	to := resp.Header.Get("Location")
	if !strings.HasPrefix(to, corpBack+"?") {
		h.t.Fatalf("the provider sends the browser to %q: %d", to, resp.StatusCode)
	}
	return strings.TrimPrefix(to, "https://console.firm.example")
}

// linked links a resident to an identity, by the pages.
func (h *corpHouse) linked(name, sub string) *visitor {
	h.t.Helper()
	v := h.as(name)
	go1 := v.get("/account/identities/corp", http.StatusSeeOther)
	offer := v.get(h.chooses(go1.to(), sub, nil), http.StatusOK)
	f := hiddenField.FindAllStringSubmatch(offer.body, -1)
	i := slices.IndexFunc(f, func(m []string) bool { return m[1] == "offer" })
	if i < 0 {
		h.t.Fatalf("nothing is offered: %s", problem.FindString(offer.body))
	}
	v.sees("/account/sign-in", "Link Corp ID")
	v.post("/account/identities", http.StatusSeeOther, "offer", f[i][2])
	v.sees("/account/sign-in", "Corp ID", sub, "Unlink")
	return v
}

func TestSigningInAtAProvider(t *testing.T) {
	h := openCorp(t)
	v := h.stranger()
	v.sees("/sign-in?next=/clients", "Sign in with Corp ID", `href="/sign-in/with/corp?next=%2Fclients"`)

	// Nobody is linked yet: the words help, the log knows, and nobody is in.
	to := v.get("/sign-in/with/corp?next=/clients", http.StatusSeeOther).to()
	a := v.get(h.chooses(to, "sub-sue", nil), http.StatusUnauthorized)
	if !strings.Contains(a.body, access.ErrNotLinked.Text) || strings.Contains(a.body, "Sue C.") {
		t.Errorf("the answer is %s", problem.FindString(a.body))
	}
	v.get("/clients", http.StatusSeeOther)

	h.linked("sue", "sub-sue")
	v = h.stranger()
	to = v.get("/sign-in/with/corp?next=/clients", http.StatusSeeOther).to()
	for _, want := range []string{"code_challenge_method=S256", "response_type=code", "nonce=", "state=", "scope=openid"} {
		if !strings.Contains(to, want) {
			t.Errorf("the provider is asked without %s: %s", want, to)
		}
	}
	if strings.Contains(to, "secret") {
		t.Error("the browser carries our secret")
	}
	back := h.chooses(to, "sub-sue", url.Values{"strong": {"1"}})
	in := v.get(back, http.StatusSeeOther)
	if in.to() != "/clients" {
		t.Errorf("the way leads to %q", in.to())
	}
	v.sees("/account", "oidc, oidc-second-factor")

	// The same address again, in this browser and in another.
	v.get(back, http.StatusUnprocessableEntity)
	h.stranger().get(back, http.StatusUnprocessableEntity)
}

// Whatever is wrong with what the provider sends, the answer is one, and
// nobody is in.
func TestAProvidersFaultsLetNobodyIn(t *testing.T) {
	h := openCorp(t)
	h.linked("sue", "sub-sue")
	for _, fault := range []oidcsim.Fault{
		oidcsim.WrongNonce, oidcsim.AlgNone, oidcsim.AlgHS256, oidcsim.StrangeKey, oidcsim.Expired, oidcsim.WrongAudience, oidcsim.WrongIssuer, oidcsim.MixUp, oidcsim.NoIssuer,
	} {
		h.sim.Break(fault)
		h.wall.Advance(10 * time.Minute) // past the wait that grows with each failure
		v := h.stranger()
		a := v.get(h.chooses(v.get("/sign-in/with/corp", http.StatusSeeOther).to(), "sub-sue", nil), http.StatusUnauthorized)
		if !strings.Contains(a.body, html.EscapeString(access.ErrIdentity.Text)) && !strings.Contains(a.body, access.ErrIdentity.Text) {
			t.Errorf("%s: %s", fault, problem.FindString(a.body))
		}
		v.get("/clients", http.StatusSeeOther)
	}
	h.sim.Break(oidcsim.None)
	h.wall.Advance(10 * time.Minute)
	v := h.stranger()
	a := v.get(h.chooses(v.get("/sign-in/with/corp", http.StatusSeeOther).to(), "sub-sue", url.Values{"refuse": {"1"}}), http.StatusUnauthorized)
	if strings.Contains(a.body, "access_denied") {
		t.Error("the provider's words are shown")
	}
	v.get("/sign-in/with/nowhere", http.StatusNotFound)
}

// Where somebody wanted to go never leads off the site.
func TestNoOpenRedirectByProvider(t *testing.T) {
	h := openCorp(t)
	h.linked("sue", "sub-sue")
	for _, next := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=1"} {
		v := h.stranger()
		to := v.get("/sign-in/with/corp?next="+url.QueryEscape(next), http.StatusSeeOther).to()
		in := v.get(h.chooses(to, "sub-sue", nil), http.StatusSeeOther)
		if !strings.HasPrefix(in.to(), "/") || strings.HasPrefix(in.to(), "//") || strings.Contains(in.to(), "evil.example") && !strings.HasPrefix(in.to(), "/%") {
			t.Errorf("next=%s leads to %q", next, in.to())
		}
	}
}

// Another site that sends a browser around cannot link anything: linking is
// confirmed, in the session in which it was begun, with a fresh factor.
func TestNothingIsLinkedUnconfirmed(t *testing.T) {
	h := openCorp(t)
	v := h.as("sue")
	back := h.chooses(v.get("/account/identities/corp", http.StatusSeeOther).to(), "sub-otto", nil)
	offer := v.get(back, http.StatusOK)
	if !strings.Contains(offer.body, "Otto C.") {
		t.Error("the page does not say whom one would link")
	}
	v.sees("/account/sign-in", "None.")
	m := regexp.MustCompile(`name="offer" value="([^"]*)"`).FindStringSubmatch(offer.body)
	if m == nil {
		t.Fatal("there is no offer")
	}
	// Somebody else's session cannot take the offer, nor a stale one.
	h.as("otto").post("/account/identities", http.StatusUnprocessableEntity, "offer", m[1])
	// Without a fresh factor it is asked for, and an offer grows old.
	h.wall.Advance(5*time.Minute + time.Second)
	if a := v.post("/account/identities", 0, "offer", m[1]); a.code == http.StatusSeeOther {
		t.Error("an old offer was taken")
	}
	v.sees("/account/sign-in", "None.")
}

func TestAnAdministratorAsksToLinkAndUnlinksAlone(t *testing.T) {
	h := openCorp(t)
	h.hire("ada", "en_cy", access.SystemAdmin)
	page := "/staff/" + string(h.who["sue"])
	adam := h.as("adam")
	adam.sees(page+"/identity", "Corp ID", "Never an e-mail address")
	fields := []string{"issuer", h.sim.Issuer(), "account", "sub-sue", "words", "She works from the branch office."}
	a := adam.sent(page+"/identity", http.StatusSeeOther, fields...)
	if !strings.HasPrefix(a.to(), "/approvals/") {
		t.Fatalf("it was not proposed: %q", a.to())
	}
	adam.sees(a.to(), "sub-sue")
	bad := adam.sent(page+"/identity", http.StatusUnprocessableEntity, "issuer", h.sim.Issuer(), "account", "sue@corp.example", "words", "As above here.")
	if !strings.Contains(bad.body, "looks like an e-mail address") {
		t.Error("an address is taken for an identifier")
	}
	h.linked("otto", "sub-otto")
	body := adam.get("/staff/"+string(h.who["otto"])+"/sessions", http.StatusOK).body
	id := regexp.MustCompile(`/identities/(oi_[a-z0-9]+)/unlink`).FindStringSubmatch(body)
	if id == nil {
		t.Fatal("an administrator cannot unlink")
	}
	h.as("sue").sent("/identities/"+id[1]+"/unlink", http.StatusForbidden, "of", string(h.who["otto"]), "words", "It is not mine to say.")
	h.as("adam").sent("/identities/"+id[1]+"/unlink", http.StatusSeeOther, "of", string(h.who["otto"]), "words", "The device was lost.")
	found := false
	for _, e := range h.Events(h.who["otto"]) {
		found = found || e.Type == access.EventIdentityUnlinked.Name
	}
	if !found {
		t.Error("unlinking left no evidence")
	}
}

// Signing in replaces the session that the browser had: it is over, not only
// forgotten.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	h := openHouse(t, true)
	v := h.as("sue")
	u, _ := url.Parse(h.url)
	before := v.client.Jar.Cookies(u)
	v.post("/sign-in", http.StatusSeeOther, "email", h.emails["otto"], "password", housePassword, "code", h.code(), "next", "/approvals")
	old := h.stranger()
	old.client.Jar.SetCookies(u, before)
	if a := old.get("/account", http.StatusSeeOther); !strings.HasPrefix(a.to(), "/sign-in") {
		t.Error("the old cookie still works")
	}
	n := 0
	for _, e := range h.Events(h.who["sue"]) {
		if e.Type == access.EventSessionEnded.Name {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d sessions of sue ended", n)
	}
}
