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

// The prefixes of index entries that say more than that a word occurs. No word
// has a colon, so none can be mistaken for one of them.
const (
	termOld     = "old:"     // a word that an update took out of a field
	termNew     = "new:"     // a word that an update put into a field
	termChanged = "changed:" // the field, as table.column, that an update changed
	termReason  = "reason:"  // the reason code
)

// OldWord, NewWord, ChangedField and ReasonCode are what to look for among the
// terms of events: a word on one side of an update, a changed field
// (table.column), a reason code.
func OldWord(word string) string { return termOld + word }

// NewWord is a word that an update put into a field.
func NewWord(word string) string { return termNew + word }

// ChangedField is a field, as table.column, that an update changed.
func ChangedField(field string) string { return termChanged + field }

// ReasonCode is the reason code of an event.
func ReasonCode(code string) string { return termReason + strings.ToLower(code) }

// terms are the keyed index entries of an event's searchable values, old and
// new. Each carries the class of the value, so that a search joins it with
// what its reader may see: searching masked values must not be an oracle.
func (l *Log) terms(event, reason string, changes []store.Change) []termRow {
	x := &termIndex{log: l, event: event, seen: map[termRow]bool{}}
	if reason != "" {
		x.add(ReasonCode(reason), store.Cell{Class: core.Public})
	}
	for _, ch := range changes {
		for _, c := range ch.Cells {
			if c.HasOld {
				x.add(ChangedField(ch.Table+"."+c.Column), store.Cell{Class: core.Public})
			}
			if c.Search && c.Class != core.Secret {
				x.words("", c.New, c)
				x.words("", c.Old, c)
			}
		}
	}
	for _, ch := range changes {
		for _, c := range ch.Cells {
			if c.HasOld && c.Class != core.Secret && !moment(c.New) && !moment(c.Old) {
				x.words(termNew, c.New, c)
				x.words(termOld, c.Old, c)
			}
		}
	}
	return x.out
}

// moment reports whether a value is a time: nobody looks for what a record's
// date of change changed to.
func moment(v store.Value) bool {
	_, err := core.ParseInstant(v.Text)
	return v.Set && err == nil
}

// termIndex collects the terms of one event.
type termIndex struct {
	log   *Log
	event string
	seen  map[termRow]bool
	out   []termRow
}

func (x *termIndex) words(prefix string, v store.Value, c store.Cell) {
	for _, w := range Words(v.Text) {
		x.add(prefix+w, c)
	}
}

func (x *termIndex) add(word string, c store.Cell) {
	t := termRow{Term: x.log.Keys.Term(word), Event: x.event, Class: string(c.Class), Subject: c.Subject}
	if t.Subject == "" || !c.Class.Sensitive() {
		t.Subject = "-"
	}
	key := termRow{Term: t.Term, Class: t.Class}
	if !x.seen[key] && len(x.out) < maxTerms {
		x.seen[key] = true
		x.out = append(x.out, t)
	}
}
