package payments

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// The risk bands that a clearing states.
const (
	RiskLow    = "low"
	RiskMedium = "medium"
	RiskHigh   = "high"
)

// Risks lists the bands, lowest first.
var Risks = []string{RiskLow, RiskMedium, RiskHigh}

// ClearWithdrawal records what stands against a withdrawal: the client's
// blocks, the risk as the clerk found it, and how the account holder's name
// agrees with the client's. What stands against it holds it; that is not the
// end, since blocks pass and mismatches can be explained.
type ClearWithdrawal struct {
	Withdrawal core.Ref `json:"withdrawal"`
	Risk       string   `json:"risk"`
}

// Action is payments.withdrawal.clear.
func (ClearWithdrawal) Action() command.Action { return "payments.withdrawal.clear" }

// Subject is the withdrawal.
func (c ClearWithdrawal) Subject() core.Ref { return c.Withdrawal }

// Validate wants a risk band.
func (c ClearWithdrawal) Validate() error {
	if !slices.Contains(Risks, c.Risk) {
		return core.InvalidField("risk", "Choose the risk band: "+strings.Join(Risks, ", ")+".")
	}
	return nil
}

type clearWithdrawal struct{ d Deps }

// Load reads all that bears on a release.
func (h clearWithdrawal) Load(ctx context.Context, r store.Reader, in ClearWithdrawal) (*standing, command.Resource, error) {
	return h.d.standing(ctx, r, in.Withdrawal, h.d.Clock.Now())
}

// Check refuses what is decided.
func (clearWithdrawal) Check(_ ClearWithdrawal, s *standing, _ command.Moment) command.Verdict {
	if r := s.decided(); r != nil {
		return command.Refuse(*r)
	}
	return command.Proceed()
}

// Apply records what was found, with both names.
func (clearWithdrawal) Apply(ctx context.Context, tx *command.Tx, in ClearWithdrawal, s *standing) ([]evidence.Event, error) {
	now := *s.w
	now.LegalName, now.Match, now.Risk = s.name, MatchNames(s.name, s.w.Holder), in.Risk
	now.Cleared, now.ClearedBy, now.Decision = tx.Now, tx.Actor.Ref, Cleared
	var codes []string
	for _, x := range s.against(tx.Now) {
		codes = append(codes, x.Code)
	}
	now.Blocks = strings.Join(codes, " ")
	if now.Blocks != "" || now.Match.override() {
		now.Decision = Held
	}
	if err := withdrawals.Update(ctx, tx.Tx, s.w, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventCleared)
	ev.Details = append(ev.Details,
		evidence.Detail{Name: "name_match", Value: string(now.Match), Search: true},
		evidence.Detail{Name: "risk", Value: now.Risk}, evidence.Detail{Name: "against", Value: now.Blocks},
		evidence.Detail{Name: "client_name", Value: now.LegalName, Class: core.Personal, Subject: now.Client, Search: true},
		evidence.Detail{Name: "holder", Value: now.Holder, Class: core.Bank, Subject: now.Client, Search: true})
	return []evidence.Event{ev}, nil
}
