package payments

import (
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

func TestTier(t *testing.T) {
	for _, c := range []struct {
		profile, base string
		minor         int64
		currency      string
		want          string
	}{
		{"eu", "EUR", 1, "EUR", "small"},
		{"eu", "EUR", 1_000_00, "EUR", "small"},
		{"eu", "EUR", 1_000_01, "EUR", "medium"},
		{"eu", "EUR", 31_250_00, "USD", "medium"}, // worth 25,000 exactly
		{"eu", "EUR", 31_250_01, "USD", "large"},
		{"eu", "EUR", 20_000_00, "GBP", "medium"},
		{"eu", "EUR", 20_000_01, "GBP", "large"},
		{"eu", "EUR", 1, "JPY", "large"}, // no rate is known: whoever must agree to the most
		{"eu", "EUR", 1, "XXQ", "large"},
		{"eu", "JPY", 1_000, "JPY", "small"}, // no minor unit
		{"eu", "JPY", 1_001, "JPY", "medium"},
		{"eu", "JPY", 1, "EUR", "large"},
		{"eu", "KWD", 1_000_000, "KWD", "small"}, // three digits
		{"eu", "KWD", 1_000_001, "KWD", "medium"},
		{"offshore", "USD", 5_000_00, "USD", "small"},
		{"offshore", "USD", 1, "JPY", "large"},
		{"nobody wrote one", "EUR", 1, "EUR", "any"},
		{"", "EUR", 1, "EUR", "any"},
	} {
		s := standing{w: &Withdrawal{Minor: c.minor, Currency: c.currency, Match: MatchFull, Risk: RiskLow}, rules: RulesOf(c.profile), base: c.base, rates: dayRates}
		if got := s.rules.Release.Decide(s.weigh()); got.Name != c.want {
			t.Errorf("%s, %d %s: %s, want %s", c.profile, c.minor, c.currency, got.Name, c.want)
		}
	}
	if r := RulesOf("?"); r.CoolingOff != 72*time.Hour || len(r.Release.Rules[0].Seats) != 2 {
		t.Errorf("the rules of an unknown profile are not the strictest: %+v", r)
	}
}

// dayRates are what one unit is worth in the base currency of these tests.
var dayRates = map[string]quote{"USD": {"0.8", "a test"}, "GBP": {"1.25", "a test"}}

func TestNeedCountsADay(t *testing.T) {
	for name, c := range map[string]struct {
		currency string
		minor    int64
		recent   map[string]int64
		want     string
	}{
		"alone":                  {"EUR", 1_000_00, nil, "small"},
		"with the same":          {"EUR", 1_00, map[string]int64{"EUR": 999_01}, "medium"},
		"with others":            {"EUR", 1_00, map[string]int64{"USD": 500_00, "GBP": 479_21}, "medium"},
		"with one without rate":  {"EUR", 1_00, map[string]int64{"JPY": 1}, "large"},
		"up to the tier's limit": {"USD", 1_25, map[string]int64{"EUR": 999_00}, "small"},
	} {
		s := standing{w: &Withdrawal{Minor: c.minor, Currency: c.currency, Match: MatchFull, Risk: RiskLow}, rules: RulesOf("eu"), base: "EUR", rates: dayRates, recent: map[int]map[string]int64{24: c.recent}}
		if n, _ := s.need(); n.Rule != "withdrawal-release/eu/1#"+c.want {
			t.Errorf("%s: %s, want %s", name, n.Rule, c.want)
		}
	}
}

// The rule's own slices are not what a need's seats are added to.
func TestNeedLeavesTheRules(t *testing.T) {
	s := standing{w: &Withdrawal{Minor: 1, Currency: "EUR", Match: MatchNone, Risk: RiskHigh}, rules: RulesOf("eu"), base: "EUR"}
	for range 3 {
		if n, _ := s.need(); len(n.Seats) != 2 || n.Rule != "withdrawal-release/eu/1#small+high-risk+name-override" {
			t.Fatalf("%+v", n)
		}
	}
	if n := len(profiles["eu"].Release.Rules[0].Seats); n != 1 {
		t.Fatalf("the small tier asks for %d", n)
	}
}

func TestAgainst(t *testing.T) {
	now := core.At(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))
	good := func() standing {
		w := &Withdrawal{Client: "cl_ada", Account: "DE1", Holder: "Ada", Bank: "B"}
		return standing{w: w, rules: RulesOf("eu"), routed: true, dest: Destination{Client: "cl_ada", Account: "DE1", Holder: "Ada", Bank: "B", Active: true, Changed: now.Add(-72 * time.Hour)}}
	}
	for name, c := range map[string]struct {
		change func(*standing)
		want   string
	}{
		"nothing":              {func(*standing) {}, ""},
		"blocks":               {func(s *standing) { s.blocks = []command.Refusal{{Code: "a"}, {Code: "b"}} }, "a b"},
		"a moment too early":   {func(s *standing) { s.dest.Changed++ }, "cooling-off"},
		"offshore, a day":      {func(s *standing) { s.rules = RulesOf("offshore"); s.dest.Changed = now.Add(-24 * time.Hour) }, ""},
		"offshore, too early":  {func(s *standing) { s.rules = RulesOf("offshore"); s.dest.Changed = now.Add(-24*time.Hour) + 1 }, "cooling-off"},
		"inactive":             {func(s *standing) { s.dest.Active = false }, "destination-inactive"},
		"gone":                 {func(s *standing) { s.dest = Destination{} }, "destination-inactive"},
		"another holder":       {func(s *standing) { s.dest.Holder = "Eve" }, "destination-changed"},
		"another bank":         {func(s *standing) { s.dest.Bank = "C" }, "destination-changed"},
		"no way":               {func(s *standing) { s.routed = false }, "no-psp"},
		"erased, and the rest": {func(s *standing) { s.w.ErasedBy = "do_1"; s.routed = false }, "client-erased"},
		"everything": {func(s *standing) {
			s.blocks = []command.Refusal{{Code: "a"}}
			s.dest.Account, s.dest.Changed, s.routed = "X", now, false
		}, "a destination-changed cooling-off no-psp"},
	} {
		s := good()
		c.change(&s)
		var got []string
		for _, r := range s.against(now) {
			got = append(got, r.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

// Names as published, and as they come. [1] a payment platform's documented
// examples (docs.numeral.io, matching algorithm: threshold 80), [2] a payment
// firm's examples for Verification of Payee (Convera), [3] a bank vendor's
// rule: trim, fold case, replace characters as SEPA does, drop honorifics
// (Oracle), [4] machine-readable zones write umlauts out (ICAO 9303).
func TestMatchNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want Match
	}{
		{"Jean Dupont", "Jean Dupont", MatchFull},      // [1]
		{"Jean Dupont", "Pierre Leroy", MatchNone},     // [1]
		{"Jean Dupont", "Maxime Dupont", MatchNone},    // [1]
		{"Jean Dupont", "Jaen Dupont", MatchClose},     // [1]
		{"Jean Dupont", "Jean Dupond", MatchClose},     // [1]
		{"José Álvarez", "JOSE ALVAREZ", MatchFull},    // [2]
		{"Müller GmbH", "MUELLER GMBH", MatchFull},     // [2]
		{"Peña S.A.", "PENA SA", MatchFull},            // [2]
		{"Mr. Jean Dupont", "jean  dupont", MatchFull}, // [3]
		{"Dr Anna Weiß", "Anna Weiss", MatchFull},      // [3]
		{"Jørgen Ærø", "JOERGEN AEROE", MatchFull},     // [4]
		{"Søren Åberg", "SOREN ABERG", MatchFull},
		{"Mu\u0308ller", "Müller", MatchFull}, // one letter in two code points
		{"Mu\u0308ller", "Mueller", MatchFull},
		{"Müller", "Muller", MatchFull},
		{"Dupont, Jean", "Jean Dupont", MatchFull},
		{"Jean-Luc O'Brien", "Jean Luc OBrien", MatchFull},
		{"Łukasz Żółć", "Lukasz Zolc", MatchFull},
		{"Ada Byron", "Ada Augusta Byron", MatchNone},
		{"Ada Byron", "Ada Byron and Charles King", MatchNone},
		{"Prof Dr", "Prof Dr", MatchFull}, // all titles is a name
		{"Ada Byron", "", MatchUnknown},
		{"", "", MatchUnknown},
		{"123", "123", MatchUnknown},
		{"Ada Byron", "Άντα Βύρων", MatchUnknown},
		{"Анна Иванова", "Anna Ivanova", MatchUnknown},
		{"Анна Иванова", "Анна Иванова", MatchFull},
		{"Анна Иванова", "Анна Ивановна", MatchClose},
		{"山田 はなこ", "山田 はなこ", MatchFull}, // two scripts that are one
		{"தமிழ்", "தமிழ்", MatchFull},   // a script without a rule of its own
		{"தமிழ்", "Tamil", MatchUnknown},
		{"Jean Dupont", "Рierre Leroy", MatchNone}, // one Cyrillic letter does not make it incomparable
		{"Jean Dupont", "Jean Dupоnt", MatchClose}, // nor equal
		{"Иван Петров", "Zoe Quistи", MatchNone},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if got := MatchNames(pair[0], pair[1]); got != c.want {
				t.Errorf("%q and %q: %s, want %s", pair[0], pair[1], got, c.want)
			}
		}
	}
}

func TestOverrides(t *testing.T) {
	for m, want := range map[Match]bool{MatchFull: false, MatchClose: true, MatchNone: true, MatchUnknown: false, "": false} {
		if m.override() != want || m != "" && m.Title() == "" {
			t.Errorf("%q: %t, %q", m, m.override(), m.Title())
		}
	}
}

func TestSaysSomething(t *testing.T) {
	for words, want := range map[string]bool{
		"The account is held under her maiden name.":           true,
		"Married in May, see the certificate of the registrar": true,
		"Имя в паспорте записано иначе, документ приложен":     true,
		"":                                     false,
		"short":                                false,
		"nineteen characters":                  false,
		"As discussed, see email above please": false,
		"approved approved approved approved":  false,
		"payment payment withdrawal release":   false,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaa":          false,
		"name name name name name name name":   false,
		"                                name": false,
		"12345 67890 12345 67890 12345":        false,
		"client request client request asap":   false,
	} {
		if got := saysSomething(words); got != want {
			t.Errorf("%q: %t", words, got)
		}
	}
}

// The golden vector was computed apart from this code: HMAC-SHA256 with the
// key "a" over "payments", a line feed and the body, the first thirty bits in
// Crockford's alphabet.
func TestTagger(t *testing.T) {
	keys := Tagger{Key: []byte("a")}
	tag := keys.Tag("wd_06ez4dsyg12xx7rjhma1r")
	if tag != "WG12XX7RJHMA1RJ0FEY8" {
		t.Fatalf("tag %s", tag)
	}
	for name, c := range map[string]struct {
		reference string
		genuine   bool
	}{
		"whole":             {tag, true},
		"of another key":    {Tagger{Key: []byte("b")}.Tag("wd_06ez4dsyg12xx7rjhma1r"), false},
		"body altered":      {tag[:5] + "0000" + tag[9:], false},
		"check altered":     {tag[:14] + "000000", false},
		"check of another":  {tag[:14] + keys.Tag("wd_06ez4dsyg12xx7rjhma1s")[14:], false},
		"lower case":        {strings.ToLower(tag), false},
		"cut":               {tag[:19], false},
		"longer":            {tag + "0", false},
		"another beginning": {"V" + tag[1:], false},
		"empty":             {"", false},
	} {
		if keys.Genuine(c.reference) != c.genuine {
			t.Errorf("%s: genuine %t", name, !c.genuine)
		}
	}
	if short := keys.Tag("wd_1"); len(short) != tagLength || !keys.Genuine(short) {
		t.Errorf("the tag of a short reference is %q", short)
	}
}

func TestJudged(t *testing.T) {
	for name, c := range map[string]struct {
		client   core.Ref
		match    Match
		phase    Phase
		failures int
		blocked  bool
		want     string
	}{
		"good":                       {"cl_a", MatchFull, PhasePaid, 0, false, "clear "},
		"nobody's":                   {"", MatchFull, PhasePaid, 0, false, "unmatched "},
		"on its way":                 {"cl_a", MatchFull, PhasePending, 0, true, "pending "},
		"held at the PSP":            {"cl_a", MatchFull, PhaseHeld, 5, false, "pending "},
		"a phase that is new to us":  {"cl_a", MatchFull, "odd", 0, false, "pending "},
		"blocked":                    {"cl_a", MatchFull, PhasePaid, 0, true, "held "},
		"after one failure":          {"cl_a", MatchFull, PhasePaid, 1, false, "clear "},
		"after two":                  {"cl_a", MatchFull, PhasePaid, 2, false, "flagged failed-attempts"},
		"after two, blocked":         {"cl_a", MatchFull, PhasePaid, 2, true, "flagged failed-attempts"},
		"nearly the name":            {"cl_a", MatchClose, PhasePaid, 0, false, "flagged payer-differs"},
		"another name":               {"cl_a", MatchNone, PhasePaid, 2, true, "flagged payer-differs"},
		"a name that cannot be told": {"cl_a", MatchUnknown, PhasePaid, 0, false, "flagged payer-differs"},
		"first failure":              {"cl_a", MatchFull, PhaseFailed, 0, false, "failed "},
		"second":                     {"cl_a", MatchFull, PhaseFailed, 1, false, "review failed-attempts"},
		"third, by another":          {"cl_a", MatchNone, PhaseReturned, 2, false, "review failed-attempts"},
	} {
		d := Deposit{Client: c.client, Match: c.match}
		state, flag := d.judged(c.phase, c.failures, c.blocked)
		if got := string(state) + " " + flag; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Where the PSP's word takes a payout. What is not here leaves it where it is.
func TestMoves(t *testing.T) {
	want := map[string]string{
		"submitted paid": "paid ", "submitted failed": "failed psp-failed", "submitted returned": "returned returned",
		"submitted pending other": "person differs", "submitted held other": "person differs", "submitted paid other": "person differs",
		"submitted failed other": "person differs", "submitted returned other": "person differs",
		"paid failed": "returned returned", "paid returned": "returned returned",
		"paid failed other": "paid ", "paid returned other": "paid ", // a part of it, perhaps: nothing is booked
		"failed paid": "person paid-after-failure", "returned paid": "person paid-after-failure",
	}
	for _, from := range []Execution{ExecNone, ExecReady, ExecSending, ExecSubmitted, ExecUncertain, ExecPaid, ExecFailed, ExecReturned, ExecPerson} {
		for _, phase := range []Phase{PhasePending, PhaseHeld, PhasePaid, PhaseFailed, PhaseReturned} {
			for _, same := range []bool{true, false} {
				key := string(from) + " " + string(phase)
				expected, ok := want[key]
				if !same {
					if other, listed := want[key+" other"]; listed {
						expected, ok = other, true
					}
				}
				if !ok {
					expected = string(from) + " "
				}
				to, why := SyncStatus{Phase: phase, Same: same}.moves(from)
				if got := string(to) + " " + why; got != expected {
					t.Errorf("%s, same %t: %s, want %s", key, same, got, expected)
				}
			}
		}
	}
}

// An answer about an attempt moves only what is under way, and only what never
// left is ready again.
func TestNextAttempt(t *testing.T) {
	wall := core.Instant(1_000_000_000)
	sending := command.Attempt{Phase: command.PhaseSending, Number: 2, Deadline: wall}
	uncertain := command.Attempt{Phase: command.PhaseUncertain, Number: 2, LookAt: wall}
	for name, c := range map[string]struct {
		in   RecordAttempt
		from command.Attempt
		want command.Phase
		ok   bool
	}{
		"applied":               {RecordAttempt{Number: 2, Certainty: command.Applied}, sending, command.PhaseApplied, true},
		"refused":               {RecordAttempt{Number: 2, Certainty: command.Rejected, Code: "account_closed"}, sending, command.PhaseRejected, true},
		"never left":            {RecordAttempt{Number: 2, Certainty: command.Rejected, Code: "not-sent"}, sending, command.PhaseReady, true},
		"lost":                  {RecordAttempt{Number: 2, Certainty: command.Uncertain}, sending, command.PhaseUncertain, true},
		"our key refused":       {RecordAttempt{Number: 2, Certainty: command.Rejected, Code: "key-refused"}, sending, command.PhaseReady, true},
		"lost, and it says so":  {RecordAttempt{Number: 2, Certainty: command.Uncertain, Code: "not-sent"}, sending, command.PhaseUncertain, true},
		"of an earlier attempt": {RecordAttempt{Number: 1, Certainty: command.Rejected, Code: "not-sent"}, sending, command.PhaseSending, false},
		"never left, too late":  {RecordAttempt{Number: 2, Certainty: command.Rejected, Code: "not-sent"}, uncertain, command.PhaseUncertain, false},
		"found":                 {RecordAttempt{Number: 2, Looked: true, Found: true}, uncertain, command.PhaseApplied, true},
		"not found":             {RecordAttempt{Number: 2, Looked: true}, uncertain, command.PhaseUncertain, true},
		"looked while sending":  {RecordAttempt{Number: 2, Looked: true}, sending, command.PhaseSending, false},
	} {
		got, ok := c.in.next(c.from, wall)
		if ok != c.ok || got.Phase != c.want || got.Number != 2 {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
	if _, ok := (RecordAttempt{Number: 2, Looked: true}).next(uncertain, wall-1); ok {
		t.Error("a look-up before the request is dead was taken")
	}
}

func TestExternal(t *testing.T) {
	if got := external("sandpay", "po_1|x y\"ü"); got != "sandpay:po_1.x.y.." {
		t.Errorf("%q", got)
	}
}
