package access

import (
	"bytes"
	"slices"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

func (f *firm) could(by evidence.Actor, in WhoCould) CouldView {
	f.t.Helper()
	return ask(f, by, WhoCouldQuery(f.Road, authorizer(f.t)), in)
}

func couldOf(v CouldView, who evidence.Actor) *Could {
	for i := range v.People {
		if v.People[i].Staff == who.Ref {
			return &v.People[i]
		}
	}
	return nil
}

// Who could do both, from when to when and by which grants, is told from the
// log: also what has ended since, and told apart from one after the other.
func TestWhoCouldDoBothIsToldToTheMicrosecond(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		begin := f.Clock.Now()
		support := f.grant(f.ana, Support, "en_cy", 20*day)
		f.grant(f.ben, Support, "en_cy", 2*day)
		f.Clock.Advance(3 * day)
		for _, combination := range []string{"bank-details-and-payouts", "asked-and-approved-payouts"} {
			if _, err := f.decide(f.senior, f.Do(f.root, f.except(f.ana, combination, 12*day)).Proposal); err != nil {
				t.Fatal(err)
			}
		}
		lead := f.grant(f.ana, PaymentsLead, "en_cy", 10*day)
		f.grant(f.ben, PaymentsLead, "en_cy", 10*day)
		f.Clock.Advance(2 * day)
		f.Do(f.root, RevokeGrant{Grant: support.ID, Reason: "risk", Words: "Holds both for too long."})
		revoked, err := GrantByID(t.Context(), f.Road.Store.Reader(), support.ID)
		if err != nil {
			t.Fatal(err)
		}
		f.Clock.Advance(day)
		in := WhoCould{Combination: "bank-details-and-payouts", Entity: "en_cy", From: begin, To: begin.Add(90 * day)}
		v := f.could(f.root, in)
		x := couldOf(v, f.ana)
		if x == nil || len(x.Both) != 1 || v.To > f.Clock.Now()+1 {
			t.Fatalf("answered %+v", v)
		}
		span := x.Both[0]
		if span.From != lead.Starts || span.To != revoked.Closed || !slices.Equal(span.One, []core.Ref{support.ID}) || !slices.Equal(span.Other, []core.Ref{lead.ID}) || len(span.Exceptions) != 1 {
			t.Errorf("could do both %+v, want from %v to %v by %s and %s", span, lead.Starts, revoked.Closed, support.ID, lead.ID)
		}
		if len(x.Grants) != 2 || x.Grants[0].Event == "" || !slices.Contains(x.Grants[0].Approvers, f.second.Ref) {
			t.Errorf("grants %+v", x.Grants)
		}
		b := couldOf(v, f.ben)
		if b == nil || len(b.Both) != 0 || len(b.One) != 1 || len(b.Other) != 1 || b.One[0].To > b.Other[0].From {
			t.Errorf("one after the other: %+v", b)
		}
		if v.People[0].Staff != f.ana.Ref {
			t.Error("who could do both at once does not come first")
		}
		in.To = lead.Starts
		if x := couldOf(f.could(f.root, in), f.ana); x != nil {
			t.Errorf("before the second grant: %+v", x)
		}
		in.Entity, in.To = "en_uk", begin.Add(90*day)
		if v := f.could(f.root, in); len(v.People) != 0 {
			t.Errorf("in another entity: %+v", v.People)
		}
		f.Do(f.root, DeactivateStaff{Staff: f.ana.Ref, Words: "Left the firm today."})
		f.tick()
		in.Entity = "en_cy"
		if x := couldOf(f.could(f.root, in), f.ana); x == nil || len(x.Both) != 1 || x.Both[0].From != span.From || x.Both[0].To != span.To {
			t.Errorf("leaving changed the past: %+v", x)
		}
	})
}

// Whether they did both is told act by act, and by the records about which
// both was done.
func TestWhetherTheyDidBothIsTold(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.bootstrap(f.senior, SeniorCompliance, Group)
		begin := f.Clock.Now()
		f.grant(f.ana, Support, "en_cy", 10*day) // root asks, second agrees
		p := f.Do(f.second, f.request(f.ben, Support, "en_cy", 10*day))
		if _, err := f.decide(f.root, p.Proposal); err != nil { // root agrees
			t.Fatal(err)
		}
		p = f.Do(f.root, f.request(f.ben, Auditor, "en_cy", 10*day))
		if _, err := f.decide(f.second, p.Proposal); err != nil {
			t.Fatal(err)
		}
		f.tick()
		in := WhoCould{One: "access.grant.request", Other: "approve access.grant.request", Entity: "en_cy", From: begin, To: f.Clock.Now() + 1}
		root := couldOf(f.could(f.senior, in), f.root)
		if root == nil || len(root.DidOther) != 1 || len(root.DidOne) < 2 {
			t.Fatalf("root did %+v", root)
		}
		if len(root.Same) != 1 || root.Same[0].Subject != f.ben.Ref || !slices.Equal(root.Same[0].Other, []string{root.DidOther[0].Event}) {
			t.Errorf("did both about %+v, want %s alone", root.Same, f.ben.Ref)
		}
		for _, a := range root.DidOne {
			if !a.During {
				t.Errorf("not while both: %+v", a)
			}
		}
		file := ask(f, f.senior, CouldReportQuery(f.Road, authorizer(t)), CouldReport{in})
		if !bytes.Contains(file.Body, []byte("did both about the same")) || !bytes.Contains(file.Body, []byte(root.DidOther[0].Event)) {
			t.Errorf("the file says\n%s", file.Body)
		}
	})
}

func TestAQuestionAboutThePastThatIsWrongIsToldWhy(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		now := f.Clock.Now()
		good := WhoCould{Combination: "bank-details-and-payouts", Entity: "en_cy", From: now.Add(-day), To: now}
		change := func(fn func(*WhoCould)) WhoCould { x := good; fn(&x); return x }
		for field, in := range map[string]WhoCould{
			"combination": change(func(x *WhoCould) { x.Combination = "no-such-thing" }),
			"entity":      change(func(x *WhoCould) { x.Entity = "" }),
			"from":        change(func(x *WhoCould) { x.From, x.To = now.Add(day), now.Add(2*day) }),
			"to":          change(func(x *WhoCould) { x.To = x.From }),
			"one":         change(func(x *WhoCould) { x.Combination, x.One, x.Other = "", "drop table", "access.grant.request" }),
			"other":       change(func(x *WhoCould) { x.Combination, x.One, x.Other = "", "access.grant.request", "access.grant.invent" }),
		} {
			_, err := command.Ask(t.Context(), f.Road, f.root, WhoCouldQuery(f.Road, authorizer(t)), in)
			if fault := core.AsFault(err); err == nil || fault.Kind != core.Invalid || fault.Fields[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := command.Ask(t.Context(), f.Road, f.ben, WhoCouldQuery(f.Road, authorizer(t)), good); err == nil {
			t.Error("somebody without a role was answered")
		}
	})
}

// Who asked for the grant of another, or agreed to it, is named in its entry,
// and holds nothing by that.
func TestNobodysPastHoldsTheGrantsOfOthers(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, PaymentsLead, "en_cy", 10*day)
		for _, who := range []evidence.Actor{f.root, f.second} {
			p, err := pastOf(t.Context(), f.Road.Store.Reader(), f.Road.Log, who.Ref, f.Clock.Now())
			if err != nil || len(p.grants) != 1 || p.grants[0].Holder != who.Ref {
				t.Errorf("%s: %+v, %v", who.Ref, p.grants, err)
			}
		}
	})
}
