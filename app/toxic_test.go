package app

import (
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// toxicFindings counts the findings about somebody's toxic combinations.
func (f *firm) toxicFindings(who core.Ref, state string) int {
	f.t.Helper()
	return f.count("SELECT COUNT(*) FROM finding WHERE kind = $1 AND subject = $2 AND state = $3", cases.KindToxic, who, state)
}

// proofs are the events that settled findings about somebody rest on, by their
// types.
func (f *firm) proofs(who core.Ref) string {
	f.t.Helper()
	found, err := f.Log.Find(f.ctx, f.Store.Reader(), evidence.Filter{Refs: []core.Ref{who}, Types: []string{cases.EventSettled.Name}, Scope: store.True, Oldest: true}, core.PageRequest{})
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, rec := range found.Rows {
		v, err := rec.View()
		if err != nil {
			f.t.Fatal(err)
		}
		for _, id := range v.Basis {
			proof, err := evidence.Get(f.ctx, f.Store.Reader(), id)
			if err != nil || proof == nil {
				f.t.Fatalf("a proof that is nowhere: %s, %v", id, err)
			}
			out = append(out, strings.TrimPrefix(proof.Type, "access."))
		}
	}
	return strings.Join(out, " ")
}

// Who holds a toxic combination is found once for each, nobody's words close
// that, and it closes by itself with the event that proves it; held again, it
// is found again.
func TestAToxicCombinationThatIsHeldIsFoundUntilItIsNot(t *testing.T) {
	f := openFirm(t)
	ada, senior, tom := f.colleague("ada", access.SystemAdmin), f.colleague("senior", access.SeniorCompliance), f.colleague("tom", access.Support)
	f.later(time.Second)
	if n := f.count("SELECT COUNT(*) FROM finding WHERE kind = $1", cases.KindToxic); n != 0 {
		t.Fatalf("%d findings about people with one role", n)
	}
	lead := f.do(install, access.BootstrapGrant{Holder: tom.Ref, Role: access.PaymentsLead, Entity: "en_cy", Until: f.clock.Now().Add(60 * 24 * time.Hour)}).Subject
	want := func(when string, open, explained, reversed int) {
		t.Helper()
		f.later(time.Second)
		f.later(11 * time.Minute)
		got := []int{f.toxicFindings(tom.Ref, cases.FindingOpen), f.toxicFindings(tom.Ref, cases.FindingExplained), f.toxicFindings(tom.Ref, cases.FindingReversed)}
		if got[0] != open || got[1] != explained || got[2] != reversed {
			t.Errorf("%s: open, explained, reversed %v, want %d %d %d", when, got, open, explained, reversed)
		}
	}
	want("two sides", 2, 0, 0)
	waiting, err := cases.Waiting(f.ctx, f.Store.Reader(), cases.KindToxic, tom.Ref)
	if err != nil || len(waiting) != 2 || waiting[0].Severity != "critical" {
		t.Fatalf("%+v, %v", waiting, err)
	}
	by := cases.ResolveFinding{Finding: waiting[0].ID, State: cases.FindingExplained, Case: "ca_any", Words: "He is the only one in the office this month."}
	if _, err := f.Road.Run(f.ctx, senior, "", by); !core.IsFault(err, "closes-by-evidence") {
		t.Errorf("words closed it: %v", err)
	}
	except := access.RequestException{
		Holder: tom.Ref, Combination: "bank-details-and-payouts", Entity: "en_cy", Until: f.clock.Now().Add(48 * time.Hour),
		Mitigation: "Senior compliance looks at each of his acts every evening.",
	}
	f.agreed(senior, f.do(ada, except).Proposal)
	want("an exception for one", 1, 1, 0)
	f.later(48 * time.Hour)
	want("the exception is over", 2, 1, 0)
	f.do(ada, access.RevokeGrant{Grant: lead, Reason: "not-needed", Words: "Another lead has come."})
	want("one side taken away", 0, 1, 2)
	if got := f.proofs(tom.Ref); got != "exception.granted grant.revoked grant.revoked" {
		t.Errorf("proven by %s", got)
	}
	f.noneDenied()
}
