package ui

import (
	"strconv"
	"strings"

	"vouchsafe/core"
)

// Tone is what a colour means. No component shows a tone by colour alone: each
// has its icon and the text says the same.
type Tone string

// The tones.
const (
	Neutral Tone = ""
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
	Note    Tone = "note"
)

// icon names the symbol that stands for the tone.
func (t Tone) icon() string {
	switch t {
	case Good:
		return "circle-check"
	case Warn:
		return "triangle-alert"
	case Bad:
		return "circle-alert"
	case Note:
		return "info"
	}
	return "flag"
}

// Link is a text that leads somewhere.
type Link struct {
	Text string
	Href string
}

// Value is one rendered value. A masked value has been masked by the server
// already: Text is the form that may be seen, Why says what is missing to see
// more. The zero Value is "nothing here" and shows as a dash.
type Value struct {
	Text   string
	Href   string
	Mono   bool
	Masked bool
	Why    string
}

// V makes a plain value.
func V(text string) Value { return Value{Text: text} }

// Code makes a value in the monospaced face: hashes, addresses, codes.
func Code(text string) Value { return Value{Text: text, Mono: true} }

// Hidden makes a masked value: what may be seen of it, and why not more.
func Hidden(text, why string) Value { return Value{Text: text, Masked: true, Why: why} }

// Change is one field that an event changed. A value that was not there is the
// zero Value.
type Change struct {
	Field string
	Old   Value
	New   Value
}

// Span is a piece of a sentence; the parts that answer who and what are bold.
type Span struct {
	Text string
	Bold bool
}

// B makes a bold span.
func B(text string) Span { return Span{Text: text, Bold: true} }

// T makes a plain span. Spaces are the caller's.
func T(text string) Span { return Span{Text: text} }

// Between is what stands before the i-th of n things that are told in a row,
// from the second on: a comma, and before the last the word.
func Between(i, n int, word string) string {
	if i < n-1 {
		return ", "
	}
	return " " + word + " "
}

// Say joins spans to one sentence in plain text.
func Say(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// MaskedView is a value that the viewer may see only in part. An empty Text
// shows as dots.
type MaskedView struct {
	Text string
	Why  string
}

// RefView is a record's reference as a chip: a short text, where it leads, and
// what the copy button copies (Ref when empty Copy; "-" for no button).
type RefView struct {
	Ref  string // full reference, the chip's title
	Text string // what is read; Ref when empty
	Href string
	Copy string
}

// RefOf makes the chip of a reference, with its short form as the text.
func RefOf(r core.Ref, href string) RefView {
	return RefView{Ref: string(r), Text: r.Short(), Href: href}
}

func (v RefView) text() string {
	if v.Text != "" {
		return v.Text
	}
	return v.Ref
}

func (v RefView) copies() string {
	switch v.Copy {
	case "":
		return v.Ref
	case "-":
		return ""
	}
	return v.Copy
}

// BadgeView is a small labelled mark: "override", "blocked", "denied".
type BadgeView struct {
	Text  string
	Tone  Tone
	Icon  string // "" for none
	Title string // shown on hover: what the mark means
}

// StatusView is the state of a record, with the icon of its tone (or Icon).
type StatusView struct {
	Text string
	Tone Tone
	Icon string
}

func (v StatusView) icon() string {
	if v.Icon != "" {
		return v.Icon
	}
	return v.Tone.icon()
}

// Count writes a whole number with commas: 184,220.
func Count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Short cuts a hash to its first eight characters.
func Short(hash string) string { return hash[:min(len(hash), 8)] }

// Plural writes "1 witness", "3 witnesses".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}
