package payments_test

import (
	"context"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
	"vouchsafe/payments"
)

// The second trace: asked for, cleared, released, sent, paid, settled.
func TestWithdrawalFromRequestToSettlement(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fund("cl_ada", 500_000)
		if got := w.try(w.as("cl_ada"), payments.RequestWithdrawal{Client: "cl_ada", BankDetail: "bd_ada.0000", Minor: 500_001, Currency: "EUR"}); got != "not-enough-money" {
			t.Fatal(got)
		}
		id := w.requested("cl_ada", "0000", 120_000)
		w.is("asked for", id, "requested none none")
		w.books("asked for", "cl_ada", 500_000, 120_000)
		if got := w.try(w.clerk, w.ask(id)); got != "not-cleared" {
			t.Fatal(got)
		}
		w.clear(id, payments.RiskLow)
		if got := w.is("cleared", id, "cleared none none"); got.Match != payments.MatchFull || got.Blocks != "" || got.ClearedBy != w.clerk.Ref {
			t.Fatalf("%+v", *got)
		}
		out := w.Do(w.clerk, w.ask(id))
		if out.State != command.StateProposed || out.Need.Rule != "withdrawal-release/eu/1#medium" {
			t.Fatalf("%+v", out)
		}
		if n := len(w.sim.Oracle().References); n != 0 {
			t.Fatal("something was sent before the approval")
		}
		w.Approve(w.lead, out.Proposal)
		w.is("approved", id, "approved ready none")
		w.step()
		sent := w.is("sent", id, "approved submitted none")
		w.books("sent", "cl_ada", 500_000, 120_000)
		line := payments.RecordSettlement{Movement: id, Transaction: sent.Transaction, Minor: 120_000, Currency: "EUR"}
		if got := w.try(system, line); got != "line-differs" {
			t.Fatalf("settled before it was paid: %q", got)
		}
		for range 4 {
			w.step()
			w.pass(11e9)
		}
		w.step()
		w.is("paid", id, "approved paid none")
		w.books("paid", "cl_ada", 380_000, 0)
		for name, wrong := range map[string]payments.RecordSettlement{
			"another amount":      {Movement: id, Transaction: sent.Transaction, Minor: 119_999, Currency: "EUR"},
			"another currency":    {Movement: id, Transaction: sent.Transaction, Minor: 120_000, Currency: "USD"},
			"another transaction": {Movement: id, Transaction: "po_other", Minor: 120_000, Currency: "EUR"},
		} {
			if got := w.try(system, wrong); got != "line-differs" {
				t.Fatalf("settled by %s: %q", name, got)
			}
		}
		w.sweep()
		if got := w.try(system, line); got != "settled-already" {
			t.Fatal(got)
		}
		got := w.is("settled", id, "approved paid matched")
		entry := w.truth(id)
		if entry.Requests != 1 || len(entry.Payouts) != 1 || entry.Paid["EUR"] != 120_000 || entry.Payouts[0].ID != got.Transaction || sent.Transaction != got.Transaction ||
			entry.Payouts[0].Account != "DE89370400440532010000" || entry.Payouts[0].Holder != "Ada Byron" || entry.Payouts[0].Merchant != merchant {
			t.Fatalf("the PSP did %+v", entry)
		}
		w.only("settled")
		checkStory(t, w, got)
		w.fold()
	})
}

func checkStory(t *testing.T, w *world, got *payments.Withdrawal) {
	t.Helper()
	var types []string
	for _, e := range w.Events(got.ID) {
		if e.Type == "command.run.refused" {
			continue
		}
		types = append(types, strings.TrimPrefix(e.Type, "payments."))
		if strings.Contains(e.Leaf+e.Changes, "Byron") || strings.Contains(e.Leaf+e.Changes, got.Account) {
			t.Errorf("%s holds personal data in the clear", e.Type)
		}
		v, err := e.View()
		w.must(err)
		if e.Type == "payments.attempt.begun" && (e.Actor != "sys_payments" || v.Actor.For != string(w.clerk.Ref)) {
			t.Errorf("the request was begun by %s for %s", e.Actor, v.Actor.For)
		}
	}
	want := "withdrawal.requested withdrawal.cleared command.proposal.opened command.proposal.approved withdrawal.released " +
		"attempt.begun attempt.recorded withdrawal.paid settlement.recorded"
	if strings.Join(types, " ") != want {
		t.Errorf("events %v", types)
	}
	story, err := command.Ask(context.Background(), w.Road, w.other, payments.WithdrawalPage{Log: w.Road.Log, Deps: w.deps}, payments.ViewWithdrawal{Withdrawal: got.ID})
	w.must(err)
	if len(story.Steps) != 7 || len(story.Approvers) != 1 || story.Approvers[0] != w.lead.Ref || len(story.Books) != 1 || story.Books[0].Journal != got.Journal ||
		story.Holder.Value != "Ada Byron" || story.Release.Offered || story.Refuse.Offered || story.Clear.Offered || story.Need != nil {
		t.Errorf("story %+v", story)
	}
	es, err := ledger.EntriesOf(context.Background(), w.Road.Store.Reader(), got.Journal)
	w.must(err)
	if len(es) != 2 || es[0].Minor+es[1].Minor != 0 || core.Ref(es[0].Account) != ledger.AccountID(ledger.ClientWallet, "cl_ada", "EUR") {
		t.Errorf("entries %+v", es)
	}
}
