package command_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vouchsafe/command"
)

const releaseRules = `odd: flag name-mismatch or third-party -> approval by payments_lead and senior_compliance
risky: risk high and no flag reviewed -> approval by payments_lead then senior_compliance or compliance, after 24 hours
self: requester payments_lead and amount over 50000 -> refuse because a lead does not ask for such sums
tiny: amount up to 50 and total in 7 days up to 200 -> allow
small: total in 24 hours up to 1000 -> approval by payments_lead
rest: otherwise -> approval by payments_lead and senior_compliance
`

func eur(s string) *command.Valued {
	return &command.Valued{Amount: s, Currency: "EUR", Base: "EUR", Worth: s}
}

func totals(day, week string) map[int]*command.Valued {
	return map[int]*command.Valued{24: eur(day), 168: eur(week)}
}

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	set, err := command.ParseRules("r/1", releaseRules)
	if err != nil || set.String() != releaseRules {
		t.Fatalf("read as %q, %v", set.String(), err)
	}
	for name, c := range map[string]struct {
		in   command.Inputs
		want string
	}{
		"mismatch before everything":     {command.Inputs{Amount: eur("1"), Flags: []string{"name-mismatch"}, Risk: "high"}, "odd"},
		"risk":                           {command.Inputs{Amount: eur("1"), Risk: "high"}, "risky"},
		"risk that was looked at":        {command.Inputs{Amount: eur("1"), Risk: "high", Flags: []string{"reviewed"}, Totals: totals("1", "1")}, "tiny"},
		"requester":                      {command.Inputs{Amount: eur("50000.01"), Requester: []string{"payments_lead"}}, "self"},
		"requester within bounds":        {command.Inputs{Amount: eur("50000.00"), Requester: []string{"payments_lead"}}, "rest"},
		"at the limit":                   {command.Inputs{Amount: eur("50.00"), Totals: totals("50.00", "200.00")}, "tiny"},
		"a cent over":                    {command.Inputs{Amount: eur("50.01"), Totals: totals("50.01", "50.01")}, "small"},
		"total a cent over":              {command.Inputs{Amount: eur("50"), Totals: totals("50", "200.01")}, "small"},
		"day over":                       {command.Inputs{Amount: eur("900"), Totals: totals("1000.01", "1000.01")}, "rest"},
		"unknown total":                  {command.Inputs{Amount: eur("1")}, "rest"},
		"no rate: worth nobody knows":    {command.Inputs{Amount: &command.Valued{Amount: "1", Currency: "JPY", Base: "EUR"}, Totals: totals("1", "1")}, "small"},
		"nothing is known":               {command.Inputs{}, "rest"},
		"no rate, a lead: over anything": {command.Inputs{Requester: []string{"payments_lead"}}, "self"},
	} {
		if got := set.Decide(c.in); got.Name != c.want {
			t.Errorf("%s: decided by %s, want %s", name, got.Name, c.want)
		}
	}
	if got := (command.RuleSet{}).Decide(command.Inputs{}); got.Effect != command.Forbid {
		t.Errorf("a set without rules lets through: %+v", got)
	}
}

func TestRulesThatCannotBeReadSayWhy(t *testing.T) {
	rest := "\nrest: otherwise -> allow"
	for text, want := range map[string]string{
		"":                               "between 1 and 40",
		"small: amount up to 5 -> allow": "for everything else",
		"a: otherwise -> allow" + rest:   `put "otherwise" last`,
		"a: amount up to 5 -> allow\na: risk high -> allow" + rest:      "Line 2: the name \"a\" is taken",
		"amount up to 5 -> allow" + rest:                                "Line 1: write \"name: condition",
		"a: amount above 5 -> allow" + rest:                             "is not a condition",
		"a: amount up to 5.50 -> allow" + rest:                          "is not a condition",
		"a: amount up to 99999999999999999999 -> allow" + rest:          "too large",
		"a: total in 3 hours over 5 -> allow" + rest:                    "24 hours, 7 days and 30 days",
		"a: risk high -> approve" + rest:                                "is not an effect",
		"a: risk high -> refuse because no" + rest:                      "is not an effect",
		"a: risk high -> approval by lead, after 0 hours" + rest:        "between 1 and 144",
		"a: risk high -> approval by lead, after 145 hours" + rest:      "between 1 and 144",
		"a: risk high and -> allow" + rest:                              "is not a condition",
		strings.Repeat("x", 10) + ": otherwise":                         "Line 1",
		strings.Repeat("a: risk high -> allow\n", 2) + "b: risk x -> ?": "Line 2",
	} {
		if _, err := command.ParseRules("r/1", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What a set says of itself reads back as the same set.
func TestRulesReadBack(t *testing.T) {
	word := rapid.StringMatching(`[a-z][a-z_]{0,5}`)
	words := rapid.SliceOfN(word, 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		line := func(i int) string {
			when := rapid.SampledFrom([]string{"amount over 5", "amount up to 700", "total in 24 hours over 9", "total in 30 days up to 8"}).Draw(t, "sum")
			when += " and " + rapid.SampledFrom([]string{"risk", "flag", "no flag", "requester"}).Draw(t, "asks") + " " + strings.Join(words.Draw(t, "words"), " or ")
			seats := "by " + word.Draw(t, "role")
			for range rapid.IntRange(0, 4).Draw(t, "seats") {
				seats += rapid.SampledFrom([]string{" or ", " and ", " then "}).Draw(t, "joint") + word.Draw(t, "role")
			}
			return "r" + string(rune('a'+i)) + ": " + when + " -> approval " + seats + rapid.SampledFrom([]string{"", ", after 5 hours"}).Draw(t, "wait") + "\n"
		}
		text := ""
		for i := range rapid.IntRange(0, 5).Draw(t, "rules") {
			text += line(i)
		}
		text += "rest: otherwise -> refuse because nobody else may\n"
		set, err := command.ParseRules("x", text)
		if err != nil || set.String() != text {
			t.Fatalf("%q reads back as %q, %v", text, set.String(), err)
		}
	})
}
