package payments_test

import (
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// deed is one thing that somebody does at the PSP behind our back, and what
// the next sweep must say of it: about which entity, and about the withdrawal
// or about nothing of ours.
type deed struct {
	name    string
	act     func(w *world, done *payments.Withdrawal) core.Ref // about
	finding string
	entity  core.Ref
}

// pays is a payout by hand under a reference.
func pays(reference func(w *world, done *payments.Withdrawal) string, about bool, mod ...func(*sandpaysim.PayoutRequest)) func(*world, *payments.Withdrawal) core.Ref {
	return func(w *world, done *payments.Withdrawal) core.Ref {
		w.byHand(reference(w, done), 4_200, mod...)
		if about {
			return done.ID
		}
		return ""
	}
}

// tagOf is the tag of a withdrawal in another state than sent.
func tagOf(make func(w *world) core.Ref) func(*world, *payments.Withdrawal) core.Ref {
	return func(w *world, _ *payments.Withdrawal) core.Ref {
		id := make(w)
		w.byHand(w.withdrawal(id).Tag, w.withdrawal(id).Minor)
		return id
	}
}

func through(m string) func(*sandpaysim.PayoutRequest) {
	return func(r *sandpaysim.PayoutRequest) { r.Merchant = m }
}

func text(s string) func(*world, *payments.Withdrawal) string {
	return func(*world, *payments.Withdrawal) string { return s }
}

func theTag(_ *world, done *payments.Withdrawal) string { return done.Tag }

var deeds = []deed{
	{"without a reference", pays(text(""), false), "payout-without-decision", "en_cy"},
	{"with a word", pays(text("refund for Ada"), false), "payout-without-decision", "en_cy"},
	{"through the other entity's account", pays(text("x"), false, through(offshore)), "payout-without-decision", "en_bvi"},
	{"through nobody's account", pays(text("x"), false, through("someone-else")), "payout-without-decision", "en_group"},
	{"second under our tag", pays(theTag, true), "payout-without-decision", "en_cy"},
	{"second under our tag, to another account", pays(theTag, true, func(r *sandpaysim.PayoutRequest) { r.Destination.Account = "XX1" }), "payout-without-decision", "en_cy"},
	{"our tag through the other entity's account", pays(theTag, false, through(offshore)), "payout-without-decision", "en_bvi"},
	{"our tag in lower case", pays(func(w *world, d *payments.Withdrawal) string { return strings.ToLower(d.Tag) }, false), "payout-without-decision", "en_cy"},
	{"a made-up tag", pays(func(w *world, d *payments.Withdrawal) string { return d.Tag[:14] + "AAAAAA" }, false), "payout-without-decision", "en_cy"},
	{"a genuine tag that no record knows", pays(func(w *world, _ *payments.Withdrawal) string {
		return w.deps.Tags.Tag("wd_06ez4dsyg3zqy6fvmzzzz")
	}, false), "payout-unrecorded", "en_cy"},
	{"of one that waits to be cleared", tagOf(func(w *world) core.Ref { return w.requested("cl_ada", "0000", 100) }), "payout-without-decision", "en_cy"},
	{"of one that was refused", tagOf(func(w *world) core.Ref {
		id := w.requested("cl_ada", "0000", 100)
		w.Do(w.clerk, payments.RefuseWithdrawal{Withdrawal: id, Reason: "suspicion", Words: "The account is not hers."})
		return id
	}), "payout-without-decision", "en_cy"},
	{"of one that was approved and is stopped", tagOf(func(w *world) core.Ref {
		id := w.approved("cl_ada", "0000", 100)
		w.ports.block(payments.PurposeRelease, "restricted")
		return id
	}), "payout-without-decision", "en_cy"},
	{"ours shown with another amount", func(w *world, done *payments.Withdrawal) core.Ref {
		w.between.list = listed(func(o payments.PSPObject) payments.PSPObject {
			if o.ID == done.Transaction {
				o.Amount.Minor += 100
			}
			return o
		})
		return done.ID
	}, "amount-differs", "en_cy"},
	{"ours not shown any more", func(w *world, done *payments.Withdrawal) core.Ref {
		w.pass(20 * time.Minute)
		w.between.list = func(in []payments.PSPObject) (out []payments.PSPObject) {
			for _, o := range in {
				if o.ID != done.Transaction {
					out = append(out, o)
				}
			}
			return out
		}
		return done.ID
	}, "decision-without-execution", "en_cy"},
}

// Every deed is found by the very next sweep, about the right record and
// entity, once, and nothing else is accused.
func TestEveryRogueActIsFoundInOneSweep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 1_000_000)
		for _, d := range deeds {
			done := w.approved("cl_ada", "0000", 4_200)
			w.follow()
			w.sweep()
			before := len(w.findings)
			about := d.act(w, w.is(d.name, done, "approved paid matched"))
			w.sweep()
			if len(w.findings) != before+1 {
				t.Fatalf("%s: %v", d.name, w.findings[before:])
			}
			if f := w.findings[before]; f.kind != d.finding || f.entity != string(d.entity) || f.subject != string(about) || !strings.HasPrefix(f.external, "sandpay:po_") {
				t.Fatalf("%s: %+v about %s", d.name, f, about)
			}
			for range 3 {
				w.pass(7 * time.Minute)
				w.sweep()
			}
			if len(w.findings) != before+1 {
				t.Fatalf("%s, later: %v", d.name, w.findings[before:])
			}
			w.is(d.name, done, "approved paid matched")
			w.between.list = nil
			w.ports.block(payments.PurposeRelease)
		}
		w.balanced("at the end")
		w.fold()
	})
}

// Two payouts under one tag while the answer is out: which one is ours a
// person says, and the other is found.
func TestCopyBeforeTheAnswerIsKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 1_000)
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.DropAfterApply, Times: 1}))
		w.step()
		w.byHand(w.withdrawal(id).Tag, 1_000)
		w.settle()
		if got := w.is("looked up", id, "approved person none no-trace"); got.PSPCode != "psp-reference-shared" || got.Transaction != "" {
			t.Fatalf("%+v", *got)
		}
		if got := w.resolve(id, payments.ExecPaid, w.truth(id).Payouts[0].ID); got != "" {
			t.Fatal(got)
		}
		w.findings = nil
		w.sweep()
		w.is("resolved", id, "approved paid matched")
		w.only("resolved", "payout-without-decision")
		w.books("resolved", "cl_ada", 9_000, 0)
		w.fold()
	})
}

// A payout under our tag that is not what was decided is a person's matter
// before anything is booked.
func TestAnotherPayoutUnderOurTag(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		for name, change := range map[string]func(*sandpaysim.PayoutRequest){
			"another amount":           func(r *sandpaysim.PayoutRequest) { r.Amount++ },
			"another currency":         func(r *sandpaysim.PayoutRequest) { r.Currency = "USD" },
			"another account":          func(r *sandpaysim.PayoutRequest) { r.Destination.Account = "XX12" },
			"another merchant account": through(offshore),
		} {
			posted := w.wallet("cl_ada").Posted
			id := w.approved("cl_ada", "0000", 1_000)
			w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.DropBeforeApply, Times: 1}))
			w.step()
			at := w.byHand(w.withdrawal(id).Tag, 1_000, change)
			w.findings = nil
			w.settle()
			w.is(name, id, "approved person none differs")
			w.books(name, "cl_ada", posted, 1_000)
			if w.found("payout-differs", id) != 1 {
				t.Fatalf("%s: %v", name, w.findings)
			}
			if got := w.resolve(id, payments.ExecFailed, ""); got != "" {
				t.Fatalf("%s (%s): %s", name, at, got)
			}
			w.books(name, "cl_ada", posted, 0)
		}
		w.fold()
	})
}

// A lie about the amount in the answer alone changes nothing: the record at
// the PSP is what counts.
func TestAnswerShowsAnotherAmount(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.approved("cl_ada", "0000", 1_000)
		w.must(w.sim.Inject(sandpaysim.Fault{Kind: sandpaysim.ChangedAmount, Times: 1}))
		w.step()
		w.is("the answer", id, "approved uncertain none")
		w.settle()
		w.is("the record", id, "approved paid matched")
		w.only("the record")
		w.books("the record", "cl_ada", 9_000, 0)
		if n := w.truth(id).Requests; n != 1 {
			t.Fatalf("%d requests", n)
		}
	})
}
