package payments_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/adapters/sandpay"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
	"vouchsafe/payments"
)

// dep is what is recorded of a deposit at the PSP; nil when nothing is.
func (w *world) dep(transaction string) *payments.Deposit {
	w.t.Helper()
	page, err := command.Ask(context.Background(), w.Road, w.lead, payments.DepositList{}, payments.ListDeposits{Page: core.PageRequest{Limit: core.MaxPage}})
	w.must(err)
	for _, row := range page.Rows {
		if row.Transaction == transaction {
			d, err := payments.DepositByID(context.Background(), w.Road.Store.Reader(), row.ID)
			w.must(err)
			return d
		}
	}
	return nil
}

// stands wants a deposit's state, flag and settlement.
func (w *world) stands(when, transaction string, state payments.DepositState, flag, settlement string) *payments.Deposit {
	w.t.Helper()
	d := w.dep(transaction)
	if d == nil || d.State != state || d.Flag != flag || d.Settlement != settlement {
		w.t.Fatalf("%s: %+v\nfindings %v", when, d, w.findings)
	}
	return d
}

func by(change func(*sandpaysim.DepositRequest)) func(*sandpaysim.DepositRequest) { return change }

var (
	byBank = by(func(d *sandpaysim.DepositRequest) { d.Method = "bank" })
	fails  = by(func(d *sandpaysim.DepositRequest) { d.Failure = "card_declined" })
)

func TestDepositIsCreditedBySystem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		at := w.deposit("REF-ada", "Mr. ADA BYRON", 5_000, byBank)
		w.sweep()
		w.stands("on its way", at, payments.DepositPending, "", "none")
		w.pass(time.Minute)
		w.sweep()
		d := w.stands("arrived", at, payments.DepositCredited, "", "none")
		if d.CreditedBy != "sys_payments" || d.Client != "cl_ada" || d.Match != payments.MatchFull {
			t.Fatalf("%+v", *d)
		}
		w.books("arrived", "cl_ada", 5_000, 0)
		w.sweep()
		w.stands("settled", at, payments.DepositCredited, "", "matched")
		for range 3 {
			w.sweep()
		}
		w.books("swept again", "cl_ada", 5_000, 0)
		clearing, err := ledger.Sum(context.Background(), w.Road.Store.Reader(), ledger.AccountID(ledger.PSPClearing, sandpay.Name+"/"+merchant, "EUR"))
		w.must(err)
		if clearing != -5_000 {
			t.Fatalf("the PSP holds %d for us", clearing)
		}
		if n := len(w.Events(d.ID)); n != 4 {
			t.Errorf("%d events", n)
		}
		w.only("at the end")
		w.fold()
	})
}

// Money that came before the client's identity was approved waits, however
// long that takes.
func TestHeldDepositIsCreditedWhenTheBlockIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().ports.block(payments.PurposeFunding, "identity-not-approved")
		at := w.deposit("REF-ada", "Ada Byron", 5_000)
		w.sweep()
		held := w.stands("blocked", at, payments.DepositHeld, "", "none")
		if got := w.try(w.lead, payments.CreditDeposit{Deposit: held.ID}); got != "identity-not-approved" {
			t.Fatal(got)
		}
		for range 6 {
			w.pass(24 * time.Hour)
			w.sweep()
		}
		events := len(w.Events(held.ID))
		if events != 2 { // recorded, and the lead's refused try
			t.Errorf("%d events while it waited", events)
		}
		w.ports.block(payments.PurposeFunding)
		w.sweep()
		w.stands("free", at, payments.DepositCredited, "", "none")
		w.books("free", "cl_ada", 5_000, 0)
		w.sweep()
		w.stands("settled", at, payments.DepositCredited, "", "matched")
		w.only("at the end")
		w.fold()
	})
}

// A payer who is not the client takes two persons and words.
func TestThirdPartyDeposit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		for name, payer := range map[string]string{"another": "Charles Babbage", "nearly": "Ada Bryon", "another script": "Ада Байрон", "wife and man": "Ada Byron / Charles King"} {
			w.findings = nil
			before := w.wallet("cl_ada").Posted
			at := w.deposit("REF-ada", payer, 5_000)
			w.sweep()
			d := w.stands(name, at, payments.DepositFlagged, payments.FlagPayer, "none")
			w.only(name, "deposit-third-party")
			credit := payments.CreditDeposit{Deposit: d.ID, Words: "Her husband paid; the marriage certificate is on file."}
			if got := w.try(w.clerk, payments.CreditDeposit{Deposit: d.ID, Words: "ok"}); got != "credit-unexplained" {
				t.Fatalf("%s: %q", name, got)
			}
			if got := w.try(system, credit); got != "person-needed" {
				t.Fatalf("%s, by the system: %q", name, got)
			}
			out := w.Do(w.clerk, credit)
			if out.Need.Rule != "deposit-credit/1#payer-differs" || len(out.Need.Seats) != 1 {
				t.Fatalf("%+v", out.Need)
			}
			w.books(name, "cl_ada", before, 0)
			w.ports.block(payments.PurposeFunding, "restricted")
			w.Approve(w.lead, out.Proposal)
			if w.state(out.Proposal) != command.Closed {
				t.Fatalf("%s: credited past a block", name)
			}
			w.ports.block(payments.PurposeFunding)
			out = w.Do(w.clerk, credit)
			if got := w.approve(w.clerk, out.Proposal); got != "maker-is-not-checker" {
				t.Fatal(got)
			}
			w.Approve(w.lead, out.Proposal)
			w.stands(name, at, payments.DepositCredited, payments.FlagPayer, "none")
			w.books(name, "cl_ada", before+5_000, 0)
			if got := w.try(w.clerk, credit); got != "not-creditable" {
				t.Fatal(got)
			}
		}
		w.fold()
	})
}

// Two failed attempts make a review and a finding, and the next success waits
// for a person; after it the count begins again.
func TestFailedAttempts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		first := w.deposit("REF-ada", "Ada Byron", 1_000, fails)
		w.sweep()
		if d := w.stands("first", first, payments.DepositFailed, "", "none"); d.PSPCode != "card_declined" {
			t.Fatalf("%+v", *d)
		}
		w.only("first")
		other := w.deposit("REF-ada", "Ada Byron", 1_000, fails, byBank)
		w.pass(time.Minute)
		w.sweep()
		w.stands("another method", other, payments.DepositFailed, "", "none")
		second := w.deposit("REF-ada", "Ada Byron", 1_000, fails)
		w.sweep()
		w.stands("second", second, payments.DepositReview, payments.FlagAttempts, "none")
		w.only("second", "deposit-attempts")
		if w.found("deposit-attempts", "cl_ada") != 1 {
			t.Fatal(w.findings)
		}
		elses := w.deposit("REF-bob", "Bob Meyer", 700)
		good := w.deposit("REF-ada", "Ada Byron", 1_000)
		w.sweep()
		w.stands("another client", elses, payments.DepositCredited, "", "none")
		d := w.stands("then it worked", good, payments.DepositFlagged, payments.FlagAttempts, "none")
		w.sweep()
		w.stands("and waits", good, payments.DepositFlagged, payments.FlagAttempts, "none")
		w.Approve(w.lead, w.Do(w.clerk, payments.CreditDeposit{Deposit: d.ID, Words: "I spoke to her: it was a mistyped card number."}).Proposal)
		again := w.deposit("REF-ada", "Ada Byron", 1_000)
		w.sweep()
		w.stands("the count begins again", again, payments.DepositCredited, "", "none")
		w.books("at the end", "cl_ada", 2_000, 0)
		w.fold()
	})
}

// Money of nobody, at the wrong merchant account, or with a client of another
// entity, belongs to nobody until a person says so.
func TestUnmatchedDeposits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		at := func(m string) func(*sandpaysim.DepositRequest) {
			return func(d *sandpaysim.DepositRequest) { d.Merchant = m }
		}
		nobody := w.deposit("hello", "Ada Byron", 100)
		theirs := w.deposit("REF-zoe", "Zoe Quist", 200)
		ours := w.deposit("REF-ada", "Ada Byron", 300, at(offshore))
		stray := w.deposit("REF-ada", "Ada Byron", 400, at("someone-else"))
		good := w.deposit("REF-ada", "Ada Byron", 500)
		w.sweep()
		for transaction, entity := range map[string]core.Ref{nobody: "en_cy", theirs: "en_cy", ours: "en_bvi"} {
			d := w.stands(transaction, transaction, payments.DepositUnmatched, "", "none")
			if d.Client != "" || d.LegalName != "" || d.Entity != entity {
				t.Errorf("%+v", *d)
			}
			if got := w.try(w.clerk, payments.CreditDeposit{Deposit: d.ID, Words: words}); got != "not-creditable" {
				t.Errorf("%q", got)
			}
		}
		if w.dep(stray) != nil {
			t.Error("recorded at a merchant account of nobody")
		}
		w.stands("the good one", good, payments.DepositCredited, "", "none")
		w.only("at the end", "deposit-unmatched", "deposit-unmatched", "deposit-unmatched", "deposit-unmatched")
		for _, f := range w.findings {
			if f.entity == "en_group" && f.subject != "" || f.entity == "" {
				t.Errorf("%+v", f)
			}
		}
		w.books("at the end", "cl_ada", 500, 0)
		w.fold()
	})
}

// Money that the PSP takes back after we credited it is a person's matter; the
// book does not change by itself.
func TestDepositUndoneAtPSP(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		at := w.deposit("REF-ada", "Ada Byron", 5_000)
		w.sweep()
		w.sweep()
		w.stands("credited", at, payments.DepositCredited, "", "matched")
		w.between.shown = says(at, "failed", payments.PhaseFailed)
		w.between.list = listed(w.between.shown)
		w.sweep()
		w.stands("undone", at, payments.DepositCredited, payments.FlagUndone, "matched")
		w.only("undone", "deposit-undone")
		w.books("undone", "cl_ada", 5_000, 0)
		w.between.shown = func(o payments.PSPObject) payments.PSPObject { o.Amount.Minor++; return o }
		w.between.list = listed(w.between.shown)
		w.sweep()
		w.only("another amount", "deposit-undone", "amount-differs")
		w.books("another amount", "cl_ada", 5_000, 0)
		w.fold()
	})
}

// A list takes time to read. What it says of a deposit may be older than what a
// webhook told meanwhile: money that came back is not credited by it.
func TestAnOlderWordAboutADepositIsNoNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		ctx := context.Background()
		known, unknown := w.deposit("REF-ada", "Ada Byron", 5_000, byBank), w.deposit("REF-bob", "Bob Meyer", 7_000, byBank)
		w.between.list = func(in []payments.PSPObject) (out []payments.PSPObject) {
			for _, o := range in {
				if o.ID == known {
					out = append(out, o)
				}
			}
			return out
		}
		w.sweep()
		w.stands("on its way", known, payments.DepositPending, "", "none")
		w.pass(time.Minute)
		back := func(o payments.PSPObject) payments.PSPObject {
			return says(unknown, "returned", payments.PhaseReturned)(says(known, "returned", payments.PhaseReturned)(o))
		}
		w.between.list = func(paid []payments.PSPObject) []payments.PSPObject {
			w.between.shown, w.between.list = back, listed(back)
			w.must(w.driver.Sweep(ctx, sandpay.Name)) // as hints would, while the list is on its way
			return paid
		}
		w.sweep()
		for _, at := range []string{known, unknown} {
			w.stands("came back", at, payments.DepositFailed, "", "none")
		}
		w.books("came back", "cl_ada", 0, 0)
		w.books("came back", "cl_bob", 0, 0)
		w.fold()
	})
}

// A record that cannot be taken does not keep the sweep from the next.
func TestSweepGoesOnPastATrouble(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet()
		w.deposit("REF-ada", "Ada Byron", 1_000)
		good := w.deposit("REF-bob", "Bob Meyer", 2_000)
		w.Policy.Deny = func(_ core.Ref, act command.Action, res command.Resource) bool {
			return act == "payments.deposit.record" && res.Attrs["client"] == "cl_ada"
		}
		if err := w.driver.Sweep(context.Background(), sandpay.Name); err == nil {
			t.Error("the trouble was not told")
		}
		w.step()
		w.stands("the next", good, payments.DepositCredited, "", "none")
		w.Policy.Deny = nil
		w.sweep()
		w.books("after it", "cl_ada", 1_000, 0)
	})
}

// What was erased stays erased, whatever the PSP says next.
func TestErasedDeposit(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().ports.block(payments.PurposeFunding, "identity-not-approved")
		at := w.deposit("REF-ada", "Ada Byron", 1_000, byBank)
		w.sweep()
		id := w.dep(at).ID
		w.Do(w.clerk, payments.EraseMovement{Movement: id})
		w.pass(time.Minute)
		w.ports.block(payments.PurposeFunding)
		w.sweep()
		d := w.dep(at)
		if d.Payer != "" || d.Account != "" || d.LegalName != "" || d.Reference != "" || d.PSPStatus != "succeeded" || d.State == payments.DepositCredited {
			t.Fatalf("%+v", *d)
		}
		if got := w.try(w.clerk, payments.CreditDeposit{Deposit: id, Words: words}); got != "client-erased" {
			t.Fatal(got)
		}
		w.sweep()
		w.books("at the end", "cl_ada", 0, 0)
		w.fold()
	})
}
