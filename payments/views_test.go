package payments_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
	"vouchsafe/store/storetest"
)

func (w *world) list(a evidence.Actor, in payments.ListWithdrawals) core.Page[payments.WithdrawalRow] {
	w.t.Helper()
	p, err := command.Ask(context.Background(), w.Road, a, payments.WithdrawalList{}, in)
	w.must(err)
	return p
}

func (w *world) listDeposits(a evidence.Actor, in payments.ListDeposits) core.Page[payments.DepositRow] {
	w.t.Helper()
	p, err := command.Ask(context.Background(), w.Road, a, payments.DepositList{}, in)
	w.must(err)
	return p
}

func (w *world) page(a evidence.Actor, id core.Ref) payments.WithdrawalStory {
	w.t.Helper()
	v, err := command.Ask(context.Background(), w.Road, a, payments.WithdrawalPage{Log: w.Road.Log, Deps: w.deps}, payments.ViewWithdrawal{Withdrawal: id})
	w.must(err)
	return v
}

func (w *world) depositPage(a evidence.Actor, id core.Ref) payments.DepositStory {
	w.t.Helper()
	v, err := command.Ask(context.Background(), w.Road, a, payments.DepositPage{Deps: w.deps}, payments.ViewDeposit{Deposit: id})
	w.must(err)
	return v
}

// No value that a reader may not see is anywhere in what leaves, and who saw
// one is on record.
func TestMasks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		w.ports.names["cl_ada"] = "Ada Byron-King"
		id := w.requested("cl_ada", "maiden", 1_000)
		w.clear(id, payments.RiskHigh)
		w.released(id)
		w.settle()
		open := w.requested("cl_ada", "close", 1_000)
		w.clear(open, payments.RiskLow)
		flagged := w.deposit("REF-ada", "Charles Babbage", 5_000)
		nobody := w.deposit("for my friend Annabella", "Eve Stranger", 6_000)
		w.sweep()
		secret := map[core.Class][]string{
			core.Bank: {"Milbanke", "Byrom", "DE8937040", "TESTBANK", "Babbage", "Stranger", "4111"}, core.Personal: {"Byron-King", "maiden name", "REF-ada", "Annabella"},
		}
		for name, denied := range map[string][]core.Class{"nothing": {core.Bank, core.Personal}, "no bank data": {core.Bank}, "no names": {core.Personal}, "all": nil} {
			reader := w.Staff("reader."+strings.ReplaceAll(name, " ", "-"), "support")
			w.Policy.Deny = func(who core.Ref, act command.Action, _ command.Resource) bool {
				for _, c := range denied {
					if who == reader.Ref && act == command.SeeAction(c) {
						return true
					}
				}
				return false
			}
			text, err := json.Marshal([]any{
				w.list(reader, payments.ListWithdrawals{}), w.listDeposits(reader, payments.ListDeposits{}), w.page(reader, id), w.page(reader, open),
				w.depositPage(reader, w.dep(flagged).ID), w.depositPage(reader, w.dep(nobody).ID),
			})
			w.must(err)
			for class, values := range secret {
				hidden := fmt.Sprint(denied) != "[]" && strings.Contains(fmt.Sprint(denied), string(class))
				for _, v := range values {
					if strings.Contains(string(text), v) == hidden {
						t.Errorf("who may see %s, %s: hidden %t, is it there %t", name, v, hidden, !hidden)
					}
				}
			}
			shown := 0
			for _, e := range w.Events(reader.Ref) {
				if e.Type == "command.data.shown" {
					shown++
				}
			}
			if want := map[string]int{"nothing": 0, "no bank data": 6, "no names": 6, "all": 6}[name]; shown != want {
				t.Errorf("who may see %s left %d read events, want %d", name, shown, want)
			}
		}
		w.Policy.Deny = nil
	})
}

func TestWithdrawalLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		for _, c := range []core.Ref{"cl_ada", "cl_bob"} {
			w.fund(c, 100_000)
		}
		var ids []core.Ref
		add := func(id core.Ref) { ids = append(ids, id) }
		add(w.requested("cl_ada", "0000", 100))
		add(w.requested("cl_bob", "0000", 100))
		add(w.requested("cl_ada", "maiden", 100))
		w.clear(ids[2], payments.RiskLow)
		add(w.approved("cl_ada", "9001", 100))
		add(w.approved("cl_bob", "0000", 100))
		w.follow()
		add(w.approved("cl_ada", "0000", 100))
		for name, c := range map[string]struct {
			in   payments.ListWithdrawals
			want int
		}{
			"all":               {payments.ListWithdrawals{}, 6},
			"requested":         {payments.ListWithdrawals{Decision: payments.Requested}, 2},
			"held":              {payments.ListWithdrawals{Decision: payments.Held}, 1},
			"approved":          {payments.ListWithdrawals{Decision: payments.Approved}, 3},
			"paid":              {payments.ListWithdrawals{Execution: payments.ExecPaid}, 1},
			"ready":             {payments.ListWithdrawals{Execution: payments.ExecReady}, 1},
			"with an exception": {payments.ListWithdrawals{Exception: true}, 1},
			"of a client":       {payments.ListWithdrawals{Client: "cl_bob"}, 2},
			"of one, approved":  {payments.ListWithdrawals{Client: "cl_bob", Decision: payments.Approved}, 1},
			"of nobody":         {payments.ListWithdrawals{Client: "cl_none"}, 0},
		} {
			if got := w.list(w.other, c.in); len(got.Rows) != c.want || got.Next != "" {
				t.Errorf("%s: %d rows, want %d", name, len(got.Rows), c.want)
			}
		}
		var paged []core.Ref
		for in := (payments.ListWithdrawals{Page: core.PageRequest{Limit: 2}}); ; {
			p := w.list(w.other, in)
			for _, v := range p.Rows {
				paged = append(paged, v.ID)
			}
			if in.Page.After = p.Next; p.Next == "" || len(paged) > 10 {
				break
			}
		}
		for k := range ids {
			if len(paged) != len(ids) || paged[k] != ids[len(ids)-1-k] {
				t.Fatalf("paged %v of %v", paged, ids)
			}
		}
		for _, bad := range []core.Cursor{"x", core.MakeCursor("1"), core.MakeCursor("abc", "wd_1")} {
			if _, err := command.Ask(context.Background(), w.Road, w.other, payments.WithdrawalList{}, payments.ListWithdrawals{Page: core.PageRequest{After: bad}}); code(err) != "bad-cursor" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		w.Policy.Deny = func(who core.Ref, act command.Action, _ command.Resource) bool {
			return who == w.other.Ref && act == "payments.withdrawal.list"
		}
		if _, err := command.Ask(context.Background(), w.Road, w.other, payments.WithdrawalList{}, payments.ListWithdrawals{}); code(err) != "not-allowed" {
			t.Errorf("listed without a right: %v", err)
		}
	})
}

func TestDepositLists(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet()
		var order []string
		for k := range 5 {
			order = append(order, w.deposit("REF-ada", "Ada Byron", int64(100+k)))
			w.sweep()
		}
		order = append(order, w.deposit("REF-bob", "Eve", 7), w.deposit("?", "Eve", 8))
		w.sweep()
		for name, c := range map[string]struct {
			in   payments.ListDeposits
			want int
		}{
			"all":         {payments.ListDeposits{}, 7},
			"credited":    {payments.ListDeposits{State: payments.DepositCredited}, 5},
			"flagged":     {payments.ListDeposits{State: payments.DepositFlagged}, 1},
			"unmatched":   {payments.ListDeposits{State: payments.DepositUnmatched}, 1},
			"of a client": {payments.ListDeposits{Client: "cl_ada"}, 5},
			"both":        {payments.ListDeposits{Client: "cl_ada", State: payments.DepositFlagged}, 0},
		} {
			if got := w.listDeposits(w.other, c.in); len(got.Rows) != c.want {
				t.Errorf("%s: %d rows, want %d", name, len(got.Rows), c.want)
			}
		}
		var paged []string
		for in := (payments.ListDeposits{Page: core.PageRequest{Limit: 3}}); ; {
			p := w.listDeposits(w.other, in)
			for _, v := range p.Rows {
				paged = append(paged, v.Transaction)
			}
			if in.Page.After = p.Next; p.Next == "" || len(paged) > 10 {
				break
			}
		}
		if len(paged) != len(order) || paged[0] != order[len(order)-1] || paged[len(paged)-1] != order[0] {
			t.Errorf("paged %v of %v", paged, order)
		}
	})
}

// What a page offers is what the road will take.
func TestButtons(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		offered := func(when string, id core.Ref, want string) payments.WithdrawalStory {
			t.Helper()
			v := w.page(w.clerk, id)
			var got []string
			for name, b := range map[string]payments.Button{"1clear": v.Clear, "2release": v.Release, "3refuse": v.Refuse, "4resolve": v.Resolve} {
				if b.Offered {
					got = append(got, name[:2]+map[bool]string{true: "yes", false: "no"}[b.Allowed])
				}
				if b.Offered && b.Allowed == (len(b.Why) > 0) {
					t.Errorf("%s: %s allowed %t, why %v", when, name, b.Allowed, b.Why)
				}
			}
			for _, x := range strings.Fields(want) {
				if !strings.Contains(strings.Join(got, " "), x) {
					t.Fatalf("%s: %v, want %s", when, got, want)
				}
			}
			if len(got) != len(strings.Fields(want)) {
				t.Fatalf("%s: %v, want %s", when, got, want)
			}
			return v
		}
		id := w.requested("cl_ada", "maiden", 1_000)
		offered("requested", id, "1cyes 3ryes")
		w.clear(id, payments.RiskLow)
		if v := offered("held", id, "1cyes 2ryes 3ryes"); v.Need == nil || len(v.Need.Seats) != 2 || len(v.Against) != 0 {
			t.Errorf("%+v", v)
		}
		w.ports.block(payments.PurposeRelease, "address-expired")
		if v := offered("blocked", id, "1cyes 2rno 3ryes"); len(v.Against) != 1 || len(v.Release.Why) != 1 {
			t.Errorf("%+v", v)
		}
		w.ports.block(payments.PurposeRelease)
		w.released(id)
		w.ports.block(payments.PurposeRelease, "address-expired")
		if v := offered("ready, and stopped", id, "3ryes"); len(v.Against) != 1 {
			t.Errorf("%+v", v)
		}
		w.ports.block(payments.PurposeRelease)
		w.follow()
		offered("paid", id, "")
		in := w.doubt(2_000)
		offered("in doubt", in, "4ryes")
		tired := w.clerk
		tired.StepUp = false
		if v := w.page(tired, in); !v.Resolve.StepUp || v.Release.StepUp != true {
			t.Errorf("%+v", v.Resolve)
		}
		w.Policy.Deny = func(who core.Ref, act command.Action, _ command.Resource) bool {
			return who == w.clerk.Ref && act == "payments.withdrawal.resolve"
		}
		offered("without a right", in, "4rno")
		w.Policy.Deny = nil
		w.ports.block(payments.PurposeFunding, "restricted")
		held := w.deposit("REF-ada", "Ada Byron", 100)
		w.sweep()
		if v := w.depositPage(w.clerk, w.dep(held).ID); !v.Credit.Offered || v.Credit.Allowed || len(v.Against) != 1 || v.Need != nil {
			t.Errorf("%+v", v)
		}
		w.ports.block(payments.PurposeFunding)
		w.sweep()
		if v := w.depositPage(w.clerk, w.dep(held).ID); v.Credit.Offered || len(v.Books) != 1 {
			t.Errorf("%+v", v)
		}
	})
}

// What a row of ours says cannot be changed behind our back.
func TestEditedRowsAreNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		w.approved("cl_ada", "0000", 1_000)
		w.fold()
		for table, change := range map[string]string{
			"withdrawal": "account = 'DE00'", "deposit": "state = 'clear'", "ledger_hold": "state = 'released'", "ledger_entry": "minor = minor * 2",
		} {
			storetest.Tamper(t, w.Road.Store, "UPDATE "+table+" SET "+change)
			ps, err := w.Road.Log.VerifyFold(context.Background(), w.Road.Store.Reader())
			w.must(err)
			named := false
			for _, p := range ps {
				named = named || p.Table == table
			}
			if !named {
				t.Errorf("%s: %+v", table, ps)
			}
		}
	})
}
