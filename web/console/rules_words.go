package console

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// Approval rules in plain sentences, for those who never write one.

// flagTexts say what a flag means where its name alone does not.
var flagTexts = map[string]string{
	"name-mismatch": "the names differ",
	"name-unknown":  "the names cannot be compared",
	"first-payout":  "it is the client’s first payout",
}

func flagText(flag string) string {
	if t := flagTexts[flag]; t != "" {
		return t
	}
	return "it is marked “" + words(flag) + "”"
}

// conditionText is one condition of a rule.
func conditionText(c command.Condition, base string) string {
	bound := " is " + map[bool]string{true: "over ", false: "up to "}[c.Above] + strings.TrimSpace(base+" "+ui.Count(c.Amount))
	switch c.Asks {
	case command.AskAmount:
		return "the amount" + bound
	case command.AskTotal:
		return "the total within " + spanText(time.Duration(c.Hours)*time.Hour) + ", this one included," + bound
	case command.AskRisk:
		return "the risk is " + enumerated(c.Words, "or")
	case command.AskRequester:
		return "a " + rolesText(c.Words) + " asks for it"
	}
	var out []string
	for _, w := range c.Words {
		out = append(out, flagText(w))
	}
	text := enumerated(out, "or")
	if c.Asks == command.AskNoFlag {
		return "it is not so that " + text
	}
	return text
}

// spanText is a length of time as the rules count it: 24 hours, 7 days.
func spanText(d time.Duration) string {
	if hours := int(d.Hours()); hours <= 24 || hours%24 != 0 {
		return ui.Plural(hours, "hour", "hours")
	}
	return ui.Plural(int(d.Hours())/24, "day", "days")
}

// whenText is all that a rule asks.
func whenText(r command.Rule, base string) string {
	var out []string
	for _, c := range r.When {
		out = append(out, conditionText(c, base))
	}
	if len(out) == 0 {
		return "Everything else"
	}
	text := strings.Join(out, ", and ")
	return capital(text)
}

// demandText is what a rule does.
func demandText(r command.Rule) string {
	switch r.Effect {
	case command.Allow:
		return "Nothing beyond what the program demands by itself."
	case command.Forbid:
		return "It is refused: " + strings.TrimSuffix(r.Why, ".") + "."
	}
	text := orderedSeats(command.Need{Seats: r.Seats}) + "."
	if r.Wait > 0 {
		text += " Nobody can agree before " + spanText(r.Wait) + " have passed."
	}
	return text
}

// orderedSeats tells seats in the order in which they are taken.
func orderedSeats(n command.Need) string {
	var stages [][]string
	stage := -1
	for _, s := range n.Seats {
		if s.Stage != stage || stages == nil {
			stages, stage = append(stages, nil), s.Stage
		}
		last := &stages[len(stages)-1]
		*last = append(*last, "a "+rolesText(s.Roles))
	}
	out := make([]string, len(stages))
	for i, x := range stages {
		out[i] = enumerated(x, "and")
		if len(x) > 1 && len(stages) > 1 {
			out[i] += " in any order"
		}
	}
	text := strings.Join(out, ", then ")
	if len(stages) > 1 {
		return "First " + text
	}
	if text == "" {
		return "Nobody"
	}
	return capital(text)
}

// asksText is one thing that rules can ask about, as it stands in Doc.Weighs.
func asksText(what string) string {
	if flag, ok := strings.CutPrefix(what, "flag "); ok {
		return flag + ": " + flagText(flag)
	}
	return map[string]string{
		"amount": "the amount, in the base currency", "total": "the total within 24 hours, 7 days and 30 days",
		"risk": "the risk as it was stated: low, medium or high",
	}[what]
}

// adoptedRule is the name of a rule that an entity adopted: its action, the
// entity, the version, and what picked it.
var adoptedRule = regexp.MustCompile(`^([a-z.]+)/(en_[a-z0-9_-]+)/([0-9]+)#`)

// ruleLink leads from the name of a rule to the version in which it stands.
// One that is built in stands on the page of its action.
func ruleLink(rule string, entity core.Ref, act command.Action) string {
	if m := adoptedRule.FindStringSubmatch(rule); m != nil {
		return rulesPath(core.Ref(m[2]), command.Action(m[1])) + "#v" + m[3]
	}
	if entity == "" || act == "" {
		return ""
	}
	return rulesPath(entity, act)
}

// ruleSentence is a rule, as it was written, in a plain sentence.
func ruleSentence(text, base string) string {
	r, err := command.ParseRule(text)
	if err != nil {
		return text
	}
	return whenText(r, base) + ": " + lowerFirst(demandText(r))
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// weighedDefs are the inputs of a decision, for people; nothing when they
// cannot be read.
func weighedDefs(text string) []ui.Def {
	var in command.Inputs
	if json.Unmarshal([]byte(text), &in) != nil {
		return nil
	}
	return inputDefs(in)
}

func inputDefs(in command.Inputs) (defs []ui.Def) {
	worth := func(v *command.Valued) string {
		if v == nil || v.Worth == "" {
			return "unknown, which counts as over everything"
		}
		text := v.Base + " " + v.Worth
		if v.Source != "" {
			text += " (" + v.Currency + " " + v.Amount + ", " + v.Source + ")"
		}
		return text
	}
	if in.Amount != nil {
		defs = append(defs, ui.DefText("Worth", worth(in.Amount)))
	}
	for _, hours := range command.TotalHours {
		if v, ok := in.Totals[hours]; ok {
			defs = append(defs, ui.DefText("Total in "+spanText(time.Duration(hours)*time.Hour), worth(v)))
		}
	}
	if in.Risk != "" {
		defs = append(defs, ui.DefText("Risk", titled(in.Risk)))
	}
	if len(in.Flags) > 0 {
		var out []string
		for _, f := range in.Flags {
			out = append(out, flagText(f))
		}
		defs = append(defs, ui.DefText("Marked", strings.Join(out, ", ")))
	}
	if len(in.Requester) > 0 {
		defs = append(defs, ui.DefText("Asked for as", rolesText(slices.Clone(in.Requester))))
	}
	return defs
}
