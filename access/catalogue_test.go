package access

import (
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
)

// The catalogue says for each act and role what the table of the tests says.
func TestTheCatalogueIsThatOfTheRoles(t *testing.T) {
	rows := authorizer(t).Catalogue(nil)
	if len(rows) != len(authorizer(t).Actions()) {
		t.Errorf("%d acts are told of %d", len(rows), len(authorizer(t).Actions()))
	}
	told := func(act command.Action, role Role) *Permitted {
		i := slices.IndexFunc(rows, func(p Permission) bool { return p.Action == act })
		return In(rows[i].Held, role)
	}
	for _, role := range Roles {
		for _, act := range strings.Fields(may[role]) {
			if act != "access.entity.list" && act != "access.policy.view" && told(command.Action(act), role) == nil {
				t.Errorf("%s may %s, and is not told to", role, act)
			}
		}
	}
	if p := told("platform.intervention.request", Compliance); p == nil || len(p.Ways) != 1 || !strings.Contains(p.Ways[0], "reactivation") {
		t.Errorf("the condition of a reactivation: %+v", p)
	}
	if p := told("command.proposal.view", Payments); p == nil || !strings.Contains(p.Ways[0], "their own, and whoever's for “") {
		t.Errorf("proposals that payments reads: %+v", p)
	}
	for _, p := range rows {
		switch p.Action {
		case "clients.client.view":
			if !slices.Equal(p.Forbidden, []Role{SystemAdmin, Board}) || p.Everybody || len(p.Group) != 0 {
				t.Errorf("a client's file: %+v", p)
			}
		case "access.grant.request":
			if In(p.Group, SystemAdmin) == nil {
				t.Errorf("from the group: %+v", p)
			}
		case "access.session.end":
			if !p.Everybody {
				t.Errorf("ending one's own session: %+v", p)
			}
		}
	}
}
