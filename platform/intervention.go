package platform

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Kind is what an intervention does.
type Kind string

// The kinds of interventions.
const (
	BalanceCorrection Kind = "balance_correction"
	CreditChange      Kind = "credit"
	DisableTrading    Kind = "disable_trading"
	EnableTrading     Kind = "enable_trading"
	GroupChange       Kind = "group_change"
	Reactivation      Kind = "reactivation"
	TransferIn        Kind = "transfer_in" // from the client's wallet; no approval
)

// Kinds lists the kinds that staff can request.
var Kinds = []Kind{BalanceCorrection, CreditChange, DisableTrading, EnableTrading, GroupChange, Reactivation}

// Title is the kind for people.
func (k Kind) Title() string {
	return map[Kind]string{
		BalanceCorrection: "Balance correction", CreditChange: "Credit change", DisableTrading: "Disable trading",
		EnableTrading: "Enable trading", GroupChange: "Group change", Reactivation: "Account reactivation", TransferIn: "Transfer from wallet",
	}[k]
}

// Books reports whether the kind books a deal, and of which action.
func (k Kind) Books() (action int, ok bool) {
	switch k {
	case BalanceCorrection:
		return PostCorrection, true
	case CreditChange:
		return PostCredit, true
	case TransferIn:
		return PostBalance, true
	}
	return 0, false
}

// Reasons are the reason codes of a kind.
func (k Kind) Reasons() []string {
	switch k {
	case BalanceCorrection:
		return []string{"pricing_error", "platform_outage", "swap_correction", "commission_correction", "negative_balance_protection", "complaint_settlement"}
	case CreditChange:
		return []string{"promotion_granted", "promotion_expired", "credit_error"}
	case DisableTrading:
		return []string{"client_request", "kyc_expired", "suspected_abuse", "regulator_order"}
	case EnableTrading, Reactivation:
		return []string{"client_request", "kyc_renewed", "review_passed"}
	case GroupChange:
		return []string{"category_change", "risk_limit", "client_request"}
	}
	return nil
}

// Intervention is one manual operation with everything behind it.
type Intervention struct {
	ID            core.Ref        `json:"id"`
	Entity        core.Ref        `json:"entity"`
	Client        core.Ref        `json:"client"`
	Account       core.Ref        `json:"account"`
	Platform      string          `json:"platform"`
	Login         int64           `json:"login"`
	Kind          Kind            `json:"kind"`
	Minor         int64           `json:"-"`
	Currency      string          `json:"currency,omitempty"`
	ToGroup       string          `json:"to_group,omitempty"`
	Reason        string          `json:"reason"`
	Words         string          `json:"words,omitempty"`
	Case          core.Ref        `json:"case,omitempty"`
	Requester     core.Ref        `json:"requester"`
	Approvers     string          `json:"-"` // references, space separated
	Rule          string          `json:"rule,omitempty"`
	Operator      core.Ref        `json:"operator,omitempty"`
	State         string          `json:"state"`
	Attempt       command.Attempt `json:"-"`
	Tag           string          `json:"tag,omitempty"`
	Ticket        int64           `json:"ticket,omitempty"`
	Code          string          `json:"code,omitempty"`
	BalanceBefore int64           `json:"-"`
	BalanceAfter  int64           `json:"-"`
	ServerTime    core.Instant    `json:"server_time,omitempty"`
	Created       core.Instant    `json:"created"`
	Matched       core.Instant    `json:"matched,omitempty"`
	rev           int64
}

// The states of an intervention.
const (
	StateApproved  = "approved"
	StateExecuting = "executing"
	StateUncertain = "uncertain"
	StatePerson    = "person"
	StateApplied   = "applied"
	StateRejected  = "rejected"
	StateMatched   = "matched"
)

// Resource is the intervention as policy sees it.
func (i *Intervention) Resource() command.Resource {
	return command.Resource{Kind: core.KindIntervention, Ref: i.ID, Entity: i.Entity, Attrs: map[string]any{"client": string(i.Client), "type": string(i.Kind)}}
}

// ApprovedBy reports whether somebody approved the intervention.
func (i *Intervention) ApprovedBy(ref core.Ref) bool {
	for _, a := range strings.Fields(i.Approvers) {
		if core.Ref(a) == ref {
			return true
		}
	}
	return false
}

// sent reports whether a request for the intervention ever began to leave.
func (i *Intervention) sent() bool { return i.Attempt.Number > 0 }

// Amount is the money that the intervention books; zero for settings.
func (i *Intervention) Amount() core.Money { return core.Money{Minor: i.Minor, Currency: i.Currency} }

// follow sets the state that the attempt implies at now.
func (i *Intervention) follow(now core.Instant) {
	switch i.Attempt.Phase {
	case command.PhaseReady, command.PhaseSending:
		i.State = StateExecuting
	case command.PhaseUncertain:
		i.State = StateUncertain
	case command.PhasePerson:
		i.State = StatePerson
	case command.PhaseRejected:
		i.State = StateRejected
	case command.PhaseApplied:
		i.State = StateApplied
		if _, books := i.Kind.Books(); !books {
			i.State, i.Matched = StateMatched, now // settings were read back field by field
		}
	}
}
