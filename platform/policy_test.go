package platform

import (
	"math"
	"strings"
	"testing"

	"vouchsafe/command"
)

func TestNeed(t *testing.T) {
	eu, _ := ProfileOf("eu")
	far, _ := ProfileOf("offshore")
	for _, c := range []struct {
		p     Profile
		k     Kind
		minor int64
		want  string
	}{
		{eu, BalanceCorrection, 500_00, "platform/eu/1#balance_correction head_of_dealing"},
		{eu, BalanceCorrection, -500_00, "platform/eu/1#balance_correction head_of_dealing"},
		{eu, BalanceCorrection, 500_01, "platform/eu/1#balance_correction-large head_of_dealing senior_compliance"},
		{eu, BalanceCorrection, -500_01, "platform/eu/1#balance_correction-large head_of_dealing senior_compliance"},
		{far, BalanceCorrection, 2_000_00, "platform/offshore/1#balance_correction head_of_dealing"},
		{far, CreditChange, 2_000_01, "platform/offshore/1#credit-large head_of_dealing senior_compliance"},
		{eu, BalanceCorrection, math.MinInt64, "platform/eu/1#balance_correction-large head_of_dealing senior_compliance"},
		{eu, DisableTrading, 0, "platform/eu/1#disable_trading head_of_dealing"},
		{eu, GroupChange, 0, "platform/eu/1#group_change head_of_dealing"},
		{eu, EnableTrading, 0, "platform/eu/1#enable_trading head_of_dealing senior_compliance"},
		{eu, Reactivation, 0, "platform/eu/1#reactivation head_of_dealing senior_compliance"},
	} {
		n := need(c.p, c.k, c.minor)
		got := []string{n.Rule}
		for _, s := range n.Seats {
			got = append(got, strings.Join(s.Roles, "/"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %d: %v, want %s", c.k, c.minor, got, c.want)
		}
	}
}

// The smallest number has no absolute value: a limit that took one would let it
// through as if it were small.
func TestAmountsHaveABoundEitherWay(t *testing.T) {
	for minor, ok := range map[int64]bool{
		1: true, -1: true, mostMinor: true, -mostMinor: true,
		0: false, mostMinor + 1: false, -mostMinor - 1: false, math.MaxInt64: false, math.MinInt64: false, math.MinInt64 + 1: false,
	} {
		err := RequestIntervention{
			Kind: BalanceCorrection, Minor: minor, Currency: "EUR", Reason: "pricing_error",
			Words: "The quote of 09:31 was wrong by two points.", Case: "ca_a",
		}.Validate()
		if (err == nil) != ok {
			t.Errorf("%d minor units: %v", minor, err)
		}
	}
}

func TestAgainst(t *testing.T) {
	eu, _ := ProfileOf("eu")
	open := Account{State: AccountOpen, Group: `real\eu-retail`, Currency: "EUR"}
	opening := open
	opening.State = AccountOpening
	closed := &command.Refusal{Code: "case-closed"}
	blocks := []command.Refusal{{Code: "kyc-expired"}, {Code: "restricted"}}
	in := func(k Kind, mod func(*RequestIntervention)) RequestIntervention {
		q := RequestIntervention{Kind: k, Currency: "EUR", ToGroup: `real\eu-pro`}
		if mod != nil {
			mod(&q)
		}
		return q
	}
	for name, c := range map[string]struct {
		in   RequestIntervention
		f    requestFacts
		want string
	}{
		"nothing":                     {in(BalanceCorrection, nil), requestFacts{account: &open}, ""},
		"account not open":            {in(DisableTrading, nil), requestFacts{account: &opening}, "account-not-open"},
		"case closed":                 {in(DisableTrading, nil), requestFacts{account: &open, caseRefusal: closed}, "case-closed"},
		"both":                        {in(DisableTrading, nil), requestFacts{account: &opening, caseRefusal: closed}, "account-not-open case-closed"},
		"other currency":              {in(CreditChange, func(q *RequestIntervention) { q.Currency = "USD" }), requestFacts{account: &open}, "currency-mismatch"},
		"currency where none moves":   {in(DisableTrading, func(q *RequestIntervention) { q.Currency = "" }), requestFacts{account: &open}, ""},
		"group of another entity":     {in(GroupChange, func(q *RequestIntervention) { q.ToGroup = `real\intl-vip` }), requestFacts{account: &open}, "group-not-allowed"},
		"same group":                  {in(GroupChange, func(q *RequestIntervention) { q.ToGroup = open.Group }), requestFacts{account: &open}, "group-unchanged"},
		"blocked client, switch off":  {in(DisableTrading, nil), requestFacts{account: &open, blocks: blocks}, ""},
		"blocked client, correction":  {in(BalanceCorrection, nil), requestFacts{account: &open, blocks: blocks}, ""},
		"blocked client, switch on":   {in(EnableTrading, nil), requestFacts{account: &open, blocks: blocks}, "kyc-expired restricted"},
		"blocked client, reactivated": {in(Reactivation, nil), requestFacts{account: &open, blocks: blocks}, "kyc-expired restricted"},
	} {
		c.f.profile = eu
		var got []string
		for _, r := range against(c.in, c.f) {
			got = append(got, r.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func TestTagger(t *testing.T) {
	keys := Tagger{Key: []byte("a")}
	tag := keys.Tag("iv_06ez4dsyg12xx7rjhma1r")
	if len(tag) != tagLength || tag != keys.Tag("iv_06ez4dsyg12xx7rjhma1r") || tag == keys.Tag("iv_06ez4dsyg12xx7rjhma1s") || tag == (Tagger{Key: []byte("b")}).Tag("iv_06ez4dsyg12xx7rjhma1r") {
		t.Fatalf("tag %s", tag)
	}
	if short := keys.Tag("iv_1"); len(short) != tagLength {
		t.Errorf("the tag of a short reference is %q", short)
	}
	for name, c := range map[string]struct {
		comment       string
		ours, genuine bool
	}{
		"whole":                 {tag, true, true},
		"followed by a word":    {tag + " swap", true, true},
		"copied":                {tag + " again", true, true},
		"minted":                {tag[:14] + "000000", true, tag[14:] == "000000"},
		"body altered":          {tag[:5] + "0000" + tag[9:], true, false},
		"check of another":      {tag[:14] + keys.Tag("iv_06ez4dsyg12xx7rjhma1s")[14:], true, false},
		"lower case":            {strings.ToLower(tag), false, false},
		"cut":                   {tag[:16], false, false},
		"cut by one":            {tag[:19], false, false},
		"joined to a word":      {tag + "x", false, false},
		"after a word":          {"re " + tag, false, false},
		"letters never used":    {"VIIIIIIIIIIIIIUUUUUU", false, false},
		"empty":                 {"", false, false},
		"a word of that length": {"Volume bonus for Ada", false, false},
	} {
		got, ours, genuine := keys.Read(c.comment)
		if ours != c.ours || genuine != c.genuine || ours && got != c.comment[:tagLength] {
			t.Errorf("%s: %q, ours %t, genuine %t", name, got, ours, genuine)
		}
	}
}
