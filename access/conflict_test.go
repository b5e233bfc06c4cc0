package access

import (
	"strings"
	"testing"

	"vouchsafe/core"
)

func TestCombinationsAreHeldAgainstTheCatalogue(t *testing.T) {
	const good = "two-sides | clients.bankdetail.change | approve payments.withdrawal.release | entity | Why. | Law."
	for name, c := range map[string]struct{ text, want string }{
		"parts":         {"two-sides | clients.bankdetail.change | entity | Why. | Law.", "line 1: it has 5 parts"},
		"empty":         {"\n" + strings.Replace(good, "Why.", " ", 1), "line 2: part 5 is empty"},
		"id":            {strings.Replace(good, "two-sides", "Two Sides", 1), "lower-case"},
		"twice":         {good + "\n" + good, "line 2: another line"},
		"where":         {strings.Replace(good, "| entity", "| somewhere", 1), "entity or anywhere"},
		"unknown act":   {strings.Replace(good, "bankdetail", "bankdetial", 1), `no act "clients.bankdetial.change"`},
		"nobody's":      {strings.Replace(good, "approve payments.withdrawal.release", "approve clients.client.view", 1), "no role may approve clients.client.view"},
		"a role's own":  {strings.Replace(good, "clients.bankdetail.change", "payments.withdrawal.release", 1), "payments_lead alone has both sides"},
		"a group's own": {strings.Replace(good, "clients.bankdetail.change | approve payments.withdrawal.release", "access.grant.request | approve access.grant.request", 1), "system_admin alone has both sides"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &Authorizer{set: authorizer(t).set}
			var err error
			if a.toxic, err = parseCombinations(c.text); err == nil {
				err = a.checkCombinations()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

// havingRoles grants roles in places: "payments@en_here".
func havingRoles(list ...string) (out []Grant) {
	for _, x := range list {
		role, place, _ := strings.Cut(x, "@")
		out = append(out, Grant{ID: core.Ref(x), Role: Role(role), Entity: core.Ref(place), State: Granted, Ends: 10})
	}
	return out
}

func TestConflictsAreWhatThePoliciesAllowTogether(t *testing.T) {
	a := authorizer(t)
	for name, c := range map[string]struct {
		held []string
		want string // combination@place[/place]
	}{
		"nothing":                          {nil, ""},
		"one role":                         {[]string{"payments_lead@en_here"}, ""},
		"support and lead":                 {[]string{"support@en_here", "payments_lead@en_here"}, "bank-details-and-payouts@en_here asked-and-approved-payouts@en_here"},
		"not across":                       {[]string{"support@en_here", "payments_lead@en_there"}, ""},
		"across":                           {[]string{"compliance@en_here", "payments@en_there"}, "identity-and-payouts@en_here/en_there"},
		"a wall takes the side away":       {[]string{"compliance@en_here", "payments@en_here"}, "confirmed-details-and-payouts@en_here"},
		"the wall of administrators":       {[]string{"system_admin@en_here", "payments@en_here"}, ""},
		"a role of the group reaches":      {[]string{"system_admin@en_group", "payments@en_here"}, "roles-and-business@en_here"},
		"an auditor changes nothing":       {[]string{"auditor@en_here", "support@en_here", "payments_lead@en_here"}, ""},
		"drafting and agreeing":            {[]string{"compliance@en_here", "senior_compliance@en_here"}, "bank-details-and-payouts@en_here rules-and-their-approval@en_here"},
		"group seniors decide no business": {[]string{"compliance@en_here", "senior_compliance@en_group"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, x := range a.conflicts(havingRoles(c.held...)) {
				text := x.Combination + "@" + string(x.OneIn)
				if x.Across() {
					text += "/" + string(x.OtherIn)
				}
				got = append(got, text)
				if len(x.One) == 0 || len(x.Other) == 0 {
					t.Errorf("%s names no grants: %+v", x.Combination, x)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}
