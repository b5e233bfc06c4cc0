package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/platform"
)

func (h *house) actor(name string) evidence.Actor {
	return evidence.Actor{Ref: h.who[name], StepUp: true}
}

func lacks(t *testing.T, what, body string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(body, w) {
			t.Errorf("%s lacks %q", what, w)
		}
	}
}

func shows(t *testing.T, what, body string, never ...string) {
	t.Helper()
	for _, w := range never {
		if strings.Contains(body, w) {
			t.Errorf("%s shows %q", what, w)
		}
	}
}

// correction is a well-written request of a correction.
func correction(file core.Ref) []string {
	return []string{
		"kind", "balance_correction", "amount", "315.40", "amount_currency", "EUR", "reason", "pricing_error",
		"words", "Canaryword: the stale fills against the tape.", "case", string(file),
	}
}

// approved has a correction requested by dora and approved by hal.
func (f *firm) approved(account, file core.Ref) core.Ref {
	f.t.Helper()
	to := f.as("dora").sent(accountPath(account)+"/intervene", http.StatusSeeOther, correction(file)...).to()
	return f.Approve(f.actor("hal"), refOf(to)).Subject
}

func TestTradingAccountFromOpeningToTransfer(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	maria, sue, dora := f.as("maria"), f.as("sue"), f.as("dora")
	tab, form := clientPath(client)+"/platform", clientPath(client)+"/accounts/new"
	lacks(t, "the tab", maria.get(tab, http.StatusOK).body, "No trading account", form)
	shows(t, "the tab of who may open none", dora.get(tab, http.StatusOK).body, form)
	dora.get(form, http.StatusNotFound)
	f.as("nia").get(form, http.StatusNotFound)
	f.blocks = []command.Refusal{{Code: "identity", Text: "Identity has not been approved."}}
	lacks(t, "the form", maria.get(form, http.StatusOK).body, "Identity has not been approved.", retail)
	maria.sent(clientPath(client)+"/accounts", http.StatusConflict, "group", retail, "currency", "EUR", "leverage", "30")
	f.blocks = nil
	again := maria.sent(clientPath(client)+"/accounts", http.StatusConflict, "group", pro, "currency", "EUR", "leverage", "500")
	lacks(t, "the form again", again.body, "Leverage in this entity is 1 to 30.", `value="500"`, `value="real\eu-pro" selected`)
	lacks(t, "a wrong number", maria.sent(clientPath(client)+"/accounts", http.StatusUnprocessableEntity, "group", pro, "currency", "EUR", "leverage", "much").body, "Write a whole number.")

	account := f.account(client)
	page := accountPath(account)
	lacks(t, "the account", maria.get(page, http.StatusOK).body, "Adelheid Canaryname", "7000001", "enabled, own password, reports", page+"/evidence")
	maria.get(page+"/evidence", http.StatusOK)
	lacks(t, "the list", dora.get("/accounts?group=real%5Ceu-retail&login=7000001&state=open", http.StatusOK).body, page)
	shows(t, "another group's list", dora.get("/accounts?group=real%5Ceu-pro", http.StatusOK).body, page)
	lacks(t, "a wrong login", dora.get("/accounts?login=seven", http.StatusUnprocessableEntity).body, "Write a whole number.")
	lacks(t, "the list to choose from", dora.get("/accounts?for=intervention", http.StatusOK).body, page+"/intervene")
	lacks(t, "the client's tab", dora.get(tab, http.StatusOK).body, page)
	for _, path := range []string{page, page + "/intervene", page + "/evidence", page + "/transfer"} {
		f.as("nia").get(path, http.StatusNotFound)
	}

	for _, path := range []string{"/accounts", page, page + "/transfer", tab} {
		f.masked("support's "+path, sue.get(path, http.StatusOK).body)
	}
	sue.get(page+"/intervene", http.StatusForbidden)
	dora.get(page+"/transfer", http.StatusForbidden)
	lacks(t, "a wrong amount", sue.sent(page+"/transfer", http.StatusUnprocessableEntity, "amount", "12,5").body, `value="12,5"`, "field-error")
	lacks(t, "no amount", sue.sent(page+"/transfer", http.StatusUnprocessableEntity, "amount", "").body, "above zero")
	lacks(t, "more than there is", sue.sent(page+"/transfer", http.StatusConflict, "amount", "12.50", "amount_currency", "JPY").body, `value="12.50"`)
	dora.sent(page+"/transfer", http.StatusForbidden, "amount", "12.50")
}

func TestInterventionFromRequestToMatch(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	account, file := f.account(client), f.file(client)
	dora, hal := f.as("dora"), f.as("hal")
	form := accountPath(account) + "/intervene"
	for _, k := range platform.Kinds {
		lacks(t, "the composer", dora.get(form+"?kind="+string(k), http.StatusOK).body, k.Title(), string(file), k.Reasons()[0])
	}
	lacks(t, "the choice of groups", dora.get(form+"?kind=group_change", http.StatusOK).body, `value="real\eu-pro"`)
	without := dora.sent(form, http.StatusUnprocessableEntity, correction("")...)
	lacks(t, "a request without a case", without.body, "Name the open case behind this.", `value="315.40"`, "the stale fills against the tape")
	lacks(t, "a wrong amount", dora.sent(form, http.StatusUnprocessableEntity, append(correction(file), "amount", "12,50")...).body, `value="12,50"`, "field-error")
	other := f.file(f.second())
	lacks(t, "a case about somebody else", dora.sent(form, http.StatusConflict, correction(other)...).body, "about somebody else")
	to := dora.sent(form, http.StatusSeeOther, correction(file)...).to()
	if !strings.HasPrefix(to, "/approvals/pr_") {
		t.Fatalf("a request leads to %s", to)
	}
	if maria := f.as("maria").get(form, http.StatusOK).body; strings.Contains(maria, "Balance correction") || !strings.Contains(maria, "Account reactivation") {
		t.Error("compliance may ask for more or less than a reactivation")
	}
	id := f.Approve(f.actor("hal"), refOf(to)).Subject
	page := interventionPath(id)

	own := hal.get(page, http.StatusOK).body
	lacks(t, "the approver's page", own, "You approved this intervention; another person must execute it.", "To be executed", "Canaryword")
	shows(t, "the approver's page", own, page+"/execute")
	lacks(t, "the approver's try", hal.sent(page+"/execute", http.StatusConflict).body, "another person must execute it")
	cleo := f.as("cleo")
	lacks(t, "who may not execute", cleo.get(page, http.StatusOK).body, "Your roles do not let you execute interventions.")
	cleo.sent(page+"/execute", http.StatusForbidden)
	for _, path := range []string{page, page + "/evidence", "/interventions"} {
		f.as("sue").get(path, http.StatusForbidden)
	}
	f.as("nia").get(page, http.StatusNotFound)

	otis := f.as("otis")
	lacks(t, "the operator's page", otis.get(page, http.StatusOK).body, page+"/execute", "asked once")
	f.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply, Path: "/api/trade/balance", Count: 1})
	f.wall.Advance(10 * time.Minute)
	if step := otis.sent(page+"/execute", http.StatusForbidden); !strings.Contains(step.body, stepUpCode) {
		t.Error("a stale factor is not asked for again")
	}
	otis = f.as("otis")
	otis.sent(page+"/execute", http.StatusSeeOther)
	lacks(t, "the page under way", otis.get(page, http.StatusOK).body, "Sent to the platform", "sent once")
	f.work(15 * time.Minute)
	f.sweep()
	otis = f.as("otis")
	done := otis.get(page, http.StatusOK).body
	lacks(t, "the page at the end", done, "applied and matched", "found after the answer was lost", "Otis Colleague", "Hal Colleague", "Dora Colleague", file.Short(), "Pricing error", "login 1000")
	if n := len(f.sim.Deals(7000001)); n != 1 {
		t.Errorf("the platform holds %d deals", n)
	}
	f.as("hal").get(page+"/evidence", http.StatusOK)
	otis.get(page+"/evidence", http.StatusForbidden) // dealing does not search the log
}

func TestInterventionListIsFiltered(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	account := f.account(client)
	page := interventionPath(f.approved(account, f.file(client)))
	dora := f.as("dora")
	today := f.Clock.Now().Time().Format("2006-01-02")
	for query, there := range map[string]bool{
		"": true, "?state=approved": true, "?state=matched": false, "?kind=balance_correction": true, "?kind=credit": false,
		"?group=real%5Ceu-retail": true, "?group=real%5Ceu-pro": false, "?from=" + today + "&to=" + today: true, "?to=2020-01-01": false, "?kind=transfer_in": false,
	} {
		if got := strings.Contains(dora.get("/interventions"+query, http.StatusOK).body, `href="`+page); got != there {
			t.Errorf("/interventions%s: %v", query, got)
		}
	}
	lacks(t, "a wrong date", dora.get("/interventions?from=yesterday", http.StatusUnprocessableEntity).body, "Write a date", `value="yesterday"`)
	f.sweep()
	lacks(t, "the list", dora.get("/interventions", http.StatusOK).body, "mt5-eu was read back", "Adelheid Canaryname")
	shows(t, "an empty log's list", f.as("nia").get("/interventions", http.StatusOK).body, page)
}

func TestDoubtIsResolvedByEvidence(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	account, file := f.account(client), f.file(client)
	id := f.approved(account, file)
	page := interventionPath(id)
	f.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropBeforeApply, Path: "/api/trade/balance", Count: 1})
	f.as("otis").sent(page+"/execute", http.StatusSeeOther)
	f.work(30 * time.Minute)
	dora, hal := f.as("dora"), f.as("hal")
	lacks(t, "the page in doubt", dora.get(page, http.StatusOK).body, "in doubt, a person must look", "You cannot resolve this")
	dora.sent(page+"/resolve", http.StatusForbidden, "applied", "false", "words", "The terminal shows no such deal on it.")
	lacks(t, "the form", hal.get(page, http.StatusOK).body, page+"/resolve", "Ticket of the deal")
	unsaid := hal.sent(page+"/resolve", http.StatusUnprocessableEntity, "words", "The terminal shows no such deal on it.")
	lacks(t, "an answer that was not given", unsaid.body, "Say whether it was applied or not.", "The terminal shows no such deal on it.")
	shows(t, "an answer that was not given", unsaid.body, `value="false" checked`)
	lacks(t, "few words", hal.sent(page+"/resolve", http.StatusUnprocessableEntity, "applied", "false", "words", "no").body, "at least 20 characters", `value="false" checked`)
	lacks(t, "no deal", hal.sent(page+"/resolve", http.StatusConflict, "applied", "true", "words", "The terminal shows the deal at 14:02.").body, "Name the ticket of the deal", `value="true" checked`)
	to := hal.sent(page+"/resolve", http.StatusSeeOther, "applied", "false", "words", "The terminal shows no such deal on it.").to()
	f.Approve(f.actor("cleo"), refOf(to))
	lacks(t, "the page at the end", f.as("hal").get(page, http.StatusOK).body, "not applied", "Resolved by a person, by evidence")
}

func TestRogueDealStandsOnTheAccount(t *testing.T) {
	f := openFirm(t)
	client, _, _ := f.story()
	account := f.account(client)
	_, err := f.sim.Balance(rogue, 7000001, mt5sim.ActionBonus, 700, "gift")
	must(t, err)
	f.sweep()
	lacks(t, "the account", f.as("dora").get(accountPath(account), http.StatusOK).body, "none of ours", "gift", "1777", "Bonus", "EUR 7.00")
}
