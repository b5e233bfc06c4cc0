package app

import (
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
)

// agreed has a proposal agreed to.
func (f *firm) agreed(by evidence.Actor, proposal core.Ref) {
	f.t.Helper()
	p, err := command.GetProposal(f.ctx, f.Store.Reader(), proposal)
	if err == nil {
		_, err = f.Road.Approve(f.ctx, by, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."})
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// reviewItemsOf counts the roles in open reviews of a cause.
func (f *firm) reviewItemsOf(cause access.ReviewCause) int {
	f.t.Helper()
	return f.count("SELECT COUNT(*) FROM access_review_item WHERE review IN (SELECT id FROM access_review WHERE cause = $1 AND state = 'open')", string(cause))
}

// What changes who may do what, or for whom they work, puts access to review at
// once, by a job of the change's own transaction; and only once.
func TestChangesPutAccessToReview(t *testing.T) {
	f := openFirm(t)
	ada, sue := f.colleague("ada", access.SystemAdmin), f.colleague("sue", access.Support)
	senior, cara := f.colleague("senior", access.SeniorCompliance), f.colleague("cara", access.Compliance)
	f.colleague("pay", access.PaymentsLead)
	f.later(time.Second)
	for _, x := range []struct {
		cause access.ReviewCause
		do    func()
		items int
	}{
		{access.CauseEntity, func() {
			f.do(ada, access.ChangeEntity{Entity: "en_cy", Licence: "2/26", Words: "The licence was extended."})
		}, 5},
		{access.CauseStaff, func() {
			f.agreed(senior, f.do(ada, access.MoveStaff{Staff: sue.Ref, Entity: "en_cy", Line: access.SecondLine, Words: "Moves to the second line."}).Proposal)
		}, 1},
		{access.CauseRules, func() {
			text := "all: otherwise -> approval by payments_lead and senior_compliance"
			f.agreed(senior, f.do(cara, approvals.ChangeRules{
				Entity: "en_cy", Act: payments.ReleaseWithdrawal{}.Action(), Text: text, Reason: "policy-review", Words: "Two signatures for all of them from now on.",
			}).Proposal)
		}, 2},
	} {
		if n := f.reviewItemsOf(x.cause); n != 0 {
			t.Fatalf("%s: %d items before anything changed", x.cause, n)
		}
		x.do()
		f.later(time.Second)
		f.later(time.Minute)
		if n := f.reviewItemsOf(x.cause); n != x.items {
			t.Errorf("%s: %d roles are reviewed, want %d", x.cause, n, x.items)
		}
	}
	if n := f.reviewItemsOf(access.CausePolicies); n != 0 {
		t.Errorf("the first policies put %d roles to review", n)
	}
	f.noneDenied()
}

// A review that would lock a firm out leaves the roles, and raises findings.
func TestALockOutBecomesAFinding(t *testing.T) {
	f := openFirm(t)
	ada, senior := f.colleague("ada", access.SystemAdmin), f.colleague("senior", access.SeniorCompliance)
	f.do(senior, access.OpenReview{Entity: "en_cy", Scope: access.ScopeAll, Cause: access.CauseAsked, Words: "Before the inspection."})
	f.later(16 * 24 * time.Hour)
	f.later(time.Minute)
	for _, who := range []evidence.Actor{ada, senior} {
		if n := f.count("SELECT COUNT(*) FROM finding WHERE kind = 'review-lockout' AND severity = 'critical' AND entity = 'en_cy' AND subject = $1", who.Ref); n != 1 {
			t.Errorf("%d findings about %s", n, who.Ref)
		}
	}
	if n := f.count("SELECT COUNT(*) FROM role_grant WHERE state = 'granted'"); n != 2 {
		t.Errorf("%d roles are left", n)
	}
	f.noneDenied()
}
