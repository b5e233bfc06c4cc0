package platform

import (
	"strconv"
	"strings"
)

// settings are what staff can set on an account at the platform. What our row
// says and what the platform shows are compared in this form.
type settings struct {
	Group    string `json:"group"`
	Leverage int    `json:"leverage"`
	Rights   int64  `json:"rights"`
	Missing  bool   `json:"missing,omitempty"` // the platform has no such account
}

func settingsOf(s AccountState) settings {
	return settings{Group: s.Group, Leverage: s.Leverage, Rights: s.Rights}
}

// The marks that an account's code carries when the platform shows something
// that no column holds.
const (
	codeMissing = "missing"
	codeRights  = "rights:0x"
)

// settings are what our row says. Rights other than the switch for trading are
// those of opening, unless the platform was found to differ.
func (a *Account) settings() settings {
	s := settings{Group: a.Group, Leverage: a.Leverage, Rights: openingRights, Missing: a.Code == codeMissing}
	if hex, ok := strings.CutPrefix(a.Code, codeRights); ok {
		s.Rights, _ = strconv.ParseInt(hex, 16, 64)
	}
	s.Rights &^= RightTradeDisabled
	if a.TradeDisabled {
		s.Rights |= RightTradeDisabled
	}
	return s
}

// set makes the row say s.
func (a *Account) set(s settings) {
	a.Group, a.Leverage, a.TradeDisabled = s.Group, s.Leverage, s.Rights&RightTradeDisabled != 0
	rest := s.Rights &^ (RightTradeDisabled | ownRights)
	switch {
	case s.Missing:
		a.Code = codeMissing
	case rest != openingRights:
		a.Code = codeRights + strconv.FormatInt(rest, 16)
	case a.Code == codeMissing || strings.HasPrefix(a.Code, codeRights):
		a.Code = ""
	}
}

// with is s after a patch.
func (s settings) with(p Patch) settings {
	if p.Group != nil {
		s.Group = *p.Group
	}
	if p.Leverage != nil {
		s.Leverage = *p.Leverage
	}
	s.Rights = s.Rights&^p.RightsMask | p.RightsValue
	return s
}

// explained is s with those parts taken from seen that an operation under way
// would bring about.
func (s settings) explained(seen settings, p Patch) settings {
	if p.Group != nil && *p.Group == seen.Group {
		s.Group = seen.Group
	}
	if seen.Rights&p.RightsMask == p.RightsValue {
		s.Rights = s.Rights&^p.RightsMask | p.RightsValue
	}
	return s
}

// difference is one setting that the platform shows otherwise than our row.
type difference struct{ Name, Ours, Theirs string }

// differences compares our row with what the platform shows.
func differences(ours, seen settings) []difference {
	if ours.Missing || seen.Missing {
		if ours.Missing == seen.Missing {
			return nil
		}
		return []difference{{"account", presence(ours), presence(seen)}}
	}
	var out []difference
	add := func(name, a, b string) {
		if a != b {
			out = append(out, difference{name, a, b})
		}
	}
	add("group", ours.Group, seen.Group)
	add("leverage", strconv.Itoa(ours.Leverage), strconv.Itoa(seen.Leverage))
	add("rights", rightsText(ours.Rights), rightsText(seen.Rights))
	return out
}

func presence(s settings) string {
	if s.Missing {
		return "missing"
	}
	return "present"
}

// rightNames are the rights in words, in the order of their bits.
var rightNames = []struct {
	bit  int64
	name string
}{
	{RightEnabled, "enabled"},
	{RightPassword, "own password"},
	{RightTradeDisabled, "trading disabled"},
	{0x8, "investor only"},
	{0x20, "trailing stops"},
	{0x40, "experts"},
	{RightReports, "reports"},
	{0x200, "read only"},
	{0x4000, "api"},
	{0x10000, "technical"},
	{0x20000, "left out of reports"},
}

// rightsText says rights in words; those without a word keep their number.
func rightsText(rights int64) string {
	rights &^= ownRights
	var out []string
	for _, r := range rightNames {
		if rights&r.bit != 0 {
			out = append(out, r.name)
			rights &^= r.bit
		}
	}
	if rights != 0 {
		out = append(out, "0x"+strconv.FormatInt(rights, 16))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}
