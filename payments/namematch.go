package payments

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// Match is how two names agree, in the codes of the EU's Verification of
// Payee.
type Match string

// The classes of agreement.
const (
	MatchFull    Match = "MTCH" // the same name
	MatchClose   Match = "CMTC" // nearly: both names must be looked at
	MatchNone    Match = "NMTC" // another name
	MatchUnknown Match = "NOAP" // cannot be compared: a name is missing, or in another script
)

// Title is the class for people.
func (m Match) Title() string {
	return map[Match]string{MatchFull: "Match", MatchClose: "Close match", MatchNone: "No match", MatchUnknown: "Cannot be compared"}[m]
}

// override reports whether paying in spite of m sets a mismatch aside. NOAP is
// no mismatch: it says nothing against the name.
func (m Match) override() bool { return m == MatchClose || m == MatchNone }

// closeFrom is the similarity in percent from which names are close.
const closeFrom = 80

// MatchNames compares two names of a person or firm. Case, accents, titles,
// punctuation and the order of the words do not matter.
func MatchNames(a, b string) Match {
	if !comparableNames(a, b) {
		return MatchUnknown
	}
	best := 0
	for _, x := range spellings(a) {
		for _, y := range spellings(b) {
			best = max(best, similarity(x, y))
		}
	}
	switch {
	case best == 100:
		return MatchFull
	case best >= closeFrom:
		return MatchClose
	}
	return MatchNone
}

// spellings are the forms under which a name is compared.
func spellings(name string) [2]string {
	return [2]string{nameTokens(name, plainFold), nameTokens(name, germanFold)}
}

// honorifics are words of address and academic degrees, without dots.
var honorifics = []string{
	"mr", "mrs", "ms", "miss", "mx", "sir", "dame", "lord", "lady", "dr", "prof", "professor", "rev",
	"herr", "frau", "dipl", "ing", "mag", "mme", "mlle", "monsieur", "madame", "mademoiselle",
	"sr", "sra", "srta", "don", "dona", "sig", "sigra", "dott", "dottssa", "avv", "pan", "pani",
}

// nameTokens is a name as compared: folded words in order, without titles.
func nameTokens(name string, fold func(rune) string) string {
	var b strings.Builder
	for _, r := range composed.Replace(strings.ToLower(name)) {
		switch {
		case r == '.' || r == '\'' || r == '’' || r == '`' || r == '´' || unicode.Is(unicode.Mn, r):
			// S.A. is SA, O'Brien is OBrien; combining accents go
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteString(fold(r))
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	if kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(honorifics, w) }); len(kept) > 0 {
		words = kept // a name that is all titles is a name
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// composed writes an umlaut as one letter where it came as two, since it is
// spelt out in another way than a letter whose mark is dropped.
var composed = strings.NewReplacer("a\u0308", "ä", "o\u0308", "ö", "u\u0308", "ü", "a\u030a", "å")

// base maps letters with marks to the letters without, as SEPA's character
// replacement does; those that are missing stay as they are.
var base = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d", 'ø': "o", 'đ': "d", 'ł': "l", 'ı': "i", 'ħ': "h", 'ŋ': "n"}
	for plain, marked := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭįǐ", "j": "ĵ", "k": "ķ",
		"l": "ĺļľ", "n": "ñńņň", "o": "òóôõöōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range marked {
			m[r] = plain
		}
	}
	return m
}()

func plainFold(r rune) string {
	if s, ok := base[r]; ok {
		return s
	}
	return string(r)
}

// germanFold writes umlauts out: Müller is MUELLER in machine-readable zones
// and with many banks.
func germanFold(r rune) string {
	switch r {
	case 'ä':
		return "ae"
	case 'å':
		return "aa"
	case 'ö', 'ø':
		return "oe"
	case 'ü':
		return "ue"
	}
	return plainFold(r)
}

// scripts that names are written in; two names of different scripts cannot be
// compared letter by letter.
var scripts = [][]*unicode.RangeTable{
	{unicode.Latin},
	{unicode.Cyrillic},
	{unicode.Greek},
	{unicode.Arabic},
	{unicode.Hebrew},
	{unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Hangul},
	{unicode.Thai},
	{unicode.Devanagari},
	{unicode.Armenian},
	{unicode.Georgian},
}

// scriptsOf is the set of scripts in a name, as bits; the last stands for all
// that are not listed. Kanji and kana are one.
func scriptsOf(s string) (set uint64) {
	for _, r := range s {
		if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		i := slices.IndexFunc(scripts, func(t []*unicode.RangeTable) bool { return unicode.In(r, t...) })
		if i < 0 {
			i = 63
		}
		set |= 1 << i
	}
	return set
}

// comparableNames reports whether two names can be compared letter by letter: not
// when each is wholly in a script of its own, or one has no letters. A name
// that mixes scripts is compared, for one borrowed letter must not make a
// stranger's name incomparable.
func comparableNames(a, b string) bool {
	x, y := scriptsOf(a), scriptsOf(b)
	mixed := bits.OnesCount64(x) > 1 || bits.OnesCount64(y) > 1
	return x != 0 && y != 0 && (x == y || mixed)
}

// similarity is 100 for equal texts and falls with the edits between them, in
// percent of the longer one, rounded down.
func similarity(a, b string) int {
	if a == b {
		return 100
	}
	x, y := []rune(a), []rune(b)
	long := max(len(x), len(y))
	if long == 0 {
		return 0
	}
	return 100 * (long - osa(x, y)) / long
}

// osa is the optimal string alignment distance: insertions, deletions,
// substitutions, and swaps of two neighbours, each one edit.
func osa(a, b []rune) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
