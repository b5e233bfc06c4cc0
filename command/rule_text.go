package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vouchsafe/core"
)

// Rules are written one a line, so that two versions can be laid side by side:
//
//	odd: flag name-mismatch or third-party -> approval by payments_lead and senior_compliance
//	small: total in 24 hours up to 1000 -> approval by payments_lead
//	night: requester payments_lead and amount over 50000 -> refuse because a lead does not ask for such sums
//	large: otherwise -> approval by payments_lead then senior_compliance, after 24 hours
//
// The first that matches decides; the last must be "otherwise". Amounts are
// whole units of the entity's base currency. "and" between roles takes them in
// any order, "then" one after the other.
// Roles joined by "or" share a seat.

var (
	ruleLine  = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*): +(.+?) *-> *(.+)$`)
	totalForm = regexp.MustCompile(`^total in ([0-9]+) (hours|days) (over|up to) ([0-9]+)$`)
	sumForm   = regexp.MustCompile(`^amount (over|up to) ([0-9]+)$`)
	wordForm  = regexp.MustCompile(`^(risk|flag|no flag|requester) ([a-z][a-z0-9_-]*(?: or [a-z][a-z0-9_-]*)*)$`)
	seatsForm = regexp.MustCompile(`^approval by ([a-z_]+(?: (?:or|and|then) [a-z_]+)*)(?:, after ([0-9]+) hours)?$`)
)

// maxRules bounds a set: what nobody can read, nobody can approve.
const maxRules = 40

// RuleProblem is what is wrong with a draft, in which line; 0 is the whole.
type RuleProblem struct {
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// String tells it with its line.
func (p RuleProblem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("Line %d: %s", p.Line, p.Text)
}

// ParseRules reads a set. Its fault names the first line that is wrong and
// says what to write instead.
func ParseRules(id, text string) (RuleSet, error) {
	s, problems := ReadRules(id, text)
	if len(problems) > 0 {
		return RuleSet{}, core.InvalidField("rules", problems[0].String())
	}
	return s, nil
}

// ReadRules reads a set as far as it can be read, with all that is wrong.
func ReadRules(id, text string) (s RuleSet, problems []RuleProblem) {
	s.ID = id
	for i, line := range strings.Split(text, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line == "" {
			continue
		}
		r, err := ParseRule(line)
		if err == nil && slices.ContainsFunc(s.Rules, func(x Rule) bool { return x.Name == r.Name }) {
			err = fmt.Errorf("the name %q is taken by an earlier line", r.Name)
		}
		if r.Line = i + 1; err != nil {
			problems = append(problems, RuleProblem{r.Line, err.Error() + "."})
			continue
		}
		s.Rules = append(s.Rules, r)
	}
	if len(problems) == 0 {
		problems = s.whole()
	}
	return s, problems
}

// whole checks that the last rule, and only the last, asks nothing.
func (s RuleSet) whole() (problems []RuleProblem) {
	if n := len(s.Rules); n == 0 || n > maxRules {
		return []RuleProblem{{0, fmt.Sprintf("Write between 1 and %d rules, one a line.", maxRules)}}
	}
	for i, r := range s.Rules {
		last := i == len(s.Rules)-1
		if last && len(r.When) > 0 {
			problems = append(problems, RuleProblem{r.Line, `The last line must be for everything else: "rest: otherwise -> ...".`})
		}
		if !last && len(r.When) == 0 {
			problems = append(problems, RuleProblem{r.Line, fmt.Sprintf("Nothing after %q would ever be asked: put \"otherwise\" last.", r.Name)})
		}
	}
	return problems
}

// ParseRule reads one rule.
func ParseRule(line string) (r Rule, err error) {
	m := ruleLine.FindStringSubmatch(line)
	if m == nil {
		return r, fmt.Errorf(`write "name: condition -> effect", for example "small: amount up to 1000 -> approval by payments_lead"`)
	}
	r.Name = m[1]
	if m[2] != "otherwise" {
		for _, part := range strings.Split(m[2], " and ") {
			c, err := parseCondition(part)
			if err != nil {
				return r, err
			}
			r.When = append(r.When, c)
		}
	}
	return r, r.parseEffect(m[3])
}

func parseCondition(part string) (c Condition, err error) {
	switch {
	case sumForm.MatchString(part):
		m := sumForm.FindStringSubmatch(part)
		c = Condition{Asks: AskAmount, Above: m[1] == "over"}
		c.Amount, err = wholeUnits(m[2])
	case totalForm.MatchString(part):
		m := totalForm.FindStringSubmatch(part)
		c = Condition{Asks: AskTotal, Above: m[3] == "over"}
		if c.Hours, err = strconv.Atoi(m[1]); m[2] == "days" {
			c.Hours *= 24
		}
		if err == nil {
			c.Amount, err = wholeUnits(m[4])
		}
		if !slices.Contains(TotalHours, c.Hours) {
			return c, fmt.Errorf("totals are kept over 24 hours, 7 days and 30 days, not over %s %s", m[1], m[2])
		}
	case wordForm.MatchString(part):
		m := wordForm.FindStringSubmatch(part)
		c = Condition{Asks: Asked(m[1]), Words: strings.Split(m[2], " or ")}
	default:
		return c, fmt.Errorf(`%q is not a condition; write "amount over 1000", "total in 24 hours up to 5000", "risk high", "flag name-mismatch", "no flag ..." or "requester role", joined by "and"`, part)
	}
	return c, err
}

func wholeUnits(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 1_000_000_000_000 {
		return 0, fmt.Errorf("%s is too large an amount", s)
	}
	return n, nil
}

func (r *Rule) parseEffect(text string) error {
	why, refuses := strings.CutPrefix(text, "refuse because ")
	m := seatsForm.FindStringSubmatch(text)
	switch {
	case text == string(Allow):
		r.Effect = Allow
	case refuses && len(why) >= 10:
		r.Effect, r.Why = Forbid, why
	case m != nil:
		r.Effect, r.Seats = Approval, parseSeats(m[1])
		if m[2] != "" {
			hours, err := strconv.Atoi(m[2])
			if err != nil || hours == 0 || hours > 6*24 {
				return fmt.Errorf("a wait is between 1 and 144 hours, since a proposal is open for 7 days")
			}
			r.Wait = time.Duration(hours) * time.Hour
		}
	default:
		return fmt.Errorf(`%q is not an effect; write "allow", "refuse because ..." (say why), or "approval by role and role, after 24 hours"`, text)
	}
	return nil
}

func parseSeats(text string) (seats []Seat) {
	words := strings.Fields(text)
	seats = append(seats, Seat{Roles: []string{words[0]}})
	for i := 1; i+1 < len(words); i += 2 {
		switch role := words[i+1]; words[i] {
		case "or":
			last := &seats[len(seats)-1]
			last.Roles = append(last.Roles, role)
		default:
			stage := seats[len(seats)-1].Stage
			if words[i] == "then" {
				stage++
			}
			seats = append(seats, Seat{Roles: []string{role}, Stage: stage})
		}
	}
	return seats
}

// TotalHours are the windows over which handlers add amounts up.
var TotalHours = []int{24, 7 * 24, 30 * 24}

var windows = map[int]string{24: "24 hours", 7 * 24: "7 days", 30 * 24: "30 days"}

// String writes the set as it is parsed, one rule a line.
func (s RuleSet) String() string {
	var b strings.Builder
	for _, r := range s.Rules {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}

// String writes the rule on one line.
func (r Rule) String() string {
	var when []string
	for _, c := range r.When {
		when = append(when, c.String())
	}
	if len(when) == 0 {
		when = []string{"otherwise"}
	}
	return r.Name + ": " + strings.Join(when, " and ") + " -> " + r.EffectText()
}

// EffectText tells what the rule does.
func (r Rule) EffectText() string {
	switch r.Effect {
	case Allow:
		return string(Allow)
	case Forbid:
		return "refuse because " + r.Why
	}
	text := "approval by "
	for i, s := range r.Seats {
		if i > 0 {
			text += map[bool]string{true: " then ", false: " and "}[s.Stage > r.Seats[i-1].Stage]
		}
		text += strings.Join(s.Roles, " or ")
	}
	if r.Wait > 0 {
		text += fmt.Sprintf(", after %d hours", int(r.Wait.Hours()))
	}
	return text
}

// String writes the condition.
func (c Condition) String() string {
	bound := map[bool]string{true: " over ", false: " up to "}[c.Above] + strconv.FormatInt(c.Amount, 10)
	switch {
	case c.Asks == AskAmount:
		return "amount" + bound
	case c.Asks == AskTotal && c.Hours > 24:
		return fmt.Sprintf("total in %d days", c.Hours/24) + bound
	case c.Asks == AskTotal:
		return fmt.Sprintf("total in %d hours", c.Hours) + bound
	}
	return string(c.Asks) + " " + strings.Join(c.Words, " or ")
}
