package approvals_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// pay is a command whose approvals are rules.
type pay struct {
	To    core.Ref `json:"to"`
	Units int      `json:"units"`
	Odd   bool     `json:"odd"`
}

func (pay) Action() command.Action { return "toy.bill.pay" }
func (p pay) Subject() core.Ref    { return p.To }

type payHandler struct{}

func (payHandler) Load(context.Context, store.Reader, pay) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindClient, Ref: "cl_a", Entity: "en_cy"}, nil
}

func (payHandler) Check(in pay, _ struct{}, m command.Moment) command.Verdict {
	const odd = "toy/1+odd"
	if in.Odd && m.Rule != "" && m.Rule != odd { // what was agreed to stays bound, whatever the entity's rules are called
		return command.Refuse(command.Refusal{Code: "something-else", Text: "This is not what was agreed to."})
	}
	if in.Odd {
		return command.Needs(command.Need{Rule: odd, Seats: []command.Seat{{Roles: []string{"chief"}}}})
	}
	return command.Proceed()
}

func (payHandler) Weigh(in pay, _ struct{}, _ command.Moment) command.Inputs {
	worth := strconv.Itoa(in.Units)
	return command.Inputs{Amount: &command.Valued{Amount: worth, Currency: "EUR", Base: "EUR", Worth: worth}}
}

func (payHandler) Builtin(pay, struct{}) command.RuleSet {
	s, err := command.ParseRules("toy/builtin", "all: otherwise -> approval by lead")
	if err != nil {
		panic(err)
	}
	return s
}

var eventPaid = evidence.Register("toy.bill.paid", evidence.EntityManagement, "A toy bill was paid.")

func (payHandler) Apply(_ context.Context, _ *command.Tx, in pay, _ struct{}) ([]evidence.Event, error) {
	return []evidence.Event{{Type: eventPaid, Entity: "en_cy", Subjects: []core.Ref{in.To}}}, nil
}

type desk struct {
	*commandtest.Rig
	t                                 *testing.T
	deps                              approvals.Deps
	mia, sam, lead, other, chief, aud evidence.Actor
}

func each(t *testing.T, run func(*desk)) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			reg := command.NewRegistry()
			command.RegisterOwn(reg)
			command.Handle[pay, struct{}](reg, payHandler{}, command.Doc{Title: "Pay a bill", Kind: core.KindClient, Approvers: []string{"lead", "chief"}, Weighs: []string{"amount", "flag odd"}})
			d := &desk{t: t}
			d.deps = approvals.Deps{Registry: reg, Known: func(_ context.Context, _ store.Reader, e core.Ref) (bool, error) {
				return e == "en_cy" || e == "en_sc", nil
			}}
			d.Rig = commandtest.New(t, storetest.Open(t, e), reg)
			d.Road.Rules = approvals.InForce
			d.deps.Log = d.Road.Log
			approvals.Register(reg, d.deps)
			*d = desk{
				Rig: d.Rig, t: t, deps: d.deps, mia: d.Staff("mia", "compliance"), sam: d.Staff("sam", "senior_compliance"),
				lead: d.Staff("lead", "lead"), other: d.Staff("other", "lead"), chief: d.Staff("chief", "chief"), aud: d.Staff("aud", "auditor"),
			}
			run(d)
			problems, err := d.Road.Log.VerifyFold(t.Context(), d.Road.Store.Reader())
			if err != nil || len(problems) > 0 {
				t.Errorf("the fold finds %v, %v", problems, err)
			}
		})
	}
}

func (d *desk) change(text string, mod ...func(*approvals.ChangeRules)) approvals.ChangeRules {
	in := approvals.ChangeRules{Entity: "en_cy", Act: "toy.bill.pay", Text: text, Reason: "policy-review", Words: "The board's review of this quarter asked for it."}
	for _, m := range mod {
		m(&in)
	}
	return in
}

// adopt proposes rules as mia and agrees as sam.
func (d *desk) adopt(text string, mod ...func(*approvals.ChangeRules)) {
	d.t.Helper()
	d.Clock.Advance(time.Minute)
	out := d.Do(d.mia, d.change(text, mod...))
	d.Approve(d.sam, out.Proposal)
}

func (d *desk) code(err error) string {
	if err == nil {
		return ""
	}
	return core.AsFault(err).Code
}

func (d *desk) decide(a evidence.Actor, proposal core.Ref) (command.Outcome, string) {
	d.t.Helper()
	p, err := command.GetProposal(d.t.Context(), d.Road.Store.Reader(), proposal)
	if err != nil || p == nil {
		d.t.Fatal(err)
	}
	out, err := d.Road.Approve(d.t.Context(), a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."})
	return out, d.code(err)
}

func (d *desk) paid() (n int) {
	for _, e := range d.Events("cl_a") {
		if e.Type == eventPaid.Name {
			n++
		}
	}
	return n
}

const first = `tiny: amount up to 10 -> allow
huge: amount over 1000 -> refuse because nobody pays such bills
large: amount over 100 -> approval by lead then chief, after 5 hours
rest: otherwise -> approval by lead
`

func TestAdoptedRulesDecide(t *testing.T) {
	each(t, func(d *desk) {
		out := d.Do(d.mia, pay{To: "cl_a", Units: 5})
		if out.State != command.StateProposed || out.Need.Rule != "toy/builtin#all" {
			t.Fatalf("what is built in asks for %+v", out.Need)
		}
		d.adopt(first)

		out = d.Do(d.mia, pay{To: "cl_a", Units: 10})
		if out.State != command.StateDone || d.paid() != 1 {
			t.Fatalf("a tiny bill is %s", out.State)
		}
		last := d.Events("cl_a")
		if rec := last[len(last)-1]; !strings.Contains(rec.Changes, "toy.bill.pay/en_cy/1#tiny") || !strings.Contains(rec.Changes, `\"worth\":\"10\"`) {
			t.Errorf("the rule and its inputs are not in evidence: %s", rec.Changes)
		}
		if _, err := d.Road.Run(t.Context(), d.mia, "", pay{To: "cl_a", Units: 1001}); d.code(err) != "rule-refuses" || !strings.Contains(err.Error(), "nobody pays such bills") {
			t.Errorf("a huge bill: %v", err)
		}

		// Parts of the program carry out what people decided.
		if out := d.Do(evidence.Actor{Ref: "sys_payments"}, pay{To: "cl_a", Units: 500}); out.State != command.StateDone {
			t.Errorf("a part of the program waits for approval: %s", out.State)
		}

		// What the program itself demands stays, whatever the rules allow.
		out = d.Do(d.mia, pay{To: "cl_a", Units: 1, Odd: true})
		if out.State != command.StateProposed || len(out.Need.Seats) != 1 || out.Need.Seats[0].Roles[0] != "chief" {
			t.Errorf("an odd bill needs %+v", out.Need)
		}
		out = d.Do(d.mia, pay{To: "cl_a", Units: 50, Odd: true})
		if out.Need.Rule != "toy.bill.pay/en_cy/1#rest+odd" || len(out.Need.Seats) != 2 {
			t.Errorf("an odd bill of 50 needs %+v", out.Need)
		}

		out = d.Do(d.mia, pay{To: "cl_a", Units: 500})
		if _, code := d.decide(d.lead, out.Proposal); code != "cooling-off" {
			t.Errorf("before the wait is over: %q", code)
		}
		d.Clock.Advance(5*time.Hour + time.Second)
		if _, code := d.decide(d.chief, out.Proposal); code != "not-your-turn" {
			t.Errorf("the chief goes before the lead: %q", code)
		}
		if _, code := d.decide(d.lead, out.Proposal); code != "" {
			t.Errorf("the lead: %q", code)
		}
		if _, code := d.decide(d.other, out.Proposal); code != "no-seat" {
			t.Errorf("two leads: %q", code)
		}
		if _, code := d.decide(d.chief, out.Proposal); code != "" || d.paid() != 3 {
			t.Errorf("the chief: %q, %d paid", code, d.paid())
		}
	})
}

// Who asked under easier rules needs what today's ask for.
func TestRulesOfTheDayOfExecutionHold(t *testing.T) {
	each(t, func(d *desk) {
		d.adopt("rest: otherwise -> approval by lead")
		early := d.Do(d.mia, pay{To: "cl_a", Units: 7})
		stopped := d.Do(d.mia, pay{To: "cl_a", Units: 8})
		d.adopt("eight: amount over 7 -> refuse because eight is too many\nrest: otherwise -> approval by lead and chief")
		out, code := d.decide(d.lead, early.Proposal)
		if code != "" || out.State != command.StateProposed || len(out.Need.Seats) != 2 || d.paid() != 0 {
			t.Fatalf("%q, %+v", code, out)
		}
		if out, code := d.decide(d.chief, early.Proposal); code != "" || out.State != command.StateDone || d.paid() != 1 {
			t.Fatalf("%q, %+v", code, out)
		}
		if _, code := d.decide(d.lead, stopped.Proposal); code != "" {
			t.Fatal(code)
		}
		p, err := command.GetProposal(t.Context(), d.Road.Store.Reader(), stopped.Proposal)
		if err != nil || p.State != command.Closed || p.Outcome != "rule-refuses" || d.paid() != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
	})
}

// Who agreed keeps their seat when the rules come to ask others too, wherever
// it stands among them.
func TestAnApprovalKeepsItsSeatUnderNewRules(t *testing.T) {
	each(t, func(d *desk) {
		d.adopt("rest: otherwise -> approval by lead")
		out := d.Do(d.mia, pay{To: "cl_a", Units: 50})
		d.adopt("rest: otherwise -> approval by chief and lead")
		if out, code := d.decide(d.lead, out.Proposal); code != "" || out.State != command.StateProposed || d.paid() != 0 {
			t.Fatalf("the lead alone: %q, %+v", code, out)
		}
		if _, code := d.decide(d.other, out.Proposal); code != "no-seat" {
			t.Errorf("a second lead: %q", code)
		}
		if _, code := d.decide(d.chief, out.Proposal); code != "" || d.paid() != 1 {
			t.Errorf("the chief: %q, %d paid", code, d.paid())
		}
		out = d.Do(d.mia, pay{To: "cl_a", Units: 60, Odd: true})
		for _, who := range []evidence.Actor{d.chief, d.lead} {
			if _, code := d.decide(who, out.Proposal); code != "" {
				t.Fatalf("an odd bill: %q", code)
			}
		}
		if d.paid() != 2 {
			t.Error("an odd bill that both agreed to is not paid")
		}
	})
}

func TestVersionsAreAdoptedByTwoAndNeverEdited(t *testing.T) {
	each(t, func(d *desk) {
		d.adopt(first)
		later := d.Clock.Now().Add(48 * time.Hour)
		d.adopt("rest: otherwise -> approval by chief", func(in *approvals.ChangeRules) { in.From = later })
		need := func() string { return d.Do(d.mia, pay{To: "cl_a", Units: 50}).Need.Rule }
		if got := need(); got != "toy.bill.pay/en_cy/1#rest" {
			t.Errorf("before its start: %s", got)
		}
		for want, in := range map[string]approvals.ChangeRules{
			"invalid-input":      d.change("no rules at all"),
			"rules-do-not-fit":   d.change("rest: otherwise -> approval by nobody"),
			"no-rules-here":      d.change("rest: otherwise -> approval by chief", func(in *approvals.ChangeRules) { in.Act = "toy.bill.burn" }),
			"nothing-changed":    d.change("rest:   otherwise ->   approval by chief", func(in *approvals.ChangeRules) { in.From = later }),
			"before-the-last":    d.change("rest: otherwise -> approval by lead"),
			"starts-in-the-past": d.change("rest: otherwise -> approval by lead", func(in *approvals.ChangeRules) { in.From = d.Clock.Now() - 1 }),
			"no-such-record":     d.change("rest: otherwise -> approval by lead", func(in *approvals.ChangeRules) { in.Entity = "en_nowhere" }),
		} {
			if _, err := d.Road.Run(t.Context(), d.mia, "", in); d.code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		_, err := d.Road.Run(t.Context(), d.mia, "", d.change("odd: flag odder and risk high -> approval by lead\nrest: otherwise -> approval by lead", func(in *approvals.ChangeRules) { in.From = later }))
		if err == nil || !strings.Contains(err.Error(), "flag odder") || !strings.Contains(err.Error(), "about risk") || !strings.Contains(err.Error(), "flag odd, requester") {
			t.Errorf("inputs that nobody draws: %v", err)
		}
		out := d.Do(d.sam, d.change("rest: otherwise -> approval by lead", func(in *approvals.ChangeRules) { in.From = later }))
		if _, code := d.decide(d.sam, out.Proposal); code != "maker-is-not-checker" {
			t.Errorf("the maker approves: %q", code)
		}
		d.Clock.Advance(48 * time.Hour)
		if got := need(); got != "toy.bill.pay/en_cy/2#rest" {
			t.Errorf("after its start: %s", got)
		}
		v := d.view(d.aud, "en_cy")
		if len(v) != 2 || len(v[1].Versions) != 2 || v[1].InForce != 2 || v[1].Versions[1].Text != first || v[1].Versions[0].Maker != d.mia.Ref {
			t.Errorf("the history reads %+v", v)
		}
		if other := d.view(d.aud, "en_sc"); len(other[1].Versions) != 0 || other[1].InForce != 0 {
			t.Errorf("another entity's rules are %+v", other)
		}
	})
}

func (d *desk) view(a evidence.Actor, entity core.Ref) []approvals.RulesView {
	d.t.Helper()
	v, err := command.Ask(d.t.Context(), d.Road, a, approvals.ViewRulesQuery(d.deps), approvals.ViewRules{Entity: entity})
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

func TestADraftIsTriedOnWhatWasDecided(t *testing.T) {
	each(t, func(d *desk) {
		d.adopt(first)
		for _, units := range []int{20, 60, 300} {
			d.Do(d.mia, pay{To: "cl_a", Units: units})
		}
		const text = "small: amount up to 50 -> approval by lead\nrest: otherwise -> approval by lead then chief, after 5 hours"
		try := func(text string, in *command.Inputs) approvals.Trial {
			t.Helper()
			v, err := command.Ask(t.Context(), d.Road, d.aud, approvals.TryRulesQuery(d.deps), approvals.TryRules{Entity: "en_cy", Act: "toy.bill.pay", Text: text, Inputs: in})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		got := try(text, &command.Inputs{Amount: &command.Valued{Worth: "51"}})
		if got.Rule != "rest: otherwise -> approval by lead then chief, after 5 hours" || len(got.Need.Seats) != 2 {
			t.Errorf("51 would be decided by %q, %+v", got.Rule, got.Need)
		}
		if c := got.Compared; c.Tried != 3 || len(c.Differs) != 1 || c.Differs[0].Was != "rest: otherwise -> approval by lead" || c.Differs[0].Subject != "cl_a" {
			t.Errorf("of the past: %+v", c)
		}
		if same := try("", nil).Compared; same.Tried != 3 || len(same.Differs) != 0 {
			t.Errorf("the rules in force differ from themselves: %+v", same)
		}
		if bad := try("rest: otherwise -> approval by stranger", nil); len(bad.Problems) != 1 {
			t.Errorf("a draft that does not fit: %+v", bad)
		}

		out := d.Do(d.mia, d.change(text))
		facts, _ := json.Marshal(out.Need.Facts)
		for _, want := range []string{"1 of 3 decisions", "tiny: amount up to 10", "small: amount up to 50"} {
			if !strings.Contains(string(facts), want) {
				t.Errorf("the approver is not shown %q: %s", want, facts)
			}
		}
	})
}
