package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// ReleaseWithdrawal asks to send the money. It always becomes a proposal: the
// entity's rules say who must agree. Amount and currency are part of what is
// frozen, so that approvers agree to them.
type ReleaseWithdrawal struct {
	Withdrawal core.Ref `json:"withdrawal"`
	Minor      int64    `json:"minor"` // as the maker saw it
	Currency   string   `json:"currency"`
	Words      string   `json:"words,omitempty"` // why, where the names differ
	Case       core.Ref `json:"case,omitempty"`  // likewise
}

// Action is payments.withdrawal.release.
func (ReleaseWithdrawal) Action() command.Action { return "payments.withdrawal.release" }

// Subject is the withdrawal.
func (q ReleaseWithdrawal) Subject() core.Ref { return q.Withdrawal }

// CaseRef is the case behind an override.
func (q ReleaseWithdrawal) CaseRef() core.Ref { return q.Case }

// Reasons are the maker's own words; which code fits is known when the
// withdrawal is.
func (q ReleaseWithdrawal) Reasons() (code, words string) { return "", q.Words }

// Facts stand in the proposal's need.
func (ReleaseWithdrawal) Facts() []evidence.Detail { return nil }

type releaseWithdrawal struct{ d Deps }

// Load reads all that bears on a release, and the case.
func (h releaseWithdrawal) Load(ctx context.Context, r store.Reader, in ReleaseWithdrawal) (*standing, command.Resource, error) {
	s, res, err := h.d.weighing(ctx, r, in.Withdrawal, h.d.Clock.Now())
	if err != nil || in.Case == "" {
		return s, res, err
	}
	s.refusal, err = h.d.Cases.Permits(ctx, r, in.Case, in.Action(), s.w.Client, s.w.ID)
	return s, res, err
}

// Check refuses what nobody may approve, and asks for the seats of the rule.
// It runs again when the last seat is filled.
func (releaseWithdrawal) Check(in ReleaseWithdrawal, s *standing, m command.Moment) command.Verdict {
	rs := s.ruled()
	if len(rs) == 0 {
		rs = append(s.against(m.Now), s.overridden(in.Words, in.Case)...)
	}
	if in.Minor != s.w.Minor || in.Currency != s.w.Currency {
		rs = append(rs, command.Refusal{Code: "amount-changed", Text: "The client asked for " + s.w.Amount().String() + ". Look at the withdrawal again."})
	}
	if len(rs) > 0 {
		return command.Refuse(rs...)
	}
	n := s.floor()
	n.Facts = s.facts()
	return command.Needs(n)
}

// Weigh draws what the entity's approval rules look at.
func (releaseWithdrawal) Weigh(_ ReleaseWithdrawal, s *standing, _ command.Moment) command.Inputs {
	return s.weigh()
}

// Builtin are the rules of the entity's profile.
func (releaseWithdrawal) Builtin(_ ReleaseWithdrawal, s *standing) command.RuleSet {
	return s.rules.Release
}

// Apply approves the withdrawal and queues its submission.
func (releaseWithdrawal) Apply(ctx context.Context, tx *command.Tx, in ReleaseWithdrawal, s *standing) ([]evidence.Event, error) {
	now := *s.w
	now.Decision, now.Decided, now.Rule = Approved, tx.Now, tx.Approval.Rule
	now.Reason, now.Words, now.Case, now.Releaser = reasonOf(s.w), in.Words, in.Case, tx.Actor.Ref
	now.Approver = tx.Approval.Approvers[len(tx.Approval.Approvers)-1]
	now.PSP, now.Merchant = s.route.PSP.Name(), s.route.Merchant
	now.tried(command.Attempt{Phase: command.PhaseReady})
	if err := withdrawals.Update(ctx, tx.Tx, s.w, &now); err != nil {
		return nil, err
	}
	if err := submit(ctx, tx, now.ID); err != nil {
		return nil, err
	}
	ev := now.event(EventReleased)
	ev.Reason, ev.Text, ev.Basis = now.Reason, in.Words, []string{now.Rule}
	ev.Details = append(ev.Details, evidence.Detail{Name: "name_match", Value: string(now.Match), Search: true})
	if now.Mismatched() {
		ev.Details = append(ev.Details, overrideDetail)
	}
	return []evidence.Event{ev}, nil
}

// reasonOf is the reason code of a release.
func reasonOf(w *Withdrawal) string {
	if w.Mismatched() {
		return "name_mismatch_override"
	}
	return "client_request"
}

// submit queues the drive of an approved withdrawal.
func submit(ctx context.Context, tx *command.Tx, id core.Ref) error {
	return tx.Enqueue(ctx, jobs.New{Kind: JobSubmit, Subject: id, Unique: "submit:" + string(id)})
}
