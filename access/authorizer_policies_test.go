package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

func TestValidationCatchesMistakes(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"misspelt role":            {`@id("p") permit (principal in Role::"complience", action, resource);`, "no Role"},
		"misspelt role in a set":   {`@id("p") permit (principal, action, resource) when { principal in [Role::"suport"] };`, "no Role"},
		"misspelt action":          {`@id("p") permit (principal, action == Action::"clients.client.veiw", resource);`, "no action"},
		"misspelt system part":     {`@id("p") permit (principal == System::"sys_clocks", action, resource);`, "no System"},
		"misspelt attribute":       {`@id("p") permit (principal is Staff, action == Action::"command.proposal.view", resource is Proposal) when { resource.makr == principal.id };`, "makr"},
		"misspelt proposed action": {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { resource.action == "payments.withdrawl.release" };`, "payments.withdrawl.release"},
		"unguarded attribute":      {`@id("p") permit (principal is Client, action == Action::"payments.deposit.view", resource is Deposit) when { resource.client == principal.id };`, "client"},
		"type mismatch":            {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { resource.maker == 1 };`, "line 1"},
		"unknown type":             {`@id("p") permit (principal, action, resource is Klient);`, "Klient"},
		"act on another type":      {`@id("p") permit (principal, action in [Action::"cases.case.view", Action::"cases.finding.list"], resource is Case);`, "not an act on a Case"},
		"no id":                    {`permit (principal, action, resource);`, "no @id"},
		"same id":                  {`@id("p") permit (principal, action, resource); @id("p") permit (principal, action, resource);`, "too"},
		"single record":            {`@id("p") permit (principal, action, resource == Client::"cl_x");`, "no single Client"},
		"inequality over a row":    {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { resource.maker != "st_x" };`, "cannot filter rows"},
		"pattern over a row":       {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { resource.action like "payments.*" };`, "cannot filter rows"},
		"choice over a row":        {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { if resource.maker == "st_x" then true else false };`, "cannot filter rows"},
		"two columns of a row":     {`@id("p") permit (principal, action == Action::"command.proposal.view", resource is Proposal) when { resource.maker == resource.action };`, "filter rows"},
		"group role in a body":     {`@id("p") permit (principal, action, resource) when { principal in GroupRole::"system_admin" };`, "GroupRole"},
		"not Cedar":                {`@id("p") permit (principal);`, "test.cedar: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadPolicies(policyFolder(t, c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

// Policies and the catalogue agree both ways: every policy names known acts
// (the program does not start otherwise), and every act is permitted to
// somebody, else it is a dead phrase.
func TestEveryActIsPermittedToSomebody(t *testing.T) {
	a := authorizer(t)
	permitted := map[string]bool{}
	for _, lists := range may {
		for _, act := range strings.Fields(lists) {
			permitted[act] = true
		}
	}
	for _, lists := range systemMay {
		for _, act := range strings.Fields(lists) {
			permitted[act] = true
		}
	}
	// Those that depend on whose the record is are in the other tests.
	for _, act := range []string{"command.proposal.approve", "command.proposal.refuse", "command.proposal.withdraw", "access.token.create", "access.grant.end", "access.grant.break", "access.notice.see", "access.identity.link"} {
		permitted[act] = true
	}
	for _, act := range a.Actions() {
		if !permitted[string(act)] {
			t.Errorf("nobody may %s: permit it or take it out of the schema", act)
		}
	}
}

func TestEveryPolicyDecidesSomething(t *testing.T) {
	a := authorizer(t)
	used := map[string]bool{}
	for _, x := range a.set.actions {
		for _, p := range x.index {
			used[string(p.id)] = true
		}
	}
	for _, p := range a.set.policies {
		if !used[string(p.id)] {
			t.Errorf("policy %s is in the way of no act", p.id)
		}
	}
}

// The hash on a decision is that of a text which holds every policy, and which
// the program can be given again.
func TestTheHashIsThatOfTheText(t *testing.T) {
	a := authorizer(t)
	text, err := a.PolicyText(t.Context(), nil, a.SetHash())
	if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != a.SetHash() {
		t.Fatalf("the text of %s has another hash (%v)", a.SetHash(), err)
	}
	blocks := SplitPolicies(text)
	for _, p := range a.set.policies {
		i := slices.IndexFunc(blocks, func(b PolicyBlock) bool { return b.ID == string(p.id) })
		if i < 0 {
			t.Errorf("%s does not stand in the text by itself", p.id)
			continue
		}
		again, err := loadPolicies(policyFolder(t, blocks[i].Text))
		if err != nil || len(again.policies) != 1 || again.policies[0].id != p.id {
			t.Errorf("%s, taken out of the text, is not that policy: %v\n%s", p.id, err, blocks[i].Text)
		}
		if blocks[i].File != p.cedar.Position().Filename {
			t.Errorf("%s is said to stand in %s", p.id, blocks[i].File)
		}
	}
	other, err := loadPolicies(policyFolder(t, `@id("a") permit (principal, action, resource);`))
	if err != nil || other.hash == a.SetHash() {
		t.Errorf("other policies have the hash %s (%v)", other.hash, err)
	}
}

func TestRegisteredCommandsAreInTheCatalogue(t *testing.T) {
	a := authorizer(t)
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	Register(reg, nil, authorizer(t))
	RegisterAuth(reg, &Auth{})
	if err := a.CheckCommands(reg.List()); err != nil {
		t.Error(err)
	}
	bad := []command.Listed{{Action: "clients.client.view", Doc: command.Doc{Kind: core.KindCase}}}
	if err := a.CheckCommands(bad); err == nil {
		t.Error("a command on another kind was accepted")
	}
}

func BenchmarkAuthorize(b *testing.B) {
	a := authorizer(b)
	who := person(map[core.Ref][]Role{here: {Compliance}, there: {Payments}, Group: {SystemAdmin}})
	res := with(record(core.KindWithdrawal), "client", "cl_x")
	b.ReportAllocs()
	for b.Loop() {
		if !a.rule(who, "payments.withdrawal.view", res).Allow {
			b.Fatal("denied")
		}
	}
}

func BenchmarkNewAuthorizer(b *testing.B) {
	for b.Loop() {
		if _, err := NewAuthorizer(); err != nil {
			b.Fatal(err)
		}
	}
}
