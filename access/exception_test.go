package access

import (
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

func (f *firm) except(holder evidence.Actor, combination string, length time.Duration) RequestException {
	return RequestException{
		Holder: holder.Ref, Combination: combination, Entity: "en_cy", Until: f.Clock.Now().Add(length),
		Mitigation: "Somebody else looks at every act of either side each Monday.",
	}
}

// What one role allows with another is refused when it is asked for and when it
// is agreed to, and named; an exception lets it be held for as long as it lasts.
func TestAToxicCombinationIsRefusedUntilAnExceptionIsMade(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, Support, "en_cy", 100*day)
		lead := f.request(f.ana, PaymentsLead, "en_cy", 10*day)
		f.refused(f.root, lead, "toxic-combination")
		f.Do(f.root, f.request(f.ana, PaymentsLead, "en_uk", 10*day)) // another entity: no client of the one is one of the other
		after := lead
		after.From, after.Until = f.Clock.Now().Add(150*day), f.Clock.Now().Add(160*day)
		f.Do(f.root, after) // support has ended by then
		overlap := lead
		overlap.From, overlap.Until = f.Clock.Now().Add(99*day), f.Clock.Now().Add(105*day)
		f.refused(f.root, overlap, "toxic-combination")

		for _, combination := range []string{"bank-details-and-payouts", "asked-and-approved-payouts"} {
			p := f.Do(f.root, f.except(f.ana, combination, 12*day))
			if _, err := f.decide(f.second, p.Proposal); !core.IsFault(err, "not-allowed") && !core.IsFault(err, "no-such-record") {
				t.Fatalf("an administrator agreed: %v", err)
			}
			if _, err := f.decide(f.senior, p.Proposal); err != nil {
				t.Fatal(err)
			}
		}
		long := lead
		long.Until = f.Clock.Now().Add(13 * day)
		f.refused(f.root, long, "toxic-combination") // it would outlast the exception
		p := f.Do(f.root, lead)
		if out, err := f.decide(f.second, p.Proposal); err != nil || out.Subject.Kind() != core.KindGrant {
			t.Fatalf("%+v, %v", out, err)
		}
		f.tick()
		found, err := authorizer(t).ConflictsOf(t.Context(), f.Road.Store.Reader(), f.ana.Ref, f.Clock.Now())
		if err != nil || len(found) != 2 {
			t.Errorf("held %+v, %v", found, err)
		}
		f.Clock.Advance(13 * day)
		due, err := DueExceptions(t.Context(), f.Road.Store.Reader(), f.Clock.Now())
		if err != nil || len(due) != 2 {
			t.Fatalf("due %v, %v", due, err)
		}
		for _, x := range due {
			f.Do(clock, ExpireException{Exception: x})
			f.refused(clock, ExpireException{Exception: x}, "exception-not-due")
		}
		f.refused(f.root, f.request(f.ana, PaymentsLead, "en_cy", day), "toxic-combination")
		if problems, err := f.verify(); err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
	})
}

// Asked for while harmless and agreed to when it is not, it is not given.
func TestACombinationIsLookedForAgainAtApproval(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		p := f.Do(f.root, f.request(f.ana, PaymentsLead, "en_cy", 10*day))
		f.grant(f.ana, Support, "en_cy", 5*day)
		if _, err := f.decide(f.second, p.Proposal); err != nil {
			t.Fatal(err)
		}
		if f.may(f.ana, "payments.withdrawal.resolve", core.KindWithdrawal, "en_cy").Allow {
			t.Fatal("the approval gave both sides")
		}
	})
}

func TestExceptionsAreNobodysOwnAndShort(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		ok := f.except(f.ana, "bank-details-and-payouts", 10*day)
		own := f.except(f.root, "bank-details-and-payouts", 10*day)
		f.refused(f.root, own, "own-exception")
		f.refused(f.root, f.except(f.ana, "no-such-thing", 10*day), "no-such-combination")
		f.refused(f.root, f.except(f.ana, "bank-details-and-payouts", 121*day), "exception-too-long")
		across := ok
		across.Other = "en_uk"
		f.refused(f.root, across, "not-across")
		short := ok
		short.Mitigation = "We look."
		f.refused(f.root, short, "invalid-input")
		f.refused(f.ana, ok, "no-such-record")
		theirs := f.Do(f.root, f.except(f.senior, "bank-details-and-payouts", 10*day))
		if _, err := f.decide(f.senior, theirs.Proposal); err != nil {
			t.Fatal(err)
		}
		if rows, err := ExceptionsOf(t.Context(), f.Road.Store.Reader(), f.senior.Ref); err != nil || len(rows) != 0 {
			t.Errorf("the holder agreed to their own: %+v, %v", rows, err)
		}
	})
}

// A role that forbids one side while it is held hides a combination only until
// it ends: a grant that lasts longer would complete it then.
func TestACombinationThatAnotherRoleHidesForATimeIsRefused(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, Support, "en_cy", 20*day)
		f.grant(f.ana, Auditor, "en_cy", 5*day) // an auditor changes nothing
		f.refused(f.root, f.request(f.ana, PaymentsLead, "en_cy", 10*day), "toxic-combination")
		f.Do(f.root, f.request(f.ana, PaymentsLead, "en_cy", 4*day))
	})
}
