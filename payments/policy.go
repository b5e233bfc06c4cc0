package payments

import (
	"cmp"
	"strings"
	"unicode"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// standing is everything that bears on a release, as of one moment.
type standing struct {
	w       *Withdrawal
	rules   Rules
	adopted *command.RuleSet // what the entity has adopted, for pages; nil is the profile's own
	base    string
	name    string // the client's, now
	dest    Destination
	blocks  []command.Refusal
	recent  map[int]map[string]int64 // released over so many hours, in minor units by currency
	rates   map[string]quote         // of the currencies concerned, to base
	paid    bool                     // something was released to this client before
	route   Route
	routed  bool
	refusal *command.Refusal // of the case that is named
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
	total := s.total(24)
	own := func(name, value string, c core.Class) evidence.Detail {
		return evidence.Detail{Name: name, Value: value, Class: c, Subject: w.Client, Search: c != core.Public}
	}
	out := []evidence.Detail{
		{Name: "withdrawal", Value: string(w.ID)},
		{Name: "client", Value: string(w.Client)},
		own("client_name", w.LegalName, core.Personal), own("holder", w.Holder, core.Bank), own("account", w.Account, core.Bank), own("bank", w.Bank, core.Bank),
		{Name: "name_match", Value: string(w.Match), Search: true},
		{Name: "risk", Value: w.Risk},
		{Name: "total_24h", Value: strings.TrimSpace(cmp.Or(total.Worth, "unknown") + " " + total.Base)},
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
