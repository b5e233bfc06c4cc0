package payments

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Rules are what an entity profile asks of a release.
type Rules struct {
	ID         string // name and version, as it stands in evidence
	CoolingOff time.Duration
	Tiers      []Tier // by amount, rising; the last has no limit
}

// Tier is who must agree up to an amount.
type Tier struct {
	Name string
	// UpTo is in whole units of the entity's base currency; zero is no limit.
	// There are no exchange rates here: the currencies in atPar count one for
	// one, and an amount in any other meets the last tier.
	UpTo  int64
	Seats []command.Seat
}

var (
	lead   = command.Seat{Roles: []string{"payments_lead"}}
	senior = command.Seat{Roles: []string{"senior_compliance"}}
	atPar  = []string{"EUR", "USD", "GBP", "CHF"}
)

// profiles is the approval policy, by entity profile.
var profiles = map[string]Rules{
	"eu": {ID: "withdrawal-release/eu/1", CoolingOff: 72 * time.Hour, Tiers: []Tier{
		{"small", 1_000, []command.Seat{lead}},
		{"medium", 25_000, []command.Seat{lead}},
		{"large", 0, []command.Seat{lead, senior}},
	}},
	"offshore": {ID: "withdrawal-release/offshore/1", CoolingOff: 24 * time.Hour, Tiers: []Tier{
		{"small", 5_000, []command.Seat{lead}},
		{"large", 0, []command.Seat{lead, senior}},
	}},
}

// strictest holds where a profile has no rules of its own: forgetting one must
// not open a door.
var strictest = Rules{
	ID: "withdrawal-release/default/1", CoolingOff: 72 * time.Hour,
	Tiers: []Tier{{"any", 0, []command.Seat{lead, senior}}},
}

// RulesOf returns the rules of a profile, the strictest for an unknown one.
func RulesOf(profile string) Rules {
	if r, ok := profiles[profile]; ok {
		return r
	}
	return strictest
}

// totalOver is the time over which a client's releases are added up.
const totalOver = 24 * time.Hour

// tier picks the tier of a total in a currency.
func (r Rules) tier(total core.Money, base string) Tier {
	last := r.Tiers[len(r.Tiers)-1]
	exp, ok := core.Exponent(total.Currency)
	if !ok || total.Currency != base && !(slices.Contains(atPar, base) && slices.Contains(atPar, total.Currency)) {
		return last
	}
	unit := int64(math.Pow10(exp))
	for _, t := range r.Tiers {
		if t.UpTo == 0 || total.Minor <= t.UpTo*unit {
			return t
		}
	}
	return last
}

// standing is everything that bears on a release, as of one moment.
type standing struct {
	w       *Withdrawal
	rules   Rules
	base    string
	name    string // the client's, now
	dest    Destination
	blocks  []command.Refusal
	recent  map[string]int64 // released over the last day, in minor units by currency
	route   Route
	routed  bool
	refusal *command.Refusal // of the case that is named
}

// total is what the client would have been released within a day, in the
// currency of this withdrawal. whole is false when there was more, in a
// currency that cannot be added.
func (s *standing) total() (sum core.Money, whole bool) {
	sum, whole = core.Money{Minor: s.w.Minor, Currency: s.w.Currency}, true
	for currency, minor := range s.recent {
		if currency == sum.Currency || slices.Contains(atPar, currency) && slices.Contains(atPar, sum.Currency) {
			sum.Minor += minor
		} else {
			whole = false
		}
	}
	return sum, whole
}

// need is the approval that the release demands.
func (s *standing) need() command.Need {
	t := s.rules.Tiers[len(s.rules.Tiers)-1]
	if total, whole := s.total(); whole {
		t = s.rules.tier(total, s.base)
	}
	n := command.Need{Rule: s.rules.ID + "#" + t.Name, Seats: slices.Clone(t.Seats)}
	if s.w.Risk == RiskHigh {
		n.Rule += "+high-risk"
		n.Seats = withSenior(n.Seats)
	}
	switch {
	case s.w.Match.override():
		n.Rule += "+name-override"
		n.Seats = withSenior(n.Seats)
	case s.w.Match == MatchUnknown && s.w.Risk != RiskLow:
		n.Rule += "+name-unknown"
		n.Seats = withSenior(n.Seats)
	}
	return n
}

// withSenior adds a senior compliance officer's seat where there is none: one
// such officer looks at everything that makes a payment special.
func withSenior(seats []command.Seat) []command.Seat {
	for _, x := range seats {
		if slices.Contains(x.Roles, senior.Roles[0]) {
			return seats
		}
	}
	return append(seats, senior)
}

// against lists what forbids paying now, whoever approves.
func (s *standing) against(now core.Instant) []command.Refusal {
	var rs []command.Refusal
	add := func(code, text string) { rs = append(rs, command.Refusal{Code: code, Text: text}) }
	w := s.w
	if w.ErasedBy != "" {
		add("client-erased", "This client's data was erased. Nothing can be paid any more.")
		return rs
	}
	rs = append(rs, s.blocks...)
	d := s.dest
	switch {
	case d.Client != w.Client || !d.Active:
		add("destination-inactive", "The client's bank detail is not active any more. Refuse this request; the client can make a new one.")
	case d.Account != w.Account || d.Holder != w.Holder || d.Bank != w.Bank:
		add("destination-changed", "The bank detail has changed since the client asked for this payment. Refuse this request; the client can make a new one.")
	}
	if end := d.Changed.Add(s.rules.CoolingOff); now < end {
		add("cooling-off", "The bank detail was changed on "+d.Changed.Time().Format("2 January 2006 15:04 UTC")+". Nothing is paid to it before "+
			end.Time().Format("2 January 2006 15:04 UTC")+", whoever approves.")
	}
	if !s.routed {
		add("no-psp", "No payment provider is set up for this entity.")
	}
	return rs
}

// ruled are the reasons of the decision's own state.
func (s *standing) ruled() []command.Refusal {
	w := s.w
	switch {
	case w.Decision == Approved || w.Decision == Refused:
		return []command.Refusal{{Code: "already-decided", Text: "This withdrawal is " + string(w.Decision) + " already."}}
	case w.Cleared == 0:
		return []command.Refusal{{Code: "not-cleared", Text: "Clear this withdrawal first: nobody has looked at the client's standing and the account holder's name."}}
	case s.name != w.LegalName || MatchNames(s.name, w.Holder) != w.Match:
		return []command.Refusal{{Code: "names-changed", Text: "The client's name has changed since this was cleared. Clear it again."}}
	}
	return nil
}

// wordsMin is how much an override must say.
const wordsMin = 20

// overridden says what an override lacks.
func (s *standing) overridden(words string, file core.Ref) []command.Refusal {
	var rs []command.Refusal
	if s.refusal != nil {
		rs = append(rs, *s.refusal)
	}
	if !s.w.Mismatched() {
		return rs
	}
	if !saysSomething(words) {
		rs = append(rs, command.Refusal{Code: "override-unexplained", Text: "The names differ. Explain in your own words, in at least 20 characters, why this account is the client's."})
	}
	if file == "" {
		rs = append(rs, command.Refusal{Code: "case-needed", Text: "The names differ. Name the open case in which this was looked into."})
	}
	return rs
}

var stock = []string{
	"as discussed", "as requested", "as per", "see email", "see above", "per email", "per request", "approved", "okay",
	"please", "release", "payment", "withdrawal", "client request", "requested by client", "manager approved", "asap", "n/a", "none", "done", "test",
}

// saysSomething refuses words that are too few, that fit anything, or that
// repeat themselves.
func saysSomething(words string) bool {
	w := strings.ToLower(strings.Join(strings.Fields(words), " "))
	if len([]rune(w)) < wordsMin {
		return false
	}
	for _, x := range stock {
		w = strings.ReplaceAll(w, x, "")
	}
	different := map[string]bool{}
	letters := 0
	for _, f := range strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if !different[f] {
			letters += len([]rune(f))
		}
		different[f] = true
	}
	return letters >= 12 && len(different) >= 3
}

// facts are what the approver's card shows.
func (s *standing) facts() []evidence.Detail {
	w := s.w
	total, _ := s.total()
	own := func(name, value string, c core.Class) evidence.Detail {
		return evidence.Detail{Name: name, Value: value, Class: c, Subject: w.Client, Search: c != core.Public}
	}
	out := []evidence.Detail{
		{Name: "withdrawal", Value: string(w.ID)},
		{Name: "client", Value: string(w.Client)},
		own("client_name", w.LegalName, core.Personal), own("holder", w.Holder, core.Bank), own("account", w.Account, core.Bank), own("bank", w.Bank, core.Bank),
		{Name: "name_match", Value: string(w.Match), Search: true},
		{Name: "risk", Value: w.Risk},
		{Name: "total_24h", Value: total.Decimal() + " " + w.Currency},
		{Name: "bank_detail_changed", Value: s.dest.Changed.String()},
	}
	if w.Mismatched() {
		out = append(out, overrideDetail)
	}
	return out
}

// overrideDetail marks what set a name mismatch aside, so that all such events
// are found by two words.
var overrideDetail = evidence.Detail{Name: "override", Value: "name-mismatch", Search: true}
