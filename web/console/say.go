package console

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// titled writes a machine's word for people: bank_detail is "Bank detail".
func titled(word string) string {
	words := strings.Fields(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(word))
	for i, w := range words {
		if slices.Contains(initials, w) {
			words[i] = strings.ToUpper(w)
		} else if i == 0 {
			r, n := utf8.DecodeRuneInString(w)
			words[i] = string(unicode.ToUpper(r)) + w[n:]
		}
	}
	return strings.Join(words, " ")
}

// initials are words of codes that people write in capitals.
var initials = []string{"aml", "api", "ecb", "fx", "iban", "id", "ip", "kyc", "mfa", "mt", "mt4", "mt5", "pep", "psp", "totp"}

// versionState is where a version of the firm's rules or manuals stands.
func versionState(number, inForce int, starts, now core.Instant) ui.StatusView {
	switch {
	case number == inForce:
		return ui.StatusView{Text: "in force", Tone: ui.Good}
	case starts > now:
		return ui.StatusView{Text: "starts " + ui.Stamp(starts), Tone: ui.Note, Icon: "clock"}
	}
	return ui.StatusView{Text: "past", Icon: "archive"}
}

// maskWhy says what is missing to see a value of a class.
func maskWhy(c core.Class) string {
	switch c {
	case core.Personal:
		return "your roles here do not show personal data"
	case core.Identity:
		return "your roles here do not show identity data"
	case core.Bank:
		return "your roles here do not show bank details"
	case core.Secret:
		return "secrets are shown to nobody"
	}
	return ""
}

// valueOf renders one recorded value: references become links, moments are
// written out, the rest stands as it is.
func valueOf(text *string, masked bool, c core.Class) ui.Value {
	switch {
	case masked:
		return ui.Hidden("", maskWhy(c))
	case text == nil || *text == "":
		return ui.Value{}
	}
	t, ok := oversight.ParseTerm(*text)
	if ok && t.Ref != "" && (pagesOf[t.Ref.Kind()] != "" || slices.Contains(chips, t.Ref.Kind())) {
		return ui.Value{Text: t.Ref.Short(), Href: hrefOf(t.Ref), Mono: true}
	}
	if at, err := core.ParseInstant(*text); err == nil {
		return ui.V(ui.Stamp(at))
	}
	return ui.V(*text)
}

// chips are the kinds of our own records that have no page and are told by
// their short form all the same. Names that others gave, such as a payment
// provider's, stand as they are.
var chips = []core.Kind{
	core.KindJournal, core.KindBankDetail, core.KindGrant, core.KindSession, core.KindToken, core.KindDocument,
	core.KindApplication, core.KindAccount, core.KindProposal, core.KindPack,
}

// changeOf renders one column that an event wrote. Instants stand in rows as
// microseconds; a column of a moment's size is told as one.
func changeOf(c oversight.ChangeLine) ui.Change {
	return ui.Change{Field: c.Field, Old: valueOf(moment(c.Old), c.OldMasked, c.Class), New: valueOf(moment(c.New), c.NewMasked, c.Class)}
}

// moment writes a number of microseconds between 2000 and 2100 as RFC 3339.
func moment(text *string) *string {
	const y2000, y2100 = 946_684_800_000_000, 4_102_444_800_000_000
	if text == nil || len(*text) < 15 || len(*text) > 16 {
		return text
	}
	n := int64(0)
	for _, d := range []byte(*text) {
		if d < '0' || d > '9' {
			return text
		}
		n = n*10 + int64(d-'0')
	}
	if n < y2000 || n > y2100 {
		return text
	}
	s := core.Instant(n).String()
	return &s
}

// changesShown is how many changes stand on one line of a list.
const changesShown = 3

func changesOf(cs []oversight.ChangeLine) (out []ui.Change) {
	for i, c := range cs {
		if i == changesShown {
			break
		}
		out = append(out, changeOf(c))
	}
	return out
}

// spansOf is the sentence of an event, with the name of who acted.
func spansOf(e oversight.EventLine, name func(core.Ref) string) []ui.Span {
	who := e.Actor
	if e.Maker != "" { // what others agreed to is still the maker's doing
		who = e.Maker
	}
	out := []ui.Span{ui.B(actorName(who, name)), ui.T(" ")}
	for _, p := range e.Sentence {
		x := ui.Span{Text: p.Text, Bold: p.Strong}
		if p.Ref.Kind() == core.KindStaff {
			x.Text = name(p.Ref)
		}
		out = append(out, x)
	}
	for i, ref := range e.Approvers {
		lead := ", agreed by "
		if i > 0 {
			lead = ui.Between(i, len(e.Approvers), "and")
		}
		out = append(out, ui.T(lead), ui.B(name(ref)))
	}
	return out
}

// enumerated tells things in a row: "A, B and C".
func enumerated(things []string, word string) string {
	var b strings.Builder
	for i, x := range things {
		if i > 0 {
			b.WriteString(ui.Between(i, len(things), word))
		}
		b.WriteString(x)
	}
	return b.String()
}

func actorName(ref core.Ref, name func(core.Ref) string) string {
	switch ref.Kind() {
	case core.KindClient:
		return "Client " + ref.Short()
	case core.KindPartner:
		return "Partner " + ref.Short()
	}
	return name(ref)
}

// badgesOf marks how an event ended, where it did not simply happen.
func badgesOf(e oversight.EventLine) (out []ui.BadgeView) {
	switch e.Outcome {
	case evidence.Denied:
		out = append(out, ui.DeniedBadge)
	case evidence.Refused:
		out = append(out, ui.BadgeView{Text: "refused", Tone: ui.Bad, Title: "A rule of the firm, or an approver, said no"})
	case evidence.Failed:
		out = append(out, ui.BadgeView{Text: "failed", Tone: ui.Bad, Title: "It was tried and did not work"})
	case evidence.Unsure:
		out = append(out, ui.BadgeView{Text: "unsure", Tone: ui.Warn, Title: "An outside system gave no answer"})
	case evidence.Proposed:
		out = append(out, ui.BadgeView{Text: "proposed", Tone: ui.Note, Title: "It waits for another person"})
	}
	switch {
	case strings.HasSuffix(e.Type, ".overridden"):
		out = append(out, ui.OverrideBadge)
	case strings.HasPrefix(e.Type, "platform.intervention."):
		out = append(out, ui.ManualBadge)
	}
	return out
}

// rolesText names alternatives: "Payments lead or Senior compliance officer".
func rolesText(roles []string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = roleTitle(r)
	}
	return enumerated(out, "or")
}

func roleTitle(role string) string {
	if t := access.Role(role).Title(); t != "" {
		return t
	}
	return titled(role)
}
