package payments_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
)

// A payout to an account in another name is held, and leaves only with a case,
// a reason in words, a lead and a senior compliance officer.
func TestNameMismatchOverride(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		for detail, match := range map[string]payments.Match{"maiden": payments.MatchNone, "close": payments.MatchClose} {
			id := w.requested("cl_ada", detail, 10_000)
			w.clear(id, payments.RiskLow)
			if got := w.is("cleared", id, "held none none"); got.Match != match || got.Holder == "" {
				t.Fatalf("%+v", *got)
			}
			good := w.ask(id)
			for name, c := range map[string]struct {
				change func(*payments.ReleaseWithdrawal)
				want   string
			}{
				"no case":            {func(in *payments.ReleaseWithdrawal) { in.Case = "" }, "case-needed"},
				"no words":           {func(in *payments.ReleaseWithdrawal) { in.Words = "" }, "override-unexplained"},
				"words for anything": {func(in *payments.ReleaseWithdrawal) { in.Words = "As discussed, please release payment asap." }, "override-unexplained"},
				"other amount":       {func(in *payments.ReleaseWithdrawal) { in.Minor++ }, "amount-changed"},
				"other currency":     {func(in *payments.ReleaseWithdrawal) { in.Currency = "USD" }, "amount-changed"},
			} {
				in := good
				c.change(&in)
				if got := w.try(w.clerk, in); got != c.want {
					t.Fatalf("%s: %q, want %q", name, got, c.want)
				}
			}
			w.ports.closed[caseOpen] = "case-closed"
			if got := w.try(w.clerk, good); got != "case-closed" {
				t.Fatal(got)
			}
			delete(w.ports.closed, caseOpen)
			out := w.Do(w.clerk, good)
			if want := "withdrawal-release/eu/1#small+name-override"; out.Need.Rule != want || len(out.Need.Seats) != 2 {
				t.Fatalf("%+v, want %s", out.Need, want)
			}
			w.Approve(w.lead, out.Proposal)
			if got := w.approve(w.lead2, out.Proposal); got != "no-seat" {
				t.Fatalf("two leads: %q", got)
			}
			w.is("one has agreed", id, "held none none")
			w.Approve(w.senior, out.Proposal)
			got := w.is("both have agreed", id, "approved ready none")
			if got.Reason != "name_mismatch_override" || got.Words != words || got.Case != caseOpen || got.Approver != w.senior.Ref || got.Releaser != w.clerk.Ref {
				t.Fatalf("%+v", *got)
			}
			checkOverride(t, w, id)
			if v := w.page(w.other, id); len(v.Approvers) != 2 || v.Approvers[1] != w.senior.Ref || v.Words.Value != words || !v.Mismatched() {
				t.Fatalf("the page: %+v", v)
			}
			w.settle()
			w.is("at the end", id, "approved paid matched")
		}
		w.only("overridden")
		w.fold()
	})
}

func checkOverride(t *testing.T, w *world, id core.Ref) {
	t.Helper()
	for _, e := range w.Events(id) {
		if e.Type != "payments.withdrawal.released" {
			continue
		}
		v, err := e.View()
		w.must(err)
		if v.Approval == nil || len(v.Approval.Approvers) != 2 || v.Approval.Approvers[0] != string(w.lead.Ref) || v.Approval.Approvers[1] != string(w.senior.Ref) ||
			e.Case != caseOpen || !strings.Contains(e.Changes, "name-mismatch") || strings.Contains(e.Leaf+e.Changes, "maiden name") {
			t.Errorf("released: %+v\n%s", v, e.Changes)
		}
		return
	}
	t.Error("no event of the release")
}

// Who must agree follows entity, amount over a day, risk and names.
func TestTiers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet()
		for _, c := range []core.Ref{"cl_ada", "cl_bob", "cl_zoe"} {
			w.fund(c, 50_000_000)
		}
		for name, c := range map[string]struct {
			client, detail string
			minor          int64
			risk           string
			rule           string
			seats          int
		}{
			"small":                 {"cl_ada", "0000", 1_000_00, "low", "eu/1#small", 1},
			"above small":           {"cl_ada", "0000", 1_000_01, "medium", "eu/1#medium", 1},
			"medium":                {"cl_ada", "0000", 25_000_00, "low", "eu/1#medium", 1},
			"large":                 {"cl_ada", "0000", 25_000_01, "low", "eu/1#large", 2},
			"high risk":             {"cl_ada", "0000", 100, "high", "eu/1#small+high-risk", 2},
			"high risk, large":      {"cl_ada", "0000", 25_000_01, "high", "eu/1#large+high-risk", 2},
			"other script, low":     {"cl_ada", "greek", 100, "low", "eu/1#small", 1},
			"other script, medium":  {"cl_ada", "greek", 100, "medium", "eu/1#small+name-unknown", 2},
			"other script, high":    {"cl_ada", "greek", 100, "high", "eu/1#small+high-risk+name-unknown", 2},
			"offshore, small":       {"cl_zoe", "0000", 5_000_00, "low", "offshore/1#small", 1},
			"offshore, above small": {"cl_zoe", "0000", 5_000_01, "low", "offshore/1#large", 2},
		} {
			id := w.requested(core.Ref(c.client), c.detail, c.minor)
			w.clear(id, c.risk)
			out := w.Do(w.clerk, w.ask(id))
			if out.Need.Rule != "withdrawal-release/"+c.rule || len(out.Need.Seats) != c.seats {
				t.Errorf("%s: %s with %d seats, want %s with %d", name, out.Need.Rule, len(out.Need.Seats), c.rule, c.seats)
			}
		}
		splitting(t, w)
		w.fold()
	})
}

// splitting asks for thirty payments of a thousand: each alone is small, and
// those above the tier's limit ask for a senior, also those that were asked
// for while the total was small.
func splitting(t *testing.T, w *world) {
	t.Helper()
	var open []core.Ref
	for range 27 {
		id := w.requested("cl_bob", "0000", 1_000_00)
		w.clear(id, payments.RiskLow)
		out := w.Do(w.clerk, w.ask(id))
		if out.Need.Rule != "withdrawal-release/eu/1#small" {
			t.Fatal(out.Need.Rule)
		}
		open = append(open, out.Proposal)
	}
	for k, p := range open {
		w.Approve(w.lead, p)
		want := command.Executed
		if k >= 25 {
			want = command.Open
		}
		if got := w.state(p); got != want {
			t.Fatalf("number %d is %s after one approval", k+1, got)
		}
	}
	w.Approve(w.senior, open[25])
	if w.state(open[25]) != command.Executed {
		t.Fatal("the senior's approval is not enough")
	}
	next := func(rule string) {
		t.Helper()
		id := w.requested("cl_bob", "0000", 1_00)
		w.clear(id, payments.RiskLow)
		if out := w.Do(w.clerk, w.ask(id)); out.Need.Rule != "withdrawal-release/eu/1#"+rule {
			t.Fatalf("%s, want %s", out.Need.Rule, rule)
		}
	}
	next("large")
	w.pass(23*time.Hour + 50*time.Minute)
	next("large")
	w.pass(15 * time.Minute)
	next("small")
}

// The maker has no seat, nobody has two, and the payload cannot be exchanged.
func TestMakerIsNotApprover(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000_000)
		id := w.requested("cl_ada", "0000", 30_000_00)
		w.clear(id, payments.RiskLow)
		maker := w.lead2
		out := w.Do(maker, w.ask(id))
		both := w.Staff("bea", "payments_lead", "senior_compliance")
		tired := w.lead
		tired.StepUp = false
		for _, c := range []struct {
			who  evidence.Actor
			want string
		}{{maker, "maker-is-not-checker"}, {w.clerk, "no-seat"}, {tired, "step-up-needed"}, {both, ""}, {both, "already-decided"}, {w.lead, "no-seat"}} {
			if got := w.approve(c.who, out.Proposal); got != c.want {
				t.Fatalf("%s: %q, want %q", c.who.Ref, got, c.want)
			}
		}
		w.is("one has agreed", id, "cleared none none")
		if got := w.approve(w.senior, out.Proposal); got != "" {
			t.Fatal(got)
		}
		w.is("two have agreed", id, "approved ready none")
		tired = w.clerk
		tired.StepUp = false
		if got := w.try(tired, w.ask(id)); got != "step-up-needed" {
			t.Fatal(got)
		}
		if got := w.try(w.clerk, w.ask(id)); got != "already-decided" {
			t.Fatal(got)
		}
		if got := w.try(w.clerk, payments.ClearWithdrawal{Withdrawal: id, Risk: "low"}); got != "already-decided" {
			t.Fatal(got)
		}
		w.fold()
	})
}

// against is one thing that stands against a payment, and how it goes.
type against struct {
	name       string
	come, gone func(w *world)
	code       string
}

func detail(change func(w *world, d *payments.Destination)) func(*world) {
	return func(w *world) {
		d := w.ports.details["bd_ada.0000"]
		change(w, &d)
		w.ports.details["bd_ada.0000"] = d
	}
}

var hindrances = []against{
	{"proof of address expired", func(w *world) { w.ports.block(payments.PurposeRelease, "address-expired") }, func(w *world) { w.ports.block(payments.PurposeRelease) }, "address-expired"},
	{"destination inactive", detail(func(_ *world, d *payments.Destination) { d.Active = false }), detail(func(_ *world, d *payments.Destination) { d.Active = true }), "destination-inactive"},
	{"account changed", detail(func(_ *world, d *payments.Destination) { d.Account = "DE00" }), detail(func(_ *world, d *payments.Destination) { d.Account = "DE89370400440532010000" }), "destination-changed"},
	{"bank changed", detail(func(_ *world, d *payments.Destination) { d.Bank = "OTHER" }), detail(func(_ *world, d *payments.Destination) { d.Bank = "TESTBANK" }), "destination-changed"},
	{"changed lately", detail(func(w *world, d *payments.Destination) { d.Changed = w.Clock.Now() }), func(w *world) { w.pass(72*time.Hour + time.Second) }, "cooling-off"},
	{"detail of another client", detail(func(_ *world, d *payments.Destination) { d.Client = "cl_bob" }), detail(func(_ *world, d *payments.Destination) { d.Client = "cl_ada" }), "destination-inactive"},
}

// What stands against a payment stops it when it is cleared, when it is
// released, when the last seat is filled, and when it is about to be sent.
func TestHindrancesStopAtEveryStep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 1_000_000)
		for _, h := range hindrances {
			id := w.requested("cl_ada", "0000", 1_000)
			h.come(w)
			w.clear(id, payments.RiskLow)
			if got := w.is(h.name+", cleared", id, "held none none"); got.Blocks != h.code {
				t.Fatalf("%s: blocks %q", h.name, got.Blocks)
			}
			if got := w.try(w.clerk, w.ask(id)); got != h.code {
				t.Fatalf("%s, released: %q", h.name, got)
			}
			h.gone(w)
			out := w.Do(w.clerk, w.ask(id))
			h.come(w)
			w.Approve(w.lead, out.Proposal)
			if w.state(out.Proposal) != command.Closed {
				t.Fatalf("%s: approved past it", h.name)
			}
			w.is(h.name+", closed", id, "held none none")
			h.gone(w)
			w.released(id)
			h.come(w)
			w.step()
			w.is(h.name+", not sent", id, "approved ready none")
			if n := w.truth(id).Requests; n != 0 {
				t.Fatalf("%s: %d requests left", h.name, n)
			}
			h.gone(w)
			for range 4 {
				w.step()
				w.pass(time.Hour)
			}
			w.sweep()
			w.is(h.name+", gone", id, "approved paid matched")
			if n := w.truth(id).Requests; n != 1 {
				t.Fatalf("%s: %d requests", h.name, n)
			}
		}
		w.only("at the end")
		w.fold()
	})
}

// Names that changed after the clearing ask for another clearing.
func TestNameChangesAfterClearing(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		id := w.requested("cl_ada", "0000", 1_000)
		w.clear(id, payments.RiskLow)
		w.ports.names["cl_ada"] = "Ada King"
		if got := w.try(w.clerk, w.ask(id)); got != "names-changed" {
			t.Fatal(got)
		}
		w.clear(id, payments.RiskLow)
		w.is("cleared again", id, "held none none")
		if got := w.try(w.clerk, payments.ReleaseWithdrawal{Withdrawal: id, Minor: 1_000, Currency: "EUR"}); got != "override-unexplained" {
			t.Fatal(got)
		}
		w.fold()
	})
}

// A withdrawal can be refused until it is sent, and the money is free again;
// then it cannot be approved, and what is sent cannot be refused.
func TestRefusing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 100_000)
		refuse := func(id core.Ref) payments.RefuseWithdrawal {
			return payments.RefuseWithdrawal{Withdrawal: id, Reason: "client_cancelled", Words: "The client called and cancelled it."}
		}
		early := w.requested("cl_ada", "0000", 1_000)
		w.Do(w.clerk, refuse(early))
		w.is("refused at once", early, "refused none none")
		proposed := w.requested("cl_ada", "0000", 2_000)
		w.clear(proposed, payments.RiskLow)
		out := w.Do(w.clerk, w.ask(proposed))
		w.Do(w.clerk, refuse(proposed))
		w.Approve(w.lead, out.Proposal)
		if w.state(out.Proposal) != command.Closed {
			t.Fatal("approved although refused")
		}
		late := w.approved("cl_ada", "0000", 3_000)
		w.Do(w.clerk, refuse(late))
		w.books("all refused", "cl_ada", 100_000, 0)
		w.settle()
		for _, id := range []core.Ref{early, proposed, late} {
			w.is("refused", id, "refused none none")
			if n := w.truth(id).Requests; n != 0 {
				t.Fatalf("%d requests", n)
			}
			if got := w.try(w.clerk, refuse(id)); got != "already-decided" {
				t.Fatal(got)
			}
		}
		sent := w.approved("cl_ada", "0000", 4_000)
		w.between.before = func() { // the refusal races with the request on its way
			if got := w.try(w.clerk, refuse(sent)); got != "already-sent" {
				t.Errorf("refused while it was sent: %q", got)
			}
		}
		w.step()
		w.is("sent", sent, "approved submitted none")
		if got := w.try(w.clerk, refuse(sent)); got != "already-sent" {
			t.Fatal(got)
		}
		w.fold()
	})
}

// What is asked for must be the client's own account, and of this shape.
func TestRequestsThatAreNone(t *testing.T) {
	lite(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 10_000)
		good := payments.RequestWithdrawal{Client: "cl_ada", BankDetail: "bd_ada.0000", Minor: 100, Currency: "EUR"}
		detail(func(_ *world, d *payments.Destination) { d.Active = false })(w)
		if got := w.try(w.clerk, good); got != "destination-inactive" {
			t.Fatal(got)
		}
		detail(func(_ *world, d *payments.Destination) { d.Active = true })(w)
		for name, c := range map[string]struct {
			change func(*payments.RequestWithdrawal)
			want   string
		}{
			"another's account": {func(q *payments.RequestWithdrawal) { q.BankDetail = "bd_bob.0000" }, "not-their-account"},
			"no account":        {func(q *payments.RequestWithdrawal) { q.BankDetail = "bd_nobody" }, "not-their-account"},
			"nobody":            {func(q *payments.RequestWithdrawal) { q.Client = "cl_nobody" }, "no-such-record"},
			"nothing":           {func(q *payments.RequestWithdrawal) { q.Minor = 0 }, "invalid-input"},
			"a billion":         {func(q *payments.RequestWithdrawal) { q.Minor = 1_000_000_000_00 }, "invalid-input"},
			"less than nothing": {func(q *payments.RequestWithdrawal) { q.Minor = -5 }, "invalid-input"},
			"no currency":       {func(q *payments.RequestWithdrawal) { q.Currency = "XXQ" }, "invalid-input"},
			"no wallet":         {func(q *payments.RequestWithdrawal) { q.Currency = "USD" }, "not-enough-money"},
		} {
			in := good
			c.change(&in)
			if got := w.try(w.clerk, in); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		id := w.requested("cl_ada", "0000", 100)
		if got := w.try(w.clerk, payments.ClearWithdrawal{Withdrawal: id, Risk: "none"}); got != "invalid-input" {
			t.Error(got)
		}
		if got := w.try(w.clerk, payments.RefuseWithdrawal{Withdrawal: id, Reason: "whim", Words: "Because I say so."}); got != "invalid-input" {
			t.Error(got)
		}
		if got := w.try(w.clerk, payments.RefuseWithdrawal{Withdrawal: id, Reason: "other", Words: "no"}); got != "invalid-input" {
			t.Error(got)
		}
	})
}

// What is released names the rule by which it was, not the one that held when
// it was asked for.
func TestTheRuleIsThatOfTheRelease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.quiet().fund("cl_ada", 500_000)
		first, second := w.requested("cl_ada", "0000", 60_000), w.requested("cl_ada", "0000", 60_000)
		w.clear(first, payments.RiskLow)
		w.clear(second, payments.RiskLow)
		asked := w.Do(w.clerk, w.ask(first))
		if asked.Need.Rule != "withdrawal-release/eu/1#small" {
			t.Fatal(asked.Need.Rule)
		}
		w.released(second)
		w.agreed(asked.Proposal)
		const medium = "withdrawal-release/eu/1#medium"
		if got := w.withdrawal(first).Rule; got != medium {
			t.Errorf("the withdrawal names the rule %s", got)
		}
		for _, e := range w.Events(first) {
			if v, err := e.View(); err != nil || v.Approval != nil && (v.Approval.Rule != medium || !slices.Contains(v.Basis, medium)) {
				t.Errorf("%s: %+v, %v, %v", e.Type, v.Approval, v.Basis, err)
			}
		}
		w.fold()
	})
}
