package platform

import (
	"slices"
	"strings"

	"vouchsafe/command"
)

// approvers are the roles that the rules on interventions ask.
var approvers = []string{"head_of_dealing", "senior_compliance"}

// need is the approval that an intervention demands in an entity.
func need(p Profile, k Kind, minor int64) command.Need {
	head := command.Seat{Roles: []string{"head_of_dealing"}}
	compliance := command.Seat{Roles: []string{"senior_compliance"}}
	n := command.Need{Rule: p.Rules + "#" + string(k), Seats: []command.Seat{head}}
	switch k {
	case BalanceCorrection, CreditChange:
		if minor > p.OneSeat || minor < -p.OneSeat {
			n.Rule += "-large"
			n.Seats = append(n.Seats, compliance)
		}
	case Reactivation, EnableTrading:
		n.Seats = append(n.Seats, compliance)
	}
	return n
}

// against lists what forbids an intervention whatever anybody approves.
func against(in RequestIntervention, f requestFacts) []command.Refusal {
	var rs []command.Refusal
	add := func(code, text string) { rs = append(rs, command.Refusal{Code: code, Text: text}) }
	if f.account.State != AccountOpen {
		add("account-not-open", "This trading account is "+f.account.State+"; nothing can be done on it.")
	}
	if f.caseRefusal != nil {
		rs = append(rs, *f.caseRefusal)
	}
	if in.Kind == GroupChange && !slices.Contains(f.profile.Groups, in.ToGroup) {
		add("group-not-allowed", "Accounts of this entity may be in: "+strings.Join(f.profile.Groups, ", ")+".")
	}
	if in.Kind == GroupChange && in.ToGroup == f.account.Group {
		add("group-unchanged", "The account is in this group already.")
	}
	if _, books := in.Kind.Books(); books && in.Currency != f.account.Currency {
		add("currency-mismatch", "The account is held in "+f.account.Currency+".")
	}
	if in.Kind == EnableTrading || in.Kind == Reactivation {
		rs = append(rs, f.blocks...)
	}
	return rs
}
