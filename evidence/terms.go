package evidence

import (
	"slices"
	"sort"
	"strings"
	"unicode"

	"vouchsafe/core"
	"vouchsafe/store"
)

// maxTerms bounds the index entries of one event; a longer text is searchable
// by its first words.
const maxTerms = 96

// Words splits a text into normalised search words: lower case, letters and
// digits, with dots, dashes and @ kept inside a word (e-mail addresses,
// references, amounts). Thousands separators are dropped, and an amount is
// also found without its decimals.
func Words(text string) []string {
	var out []string
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(".-@_,", r)
	})
	for _, f := range fields {
		if isAmount(f) {
			f = strings.ReplaceAll(f, ",", "")
			if whole, frac, ok := strings.Cut(f, "."); ok && strings.Trim(frac, "0") == "" && whole != "" {
				out = append(out, whole)
			}
		}
		for _, w := range strings.Split(f, ",") {
			if w = strings.Trim(w, ".-@_"); w != "" {
				out = append(out, w)
			}
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

func isAmount(s string) bool {
	digits := false
	for _, c := range s {
		if c >= '0' && c <= '9' {
			digits = true
		} else if c != '.' && c != ',' && c != '-' {
			return false
		}
	}
	return digits
}

// terms are the keyed index entries of an event's searchable values, old and
// new. Each carries the class of the value, so that a search joins it with
// what its reader may see: searching masked values must not be an oracle.
func (l *Log) terms(event string, changes []store.Change) []termRow {
	seen := map[termRow]bool{}
	var out []termRow
	add := func(word string, c store.Cell) {
		t := termRow{Term: l.Keys.Term(word), Event: event, Class: string(c.Class), Subject: c.Subject}
		if t.Subject == "" || !c.Class.Sensitive() {
			t.Subject = "-"
		}
		key := termRow{Term: t.Term, Class: t.Class}
		if !seen[key] && len(out) < maxTerms {
			seen[key] = true
			out = append(out, t)
		}
	}
	for _, ch := range changes {
		for _, c := range ch.Cells {
			if !c.Search || c.Class == core.Secret {
				continue
			}
			for _, v := range []store.Value{c.New, c.Old} {
				for _, w := range Words(v.Text) {
					add(w, c)
				}
			}
		}
	}
	return out
}
