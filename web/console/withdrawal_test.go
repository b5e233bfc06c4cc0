package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
)

// payCanaries are values of money's stories that only some may see.
var payCanaries = []string{"Canaryname", "Canarywitz", "CANARYPAYER", "0532013000", "GB29NWBK", "Canaryword"}

func (t *till) blind(what, body string) {
	t.t.Helper()
	for _, c := range payCanaries {
		if strings.Contains(body, c) {
			t.t.Errorf("%s shows %q", what, c)
		}
	}
}

func (t *till) lacks(what, body string, wants ...string) {
	t.t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.t.Errorf("%s lacks %q", what, want)
		}
	}
}

// request asks for a withdrawal by the form, as support does.
func (t *till) request(amount, holder string) string {
	t.t.Helper()
	t.Clock.Advance(time.Minute)
	v := t.as("sue")
	page := v.get("/clients/"+string(t.client)+"/withdraw", http.StatusOK)
	a := v.post("/clients/"+string(t.client)+"/withdraw", http.StatusSeeOther, "idempotency_key", field(t.t, page.body, "idempotency_key"),
		"amount", amount, "amount_currency", "EUR", "bank_detail", string(t.details[holder]))
	if !strings.HasPrefix(a.to(), "/withdrawals/wd_") {
		t.t.Fatalf("the request leads to %q", a.to())
	}
	return a.to()
}

// The whole way of a payment to an account in another name, with forms only.
func TestWithdrawalAcrossANameMismatch(t *testing.T) {
	x := openTill(t)
	path := x.request("1200.00", "Heidemarie Canarywitz")
	wd := refOf(path)
	pia := x.as("pia")
	first := pia.get(path, http.StatusOK)
	x.lacks("the page before clearing", first.body, "EUR 1,200.00", "Adelheid Canaryname", "Heidemarie Canarywitz", "names differ", "Record the clearance", "It is cleared first")
	if a := pia.post(path+"/clear", http.StatusUnprocessableEntity, "idempotency_key", "k1"); !strings.Contains(a.body, "Choose the risk band") {
		t.Error("a clearing without a risk is not refused in place")
	}
	pia.post(path+"/clear", http.StatusSeeOther, "idempotency_key", "k2", "risk", "medium")
	held := pia.get(path, http.StatusOK)
	x.lacks("the page of what is held", held.body, "held", "withdrawal-release/eu/1#medium+name-override", "one Payments lead, and one Senior compliance officer", "The names differ, so the release sets a mismatch aside")

	minor := []string{"minor", "120000", "currency", "EUR"}
	bare := pia.post(path+"/release", http.StatusConflict, append(minor, "idempotency_key", "k3")...)
	x.lacks("a release without words", bare.body, "Explain in your own words", `id="act-release" open`)
	if strings.Contains(bare.body, `href="/events/`) {
		t.Error("payments is led to events that it may not read")
	}
	file := x.Do(x.staff("pia"), cases.OpenCase{Type: cases.PaymentQuery, About: x.client, Title: "Maiden name", Origin: "letter", OriginRef: "letter-1", OriginSum: strings.Repeat("0", 64)}).Subject
	other := pia.post(path+"/release", http.StatusConflict, "idempotency_key", "k4", "minor", "1", "currency", "EUR", "words", "Her marriage certificate shows both names.", "case", string(file))
	x.lacks("a release of another amount", other.body, "The client asked for EUR 1,200.00", "Her marriage certificate shows both names.", string(file))
	asked := pia.post(path+"/release", http.StatusSeeOther, append(minor, "idempotency_key", "k5", "words", "Canaryword: her marriage certificate shows both names.", "case", string(file))...)
	if !strings.HasPrefix(asked.to(), "/approvals/pr_") {
		t.Fatalf("a release leads to %q", asked.to())
	}
	pr := refOf(asked.to())
	if p := pia.get(path, http.StatusOK); !strings.Contains(p.body, "0 of 2 approvals given") || !strings.Contains(p.body, string(pr)) {
		t.Error("the page does not tell that it waits for approval")
	}
	x.Approve(x.staff("lea"), pr)
	if p := x.as("sina").get(path, http.StatusOK); !strings.Contains(p.body, "Lea Colleague (Payments lead)") || !strings.Contains(p.body, "Decide on PR-") {
		t.Error("the second approver is not told of the first, or not led to the proposal")
	}
	x.Approve(x.staff("sina"), pr)
	x.send(wd, 120_000)

	done := pia.get(path, http.StatusOK)
	if p := x.as("lea").get(path, http.StatusOK); !strings.Contains(p.body, `href="/events/`) || !strings.Contains(p.body, path+"/evidence") {
		t.Error("the lead is not led to the evidence")
	}
	x.as("lea").get(path+"/evidence", http.StatusOK)
	x.lacks("the page of what is paid", done.body, "po_out1", "aurum-cy", "matched", "Lea Colleague, Payments lead", "Sina Colleague, Senior compliance officer",
		"A name mismatch was set aside", "Canaryword", file.Short(), "cdcdcdcd", "efefefef", "Client wallet", "Clearing with the payment provider", "EUR −1,200.00", string(pr))
	if strings.Contains(done.body, `id="acts"`) {
		t.Error("there is still something to do about what is paid")
	}
	for _, c := range []struct{ query, want string }{{"", "override"}, {"?execution=paid", string(wd)}, {"?decision=approved", string(wd)}, {"?case=" + string(file), string(wd)}} {
		if list := pia.get("/withdrawals"+c.query, http.StatusOK); !strings.Contains(list.body, c.want) {
			t.Errorf("the list%s lacks %s", c.query, c.want)
		}
	}
	if list := pia.get("/withdrawals?decision=refused", http.StatusOK); !strings.Contains(list.body, "No withdrawal here") {
		t.Error("a filter that nothing matches shows something")
	}
	for _, query := range []string{"?case=ca_06g9mk1j80jv2855920pm", "?decision=refused&case=" + string(file)} {
		list := pia.get("/withdrawals"+query, http.StatusOK)
		if !strings.Contains(list.body, "No withdrawal here") {
			t.Errorf("the list%s shows something", query)
		}
	}
	if list := pia.get("/withdrawals?decision=approved&case="+string(file), http.StatusOK); !strings.Contains(list.body, `name="decision" value="approved"`) ||
		!strings.Contains(list.body, "/withdrawals?case="+string(file)+"&amp;decision=refused") {
		t.Error("the case and the decision do not keep each other")
	}
	pia.get("/withdrawals?after=rubbish", http.StatusUnprocessableEntity)
}

func TestWithdrawalsAreMaskedAndWalled(t *testing.T) {
	x := openTill(t)
	path := x.request("300.00", "Adelheid Canaryname")
	x.pay2(path)
	sue, pim, nia, hal, ib := x.as("sue"), x.as("pim"), x.as("nia"), x.as("hal"), x.as("ib")
	for _, page := range []string{path, "/withdrawals", "/clients/" + string(x.client) + "/payments", "/clients/" + string(x.client) + "/withdraw"} {
		x.blind(page+" for support", sue.get(page, http.StatusOK).body)
	}
	if p := sue.get(path, http.StatusOK); !strings.Contains(p.body, "your roles here do not show bank details") || !strings.Contains(p.body, "Your roles do not let you do this.") {
		t.Error("support is not told why values are masked and buttons dead")
	}
	missing := pim.get("/withdrawals/wd_06g9mk1j80jv2855920pm", http.StatusNotFound)
	hidden := pim.get(path, http.StatusNotFound)
	if a, b := told(missing.body), told(hidden.body); a != b {
		t.Errorf("another entity's withdrawal is told from a missing one:\n%s\n%s", a, b)
	}
	for _, v := range []*visitor{pim, nia} {
		if list := v.get("/withdrawals", http.StatusOK); !strings.Contains(list.body, "No withdrawal here") {
			t.Errorf("%s sees withdrawals of another entity", v.name)
		}
		v.get("/clients/"+string(x.client)+"/payments", http.StatusNotFound)
		v.post(path+"/refuse", http.StatusNotFound, "idempotency_key", "k", "reason", "other", "words", "Not ours to refuse.")
	}
	evs := x.Events(refOf(path))
	if last := evs[len(evs)-1]; last.Outcome != evidence.Denied || last.Actor != x.who["nia"] {
		t.Errorf("the denial is not in the log: %s by %s", last.Type, last.Actor)
	}
	hal.get("/withdrawals", http.StatusForbidden)
	ib.get(path, http.StatusForbidden)
	for _, act := range []string{"clear", "release", "refuse", "resolve"} {
		a := sue.post(path+"/"+act, http.StatusForbidden, "idempotency_key", "k"+act, "risk", "low", "minor", "30000", "currency", "EUR", "reason", "other", "words", "Support would like this to happen.", "execution", "failed")
		if !strings.Contains(a.body, "See the evidence of this refusal") {
			t.Errorf("%s: the denial does not lead to its evidence", act)
		}
		x.blind("support's denied "+act, a.body)
	}
}

// pay2 clears and releases with everybody whom the small tier asks.
func (t *till) pay2(path string) core.Ref {
	t.t.Helper()
	wd := refOf(path)
	t.Do(t.staff("pia"), payments.ClearWithdrawal{Withdrawal: wd, Risk: payments.RiskLow})
	w, err := payments.WithdrawalByID(t.t.Context(), t.Road.Store.Reader(), wd)
	must(t.t, err)
	out := t.Do(t.staff("pia"), payments.ReleaseWithdrawal{Withdrawal: wd, Minor: w.Minor, Currency: w.Currency})
	t.Approve(t.staff("lea"), out.Proposal)
	return wd
}

func TestWithdrawalRequestsAreChecked(t *testing.T) {
	x := openTill(t)
	sue := x.as("sue")
	to := "/clients/" + string(x.client) + "/withdraw"
	detail := string(x.details["Adelheid Canaryname"])
	page := sue.get(to, http.StatusOK)
	x.lacks("the form", page.body, refOf("/"+detail).Short(), detail, "It can be asked for, and not released")
	for _, c := range []struct {
		amount, currency, detail, want string
		status                         int
	}{
		{"12,50", "EUR", detail, "12,50", http.StatusUnprocessableEntity},
		{"", "EUR", detail, "above zero", http.StatusUnprocessableEntity},
		{"-5", "EUR", detail, "above zero", http.StatusUnprocessableEntity},
		{"5", "ABC", detail, "currency", http.StatusUnprocessableEntity},
		{"5", "EUR", "", "bank details", http.StatusUnprocessableEntity},
		{"5", "EUR", "bd_06g9mk1j80jv2855920pm", "not one of the client", http.StatusConflict},
		{"5000.01", "EUR", detail, "The wallet does not hold so much", http.StatusConflict},
	} {
		a := sue.post(to, c.status, "idempotency_key", "k"+c.amount+c.currency+c.detail, "amount", c.amount, "amount_currency", c.currency, "bank_detail", c.detail)
		if !strings.Contains(a.body, c.want) || !strings.Contains(a.body, `name="amount"`) {
			t.Errorf("%q %s to %q: the form does not come back with %q: %s", c.amount, c.currency, c.detail, c.want, problem.FindString(a.body))
		}
	}
	x.as("pia").post(to, http.StatusForbidden, "idempotency_key", "k", "amount", "5", "amount_currency", "EUR", "bank_detail", detail)
	if p := x.as("maria").get(to, http.StatusOK); !strings.Contains(p.body, "DE••• 3000") {
		t.Error("who may see accounts does not see which is which")
	}
	x.as("sam").get(to, http.StatusNotFound)
}

func TestWithdrawalsAreRefusedWithReasons(t *testing.T) {
	x := openTill(t)
	path := x.request("10.00", "Adelheid Canaryname")
	pia := x.as("pia")
	if a := pia.post(path+"/refuse", http.StatusUnprocessableEntity, "idempotency_key", "k1", "reason", "nonsense", "words", "Because of this."); !strings.Contains(a.body, "Choose a reason") || !strings.Contains(a.body, "Because of this.") {
		t.Error("a wrong reason is not told about, or the words are lost")
	}
	if a := pia.post(path+"/refuse", http.StatusUnprocessableEntity, "idempotency_key", "k2", "reason", "suspicion", "words", "no"); !strings.Contains(a.body, "at least 10 characters") {
		t.Error("short words are not told about")
	}
	pia.post(path+"/refuse", http.StatusSeeOther, "idempotency_key", "k3", "reason", "suspicion", "words", "The call-back number is new.")
	p := pia.get(path, http.StatusOK)
	x.lacks("the page of what is refused", p.body, "Refused, money set free", "Suspicion", "The call-back number is new.", "Pia Colleague")
	again := pia.post(path+"/refuse", http.StatusConflict, "idempotency_key", "k4", "reason", "suspicion", "words", "The call-back number is new.")
	x.lacks("refusing twice", again.body, "refused already", `class="notice problem"`)
	pia.post(path+"/clear", http.StatusConflict, "idempotency_key", "k5", "risk", "low")
}

func TestBlocksStandOnThePageAndStopTheRelease(t *testing.T) {
	x := openTill(t)
	path := x.request("10.00", "Adelheid Canaryname")
	x.blocks[x.client] = "The proof of address has expired."
	pia := x.as("pia")
	pia.post(path+"/clear", http.StatusSeeOther, "idempotency_key", "k1", "risk", "low")
	p := pia.get(path, http.StatusOK)
	x.lacks("the page", p.body, "The proof of address has expired.", "held")
	if strings.Contains(p.body, `action="`+path+`/release"`) && !strings.Contains(p.body, "disabled") {
		t.Error("the release is offered in spite of a block")
	}
	a := pia.post(path+"/release", http.StatusConflict, "idempotency_key", "k2", "minor", "1000", "currency", "EUR")
	x.lacks("the refusal", a.body, "The proof of address has expired.")
	delete(x.blocks, x.client)
	pia.post(path+"/release", http.StatusSeeOther, "idempotency_key", "k3", "minor", "1000", "currency", "EUR")
}

func TestReleasesWantAFreshFactor(t *testing.T) {
	x := openTill(t)
	path := x.request("10.00", "Adelheid Canaryname")
	x.Do(x.staff("pia"), payments.ClearWithdrawal{Withdrawal: refOf(path), Risk: payments.RiskLow})
	pia := x.as("pia")
	x.wall.Advance(6 * time.Minute)
	if p := pia.get(path, http.StatusOK); !strings.Contains(p.body, "It asks for your second factor first.") {
		t.Error("nobody is told of the second factor")
	}
	fields := []string{"idempotency_key", "k1", "minor", "1000", "currency", "EUR", "words", "As it was typed"}
	page := pia.post(path+"/release", http.StatusForbidden, fields...)
	if field(t, page.body, "words") != "As it was typed" || field(t, page.body, stepUpTo) != path+"/release" {
		t.Fatal("the form is not carried along")
	}
	pia.post("/step-up", http.StatusTemporaryRedirect, append(fields, stepUpTo, path+"/release", stepUpCode, x.code())...)
	pia.post(path+"/release", http.StatusSeeOther, fields...)
}

func TestDoubtIsResolvedByTheLead(t *testing.T) {
	x := openTill(t)
	wd := x.pay2(x.request("10.00", "Adelheid Canaryname"))
	path := "/withdrawals/" + string(wd)
	x.pay(payments.BeginAttempt{Withdrawal: wd})
	x.pay(payments.RecordAttempt{Withdrawal: wd, Number: 1, Certainty: command.Applied, Transaction: "po_out9", Status: "pending"})
	x.pay(payments.SyncStatus{Withdrawal: wd, Transaction: "po_out9", From: payments.ExecSubmitted, Phase: payments.PhasePaid, Status: "paid", Same: false})
	lea := x.as("lea")
	x.lacks("the lead's page", lea.get(path, http.StatusOK).body, "The payment provider shows another payment than was decided", "Propose this resolution", `value="po_out9"`)
	x.lacks("the list", lea.get("/withdrawals?exception=any", http.StatusOK).body, string(wd), "in doubt, a person must look")
	if p := x.as("pia").get(path, http.StatusOK); !strings.Contains(p.body, "Your roles do not let you do this.") {
		t.Error("others are offered to resolve it")
	}
	bad := lea.post(path+"/resolve", http.StatusUnprocessableEntity, "idempotency_key", "k1", "execution", "failed", "transaction", "po_out9", "words", "Their dashboard shows the payment under this id.")
	x.lacks("a contradiction", bad.body, "Leave the transaction id empty", "Their dashboard shows", `value="failed" checked`)
	a := lea.post(path+"/resolve", http.StatusSeeOther, "idempotency_key", "k2", "execution", "failed", "transaction", "", "words", "Their dashboard shows that nothing was paid out.")
	if !strings.HasPrefix(a.to(), "/approvals/pr_") {
		t.Errorf("a resolution leads to %q", a.to())
	}
}

func TestDepositsAreCreditedByTwo(t *testing.T) {
	x := openTill(t)
	x.deposit("po_in2", "Heidemarie Canarywitz", 7_500)
	dp := x.newest("/deposits")
	path := "/deposits/" + string(dp)
	pia := x.as("pia")
	p := pia.get(path, http.StatusOK)
	x.lacks("the page", p.body, "EUR 75.00", "The payer is not the client", "Adelheid Canaryname", "Heidemarie Canarywitz", "names differ", "deposit-credit/1#payer-differs", "DE02CANARYPAYER")
	short := pia.post(path+"/credit", http.StatusConflict, "idempotency_key", "k1", "words", "fine")
	x.lacks("a credit without an explanation", short.body, "Explain in your own words", ">fine</textarea>")
	a := pia.post(path+"/credit", http.StatusSeeOther, "idempotency_key", "k2", "words", "Her bank confirms that the card is hers.")
	x.lacks("the waiting page", pia.get(path, http.StatusOK).body, "0 of 1 approval given")
	x.Approve(x.staff("lea"), refOf(a.to()))
	x.lacks("the credited page", pia.get(path, http.StatusOK).body, "credited", "EUR −75.00", "Lea Colleague", "Client wallet")
	pia.post(path+"/credit", http.StatusConflict, "idempotency_key", "k3", "words", "Her bank confirms that the card is hers.")

	sue, pim := x.as("sue"), x.as("pim")
	for _, page := range []string{path, "/deposits", "/deposits?state=credited"} {
		x.blind(page+" for support", sue.get(page, http.StatusOK).body)
	}
	sue.post(path+"/credit", http.StatusForbidden, "idempotency_key", "k4", "words", "Her bank confirms that the card is hers.")
	pim.get(path, http.StatusNotFound)
	if list := pim.get("/deposits", http.StatusOK); !strings.Contains(list.body, "No deposit here") {
		t.Error("deposits of another entity are listed")
	}
	x.as("hal").get("/deposits", http.StatusForbidden)
}

func TestClientsMoneyIsForThoseWhoMay(t *testing.T) {
	x := openTill(t)
	x.request("300.00", "Adelheid Canaryname")
	page := "/clients/" + string(x.client) + "/payments"
	x.lacks("the tab for payments", x.as("pia").get(page, http.StatusOK).body, "EUR 4,700.00", "EUR 300.00 of EUR 5,000.00 is set aside", "Deposits", "Withdrawals")
	before := len(x.Events(x.client))
	sue := x.as("sue").get(page, http.StatusOK)
	x.lacks("the tab for support", sue.body, "your roles do not include balances", "/withdraw")
	if strings.Contains(sue.body, "4,700.00") {
		t.Error("support sees a balance")
	}
	for _, e := range x.Events(x.client)[before:] {
		if e.Outcome == evidence.Denied {
			t.Errorf("opening a page is told as a denial: %s", e.Type)
		}
	}
}

func TestLongListsArePaged(t *testing.T) {
	x := openTill(t)
	for range core.DefaultPage + 3 {
		x.Clock.Advance(time.Second)
		x.Do(x.staff("sue"), payments.RequestWithdrawal{Client: x.client, BankDetail: x.details["Adelheid Canaryname"], Minor: 100, Currency: "EUR"})
	}
	pia := x.as("pia")
	for _, list := range []string{"/withdrawals?decision=requested", "/clients/" + string(x.client) + "/payments"} {
		first := pia.get(list, http.StatusOK)
		m := regexp.MustCompile(`href="([^"]*after=[^"]*)"`).FindStringSubmatch(first.body)
		if m == nil {
			t.Fatalf("%s has no next page", list)
		}
		second := pia.get(strings.ReplaceAll(m[1], "&amp;", "&"), http.StatusOK)
		if n := strings.Count(second.body, `id="wd_`); n != 3 {
			t.Errorf("%s: the second page has %d rows", list, n)
		}
	}
}
