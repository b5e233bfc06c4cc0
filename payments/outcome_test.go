package payments_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
)

// system is the part of the program that speaks to the PSP.
var system = evidence.Actor{Ref: "sys_payments"}

const looked = "I looked at the payment in the provider's dashboard."

// resolve has a payout in doubt settled by two persons and returns the code of
// the refusal, if any.
func (w *world) resolve(id core.Ref, to payments.Execution, transaction string) string {
	w.t.Helper()
	out, err := w.Road.Run(context.Background(), w.clerk, "", payments.ResolveWithdrawal{Withdrawal: id, Execution: to, Transaction: transaction, Words: looked})
	if err != nil {
		return code(err)
	}
	if got := w.approve(w.clerk, out.Proposal); got != "maker-is-not-checker" {
		w.t.Fatalf("resolved by one person: %q", got)
	}
	w.Approve(w.lead, out.Proposal)
	p, err := command.GetProposal(context.Background(), w.Road.Store.Reader(), out.Proposal)
	w.must(err)
	if p.State != command.Executed {
		return p.Outcome
	}
	return ""
}

// byHand is a payout that somebody makes in the PSP's dashboard.
func (w *world) byHand(reference string, minor int64, mod ...func(*sandpaysim.PayoutRequest)) string {
	w.t.Helper()
	in := sandpaysim.PayoutRequest{
		Amount: minor, Currency: "EUR", Reference: reference, Merchant: merchant,
		Destination: sandpaysim.Party{Account: "DE89370400440532010000", Holder: "Ada Byron", Bank: "TESTBANK"},
	}
	for _, m := range mod {
		m(&in)
	}
	obj, err := w.sim.PayByHand(in)
	w.must(err)
	return obj.ID
}

// follow steps in short paces for two minutes.
func (w *world) follow() {
	w.t.Helper()
	for range 24 {
		w.step()
		w.pass(4 * time.Second)
	}
}

// What the PSP can do with a payout, each to its end.
func TestEveryOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		for end, c := range map[string]struct{ state, code string }{
			"9001": {"approved failed none psp-rejected", "account_closed"},
			"9002": {"approved failed none psp-rejected", "insufficient_funds"},
			"9004": {"approved failed none psp-failed", "bank_declined"},
		} {
			id := w.approved("cl_ada", end, 1_000)
			w.books(end, "cl_ada", 100_000, 1_000)
			w.follow()
			if got := w.is(end, id, c.state); got.PSPCode != c.code || got.Journal != "" {
				t.Fatalf("%s: %+v", end, *got)
			}
			w.books(end, "cl_ada", 100_000, 0)
		}
		w.only("failures are nobody's finding")
		held := w.approved("cl_ada", "9003", 2_000)
		w.follow()
		got := w.is("on hold", held, "approved submitted none")
		if got.PSPStatus != "on_hold" {
			t.Fatalf("%+v", *got)
		}
		w.books("on hold", "cl_ada", 100_000, 2_000)
		for range 6 { // longer than any list reads back
			w.pass(24 * time.Hour)
			w.sweep()
		}
		w.must(w.sim.Release(got.Transaction))
		w.pass(15 * time.Minute)
		w.step()
		w.is("let go", held, "approved paid none")
		w.sweep()
		w.is("let go", held, "approved paid matched")
		w.books("let go", "cl_ada", 98_000, 0)
		back := w.approved("cl_ada", "9005", 3_000)
		for range 4 { // the status is read before the money comes back
			w.step()
			w.pass(11 * time.Second)
		}
		w.is("paid", back, "approved paid none")
		w.books("paid", "cl_ada", 95_000, 0)
		w.pass(time.Minute)
		w.sweep()
		if got := w.is("came back", back, "approved returned none returned"); got.Reversal == "" || got.PSPCode != "unknown_account" {
			t.Fatalf("%+v", *got)
		}
		w.books("came back", "cl_ada", 98_000, 0)
		old := payments.SyncStatus{
			Withdrawal: back, From: payments.ExecSubmitted, Transaction: w.withdrawal(back).Transaction, Phase: payments.PhasePaid, Status: "paid", Same: true,
		}
		if got := w.try(system, old); got != "no-news" {
			t.Fatalf("an answer from before it came back: %q", got)
		}
		coarse := w.approved("cl_ada", "9005", 4_000)
		w.step()
		w.pass(10 * time.Minute) // paid and returned between two looks
		w.step()
		if got := w.is("came back unseen", coarse, "approved returned none returned"); got.Journal != "" {
			t.Fatalf("%+v", *got)
		}
		w.books("came back unseen", "cl_ada", 98_000, 0)
		w.settle()
		w.only("at the end", "payout-returned", "payout-returned")
		w.fold()
	})
}

// doubt is a withdrawal whose request was lost, looked up in vain.
func (w *world) doubt(minor int64) core.Ref {
	w.t.Helper()
	id := w.approved("cl_ada", "0000", minor)
	w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.DropBeforeApply, Times: 1}))
	w.step()
	w.is("answer lost", id, "approved uncertain none")
	for range 11 {
		w.pass(50 * time.Second)
		w.step()
	}
	w.is("looked up in vain", id, "approved person none no-trace")
	if w.found("payout-in-doubt", id) != 1 {
		w.t.Fatal(w.findings)
	}
	return id
}

// What machines cannot follow is settled by two persons, in three directions,
// and by a transaction that is nobody else's.
func TestResolving(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		plain := w.approved("cl_ada", "0000", 500)
		if got := w.resolve(plain, payments.ExecFailed, ""); got != "not-in-doubt" {
			t.Fatal(got)
		}
		w.follow()
		for name, in := range map[string]payments.ResolveWithdrawal{
			"no transaction": {Execution: payments.ExecPaid, Words: looked},
			"of nothing":     {Execution: payments.ExecFailed, Transaction: "po_1", Words: looked},
			"no words":       {Execution: payments.ExecFailed, Words: "done"},
			"to returned":    {Execution: payments.ExecReturned, Transaction: "po_1", Words: looked},
		} {
			in.Withdrawal = plain
			if got := w.try(w.clerk, in); got != "invalid-input" {
				t.Errorf("%s: %q", name, got)
			}
		}
		no := w.doubt(1_000)
		w.books("in doubt", "cl_ada", 99_500, 1_000)
		if got := w.resolve(no, payments.ExecFailed, ""); got != "" {
			t.Fatal(got)
		}
		w.is("was not paid", no, "approved failed none not-paid")
		w.books("was not paid", "cl_ada", 99_500, 0)

		yes := w.doubt(2_000)
		if got := w.resolve(yes, payments.ExecPaid, w.withdrawal(plain).Transaction); got != "transaction-taken" {
			t.Fatalf("one payout proved two: %q", got)
		}
		at := w.byHand(w.withdrawal(yes).Tag, 2_000)
		w.pass(time.Minute)
		if got := w.resolve(yes, payments.ExecPaid, at); got != "" {
			t.Fatal(got)
		}
		w.is("was paid", yes, "approved paid none")
		w.books("was paid", "cl_ada", 97_500, 0)

		under := w.doubt(3_000)
		at = w.byHand(w.withdrawal(under).Tag, 3_000)
		if got := w.resolve(under, payments.ExecSubmitted, at); got != "" {
			t.Fatal(got)
		}
		w.is("is on its way", under, "approved submitted none")
		w.books("is on its way", "cl_ada", 97_500, 3_000)
		w.settle()
		for _, id := range []core.Ref{yes, under} {
			w.is("at the end", id, "approved paid matched")
		}
		w.books("at the end", "cl_ada", 94_500, 0)
		w.only("at the end", "payout-in-doubt", "payout-in-doubt", "payout-in-doubt")
		w.fold()
	})
}

// A transaction that a person names and the PSP does not know is found.
func TestResolvedByAnInventedTransaction(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.doubt(1_000)
		if got := w.resolve(id, payments.ExecPaid, "po_999999invented"); got != "" {
			t.Fatal(got)
		}
		w.pass(20 * time.Minute)
		w.sweep()
		if w.found("decision-without-execution", id) != 1 {
			t.Fatal(w.findings)
		}
		w.fold()
	})
}

// says makes the PSP show a payout in another state than it has.
func says(id, status string, phase payments.Phase) func(payments.PSPObject) payments.PSPObject {
	return func(o payments.PSPObject) payments.PSPObject {
		if o.ID == id {
			o.Status, o.Phase = status, phase
		}
		return o
	}
}

func listed(f func(payments.PSPObject) payments.PSPObject) func([]payments.PSPObject) []payments.PSPObject {
	return func(in []payments.PSPObject) (out []payments.PSPObject) {
		for _, o := range in {
			out = append(out, f(o))
		}
		return out
	}
}

// A PSP that pays what it called failed is a person's matter; an answer that
// is only older than ours is not.
func TestPaidAfterFailure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "9004", 4_000)
		w.follow()
		at := w.is("failed", id, "approved failed none psp-failed").Transaction
		w.between.list = listed(says(at, "paid", payments.PhasePaid))
		w.sweep()
		w.is("an old list", id, "approved failed none psp-failed")
		w.only("an old list")
		w.between.shown = says(at, "paid", payments.PhasePaid)
		w.sweep()
		w.is("it was paid", id, "approved person none paid-after-failure")
		w.books("it was paid", "cl_ada", 10_000, 0)
		w.only("it was paid", "payout-paid-after-failure")
		if got := w.resolve(id, payments.ExecSubmitted, at); got != "money-free" {
			t.Fatal(got)
		}
		used := w.approved("cl_ada", "0000", 9_000)
		if got := w.resolve(id, payments.ExecPaid, at); got != "not-enough-money" {
			t.Fatalf("debited what is set aside for another: %q", got)
		}
		w.Do(w.clerk, payments.RefuseWithdrawal{Withdrawal: used, Reason: "other", Words: "The money is needed elsewhere."})
		if got := w.resolve(id, payments.ExecPaid, at); got != "" {
			t.Fatal(got)
		}
		w.is("it is booked", id, "approved paid none")
		w.sweep()
		w.is("it is settled", id, "approved paid matched")
		w.books("it is booked", "cl_ada", 6_000, 0)
		w.between.list = listed(says(at, "returned", payments.PhaseReturned))
		w.between.shown = says(at, "returned", payments.PhaseReturned)
		w.sweep()
		w.is("it came back after all", id, "approved returned matched returned")
		w.books("it came back after all", "cl_ada", 10_000, 0)
		w.fold()
	})
}

// What the PSP pays after a person said that it was not paid comes back to a
// person, who can book it.
func TestPaidAfterResolvedAsNotPaid(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.doubt(4_000)
		if got := w.resolve(id, payments.ExecFailed, ""); got != "" {
			t.Fatal(got)
		}
		at := w.byHand(w.withdrawal(id).Tag, 4_000)
		w.sweep()
		w.is("it is on its way", id, "approved failed none not-paid")
		if w.found("payout-late", id) != 1 {
			t.Fatal(w.findings)
		}
		w.pass(time.Minute)
		w.sweep()
		if got := w.is("it was paid", id, "approved person none paid-after-failure"); got.Transaction != at {
			t.Fatalf("%+v", *got)
		}
		if got := w.resolve(id, payments.ExecPaid, at); got != "" {
			t.Fatal(got)
		}
		w.sweep()
		w.is("it is booked", id, "approved paid matched")
		w.books("it is booked", "cl_ada", 6_000, 0)
		w.fold()
	})
}

// A PSP that cannot be reached is tried until it is back, and then sent to
// once.
func TestConnectionRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 1_000)
		key, secret := sandpaysim.DemoKeys(1)
		gone, err := sandpay.New(sandpay.Config{BaseURL: "http://127.0.0.1:1", APIKey: key, WebhookSecrets: []string{secret}, Wall: w.wall})
		w.must(err)
		back := w.between.PSP
		w.between.PSP = gone
		for range 12 {
			w.step()
			w.pass(3 * time.Minute)
		}
		got := w.is("away", id, "approved ready none")
		if got.Attempt.Number < 3 || got.PSPCode != "not-sent" {
			t.Fatalf("%+v", *got)
		}
		w.books("away", "cl_ada", 10_000, 1_000)
		if err := w.driver.Sweep(context.Background(), sandpay.Name); code(err) != "psp-unreachable" {
			t.Fatalf("the sweep said %v", err)
		}
		w.between.PSP = back
		w.pass(6 * time.Minute)
		w.follow()
		w.sweep()
		w.is("back", id, "approved paid matched")
		if n := w.truth(id).Requests; n != 1 {
			t.Fatalf("%d requests", n)
		}
		w.only("back")
		w.fold()
	})
}

// Nothing is paid to a client whose data was erased, and nothing of it comes
// back with what is decided after.
func TestErasedClientIsNotPaid(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		open, sent := w.requested("cl_ada", "0000", 1_000), w.approved("cl_ada", "0000", 2_000)
		w.clear(open, payments.RiskLow)
		w.Do(w.clerk, payments.EraseMovement{Movement: open})
		w.Do(w.clerk, payments.EraseMovement{Movement: sent})
		if got := w.try(w.clerk, w.ask(open)); got != "names-changed" {
			t.Fatal(got)
		}
		w.clear(open, payments.RiskLow)
		if got := w.is("cleared after erasure", open, "held none none"); got.Blocks != "client-erased" || got.LegalName != "" {
			t.Fatalf("%+v", *got)
		}
		w.settle()
		w.is("not sent", sent, "approved ready none")
		if n := w.truth(sent).Requests; n != 0 {
			t.Fatalf("%d requests", n)
		}
		w.Do(w.clerk, payments.RefuseWithdrawal{Withdrawal: sent, Reason: "other", Words: "The client's data was erased."})
		if got := w.is("refused after erasure", sent, "refused none none"); got.Words != "" {
			t.Fatalf("words came back: %+v", *got)
		}
		w.books("refused after erasure", "cl_ada", 10_000, 1_000)
	})
}

// Money that comes back in part is not booked as if all had come: a person
// looks at it.
func TestAPartThatComesBackIsNotTheWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		id := w.approved("cl_ada", "0000", 40_000)
		w.settle()
		paid := w.is("paid", id, "approved paid matched")
		w.books("paid", "cl_ada", 60_000, 0)
		part := func(o payments.PSPObject) payments.PSPObject {
			if o.ID == paid.Transaction {
				o.Status, o.Phase, o.Amount.Minor = "returned", payments.PhaseReturned, 15_000
			}
			return o
		}
		w.between.shown, w.between.list = part, listed(part)
		w.sweep()
		w.is("a part came back", id, "approved paid matched")
		w.books("a part came back", "cl_ada", 60_000, 0)
		w.only("a part came back", "amount-differs")
		whole := says(paid.Transaction, "returned", payments.PhaseReturned)
		w.between.shown, w.between.list = whole, listed(whole)
		w.sweep()
		w.books("all came back", "cl_ada", 100_000, 0)
		w.fold()
	})
}
