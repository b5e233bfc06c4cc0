package console

import (
	"context"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/store"
)

func init() { access.Columns(core.KindRules, "entity", nil) }

const (
	releases  = "/rules/en_cy/payments.withdrawal.release"
	inTurn    = "new: flag first-payout -> approval by payments_lead then senior_compliance, after 5 hours\nrest: otherwise -> approval by payments_lead"
	twoAlways = "rest: otherwise -> approval by payments_lead and senior_compliance"
)

// openRules is the till with approval rules, as the program wires them.
func openRules(t *testing.T) *till {
	t.Helper()
	x := openTill(t)
	act := payments.ReleaseWithdrawal{}.Action()
	d := approvals.Deps{
		Registry: x.Road.Registry, Log: x.Road.Log,
		Known: func(ctx context.Context, r store.Reader, ref core.Ref) (bool, error) {
			e, err := access.EntityByID(ctx, r, ref)
			return e != nil && ref != access.Group, err
		},
		Builtin: func(ctx context.Context, r store.Reader, e core.Ref, a command.Action) (*command.RuleSet, error) {
			if a != act {
				return nil, nil
			}
			return x.server.Payments.ReleaseRules(ctx, r, e)
		},
		Weigh: func(ctx context.Context, r store.Reader, e core.Ref, a command.Action, about core.Ref) (*command.Inputs, error) {
			return x.server.Payments.WeighRelease(ctx, r, e, about)
		},
	}
	x.Road.Rules, x.server.Payments.Rules, x.server.Approvals = approvals.InForce, approvals.InForce, d
	approvals.Register(x.Road.Registry, d)
	x.hire("tess", "en_cy", access.SeniorCompliance)
	return x
}

// adopt has maria ask for rules and tess agree, without the pages.
func (t *till) adopt(text string) {
	t.t.Helper()
	t.Clock.Advance(time.Minute)
	out := t.Do(t.staff("maria"), approvals.ChangeRules{Entity: "en_cy", Act: "payments.withdrawal.release", Text: text, Reason: "incident", Words: "After the incident of last week."})
	t.Approve(t.staff("tess"), out.Proposal)
}

// cleared is a withdrawal that may be released now.
func (t *till) cleared(amount string) core.Ref {
	t.t.Helper()
	wd := refOf(t.request(amount, "Adelheid Canaryname"))
	t.Do(t.staff("pia"), payments.ClearWithdrawal{Withdrawal: wd, Risk: payments.RiskLow})
	return wd
}

func (t *till) release(wd core.Ref, minor int64) core.Ref {
	t.t.Helper()
	return t.Do(t.staff("pia"), payments.ReleaseWithdrawal{Withdrawal: wd, Minor: minor, Currency: "EUR"}).Proposal
}

// What is read of the rules, and by whom.
func TestRulesAreReadByThoseWhoWorkUnderThem(t *testing.T) {
	x := openRules(t)
	x.adopt(inTurn)
	x.adopt(twoAlways)
	page := x.as("maria").get(releases, http.StatusOK)
	x.lacks("the page of the rules", page.body, "Everything else", "A Payments lead and a Senior compliance officer", `id="v2"`, `id="v1"`, `id="v0"`,
		"Maria Colleague", "Tess Colleague", "After the incident of last week.", "/approvals/pr_", "/events/", "first-payout: it is the client’s first payout",
		"Whoever asks for it never approves it", "total in 24 hours up to 25000", releases+"/draft")
	if strings.Index(page.body, `id="v2"`) > strings.Index(page.body, `id="v1"`) {
		t.Error("the newest version does not come first")
	}
	list := x.as("maria").get("/rules", http.StatusOK)
	x.lacks("the list", list.body, "Release a withdrawal", "Version 2", "since ", "Maria Colleague; Tess Colleague agreed", "Aurum Cyprus Ltd", `href="/rules"`)
	if strings.Contains(list.body, "Aurum Seychelles Ltd") {
		t.Error("the rules of an entity stand before somebody who has no role in it")
	}
	if foreign := x.as("pim").get("/rules", http.StatusOK); strings.Contains(foreign.body, "Version 2") {
		t.Error("staff of one entity see the versions of another")
	}
	for who, want := range map[string]int{"lea": http.StatusOK, "sina": http.StatusOK, "adam": http.StatusOK, "sue": http.StatusForbidden, "ib": http.StatusForbidden, "nia": http.StatusNotFound, "pim": http.StatusNotFound} {
		if got := x.as(who).get(releases, 0); got.code != want {
			t.Errorf("%s reads the rules: %d, want %d", who, got.code, want)
		}
	}
	for _, who := range []string{"lea", "adam"} {
		if p := x.as(who).get(releases, http.StatusOK); strings.Contains(p.body, releases+"/draft") {
			t.Errorf("%s, who may not draft, is led to it", who)
		}
		x.as(who).get(releases+"/draft", http.StatusNotFound)
	}
	x.as("sue").get("/rules", http.StatusForbidden)
	x.as("maria").get("/rules/en_cy/payments.withdrawal.burn", http.StatusNotFound)
	x.as("maria").get("/rules/en_nowhere/payments.withdrawal.release", http.StatusNotFound)
	if p := x.as("sue").get("/approvals", http.StatusOK); strings.Contains(p.body, `href="/rules"`) {
		t.Error("support is offered the rules in the menu")
	}
}

// A draft, by forms alone: tried, refused where it is wrong, proposed, and
// shown to its approver with what it would have changed.
func TestADraftOfRulesIsTriedProposedAndAgreed(t *testing.T) {
	x := openRules(t)
	first, second := x.cleared("200.00"), x.cleared("3000.00")
	x.Approve(x.staff("lea"), x.release(first, 20_000))
	x.release(second, 300_000)
	maria := x.as("maria")
	draft := maria.get(releases+"/draft", http.StatusOK)
	x.lacks("the draft", draft.body, "total in 24 hours up to 25000", `formaction="`+releases+`/try#trial"`, "formnovalidate", "Ask for approval")
	key := field(t, draft.body, "idempotency_key")

	wrong := maria.post(releases+"/try", http.StatusOK, "rules", "a: amount up to x -> allow\nb: flag odd -> approval by janitor\nrest: otherwise -> approval by payments_lead")
	x.lacks("a wrong draft", wrong.body, "Line 1:", "is not a condition", "Line 2:", "janitor cannot approve this", "nobody tells the rules about flag odd")

	const lower = "small: total in 24 hours up to 1000 -> approval by payments_lead\nrest: otherwise -> approval by payments_lead and senior_compliance"
	got := maria.post(releases+"/try", http.StatusOK, "rules", lower, "amount", "1500", "total_24", "1500.00")
	x.lacks("a trial", got.body, "“rest” decides", "no: the total in 24 hours is 1500.00 EUR", "1 of 2 decisions would have gone another way", second.Short(), "/events/")
	x.blind("a trial", got.body)
	if strings.Contains(got.body, first.Short()) {
		t.Error("a decision that stays the same is listed")
	}
	got = maria.post(releases+"/try", http.StatusOK, "rules", lower, "about", string(second))
	x.lacks("a trial on a withdrawal", got.body, "“rest” decides", "EUR 3000.00", "It is the client’s first payout")
	x.blind("a trial on a withdrawal", got.body)
	for about, want := range map[string]string{"wd_nowhere": "There is no such record here", string(x.client): "There is no such record here"} {
		if a := maria.post(releases+"/try", http.StatusUnprocessableEntity, "rules", lower, "about", about); !strings.Contains(a.body, want) {
			t.Errorf("a trial on %s does not say %q", about, want)
		}
	}
	maria.post(releases+"/try", http.StatusUnprocessableEntity, "rules", lower, "amount", "much")
	x.as("nia").post("/rules/en_cy/payments.withdrawal.release/try", http.StatusNotFound, "rules", lower)
	x.as("lea").post(releases+"/try", http.StatusNotFound, "rules", lower)
	if other := x.as("nia").post("/rules/en_sc/payments.withdrawal.release/try", http.StatusOK, "rules", lower); !strings.Contains(other.body, "Nothing was decided here yet") {
		t.Error("an entity's draft is tried on another's decisions")
	}

	up := x.fresh(maria)
	if a := up.post(releases+"/draft", http.StatusUnprocessableEntity, "rules", lower, "reason", "incident", "words", "short", "idempotency_key", key); !strings.Contains(a.body, "at least 20 characters") {
		t.Error("a proposal without words is not refused in place")
	}
	asked := up.post(releases+"/draft", http.StatusSeeOther, "rules", lower, "reason", "incident", "words", "Three thousand on one signature is too much.", "idempotency_key", key)
	card := x.as("tess").get(asked.to(), http.StatusOK)
	x.lacks("the approver's card", card.body, "<del>medium: total in 24 hours up to 25000", "<ins>rest: otherwise", "1 of 2 decisions would have gone another way",
		releases+"/draft?proposal=", "Release a withdrawal", "Three thousand on one signature is too much.")
	x.blind("the approver's card", card.body)
	again := x.as("tess").get(releases+"/draft?proposal="+string(refOf(asked.to())), http.StatusOK)
	x.lacks("the draft of the proposal", again.body, "1 of 2 decisions would have gone another way", second.Short(), "Back to the proposal")
	x.as("tess").get(releases+"/draft?proposal="+string(x.release(x.cleared("10.00"), 1_000)), http.StatusNotFound)
	x.Approve(x.staff("tess"), refOf(asked.to()))
	if p := maria.get(releases, http.StatusOK); !strings.Contains(p.body, "Version 1") {
		t.Error("what was agreed to is not in force")
	}
}

// fresh gives a visitor a second factor that counts as fresh.
func (t *till) fresh(v *visitor) *visitor {
	t.t.Helper()
	v.post("/step-up", http.StatusSeeOther, "step_up_code", t.code(), "step_up_to", "/approvals")
	return v
}

// What waits, and whose turn it is.
func TestAnApprovalSaysWhoseTurnItIsAndHowLongItWaits(t *testing.T) {
	x := openRules(t)
	x.adopt(inTurn)
	wd := x.cleared("200.00")
	pr := x.release(wd, 20_000)
	path := "/approvals/" + string(pr)
	inbox := x.as("lea").get("/approvals", http.StatusOK)
	x.lacks("the inbox while it waits", inbox.body, string(pr), "Waits", "from ")
	if strings.Contains(inbox.body, "For you") {
		t.Error("what waits is offered as decidable")
	}
	card := x.as("lea").get(path, http.StatusOK)
	x.lacks("the card while it waits", card.body, "Nobody can agree before", "You cannot agree to this yet", "/refuse", "1. Payments lead", "its turn", "2. Senior compliance officer", "after those before",
		"It is the client’s first payout", "one after the other", html.EscapeString(releases+"#v1"))
	if strings.Contains(card.body, path+"/approve") {
		t.Error("what waits can be agreed to")
	}
	page := x.as("lea").get("/withdrawals/"+string(wd), http.StatusOK)
	x.lacks("the withdrawal", page.body, "One after the other; next a Payments lead", "Nobody can agree before", releases+"#v1", "“new”: it is the client’s first payout")

	x.Clock.Advance(5*time.Hour + time.Minute)
	x.lacks("the lead's inbox", x.as("lea").get("/approvals", http.StatusOK).body, "For you")
	later := x.as("sina").get("/approvals", http.StatusOK)
	x.lacks("the inbox of who comes later", later.body, "Not your turn", "first a Payments lead")
	x.lacks("the card of who comes later", x.as("sina").get(path, http.StatusOK).body, "Others answer this before you do")
	x.Approve(x.staff("lea"), pr)
	x.lacks("the inbox when the turn came", x.as("sina").get("/approvals", http.StatusOK).body, "For you")
	x.lacks("the card when the turn came", x.as("sina").get(path, http.StatusOK).body, "Lea Colleague agreed", path+"/approve")
	x.Approve(x.staff("sina"), pr)
	done := x.as("lea").get("/withdrawals/"+string(wd), http.StatusOK)
	x.lacks("what was released", done.body, "payments.withdrawal.release/en_cy/1#new", "It is the client’s first payout: first a Payments lead", releases+"#v1")
}

// Words of rules in plain sentences.
func TestRulesReadAsSentences(t *testing.T) {
	for line, want := range map[string]string{
		"a: amount over 1000 and risk high or medium -> allow":               "The amount is over EUR 1,000, and the risk is high or medium: nothing beyond what the program demands by itself.",
		"a: total in 7 days up to 500 -> approval by payments_lead":          "The total within 7 days, this one included, is up to EUR 500: a Payments lead.",
		"a: no flag name-mismatch -> refuse because it looks wrong":          "It is not so that the names differ: it is refused: it looks wrong.",
		"a: requester payments -> approval by x and y then z, after 2 hours": "A Payments officer asks for it: first a X and a Y in any order, then a Z. Nobody can agree before 2 hours have passed.",
		"a: flag odd -> approval by x or y":                                  "It is marked “odd”: a X or Y.",
		"no rule at all":                                                     "no rule at all",
	} {
		if got := ruleSentence(line, "EUR"); got != want {
			t.Errorf("%s\nreads  %s\nwanted %s", line, got, want)
		}
	}
	for rule, want := range map[string]string{
		"payments.withdrawal.release/en_cy/3#small+high-risk": releases + "#v3",
		"withdrawal-release/eu/1#small":                       releases,
		"payments.withdrawal.release/en_cy/x#small":           releases,
		"<script>/en_cy/1#x":                                  releases,
	} {
		if got := ruleLink(rule, "en_cy", "payments.withdrawal.release"); got != want {
			t.Errorf("%s leads to %s", rule, got)
		}
	}
}
