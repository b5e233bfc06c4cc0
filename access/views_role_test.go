package access

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
)

// A role's page says exactly what the table of the tests says that it may do:
// nothing more, nothing less.
func TestARoleIsToldAsItIs(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		q := ViewRoleQuery(f.Road, authorizer(t))
		for _, role := range Roles {
			v := ask(f, f.root, q, ViewRole{Role: role})
			if v.Why != "" || v.Rights == nil {
				t.Fatalf("%s: %s", role, v.Why)
			}
			listed := strings.Fields(may[role])
			for _, act := range listed {
				if strings.HasPrefix(act, "access.entity.list") || act == "access.policy.view" {
					continue // everybody's
				}
				if len(find(v.Rights.May, command.Action(act)))+len(find(v.Rights.Sees, command.Action(act))) == 0 {
					t.Errorf("%s may %s, and is not said to", role, act)
				}
			}
			for _, x := range append(v.Rights.May, v.Rights.Sees...) {
				told := x.When == "" && slices.Contains(x.On, string(kinds[typical(t, authorizer(t), x.Action).Kind]))
				if told && !slices.Contains(listed, string(x.Action)) {
					t.Errorf("%s is said to be allowed %s: %+v", role, x.Action, x)
				}
			}
		}
	})
}

func TestWhatARoleIsForbiddenAndReaches(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, Auditor, "en_cy", 10*day)
		q := ViewRoleQuery(f.Road, authorizer(t))
		admin := ask(f, f.root, q, ViewRole{Role: SystemAdmin})
		if no := find(admin.Rights.Forbidden, "clients.client.view"); len(no) != 1 || !slices.Equal(no[0].Policies, []string{"walls.admin-no-clients"}) {
			t.Errorf("an administrator and clients: %+v", no)
		}
		if len(find(admin.Rights.Reaches, "access.entity.create")) == 0 || len(find(admin.Rights.Reaches, "clients.client.view")) != 0 {
			t.Errorf("from the group: %+v", admin.Rights.Reaches)
		}
		approve := find(admin.Rights.May, command.ActApprove)
		if len(approve) != 1 || !strings.Contains(approve[0].When, "“Give a role to a person”") || !strings.Contains(approve[0].When, "not their own") {
			t.Errorf("approving: %+v", approve)
		}
		if len(admin.Holders) != 2 || admin.Holders[0].Entity != Group {
			t.Errorf("who administers: %+v", admin.Holders)
		}
		local := ask(f, f.senior, q, ViewRole{Role: SystemAdmin})
		if len(local.Holders) != 0 {
			t.Errorf("the wall: %+v", local.Holders)
		}
		if v := ask(f, f.senior, q, ViewRole{Role: Auditor}); len(v.Holders) != 1 || v.Holders[0].HolderName.Masked {
			t.Errorf("auditors of the entity: %+v", v.Holders)
		}
		if v := ask(f, f.ben, q, ViewRole{Role: Auditor}); len(v.Holders) != 0 || len(v.Rights.May) == 0 {
			t.Errorf("who holds no role reads what roles may do, and not who holds them: %+v", v.Holders)
		}
		rows := ask(f, f.root, ListRolesQuery(authorizer(t)), ListRoles{})
		if len(rows) != len(Roles) || rows[slices.IndexFunc(rows, func(r RoleRow) bool { return r.Role == SystemAdmin })].Held != 2 {
			t.Errorf("roles: %+v", rows)
		}
		for _, in := range []ViewRole{{Role: "owner"}, {Role: Support, Other: "owner"}} {
			if _, err := command.Ask(context.Background(), f.Road, f.root, q, in); err == nil {
				t.Errorf("%+v is answered", in)
			}
		}
		if v := ask(f, f.root, q, ViewRole{Role: Support, Set: strings.Repeat("0", 64)}); v.Why == "" || v.Rights != nil {
			t.Errorf("unknown policies: %+v", v)
		}
	})
}

func TestRolesAreComparedAlsoOverTime(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		program := &Authorizer{set: older(t, "support.cases")}
		RegisterPolicies(f.Road.Registry, program)
		f.tick()
		for _, set := range []*policySet{program.set, authorizer(t).set} {
			program.set = set
			if err := program.Adopt(context.Background(), f.Road); err != nil {
				t.Fatal(err)
			}
			f.tick()
		}
		was := older(t, "support.cases").hash
		v := ask(f, f.root, ViewRoleQuery(f.Road, program), ViewRole{Role: Support, OtherSet: was})
		if c := v.Compare; c == nil || c.Why != "" || len(c.More) != 0 || len(find(c.Less, "cases.case.open")) != 1 || len(c.Less) > 6 {
			t.Fatalf("today has more than before by %+v", v.Compare)
		}
		if len(v.Sets) != 2 || !v.Sets[0].Now || v.Sets[1].Hash != was {
			t.Errorf("sets: %+v", v.Sets)
		}
		v = ask(f, f.root, ViewRoleQuery(f.Road, program), ViewRole{Role: Payments, Other: PaymentsLead})
		if c := v.Compare; len(find(c.More, command.ActApprove)) != 1 || len(find(c.Less, command.ActApprove)) != 0 || len(find(c.More, "payments.withdrawal.resolve")) == 0 {
			t.Errorf("a payments lead has more: %+v", v.Compare)
		}
		if len(find(v.Compare.More, "clients.client.view")) != 0 {
			t.Error("what both have is told as a difference")
		}
	})
}
