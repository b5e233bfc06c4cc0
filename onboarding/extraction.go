package onboarding

import (
	"slices"
	"strings"
	"unicode"

	"vouchsafe/core"
)

// KindExtraction is the kind of extraction references.
const KindExtraction core.Kind = "ex"

// Extraction is what somebody read from a document. A correction is another
// extraction; the latest one counts.
type Extraction struct {
	ID         core.Ref
	Document   core.Ref
	Client     core.Ref
	MadeBy     core.Ref
	Made       core.Instant
	Name       string
	Address    string
	Number     string
	BirthDate  string // YYYY-MM-DD
	IssueDate  string // YYYY-MM-DD
	Expiry     string // YYYY-MM-DD
	Matches    string // names of fields that agreed with the declared ones when it was made
	Mismatches string // names of fields that did not
	ErasedBy   core.Ref

	rev int64
}

// Fact is one field of an extraction with its class.
type Fact struct {
	Name  string
	Class core.Class
	Value string
}

// Facts lists the fields in reading order, those without a value too.
func (x *Extraction) Facts() []Fact {
	return []Fact{
		{"name", core.Personal, x.Name},
		{"birth_date", core.Identity, x.BirthDate},
		{"number", core.Identity, x.Number},
		{"issue_date", core.Identity, x.IssueDate},
		{"expiry", core.Identity, x.Expiry},
		{"address", core.Personal, x.Address},
	}
}

// Result says how a field of a document compares.
type Result string

// The results of comparing a field.
const (
	Match    Result = "match"
	Mismatch Result = "mismatch"
	Noted    Result = "noted" // nothing was declared to compare it with, or the document does not say
)

// Compare holds a field of a document against the declared one.
func Compare(field, document, declared string) Result {
	if document == "" || declared == "" {
		return Noted
	}
	same := document == declared
	switch field {
	case "name":
		same = slices.Equal(bag(document), bag(declared))
	case "address":
		same = contains(bag(document), bag(declared)) || contains(bag(declared), bag(document))
	}
	if same {
		return Match
	}
	return Mismatch
}

// compareAll compares every field and returns the names by result.
func (x *Extraction) compareAll(declared map[string]string) (matches, mismatches []string) {
	for _, f := range x.Facts() {
		switch Compare(f.Name, f.Value, declared[f.Name]) {
		case Match:
			matches = append(matches, f.Name)
		case Mismatch:
			mismatches = append(mismatches, f.Name)
		}
	}
	return matches, mismatches
}

// bag splits a text into its words, sorted: order, case, punctuation and the
// marks on Latin letters do not tell people apart. Passports print both "ue"
// and "u" for "ü"; that one is left to a person.
func bag(s string) []string {
	s = plain.Replace(strings.ToLower(s))
	out := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	slices.Sort(out)
	return out
}

// contains reports whether every word of part stands in whole as often.
func contains(whole, part []string) bool {
	i := 0
	for _, w := range part {
		for i < len(whole) && whole[i] < w {
			i++
		}
		if i == len(whole) || whole[i] != w {
			return false
		}
		i++
	}
	return true
}

var plain = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "ą", "a", "ā", "a", "ă", "a",
	"é", "e", "è", "e", "ê", "e", "ë", "e", "ę", "e", "ě", "e", "ē", "e", "ė", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ī", "i", "į", "i", "ı", "i", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ő", "o", "ø", "o", "ú", "u", "ù", "u", "û", "u",
	"ü", "u", "ű", "u", "ů", "u", "ū", "u", "ų", "u", "ý", "y", "ÿ", "y", "ç", "c", "ć", "c", "č", "c", "ď", "d", "đ", "d", "ğ", "g",
	"ł", "l", "ľ", "l", "ñ", "n", "ń", "n", "ň", "n", "ř", "r", "ś", "s", "š", "s", "ş", "s", "ș", "s", "ť", "t", "ţ", "t", "ț", "t",
	"ź", "z", "ž", "z", "ż", "z", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "\u0301", "", "\u0300", "", "\u0302", "", "\u0308", "",
	"\u0303", "", "\u030a", "", "\u0327", "", "\u030c", "", "'", "", "’", "", "-", " ")
