package access

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
)

const permissionsFile = "../docs/guide/permissions.md"

// permitted is one line of the guide's table.
type permitted struct {
	role, words, source string
	may                 bool
	act, of             command.Action
	on                  types.EntityType
	own                 bool
}

var actCell = regexp.MustCompile("^`([a-z.]+)`(?: of `([a-z.]+)`)?(?: on ([A-Za-z]+))?( \\(their own\\))?$")

// permissions reads the table.
func permissions(t *testing.T) (out []permitted) {
	t.Helper()
	text, err := os.ReadFile(permissionsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 || !strings.Contains(line, "`") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		act := actCell.FindStringSubmatch(cells[2])
		if act == nil || cells[1] != "may" && cells[1] != "may not" || cells[3] == "" || cells[4] == "" {
			t.Fatalf("the line cannot be read: %s", line)
		}
		out = append(out, permitted{
			role: cells[0], may: cells[1] == "may", act: command.Action(act[1]), of: command.Action(act[2]),
			on: types.EntityType(act[3]), own: act[4] != "", words: cells[3], source: cells[4],
		})
	}
	if len(out) < 120 {
		t.Fatalf("%s has %d lines only: is it read right?", permissionsFile, len(out))
	}
	return out
}

// who holds the line's role and nothing else; nobody here holds every role in
// another legal entity and in the group.
func (p permitted) who(t *testing.T) *principal {
	if p.role == "nobody here" {
		return person(map[core.Ref][]Role{there: Roles, Group: Roles})
	}
	if !Role(p.role).Valid() {
		t.Fatalf("there is no role %s", p.role)
	}
	return holding(Role(p.role))
}

// record is what the line asks about.
func (p permitted) record(t *testing.T, a *Authorizer) command.Resource {
	switch {
	case p.of != "" && a.set.actions[p.of] == nil:
		t.Fatalf("the catalogue has no action %s", p.of)
	case p.of != "" && p.own:
		return proposal(string(p.of), me)
	case p.of != "":
		return proposal(string(p.of), other)
	case p.on != "":
		return record(kindOf(t, p.on))
	}
	return typical(t, a, p.act)
}

// Each line of the guide's table is a test of its own. What a role may do is
// permitted; what it may not do is forbidden by name, and stays so when a
// policy comes that permits everybody everything.
func TestPermissionsAndProhibitions(t *testing.T) {
	a := authorizer(t)
	open := careless(t)
	for _, p := range permissions(t) {
		name := strings.TrimSpace(strings.Join([]string{p.role, map[bool]string{true: "may", false: "may not"}[p.may], string(p.act), string(p.of), string(p.on)}, " "))
		t.Run(name+": "+p.words, func(t *testing.T) {
			got := a.rule(p.who(t), p.act, p.record(t, a))
			if got.Allow != p.may || len(got.Errors) > 0 {
				t.Fatalf("allowed %v by %v, errors %v", got.Allow, got.Policies, got.Errors)
			}
			if p.may {
				return
			}
			got = open.rule(p.who(t), p.act, p.record(t, a))
			if got.Allow || len(got.Policies) == 0 {
				t.Fatalf("a careless permit would open this: no policy of walls.cedar forbids it")
			}
			for _, id := range got.Policies {
				if !strings.HasPrefix(id, "walls.") {
					t.Errorf("it is forbidden by %s, which is no wall", id)
				}
			}
		})
	}
}

// careless is the real policies beside one that permits everything.
func careless(t *testing.T) *Authorizer {
	t.Helper()
	files := filesOf(authorizer(t).set.text)
	files["careless.cedar"] = []byte(`@id("careless") permit (principal, action, resource);`)
	set, err := loadPolicies(files)
	if err != nil {
		t.Fatal(err)
	}
	return &Authorizer{set: set}
}

// Every role stands in the table with what it may and may not do, and every
// wall is the reason of a line or of a test here: one that nothing rests on
// could be deleted unseen.
func TestThePermissionsAreComplete(t *testing.T) {
	may, not := map[string]bool{}, map[string]bool{}
	open, walls := careless(t), map[string]bool{}
	for _, p := range permissions(t) {
		if p.may {
			may[p.role] = true
			continue
		}
		not[p.role] = true
		for _, id := range open.rule(p.who(t), p.act, p.record(t, open)).Policies {
			walls[id] = true
		}
	}
	for _, role := range Roles {
		if !may[string(role)] || !not[string(role)] {
			t.Errorf("%s: the table says what it may (%v) and what it may not (%v)", role, may[string(role)], not[string(role)])
		}
	}
	walls["walls.clients-own"] = true // TestAClientActsOnNothingButTheirOwn
	for _, p := range open.set.policies {
		if strings.HasPrefix(string(p.id), "walls.") && !walls[string(p.id)] {
			t.Errorf("no line of the table rests on %s", p.id)
		}
	}
}

// Administrators agree to no proposal about clients, whichever command it is
// of: a new one must be added to the wall.
func TestAdministratorsAgreeToNothingAboutClients(t *testing.T) {
	open := careless(t)
	group := types.NewEntityUID(typeAction, "client-data")
	for act, entry := range open.set.actions {
		if !entry.entity.Parents.Contains(group) || entry.entity.Parents.Contains(types.NewEntityUID(typeAction, "reads")) {
			continue
		}
		approvers := slices.ContainsFunc(Roles, func(r Role) bool { return authorizer(t).answers(r, act) })
		if got := open.rule(holding(SystemAdmin), command.ActApprove, proposal(string(act), other)); approvers && got.Allow {
			t.Errorf("a careless permit would let administrators agree to %s: add it to walls.admin-decides-no-clients", act)
		}
	}
}

func TestAClientActsOnNothingButTheirOwn(t *testing.T) {
	open, stranger := careless(t), client("cl_stranger")
	for act, entry := range open.set.actions {
		for _, typ := range entry.types {
			if got := open.rule(stranger, act, record(kindOf(t, typ))); got.Allow || !slices.Contains(got.Policies, "walls.clients-own") {
				t.Errorf("a careless permit would let a client %s on a %s that is not theirs: %+v", act, typ, got.Decision)
			}
		}
	}
	own := with(record(core.KindWithdrawal), "client", "cl_x")
	if got := authorizer(t).rule(client("cl_x"), "payments.withdrawal.view", own); !got.Allow {
		t.Errorf("a client does not see their own withdrawal: %+v", got.Decision)
	}
}

// A person who holds no role here does nothing with clients, also if policies
// forget to ask where somebody works.
func TestTheWallBetweenEntitiesHoldsAgainstAPermit(t *testing.T) {
	open := careless(t)
	who := person(map[core.Ref][]Role{there: Roles, Group: Roles})
	clients := types.NewEntityUID(typeAction, "client-data")
	for act, entry := range open.set.actions {
		for _, typ := range entry.types {
			got := open.rule(who, act, record(kindOf(t, typ)))
			if entry.entity.Parents.Contains(clients) && (got.Allow || !got.Hidden) {
				t.Errorf("%s on a %s across the wall: %+v", act, typ, got)
			}
		}
	}
}
