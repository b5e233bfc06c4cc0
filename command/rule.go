package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// RuleSet is one version of an entity's approval rules for one action: ordered
// rules of which the first that matches decides. It is data that the firm
// adopts, never an edit: the version and the inputs stand in every decision.
type RuleSet struct {
	ID    string // name and version, as it stands in evidence
	Rules []Rule
}

// Rule is one line of a set.
type Rule struct {
	Name   string
	When   []Condition // all must hold; none is "otherwise"
	Effect Effect
	Seats  []Seat        // of Approval
	Wait   time.Duration // of Approval: nobody can agree before this has passed
	Why    string        // of Forbid, for people
	Line   int           // of the text that it was read from
}

// Effect is what a rule does.
type Effect string

// The effects. Allow leaves what the program itself demands, which no rule
// takes away.
const (
	Allow    Effect = "allow"
	Forbid   Effect = "refuse"
	Approval Effect = "approval"
)

// Condition is one thing that a rule asks.
type Condition struct {
	Asks   Asked
	Hours  int      // of Total: how far back it adds up
	Amount int64    // of Amount and Total, in whole units of the base currency
	Above  bool     // of Amount and Total: more than, and not up to
	Words  []string // of Risk, Flag, NoFlag and Requester: any of these
}

// Asked names an input of a rule.
type Asked string

// What rules can ask about.
const (
	AskAmount    Asked = "amount"
	AskTotal     Asked = "total"
	AskRisk      Asked = "risk"
	AskFlag      Asked = "flag"
	AskNoFlag    Asked = "no flag"
	AskRequester Asked = "requester"
)

// Inputs are what the rules are asked with, as of one moment. They are frozen
// in the decision's evidence, so that any version of the rules can be tried on
// them later.
type Inputs struct {
	Amount    *Valued         `json:"amount,omitempty"`
	Totals    map[int]*Valued `json:"totals,omitempty"` // by hours back, this act included
	Risk      string          `json:"risk,omitempty"`
	Flags     []string        `json:"flags,omitempty"`
	Requester []string        `json:"requester,omitempty"` // roles of the maker in the entity
}

// Valued is an amount and what it is worth in the entity's base currency.
type Valued struct {
	Amount   string `json:"amount"` // decimal, in Currency
	Currency string `json:"currency"`
	Base     string `json:"base"`           // the base currency
	Worth    string `json:"worth"`          // decimal, in Base; empty when no rate is known
	Rate     string `json:"rate,omitempty"` // units of Base for one of Currency
	Source   string `json:"source,omitempty"`
}

// exceeds reports whether it is worth more than n whole units. What is of
// unknown worth exceeds everything: a missing rate must not open a door.
func (v *Valued) exceeds(n int64) bool {
	if v == nil || v.Worth == "" {
		return true
	}
	whole, rest, _ := strings.Cut(v.Worth, ".")
	units, err := strconv.ParseInt(whole, 10, 64)
	return err != nil || units > n || units == n && strings.Trim(rest, "0") != ""
}

func (c Condition) holds(in Inputs) bool {
	switch c.Asks {
	case AskAmount:
		return in.Amount.exceeds(c.Amount) == c.Above
	case AskTotal:
		return in.Totals[c.Hours].exceeds(c.Amount) == c.Above
	case AskRisk:
		return slices.Contains(c.Words, in.Risk)
	case AskFlag:
		return meet(c.Words, in.Flags)
	case AskNoFlag:
		return !meet(c.Words, in.Flags)
	case AskRequester:
		return meet(c.Words, in.Requester)
	}
	return false
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// Considered is a rule that was asked, with what it found.
type Considered struct {
	Rule    Rule
	Decides bool
	Because string // what did not hold; empty where the rule decides
}

// Explain goes through the rules as Decide does, and says of each that was
// asked why it does not decide.
func (s RuleSet) Explain(in Inputs) (out []Considered) {
	for _, r := range s.Rules {
		i := slices.IndexFunc(r.When, func(c Condition) bool { return !c.holds(in) })
		if i < 0 {
			return append(out, Considered{Rule: r, Decides: true})
		}
		out = append(out, Considered{Rule: r, Because: r.When[i].found(in)})
	}
	return out
}

// found says what stands in the inputs where the condition looked.
func (c Condition) found(in Inputs) string {
	some := func(words []string) string {
		if len(words) == 0 {
			return "none"
		}
		return strings.Join(words, ", ")
	}
	switch c.Asks {
	case AskAmount:
		return "the amount is " + in.Amount.told()
	case AskTotal:
		return "the total in " + windows[c.Hours] + " is " + in.Totals[c.Hours].told()
	case AskRisk:
		return "the risk is " + some(strings.Fields(in.Risk))
	case AskRequester:
		return "the requester's roles: " + some(in.Requester)
	}
	return "flags raised: " + some(in.Flags)
}

// told is what it is worth, in words.
func (v *Valued) told() string {
	if v == nil || v.Worth == "" {
		return "of unknown worth, which counts as over everything"
	}
	return v.Worth + " " + v.Base
}

// Decide returns the first rule that matches. A set always has one: its last
// rule asks nothing.
func (s RuleSet) Decide(in Inputs) Rule {
	for _, r := range s.Rules {
		if !slices.ContainsFunc(r.When, func(c Condition) bool { return !c.holds(in) }) {
			return r
		}
	}
	return Rule{Name: "none", Effect: Forbid, Why: "No rule says who may agree to this."}
}
