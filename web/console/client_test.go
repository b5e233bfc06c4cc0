package console

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// desk is the console over real clients and documents, with somebody at it.
type desk struct {
	*commandtest.Rig
	t    *testing.T
	mux  *http.ServeMux
	who  evidence.Actor
	key  int
	last *httptest.ResponseRecorder
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	clients.Register(reg)
	d := &desk{Rig: commandtest.New(t, storetest.Open(t, store.SQLite), reg), t: t, mux: http.NewServeMux()}
	v, err := onboarding.OpenFileVault(context.Background(), filepath.Join(t.TempDir(), "docs"), d.Road.Log.Keys, core.SystemEntropy{})
	if err != nil {
		t.Fatal(err)
	}
	dom := onboarding.Domain{Clients: clients.Service{}, Vault: v, Policy: onboarding.DefaultPolicy()}
	dom.Register(reg)
	s := New(Deps{Road: d.Road, Records: clients.Service{}, Onboarding: dom, Intake: onboarding.NewIntake(v, 1), Report: func(err error) { t.Errorf("reported: %v", err) }})
	for _, rt := range routes {
		d.mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) {
			r = r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{actor: d.who}))
			if err := rt.serve(s, w, r); err != nil {
				s.fail(w, r, err)
			}
		})
	}
	return d
}

// send asks for a page and returns its text; every page must stand under our
// content policy.
func (d *desk) send(r *http.Request, want int) string {
	d.t.Helper()
	d.last = httptest.NewRecorder()
	d.mux.ServeHTTP(d.last, r)
	body := d.last.Body.String()
	if d.last.Code != want {
		d.t.Fatalf("%s %s answers %d, want %d: %s", r.Method, r.URL, d.last.Code, want, problemIn(body))
	}
	if m := inline.FindString(body); m != "" && strings.HasPrefix(d.last.Header().Get("Content-Type"), "text/html") {
		d.t.Errorf("%s holds %q", r.URL, m)
	}
	return body
}

var (
	inline  = regexp.MustCompile(`(?i)<script>|<style| style="| on[a-z]+="`)
	problem = regexp.MustCompile(`(?s)class="notice.*?</div>`)
)

func problemIn(body string) string { return problem.FindString(body) }

func (d *desk) get(path string) string {
	d.t.Helper()
	return d.send(httptest.NewRequest(http.MethodGet, path, nil), http.StatusOK)
}

// post sends a form; what is done leads on, and its place is returned.
func (d *desk) post(path string, want int, fields ...string) string {
	d.t.Helper()
	d.key++
	f := url.Values{"idempotency_key": {strings.Repeat("k", d.key)}}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body := d.send(r, want)
	if want == http.StatusSeeOther {
		return d.last.Header().Get("Location")
	}
	return body
}

func (d *desk) upload(path string, content []byte, want int, fields ...string) string {
	d.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	p, _ := m.CreateFormFile("file", "../../Canaryfile.pdf.exe")
	_, _ = p.Write(content)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	body := d.send(r, want)
	if want == http.StatusSeeOther {
		return d.last.Header().Get("Location")
	}
	return body
}

func (d *desk) as(a evidence.Actor) { d.who = a }

func photo(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 10+n, 10))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var create = []string{
	"entity", "en_cy", "name", "Adelheid Canaryname", "email", "adelheid@canarymail.example", "phone", "+35799123456",
	"address", "7 Canarystreet, Limassol", "country", "CY", "birth_date", "1984-02-29", "nationality", "DE", "category", "retail",
}

func TestClientFromRecordToApproval(t *testing.T) {
	d := newDesk(t)
	sue, cara := d.Staff("sue", "support"), d.Staff("cara", "compliance")
	d.as(sue)
	d.get("/clients")
	d.get("/clients/new")
	if body := d.post("/clients", http.StatusUnprocessableEntity, "entity", "en_cy", "name", "X"); !strings.Contains(body, "full name") || !strings.Contains(body, `value="X"`) {
		t.Error("the form does not come back with what was written and what is wrong")
	}
	client := d.post("/clients", http.StatusSeeOther, create...)
	if body := d.get(client); !strings.Contains(body, "Adelheid Canaryname") || !strings.Contains(body, "has not been approved") {
		t.Error("the client's page lacks the name or the blocks")
	}
	if body := d.post("/clients/search", http.StatusOK, "words", "canaryn"); !strings.Contains(body, client) {
		t.Error("not found by the beginning of a name")
	}
	d.post("/clients/search", http.StatusUnprocessableEntity, "words", "c")
	pass := d.upload(client+"/documents/new", photo(t, 1), http.StatusSeeOther, "kind", "passport", "source", "staff")
	bill := d.upload(client+"/documents/new", photo(t, 2), http.StatusSeeOther, "kind", "proof_of_address", "source", "email", "received", "2026-05-01")
	app := d.post(client+"/applications", http.StatusSeeOther)
	d.get(client + "/documents")
	if body := d.get(client + "/timeline"); !strings.Contains(body, "onboarding.document.uploaded") && !strings.Contains(body, "uploaded") {
		t.Error("the timeline does not tell of the upload")
	}

	d.as(cara)
	d.post(pass+"/extract", http.StatusConflict, "name", "Adelheid")
	d.post(pass+"/extract", http.StatusSeeOther, "name", "CANARYNAME HEIDI", "birth_date", "1984-02-29", "number", "L898902C3", "expiry", "2031-04-30")
	d.post(bill+"/extract", http.StatusSeeOther, "name", "Adelheid Canaryname", "address", "7 Canarystreet Limassol", "issue_date", "2026-03-15")
	if body := d.get(pass); !strings.Contains(body, "differs") || !strings.Contains(body, "CANARYNAME HEIDI") {
		t.Error("the page of the passport does not show the difference")
	}
	if body := d.post(pass+"/review", http.StatusUnprocessableEntity, "accept", "true", "reason", "genuine", "words", "ok"); !strings.Contains(body, `value="true" checked`) {
		t.Error("the review form forgets the decision")
	}
	for _, doc := range []string{pass, bill} {
		d.post(doc+"/review", http.StatusSeeOther, "accept", "true", "reason", "genuine", "words", "Looks genuine.")
	}
	if body := d.get(app); !strings.Contains(body, "Propose to approve against the difference") {
		t.Error("the application does not offer the override")
	}
	d.post(app+"/decide", http.StatusConflict, "decision", "approve", "clause", "2.1", "words", "Good enough.")
	ref := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
	to := d.post(app+"/decide", http.StatusSeeOther, "decision", "override", "client", ref(client), "clause", "2.9", "words", "Heidi is short for it.")
	if !strings.HasPrefix(to, "/approvals/pr_") {
		t.Fatalf("an override leads to %s", to)
	}
	d.Approve(d.Staff("sam", "senior_compliance"), core.Ref(ref(to)))
	if body := d.get(app); !strings.Contains(body, "onboarding.identity/1.0.0#2.9") {
		t.Error("the decision does not name its basis")
	}
	for _, path := range []string{"/applications", "/applications?state=approved", "/documents?state=accepted", "/clients?status=open"} {
		d.get(path)
	}
}

func TestClientBankDetailsAndRestrictions(t *testing.T) {
	d := newDesk(t)
	cara := d.Staff("cara", "compliance")
	other, senior := d.Staff("cole", "compliance"), d.Staff("sena", "senior_compliance")
	d.as(cara)
	client := d.post("/clients", http.StatusSeeOther, create...)
	ref := func(path string) core.Ref { return core.Ref(path[strings.LastIndex(path, "/")+1:]) }
	d.get(client + "/bank-details/new")
	if body := d.post(client+"/bank-details", http.StatusUnprocessableEntity, "holder", "Ada", "account", "DE00", "currency", "EUR"); !strings.Contains(body, "IBAN") {
		t.Error("a wrong IBAN is not explained")
	}
	to := d.post(client+"/bank-details", http.StatusSeeOther, "holder", "Adelheid Canaryname", "scheme", "iban", "account", "DE89 3704 0044 0532 0130 00",
		"currency", "EUR", "reason", "client_request", "words", "As in the form.")
	detail := d.Approve(other, ref(to)).Subject
	if body := d.get(client); strings.Contains(body, "DE89370400440532013000") || !strings.Contains(body, "DE••• 3000") {
		t.Error("the account is shown whole, or not at all, before it was asked for")
	}
	if body := d.get(client + "?show=accounts"); !strings.Contains(body, "DE89370400440532013000") {
		t.Error("the account is not shown when asked for")
	}
	path := client + "/bank-details/" + string(detail)
	d.get(path)
	d.post(path, http.StatusConflict, "account", "DE11", "reason", "correction", "words", "A typo in it.")
	if to := d.post(path, http.StatusSeeOther, "use", "off", "holder", "", "account", "", "reason", "suspicion", "words", "Not theirs."); to != client {
		t.Errorf("taking an account out of use leads to %s", to)
	}
	d.get(client + "/restrict")
	d.post(client+"/restrict", http.StatusSeeOther, "purpose", "funding", "reason", "suspicion", "words", "Third-party payer.")
	lift := regexp.MustCompile(regexp.QuoteMeta(client) + `/restrictions/rs_[a-z0-9]+`).FindString(d.get(client))
	d.get(lift)
	d.Approve(senior, ref(d.post(lift, http.StatusSeeOther, "reason", "document", "words", "It is the spouse.")))
	d.get(client + "/change")
	d.Approve(other, ref(d.post(client+"/change", http.StatusSeeOther, "name", "Adelheid Othername", "status", "dormant", "reason", "correction", "words", "Married since.")))
	if body := d.get(client); !strings.Contains(body, "Adelheid Othername") || !strings.Contains(body, "dormant") {
		t.Error("the change does not show")
	}
	d.send(httptest.NewRequest(http.MethodGet, "/clients/cl_none", nil), http.StatusNotFound)
}

func TestHostileUploadIsExplained(t *testing.T) {
	d := newDesk(t)
	d.as(d.Staff("sue", "support"))
	client := d.post("/clients", http.StatusSeeOther, create...)
	body := d.upload(client+"/documents/new", []byte("<svg onload=alert(1)>"), http.StatusConflict, "kind", "passport", "source", "staff")
	if !strings.Contains(body, "not a JPEG, PNG, WebP or PDF") || !strings.Contains(body, "See the evidence of this refusal") {
		t.Errorf("the refusal reads %s", problemIn(body))
	}
	d.post(client+"/documents/new", http.StatusUnprocessableEntity, "kind", "passport", "source", "staff")
}

// A document leaves as a file to be saved, under our name for it.
func TestDocumentContentIsAnAttachment(t *testing.T) {
	d := newDesk(t)
	d.as(d.Staff("cara", "compliance"))
	client := d.post("/clients", http.StatusSeeOther, create...)
	b := photo(t, 3)
	doc := d.upload(client+"/documents/new", b, http.StatusSeeOther, "kind", "passport", "source", "staff")
	body, h := d.get(doc+"/content"), d.last.Header()
	if body != string(b) || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=DO-") || h.Get("Content-Type") != "image/png" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("served as %v", h)
	}
	if strings.Contains(d.get(doc), "Canaryfile") {
		t.Error("the sender's file name is kept")
	}
}

func TestPagesMaskWhatOneMayNotSee(t *testing.T) {
	d := newDesk(t)
	cara, bare := d.Staff("cara", "compliance"), d.Staff("bare", "support")
	d.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
		return a == "st_bare" && strings.HasPrefix(string(act), "see.")
	}
	d.as(cara)
	client := d.post("/clients", http.StatusSeeOther, create...)
	doc := d.upload(client+"/documents/new", photo(t, 4), http.StatusSeeOther, "kind", "passport", "source", "staff")
	app := d.post(client+"/applications", http.StatusSeeOther)
	d.post(doc+"/extract", http.StatusSeeOther, "name", "CANARYNAME ADELHEID", "birth_date", "1984-02-29", "number", "L898902C3", "expiry", "2031-04-30")
	d.as(bare)
	for _, path := range []string{"/clients", client, client + "?show=accounts", client + "/timeline", client + "/change", client + "/documents", "/documents", doc, "/applications?state=documents", app} {
		body := d.get(path)
		for _, secret := range []string{"Canary", "CANARY", "canarymail", "123456", "1984-02-29", "L898902C3", "Limassol"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
	d.send(httptest.NewRequest(http.MethodGet, doc+"/content", nil), http.StatusConflict)
}
