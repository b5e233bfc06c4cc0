package access

import (
	"crypto/sha256"
	_ "embed" // the combinations are a readable file
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
)

//go:embed policies/combinations.txt
var combinationsText string

// Combination is a toxic one: what nobody must be able to do together.
type Combination struct {
	ID       string `json:"id"`
	One      []Deed `json:"one" nullable:"false"`
	Other    []Deed `json:"other" nullable:"false"`
	Anywhere bool   `json:"anywhere"` // also one side in one legal entity and the other in another
	Why      string `json:"why"`
	Law      string `json:"law"` // where it comes from
}

// Deed is an act of a combination: doing it, or agreeing to the proposals of
// others for it.
type Deed struct {
	Act     command.Action `json:"act"`
	Approve bool           `json:"approve,omitempty"`
}

// String is the deed as the file has it.
func (d Deed) String() string {
	if d.Approve {
		return "approve " + string(d.Act)
	}
	return string(d.Act)
}

// combinations are the toxic ones, with the digest of their text.
type combinations struct {
	all  []Combination
	hash string
}

var combinationID = regexp.MustCompile(`^[a-z][a-z-]{3,60}$`)

// parseCombinations reads the file. Every fault is told with its line, not only
// the first.
func parseCombinations(text string) (combinations, error) {
	sum := sha256.Sum256([]byte(text))
	out := combinations{hash: hex.EncodeToString(sum[:])}
	var faults []error
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c, err := parseCombination(line)
		if err == nil && slices.ContainsFunc(out.all, func(x Combination) bool { return x.ID == c.ID }) {
			err = fmt.Errorf("another line has the id %q too", c.ID)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("access: combinations.txt line %d: %w", n, err))
			continue
		}
		out.all = append(out.all, c)
	}
	return out, errors.Join(faults...)
}

func parseCombination(line string) (c Combination, err error) {
	part := strings.Split(line, "|")
	if len(part) != 6 {
		return c, fmt.Errorf("it has %d parts between bars; write: id | one side | other side | entity or anywhere | why | where it comes from", len(part))
	}
	for i := range part {
		if part[i] = strings.TrimSpace(part[i]); part[i] == "" {
			return c, fmt.Errorf("part %d is empty", i+1)
		}
	}
	c = Combination{ID: part[0], Why: part[4], Law: part[5], Anywhere: part[3] == "anywhere"}
	switch {
	case !combinationID.MatchString(c.ID):
		return c, fmt.Errorf("the id %q is not made of lower-case letters and dashes", c.ID)
	case part[3] != "entity" && part[3] != "anywhere":
		return c, fmt.Errorf("%q says nowhere where it counts: write entity or anywhere", part[3])
	}
	c.One, c.Other = parseDeeds(part[1]), parseDeeds(part[2])
	return c, nil
}

func parseDeeds(text string) (out []Deed) {
	for word := range strings.SplitSeq(text, ",") {
		act, approve := strings.CutPrefix(strings.TrimSpace(word), "approve ")
		out = append(out, Deed{command.Action(strings.TrimSpace(act)), approve})
	}
	return out
}

// checkCombinations holds the file against the catalogue. An act that there is
// not, one that nobody may agree to, and a side that one role alone has
// together with the other are mistakes in the program: it must not start with
// one. What one role can do alone no care about who holds which role prevents.
func (a *Authorizer) checkCombinations() error {
	var faults []error
	fault := func(c Combination, text string, args ...any) {
		faults = append(faults, fmt.Errorf("access: combinations.txt, %s: %s", c.ID, fmt.Sprintf(text, args...)))
	}
	for _, c := range a.toxic.all {
		for _, d := range slices.Concat(c.One, c.Other) {
			switch {
			case a.set.actions[d.Act] == nil:
				fault(c, "there is no act %q in the catalogue", d.Act)
			case !slices.ContainsFunc(Roles, func(r Role) bool { return a.able(d, []Role{r}, nil) }):
				fault(c, "no role may %s: the line says nothing", d)
			}
		}
		for _, r := range Roles {
			for _, p := range []struct{ here, group []Role }{{[]Role{r}, nil}, {nil, []Role{r}}} {
				if a.side(c.One, p.here, p.group) && a.side(c.Other, p.here, p.group) {
					fault(c, "the role %s alone has both sides: change the policies", r)
				}
			}
		}
	}
	return errors.Join(faults...)
}

// Combinations lists the toxic combinations.
func (a *Authorizer) Combinations() []Combination { return slices.Clone(a.toxic.all) }

// CombinationByID is one of them; false when there is none.
func (a *Authorizer) CombinationByID(id string) (Combination, bool) {
	i := slices.IndexFunc(a.toxic.all, func(c Combination) bool { return c.ID == id })
	if i < 0 {
		return Combination{}, false
	}
	return a.toxic.all[i], true
}

// able reports whether who holds these roles in a legal entity, and those in
// the group, may do the deed to some record of that entity. It asks the
// policies about every record that they tell apart, and remembers the answer:
// an authorizer never changes, and policies name no entity.
func (a *Authorizer) able(d Deed, here, group []Role) bool {
	if a.set.actions[d.Act] == nil {
		return false // policies of then may not know it
	}
	key := fmt.Sprint(d, here, group)
	if known, ok := a.ables.Load(key); ok {
		return known.(bool)
	}
	yes := a.askAble(d, here, group)
	a.ables.Store(key, yes)
	return yes
}

func (a *Authorizer) askAble(d Deed, here, group []Role) bool {
	const somewhere core.Ref = "en_any"
	who := holder(map[core.Ref][]Role{somewhere: here, Group: group})
	if d.Approve {
		return a.rule(who, command.ActApprove, command.Resource{
			Kind: core.KindProposal, Ref: "pr_any", Entity: somewhere,
			Attrs: map[string]any{"action": string(d.Act), "maker": somebody},
		}).Allow
	}
	q := asking{a, nil, who, somewhere}
	for _, typ := range a.set.actions[d.Act].types {
		if kind, ok := kindNamed(typ); ok && len(q.try(d.Act, kind, typ).allowed) > 0 {
			return true
		}
	}
	return false
}

// side reports whether who holds these roles may do one of the deeds.
func (a *Authorizer) side(deeds []Deed, here, group []Role) bool {
	return slices.ContainsFunc(deeds, func(d Deed) bool { return a.able(d, here, group) })
}
