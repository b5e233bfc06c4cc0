package platform_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/platform"
	"vouchsafe/store/storetest"
)

// The third trace: request, two people, execution, the deal, the match.
func TestCorrectionFromRequestToMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		w.seed(a, 200_000)
		in := ask(a, platform.BalanceCorrection, -75_000) // above one seat
		out := w.Do(w.dealer, in)
		if out.State != command.StateProposed {
			t.Fatalf("applied without a second person: %+v", out)
		}
		w.Approve(w.head, out.Proposal)
		id := w.Approve(w.compliance, out.Proposal).Subject
		w.Do(w.operator, platform.ExecuteIntervention{Intervention: id})
		w.step()
		if i := w.intervention(id); i.State != platform.StateApplied || i.BalanceBefore != 200_000 || i.BalanceAfter != 125_000 || i.Ticket == 0 {
			t.Fatalf("after execution: %+v", i)
		}
		w.sweep()
		i := w.intervention(id)
		if i.State != platform.StateMatched || i.Matched == 0 || i.ServerTime == 0 {
			t.Fatalf("after the sweep: %+v", i)
		}
		applied := w.sim.AppliedTo(i.Tag)
		if len(applied) != 1 || applied[0].Minor != -75_000 || applied[0].Ticket != i.Ticket {
			t.Fatalf("the platform applied %+v", applied)
		}
		checkHistory(t, w, i)
		if len(w.findings) != 0 {
			t.Errorf("findings %v", w.findings)
		}
		w.fold()
	})
}

// seed puts money on an account by a correction of ours.
func (w *world) seed(a *platform.Account, minor int64) {
	w.t.Helper()
	id := w.executed(ask(a, platform.BalanceCorrection, minor))
	w.step()
	w.sweep()
	if i := w.intervention(id); i.State != platform.StateMatched {
		w.t.Fatalf("seeding: %+v", i)
	}
}

func checkHistory(t *testing.T, w *world, i *platform.Intervention) {
	t.Helper()
	var got []string
	for _, e := range w.Events(i.ID) {
		got = append(got, strings.TrimPrefix(e.Type, "platform."))
		if strings.Contains(e.Leaf+e.Changes, "Wrong swap") {
			t.Errorf("%s holds the words in the clear", e.Type)
		}
		v, err := e.View()
		w.must(err)
		if e.Type == "platform.attempt.begun" && (e.Actor != "sys_platform" || v.Actor.For != string(w.operator.Ref)) {
			t.Errorf("the request was begun by %s for %s", e.Actor, v.Actor.For)
		}
	}
	if want := "intervention.approved intervention.executed attempt.begun attempt.recorded intervention.matched"; strings.Join(got, " ") != want {
		t.Errorf("events %v, want %s", got, want)
	}
	story, err := command.Ask(context.Background(), w.Road, w.operator, platform.InterventionPage{Log: w.Road.Log, Deps: w.deps}, platform.ViewIntervention{Intervention: i.ID})
	w.must(err)
	if story.Deal == nil || story.Deal.Dealer != mt5sim.DemoLogin || story.Deal.Ticket != i.Ticket || len(story.Steps) != 5 ||
		story.Steps[3].Phase != "applied" || story.Steps[3].Request == "" || story.Words == "" || story.Execute.Offered || len(story.ApprovedBy) != 2 {
		t.Errorf("story %+v", story)
	}
}

// Two people may agree to words that explain nothing; a third hears of it.
func TestWordsThatExplainNothingAreAFinding(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		in := ask(a, platform.BalanceCorrection, 1000)
		w.approved(in)
		w.step()
		if len(w.findings) != 0 {
			t.Fatalf("words that say something: %v", w.findings)
		}
		in.Words = hollowWords
		id := w.approved(in)
		w.step()
		if w.found("boilerplate-reason", id) != 1 || len(w.findings) != 1 {
			t.Errorf("findings %v", w.findings)
		}
	})
}

func TestWhoMayExecute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		id := w.approved(ask(a, platform.BalanceCorrection, 1000))
		run := platform.ExecuteIntervention{Intervention: id}
		page := platform.InterventionPage{Log: w.Road.Log, Deps: w.deps}
		expect := func(by evidence.Actor, want string) {
			t.Helper()
			if got := w.try(by, run); got != want {
				t.Fatalf("%s: %q, want %q", by.Ref, got, want)
			}
		}
		expect(w.head, "approver-is-not-operator")
		story, err := command.Ask(context.Background(), w.Road, w.head, page, platform.ViewIntervention{Intervention: id})
		w.must(err)
		if !story.Execute.Offered || story.Execute.Allowed || len(story.Execute.Why) != 1 {
			t.Errorf("the approver's button: %+v", story.Execute)
		}
		tired := w.operator
		tired.StepUp = false
		expect(tired, "step-up-needed")
		expect(evidence.Actor{Ref: "sys_platform", StepUp: true}, "operator-not-staff")
		w.ports.closed[caseOpen] = "case-closed"
		expect(w.operator, "case-closed")
		w.ports.closed[caseOpen] = "case-wrong-subject"
		expect(w.operator, "case-wrong-subject")
		delete(w.ports.closed, caseOpen)
		w.Policy.Deny = func(_ core.Ref, act command.Action, _ command.Resource) bool {
			return act == "platform.intervention.execute"
		}
		expect(w.operator, "not-allowed")
		w.Policy.Deny = nil
		w.Do(w.operator, run)
		expect(w.operator, "not-executable")
		if n := len(w.sim.Arrivals()); n != 1 { // the opening
			t.Fatalf("%d writes before the job ran", n)
		}
		w.step()
		w.sweep()
		if got := w.intervention(id).State; got != platform.StateMatched {
			t.Fatal(got)
		}
		w.fold()
	})
}

// Trading is not switched on again past a block that came after the approval.
func TestBlockAfterApprovalStopsExecution(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		off := w.executed(ask(a, platform.DisableTrading, 0))
		w.step()
		if i := w.intervention(off); i.State != platform.StateMatched || !w.account(a.ID).TradeDisabled {
			t.Fatalf("not switched off: %+v", i)
		}
		on := w.approved(ask(a, platform.EnableTrading, 0))
		w.ports.blocks = []command.Refusal{{Code: "kyc-expired", Text: "The passport has expired."}}
		if got := w.try(w.operator, platform.ExecuteIntervention{Intervention: on}); got != "kyc-expired" {
			t.Fatal(got)
		}
		w.ports.blocks = nil
		w.Do(w.operator, platform.ExecuteIntervention{Intervention: on})
		w.step()
		if i := w.intervention(on); i.State != platform.StateMatched || i.Matched == 0 || w.account(a.ID).TradeDisabled {
			t.Fatalf("not switched on: %+v", i)
		}
		moved := w.executed(ask(a, platform.GroupChange, 0))
		w.step()
		if w.intervention(moved).State != platform.StateMatched || w.account(a.ID).Group != groupPro {
			t.Fatalf("not moved: %+v", w.account(a.ID))
		}
		w.settle()
		if len(w.findings) != 0 {
			t.Errorf("our own changes were accused: %v", w.findings)
		}
		w.fold()
	})
}

func TestTransferMovesWalletMoney(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		ada := w.as("cl_ada")
		w.Do(w.dealer, fund{Client: "cl_ada", Minor: 50_000})
		wallet := ledger.AccountID(ledger.ClientWallet, "cl_ada", "EUR")
		check := func(when string, posted, held int64) {
			t.Helper()
			got, err := ledger.Get(context.Background(), w.Road.Store.Reader(), wallet)
			w.must(err)
			if got.Posted != posted || got.Held != held {
				t.Fatalf("%s: posted %d, held %d; want %d, %d", when, got.Posted, got.Held, posted, held)
			}
			off, err := ledger.Imbalances(context.Background(), w.Road.Store.Reader())
			w.must(err)
			if len(off) != 0 {
				t.Fatalf("%s: the book is off by %v", when, off)
			}
		}
		if got := w.try(ada, platform.RequestTransfer{Account: a.ID, Minor: 50_001}); got != "not-enough-money" {
			t.Fatal(got)
		}
		good := w.Do(ada, platform.RequestTransfer{Account: a.ID, Minor: 20_000}).Subject
		check("requested", 50_000, 20_000)
		w.step()
		check("applied", 30_000, 0)
		w.sim.Arm(mt5sim.Arming{Fault: mt5sim.RightMissing})
		bad := w.Do(ada, platform.RequestTransfer{Account: a.ID, Minor: 30_000}).Subject
		check("requested again", 30_000, 30_000)
		w.step()
		check("refused by the platform", 30_000, 0)
		w.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply})
		lost := w.Do(ada, platform.RequestTransfer{Account: a.ID, Minor: 10_000}).Subject
		w.step()
		check("answer lost", 30_000, 10_000)
		w.settle()
		check("looked up", 20_000, 0)
		for id, want := range map[core.Ref]string{good: platform.StateMatched, bad: platform.StateRejected, lost: platform.StateMatched} {
			if got := w.intervention(id).State; got != want {
				t.Errorf("%s ended %s, want %s", id, got, want)
			}
		}
		if truth, _ := w.sim.Account(a.Login); truth.Balance != 30_000 || len(w.findings) != 0 {
			t.Errorf("platform holds %d, findings %v", truth.Balance, w.findings)
		}
		w.fold()
	})
}

func TestTwoEntitiesOnOnePlatform(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, client := range []core.Ref{"cl_ada", "cl_zoe"} {
			a := w.open(client)
			id := w.executed(ask(a, platform.CreditChange, 500))
			w.step()
			w.sweep()
			if i := w.intervention(id); i.State != platform.StateMatched || i.Entity != w.ports.entities[client] {
				t.Fatalf("%s: %+v", client, i)
			}
			w.Do(w.dealer, fund{Client: client, Minor: 900})
			moved := w.Do(w.as(client), platform.RequestTransfer{Account: a.ID, Minor: 900}).Subject
			w.step()
			w.sweep()
			if i := w.intervention(moved); i.State != platform.StateMatched {
				t.Fatalf("transfer of %s: %+v", client, i)
			}
		}
		w.fold()
	})
}

func TestOpeningWithALostAnswerIsOneAccount(t *testing.T) {
	for _, c := range []struct {
		fault   mt5sim.Fault
		state   string
		opened  int
		persons bool
	}{
		{mt5sim.DropAfterApply, platform.AccountOpen, 1, false},
		{mt5sim.ServerError, platform.AccountOpen, 1, false},
		{mt5sim.DropBeforeApply, platform.AccountFailed, 0, true},
		{mt5sim.RightMissing, platform.AccountFailed, 0, false},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.sim.Arm(mt5sim.Arming{Fault: c.fault, Path: "/api/user/add"})
				id := w.Do(w.compliance, platform.OpenAccount{Client: "cl_ada", Group: groupRetail, Currency: "EUR", Leverage: 30}).Subject
				w.settle()
				if c.persons {
					if got := w.account(id).Attempt.Phase; got != command.PhasePerson {
						t.Fatalf("phase %s", got)
					}
					out := w.Do(w.dealer, platform.ResolveIntervention{Intervention: id, Words: "No such login in the manager terminal."})
					w.Approve(w.head, out.Proposal)
				}
				if got := w.account(id); got.State != c.state {
					t.Fatalf("%+v", got)
				}
				opened := 0
				for _, x := range w.sim.Oracle() {
					if x.Kind == mt5sim.KindAdd {
						opened++
					}
				}
				if opened != c.opened || len(w.findings) != 0 {
					t.Fatalf("%d opened, findings %v", opened, w.findings)
				}
				w.fold()
			})
		})
	}
}

// A login that somebody else took while our answer was lost is not the
// client's, however much it looks like it: a person decides.
func TestAnothersAccountIsNotClaimed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.Do(w.compliance, platform.OpenAccount{Client: "cl_ada", Group: groupRetail, Currency: "EUR", Leverage: 30}).Subject
		w.sim.Arm(mt5sim.Arming{Fault: mt5sim.DropBeforeApply, Path: "/api/user/add"})
		w.between.after = func() {
			a := w.account(id)
			_, certainty, err := w.client.Create(context.Background(), command.Op{
				ID: "ta_other", Attempt: 1, Tag: "OTHER", Operator: "st_nobody", Reason: "by_hand", Deadline: w.wall.Now().Add(time.Minute),
			}, platform.NewAccount{
				Login: a.Login, Name: "Somebody Else", Group: a.Group, Leverage: a.Leverage, Rights: 0x1 | 0x2,
				MainPassword: "Abc123!xyz", InvestorPassword: "Xyz123!abc",
			})
			if certainty != command.Applied {
				t.Errorf("the other account: %s, %v", certainty, err)
			}
		}
		w.settle()
		if a := w.account(id); a.State == platform.AccountOpen || a.Attempt.Phase != command.PhasePerson {
			t.Fatalf("claimed: %+v", a)
		}
	})
}

// A batch that somebody made up without what a batch has is named like any
// other: it must not end the check.
func TestAMadeUpBatchIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.seed(w.open("cl_ada"), 4200)
		storetest.Tamper(t, w.Road.Store, `INSERT INTO event (id, log, at, type, actor, outcome, leaf, changes)
			SELECT 'ffffffff-0000-7000-8000-000000000000', log, at, type, actor, outcome, leaf,
			'{"cells":{},"key":"db_made","kind":"imported","table":"platform_deal"}' FROM event WHERE id = (SELECT max(id) FROM event)`)
		storetest.Tamper(t, w.Road.Store, "UPDATE platform_deal SET batch = 'db_made'")
		ps, err := w.Road.Log.VerifyFold(context.Background(), w.Road.Store.Reader())
		w.must(err)
		if !slices.ContainsFunc(ps, func(p evidence.Problem) bool { return p.Code == "batch-differs" && p.Key == "db_made" }) {
			t.Fatalf("%+v", ps)
		}
	})
}

// What a platform_deal row says cannot be changed behind our back.
func TestEditedDealRowIsNamed(t *testing.T) {
	for name, sql := range map[string]string{
		"amount":  "UPDATE platform_deal SET minor = minor + 1",
		"dealer":  "UPDATE platform_deal SET dealer = 7",
		"removed": "DELETE FROM platform_deal",
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.seed(w.open("cl_ada"), 4200)
				w.fold()
				storetest.Tamper(t, w.Road.Store, sql)
				ps, err := w.Road.Log.VerifyFold(context.Background(), w.Road.Store.Reader())
				w.must(err)
				if len(ps) != 1 || ps[0].Code != "batch-differs" || ps[0].Table != "platform_deal" {
					t.Fatalf("%+v", ps)
				}
			})
		})
	}
}
